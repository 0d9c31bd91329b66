#include "graph/GraphClient.h"

#include "runtime/Errors.h"

#include <Poco/UUIDGenerator.h>
#include <muster/Keys.h>

namespace muster::graph {

namespace {

/// Answers that another try may better, beside 401 (contracts/graph.md, section 4.2).
bool isExcuse(int status)
{
    return status == 429 || status == 408 || status >= 500;
}

/// A gateway's page of HTML comes with 200 too.
bool isOtherThanJson(const http::HttpResponse& response)
{
    const auto type = lowered(response.header("content-type"));
    return !type.empty() && type.find("json") == type.npos;
}

} // namespace

GraphClient::GraphClient(const estate::DirectorySettings& settings, http::HttpClient& client,
                         Token& token, runtime::Clock& clock, const RequestPolicy& policy)
    : _settings(settings),
      _client(client),
      _token(token),
      _clock(clock),
      _policy(policy),
      _throttle(clock, policy),
      _origin(http::originOf(settings.graph))
{}

bool GraphClient::isAtGraph(const std::string& url) const
{
    return !_origin.empty() && http::originOf(url) == _origin;
}

GraphAnswer GraphClient::get(const std::string& url, const Reader& read,
                             const runtime::Cancellation& cancellation)
{
    return *send({.url = url, .read = read}, cancellation);
}

std::optional<GraphAnswer> GraphClient::post(const std::string& url, const std::string& body,
                                             const runtime::Cancellation& cancellation)
{
    static const Reader kNothing = [](const std::string&) {};
    return send({.url = url, .read = kNothing, .body = &body}, cancellation);
}

std::optional<GraphAnswer> GraphClient::send(const Ask& ask,
                                             const runtime::Cancellation& cancellation)
{
    if (!isAtGraph(ask.url))
        throw RejectedError("Graph gave a link to another host (" +
                            oneLine(http::originOf(ask.url)) + " instead of " + _origin +
                            "), which was not followed: check the tenant's cloud and graph");
    const auto start = _clock.steady();
    _tokenWasRefused = false;
    std::string reason;
    int number = 1;
    for (; number <= _policy.tries; ++number)
    {
        auto attempted = attempt(ask, number, cancellation);
        if (attempted.answer || attempted.isUncertain)
            return std::move(attempted.answer);
        reason = std::move(attempted.reason);
        const auto delay = _throttle.delayBefore(number + 1, attempted.asked);
        if (number >= _policy.triesFor(attempted.failure) ||
            _clock.steady() + delay - start > _policy.patience)
            break;
        _clock.sleep(delay, cancellation);
    }
    throw RetryError("Graph did not answer for the tenant " + _settings.tenant + " after " +
                     std::to_string(number) + " tries: " + reason + ": try again later");
}

GraphClient::Try GraphClient::attempt(const Ask& ask, int number,
                                      const runtime::Cancellation& cancellation)
{
    const auto& token = _token.get(cancellation);
    _throttle.beforeRequest(cancellation);
    http::HttpRequest request;
    request.url = ask.url;
    request.headers = {
        {"Authorization", "Bearer " + token},
        {"Accept", "application/json"},
        {"client-request-id", Poco::UUIDGenerator::defaultGenerator().createRandom().toString()},
        {"x-ms-throttle-priority", "Low"}};
    if (ask.body)
    {
        request.method = "POST";
        request.body = *ask.body;
        request.headers["Content-Type"] = "application/json";
    }
    request.timeout = _policy.timeout;
    request.onNewConnection = number > 1;
    auto response = _client.send(request, cancellation);
    cancellation.check();
    if (response.failure == http::Failure::Refused)
        throw ConfigError(response.message);
    if (response.failure != http::Failure::Unsent)
        ++_requests;
    if (!response.isAnswer())
        return {.answer = {},
                .reason = response.message,
                .failure = response.failure,
                .isUncertain = ask.body && response.failure != http::Failure::Unsent};
    _throttle.afterAnswer(response);
    if (!response.header("date").empty())
        _date = response.header("date");
    return judge(response, ask);
}

GraphClient::Try GraphClient::judge(http::HttpResponse& response, const Ask& ask)
{
    if (response.isSuccess())
    {
        try
        {
            if (!ask.body && isOtherThanJson(response))
                throw BadAnswer("the answer is not JSON");
            ask.read(std::move(response.body));
            return {.answer = GraphAnswer{.status = response.status,
                                          .headers = std::move(response.headers)}};
        }
        catch (const BadAnswer& bad)
        {
            return {.answer = {}, .reason = bad.what()};
        }
    }
    auto error = graphErrorFrom(_token.redacted(response.body));
    const auto told = "Graph answered " + std::to_string(response.status) + " (" + error.text() +
                      "; request-id " +
                      oneLine(_token.redacted(response.header("request-id")), 64) + ")";
    if (response.status == 401)
    {
        if (_tokenWasRefused)
            throw ConfigError("Graph refuses the token of the tenant " + _settings.tenant + ": " +
                              told + ": check the tenant's cloud, graph and the application");
        _tokenWasRefused = true;
        _token.drop();
        return {.answer = {}, .reason = told, .asked = std::chrono::milliseconds(0)};
    }
    // A gateway that lost the answer does not say what became of what was sent.
    if (ask.body && isExcuse(response.status) && response.status != 429 && response.status != 503)
        return {.answer = {}, .isUncertain = true};
    if (isExcuse(response.status))
        return {.answer = {}, .reason = told, .asked = response.retryAfter()};
    return {.answer = GraphAnswer{.status = response.status,
                                  .headers = std::move(response.headers),
                                  .error = std::move(error)}};
}

} // namespace muster::graph
