#pragma once

#include "runtime/Cancellation.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster::http {

/// Header names are lower case in answers.
using Headers = std::map<std::string, std::string>;

struct HttpRequest
{
    std::string method = "GET";
    std::string url;
    Headers headers = {};
    std::string body = {};
    std::chrono::milliseconds timeout{120'000}; ///< from the first byte sent to the last received
    uint64_t bodyLimit = 64u << 20;             ///< of the answer, after decompression, in bytes
    bool onNewConnection = false;               ///< after a failure: not over the same connection
    std::function<void()> onSent = {};          ///< called when it goes out: it has a connection
};

/// What is known when no whole answer came.
enum class Failure
{
    None,      ///< there is an answer, whatever its status
    Unsent,    ///< nothing reached the other side: repeating is safe
    Unknown,   ///< sent, and no whole answer came: it may have taken effect
    TooLarge,  ///< the answer passed bodyLimit
    Refused,   ///< not sent by our own rules: the address is not allowed, the certificate is not
               ///< trusted
    Cancelled, ///< by the caller's Cancellation
};

struct HttpResponse
{
    Failure failure = Failure::None;
    std::string message = {}; ///< why it failed, for an administrator; no secret in it
    int status = 0;
    Headers headers = {};
    std::string body = {};

    bool isAnswer() const { return failure == Failure::None; }
    bool isSuccess() const { return isAnswer() && status >= 200 && status < 300; }
    std::string header(const std::string& lowerCaseName) const;

    /// Retry-After in seconds, which may be fractional, or as an HTTP date; at most an hour.
    std::optional<std::chrono::milliseconds> retryAfter() const;
};

struct HttpOptions
{
    std::string caFile = {}; ///< extra trust beside the system's
    std::chrono::milliseconds connectTimeout{10'000};
    std::string userAgent = "Muster";
};

/// Used by one thread at a time. Sends requests over libcurl with kept connections: TLS is
/// verified, plain http goes to loopback only, redirects are not followed, a cut body is a failure,
/// gzip is undone. It does not retry: callers know what may be repeated.
class HttpClient
{
public:
    explicit HttpClient(HttpOptions options);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    HttpResponse send(const HttpRequest& request, const runtime::Cancellation& cancellation);

    /// Called before a request would start; the answer is how long it must still wait, zero to go.
    /// Less than zero: it is not to be sent, and is answered with Failure::Unsent.
    using Pace = std::function<std::chrono::milliseconds()>;
    using Answer = std::function<void(size_t index, HttpResponse response)>;

    /// Sends all, at most `parallel` at once, each when `pace` lets it; calls `answer` in this
    /// thread as each is done. On cancellation the rest is answered with Failure::Cancelled.
    void sendAll(const std::vector<HttpRequest>& requests, size_t parallel, const Pace& pace,
                 const Answer& answer, const runtime::Cancellation& cancellation);

    /// Requests put on the wire so far.
    uint64_t sent() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> _implementation;
};

/// True for http to 127.0.0.0/8, ::1 or localhost, and for any https; else `why` says what is
/// wrong.
bool isAllowedUrl(const std::string& url, std::string& why);

/// Scheme, host (lower case) and port of a URL, "https://graph.microsoft.com:443"; empty when it is
/// none or carries a user name.
std::string originOf(const std::string& url);

} // namespace muster::http
