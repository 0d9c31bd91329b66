#pragma once

#include "http/HttpClient.h"
#include "http/Redactor.h"
#include "manifest/Manifest.h"
#include "plugins/Pace.h"
#include "runtime/Clock.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::plugins {

/// How the requests of a target are sent: the settings under "pace" and "budget", else what their
/// schema calls the default, else the manifest's limits.
struct PaceSettings
{
    double perSecond;
    size_t parallel;
    size_t tries = 5;                           ///< of one request, the first included
    std::chrono::milliseconds patience{60'000}; ///< waited for one request, in all
    std::chrono::milliseconds timeout{60'000};  ///< of one try
    std::optional<Budget> budget = {};

    static PaceSettings from(const TargetManifest& manifest, const nlohmann::json& settings);
};

/// Used by one thread; requests() by any. The http service of one target's plugin (target.h,
/// muster_host.http): what plugins may not do, it does for them. Sends only to the origins in the
/// settings that the manifest lists, adds the credentials, keeps the pace, repeats what may be
/// repeated, and takes the secrets out of the answers.
class HostHttp
{
public:
    /// As HttpClient::sendAll.
    using SendAll = std::function<void(
        const std::vector<http::HttpRequest>&, size_t parallel, const http::HttpClient::Pace&,
        const http::HttpClient::Answer&, const runtime::Cancellation&)>;
    /// A line for a log's finest level; no secret in it.
    using Trace = std::function<void(const std::string& text)>;

    /// Throws ConfigError, naming the setting, when an origin or a credential cannot be used.
    HostHttp(const TargetManifest& manifest, const nlohmann::json& settings, runtime::Clock& clock,
             SendAll sendAll, Trace trace = {});

    /// Sends the requests of `lines`; hands each answer to `answer` as a line. Throws
    /// std::invalid_argument, with nothing sent, when the lines are not what target.h says.
    void exchange(std::string_view lines, const std::function<void(const std::string&)>& answer,
                  const runtime::Cancellation& cancellation);

    /// Requests sent so far, each try counted.
    uint64_t requests() const { return _requests; }

private:
    struct Pending;
    enum class Verdict
    {
        Final,
        Again
    };

    Pending parse(const nlohmann::json& request) const;
    std::string urlOf(const nlohmann::json& request) const;
    void addHeaders(const nlohmann::json& request, http::HttpRequest& out) const;
    void sendRound(std::vector<Pending>& waiting,
                   const std::function<void(const std::string&)>& say,
                   const runtime::Cancellation& cancellation);
    Verdict judge(Pending& pending, const http::HttpResponse& response);
    std::string answerLine(const Pending& pending, const http::HttpResponse& response) const;

    runtime::Clock& _clock;
    SendAll _sendAll;
    Trace _trace;
    PaceSettings _settings;
    Pace _pace;
    http::Redactor _redact;
    std::map<std::string, std::string> _origins; ///< setting: URL, without a slash at its end
    std::string _firstOrigin;                    ///< the setting meant when a request names none
    http::Headers _credentials;                  ///< by lower-case name
    std::atomic<uint64_t> _requests{0};
};

} // namespace muster::plugins
