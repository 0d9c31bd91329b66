#pragma once

#include "graph/GraphError.h"
#include "graph/Throttle.h"
#include "graph/Token.h"
#include "http/HttpClient.h"

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

namespace muster::graph {

/// Thrown by whoever reads an answer: it is not what was asked for, and another try may be.
class BadAnswer : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// A final answer: a success, or a refusal that repeating does not change.
struct GraphAnswer
{
    int status = 0;
    http::Headers headers = {};
    GraphError error = {}; ///< of a refusal

    bool isSuccess() const { return status >= 200 && status < 300; }
};

/// Used by one thread at a time. Requests to one tenant's Graph: with its token, within its
/// throttle, tried again on a new connection when the answer is missing, cut or an excuse
/// (contracts/graph.md, section 4).
class GraphClient
{
public:
    /// All that is referred to outlives the client.
    GraphClient(const estate::DirectorySettings& settings, http::HttpClient& client, Token& token,
                runtime::Clock& clock, const RequestPolicy& policy);

    /// Reads the body of a success; throws BadAnswer to have it asked for again.
    using Reader = std::function<void(std::string body)>;

    /// Throws RetryError when Graph cannot be reached or stays busy, RejectedError when the URL is
    /// not at the configured Graph (no token is sent there), ConfigError when the token is refused
    /// or the connection not trusted, CancelledError.
    GraphAnswer get(const std::string& url, const Reader& read,
                    const runtime::Cancellation& cancellation);

    /// Sends a JSON document, once: again only where Graph says that it did nothing with it (401,
    /// 429, 503) or was not reached. Nothing when it may have taken effect and no answer tells.
    /// Throws as get() does.
    std::optional<GraphAnswer> post(const std::string& url, const std::string& body,
                                    const runtime::Cancellation& cancellation);

    bool isAtGraph(const std::string& url) const;

    /// Requests so far, each try counted.
    uint64_t requests() const { return _requests; }

    /// The Date of the last answer, as it stood; empty: none yet.
    const std::string& date() const { return _date; }

private:
    struct Ask
    {
        const std::string& url;
        const Reader& read;
        const std::string* body = nullptr; ///< of a POST; null: a GET
    };
    struct Try
    {
        std::optional<GraphAnswer> answer; ///< nothing: to be tried again
        std::string reason = {};
        std::optional<std::chrono::milliseconds> asked = {};
        http::Failure failure = http::Failure::None;
        bool isUncertain = false; ///< it may have taken effect: not to be tried again
    };
    std::optional<GraphAnswer> send(const Ask& ask, const runtime::Cancellation& cancellation);
    Try attempt(const Ask& ask, int number, const runtime::Cancellation& cancellation);
    Try judge(http::HttpResponse& response, const Ask& ask);

    const estate::DirectorySettings& _settings;
    http::HttpClient& _client;
    Token& _token;
    runtime::Clock& _clock;
    const RequestPolicy& _policy;
    Throttle _throttle;
    std::string _origin;
    std::string _date;
    uint64_t _requests = 0;
    bool _tokenWasRefused = false; ///< by the request at hand
};

} // namespace muster::graph
