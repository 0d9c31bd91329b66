#include "web/HttpHandler.h"

#include "runtime/Errors.h"
#include "web/Resources.h"

#include <Poco/Logger.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/URI.h>

#include <array>
#include <chrono>

namespace muster::web {

namespace {

using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

constexpr size_t kLargestBody = 32u << 20;
constexpr std::streamsize kMostIgnored = 4 << 20;
constexpr std::chrono::milliseconds kBetweenReports{100};
const std::string kPrefix = "/api/v1";
const std::string kHooks = "/hooks/";
const std::string kLines = "application/x-ndjson";

void send(HTTPServerResponse& response, int status, const std::string& type,
          const std::string& text)
{
    response.setStatusAndReason(static_cast<HTTPServerResponse::HTTPStatus>(status));
    response.setContentType(type);
    response.setContentLength64(static_cast<Poco::Int64>(text.size()));
    response.send() << text;
}

void sendProblem(HTTPServerResponse& response, int status, const std::string& title,
                 const std::string& detail)
{
    send(response, status, "application/problem+json",
         textOf(Json{
             {"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}}) +
             "\n");
}

/// Writes a line of progress now and then; asks the work to end when nobody reads them.
class ProgressLines : public runtime::Progress
{
public:
    ProgressLines(std::ostream& out, runtime::Cancellation& cancellation)
        : _out(out), _cancellation(cancellation)
    {}

    void report(std::string_view what, uint64_t done, uint64_t total) override
    {
        const auto now = std::chrono::steady_clock::now();
        if (what == _what && now - _saidAt < kBetweenReports)
            return;
        _what = what;
        _saidAt = now;
        _out << textOf(Json{{"progress", {{"what", what}, {"done", done}, {"total", total}}}})
             << "\n"
             << std::flush;
        if (!_out)
            _cancellation.request();
    }

private:
    std::ostream& _out;
    runtime::Cancellation& _cancellation;
    std::string _what;
    std::chrono::steady_clock::time_point _saidAt;
};

/// Ends soon after the most: a body that is longer is too long.
std::string bodyOf(HTTPServerRequest& request, size_t most)
{
    std::string body;
    std::array<char, 16384> buffer{};
    auto& in = request.stream();
    while (body.size() <= most && (in.read(buffer.data(), buffer.size()) || in.gcount() > 0))
        body.append(buffer.data(), static_cast<size_t>(in.gcount()));
    // Whoever is still writing when the connection ends does not see the answer.
    if (body.size() > most)
        in.ignore(kMostIgnored);
    return body;
}

ApiRequest apiRequestFrom(HTTPServerRequest& request, const Poco::URI& uri, const std::string& path)
{
    ApiRequest asked{.method = request.getMethod(), .path = path};
    for (const auto& [name, value] : uri.getQueryParameters())
        asked.query[name] = value;
    const auto body = bodyOf(request, kLargestBody);
    if (body.size() > kLargestBody)
        throw UsageError("the request is larger than 32 MiB");
    if (!body.empty())
    {
        asked.body = Json::parse(body, nullptr, false);
        if (asked.body.is_discarded())
            throw UsageError("the request's body is not JSON");
    }
    return asked;
}

Json openApi(const Api& api)
{
    const Json problem = {{"description", "What went wrong, as problem details (RFC 9457)."},
                          {"content",
                           {{"application/problem+json",
                             {{"schema",
                               {{"type", "object"},
                                {"properties",
                                 {{"title", {{"type", "string"}}},
                                  {"status", {{"type", "integer"}}},
                                  {"detail", {{"type", "string"}}},
                                  {"exitCode", {{"type", "integer"}}}}}}}}}}}};
    return {{"openapi", "3.1.0"},
            {"info", {{"title", "Muster"}, {"version", "1"}}},
            {"servers", Json::array({{{"url", kPrefix}}})},
            {"security", Json::array({{{"token", Json::array()}}})},
            {"components",
             {{"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}},
              {"responses", {{"Problem", problem}}}}},
            {"paths", api.paths()}};
}

} // namespace

Ongoing::Request::Request(Ongoing& ongoing) : _ongoing(ongoing)
{
    const std::lock_guard lock(_ongoing._mutex);
    _place = _ongoing._requests.insert(_ongoing._requests.end(), &_cancellation);
    if (_ongoing._isCancelled)
        _cancellation.request();
}

Ongoing::Request::~Request()
{
    const std::lock_guard lock(_ongoing._mutex);
    _ongoing._requests.erase(_place);
}

void Ongoing::cancel()
{
    const std::lock_guard lock(_mutex);
    _isCancelled = true;
    for (auto* request : _requests)
        request->request();
}

size_t Ongoing::count()
{
    const std::lock_guard lock(_mutex);
    return _requests.size();
}

void HttpHandler::handleRequest(HTTPServerRequest& request, HTTPServerResponse& response)
{
    try
    {
        route(request, response);
    }
    catch (const UsageError& error)
    {
        if (!response.sent())
            sendProblem(response, 400, "The request makes no sense", error.what());
    }
    catch (const Poco::Exception& error)
    {
        poco_warning(Poco::Logger::get("http"), error.displayText());
        if (!response.sent())
            sendProblem(response, 500, "Muster made a mistake", error.displayText());
    }
    catch (const std::exception& error)
    {
        poco_warning(Poco::Logger::get("http"), error.what());
        if (!response.sent())
            sendProblem(response, 500, "Muster made a mistake", error.what());
    }
}

void HttpHandler::route(HTTPServerRequest& request, HTTPServerResponse& response)
{
    // Both together are how requests are smuggled past a proxy.
    if (request.hasContentLength() && request.getChunkedTransferEncoding())
        throw UsageError("a request has a length or is chunked, not both");
    const Poco::URI uri(request.getURI());
    const auto path = uri.getPath();
    if (path == "/healthz")
        return send(response, 200, "text/plain", "ok\n");
    if (path == "/readyz")
    {
        const auto problem = _parts.notReady();
        return send(response, problem.empty() ? 200 : 503, "text/plain",
                    problem.empty() ? "ready\n" : problem + "\n");
    }
    if (path == "/metrics")
        return send(response, 200, "text/plain; version=0.0.4; charset=utf-8", _parts.metrics());
    if (path == kPrefix + "/openapi.json")
        return send(response, 200, "application/json", textOf(openApi(*_parts.api())) + "\n");
    if (path.starts_with(kHooks))
        return answerHook(request, response);
    if (path.compare(0, kPrefix.size() + 1, kPrefix + "/") != 0)
        return sendProblem(response, 404, "Not found",
                           "there is no " + path + ": see " + kPrefix + "/openapi.json");
    auto caller = callerOf(request);
    if (!caller)
    {
        response.set("WWW-Authenticate", "Bearer");
        return sendProblem(response, 401, "A token is needed",
                           "send \"Authorization: Bearer TOKEN\" with a token of `muster token add "
                           "NAME`");
    }
    // The path as it came: its parts are decoded one by one.
    const auto raw = request.getURI().substr(0, request.getURI().find('?'));
    answerApi(request, response, raw.substr(kPrefix.size()), std::move(*caller));
}

void HttpHandler::answerHook(HTTPServerRequest& request, HTTPServerResponse& response)
{
    const Poco::URI uri(request.getURI());
    HookRequest asked{.method = request.getMethod()};
    uri.getPathSegments(asked.path);
    asked.path.erase(asked.path.begin());
    for (const auto& [name, value] : uri.getQueryParameters())
        asked.query[name] = value;
    asked.body = bodyOf(request, Hooks::kLargestBody);
    if (asked.body.size() > Hooks::kLargestBody)
        response.setKeepAlive(false);
    const auto answer = _hooks.answer(asked);
    for (const auto& [name, value] : answer.headers)
        response.set(name, value);
    send(response, answer.status, "application/json",
         answer.body.is_null() ? std::string() : textOf(answer.body));
}

/// Nothing when nobody may ask so. On the socket it is the administrator of this machine.
std::optional<Caller> HttpHandler::callerOf(const HTTPServerRequest& request) const
{
    if (_door == Door::Socket)
        return Caller();
    const std::string scheme = "Bearer ";
    const auto given = request.get("Authorization", "");
    if (given.compare(0, scheme.size(), scheme) != 0)
        return std::nullopt;
    return _parts.callerOf(given.substr(scheme.size()));
}

void HttpHandler::answerApi(HTTPServerRequest& request, HTTPServerResponse& response,
                            const std::string& path, Caller caller)
{
    auto asked = apiRequestFrom(request, Poco::URI(request.getURI()), path);
    asked.caller = std::move(caller);
    Ongoing::Request ongoing(_ongoing);
    const auto api = _parts.api();
    if (request.get("Accept", "").find(kLines) != std::string::npos)
    {
        response.setContentType(kLines);
        response.setChunkedTransferEncoding(true);
        auto& out = response.send();
        ProgressLines progress(out, ongoing.cancellation());
        const auto answer = api->handle(asked, progress, ongoing.cancellation());
        out << textOf(Json{{"answer", {{"status", answer.status}, {"exitCode", answer.exitCode}}}})
            << "\n";
        answer.write(out);
        out.flush();
        return;
    }
    runtime::SilentProgress progress;
    const auto answer = api->handle(asked, progress, ongoing.cancellation());
    response.setStatusAndReason(static_cast<HTTPServerResponse::HTTPStatus>(answer.status));
    response.setContentType(answer.isProblem()    ? "application/problem+json"
                            : answer.type.empty() ? "application/json"
                                                  : answer.type);
    if (!answer.fileName.empty())
        response.set("Content-Disposition", "attachment; filename=\"" + answer.fileName + "\"");
    response.setChunkedTransferEncoding(true);
    answer.write(response.send());
}

} // namespace muster::web
