#include "ControlApi.h"

#include "SandboxServer.h"

#include <stdexcept>

namespace muster::sandbox {

namespace {

constexpr std::string_view kWorldPath = "/sandbox/world/";

Response notFound(const Request& request)
{
    return Response::json(404, {{"message", "The control API has no " + request.method + ' ' +
                                                request.path + "; see tests/sandbox/README.md"}});
}

Response done()
{
    return Response::json(200, Json::object());
}

} // namespace

Dispatcher::Answer ControlApi::answer(const Request& request)
{
    if (request.method == "POST" && request.path == "/sandbox/quit")
        return {.response = done(), .afterwards = [this] { _server.quit(); }};
    try
    {
        if (request.method == "GET")
            return {.response = get(request)};
        if (request.method == "POST")
            return {.response = post(request)};
        if (request.method == "DELETE")
            return {.response = erase(request)};
        return {.response = notFound(request)};
    }
    catch (const std::invalid_argument& error)
    {
        return {.response = Response::json(400, {{"message", error.what()}})};
    }
    catch (const nlohmann::json::exception& error)
    {
        return {.response = Response::json(400, {{"message", error.what()}})};
    }
}

Response ControlApi::get(const Request& request)
{
    const std::string& path = request.path;
    if (path == "/sandbox/requests")
        return Response::json(200, _server.requests());
    if (path == "/sandbox/tenants")
        return Response::json(200, _server.tenants());
    if (path == "/sandbox/deskdirector")
        return Response::json(200, _server.deskDirector());
    if (path == "/sandbox/itglue")
        return Response::json(200, _server.glue());
    if (path == "/sandbox/mails")
        return Response::json(200, _server.mails());
    if (path == "/sandbox/faults")
        return Response::json(200, _server.faults());
    if (path == "/sandbox/settings")
        return Response::json(200, _server.settings());
    if (path.rfind(kWorldPath, 0) == 0)
        return Response::json(200, _server.world(path.substr(kWorldPath.size())));
    return notFound(request);
}

Response ControlApi::post(const Request& request)
{
    const std::string& path = request.path;
    const Json body = request.json();
    if (path == "/sandbox/advance")
    {
        const auto tenant = body.at("tenant").get<std::string>();
        if (body.contains("until"))
            return Response::json(200, _server.advanceUntil(tenant, body["until"]));
        return Response::json(200, _server.advance(tenant, body.value("steps", std::size_t{1})));
    }
    if (path == "/sandbox/ops")
        return Response::json(200, _server.ops(body.at("tenant"), body.at("ops")));
    if (path == "/sandbox/tenants")
    {
        _server.addTenant(body.at("tenant"), body.value("name", ""), body.value("domain", ""));
        return done();
    }
    if (path == "/sandbox/deskdirector")
    {
        _server.seedDeskDirector(body);
        return Response::json(200, Json::object());
    }
    if (path == "/sandbox/itglue")
    {
        _server.seedGlue(body);
        return done();
    }
    if (path == "/sandbox/faults")
    {
        _server.addFault(body);
        return Response::json(200, _server.faults());
    }
    if (path == "/sandbox/settings")
    {
        _server.configure(body);
        return Response::json(200, _server.settings());
    }
    if (path == "/sandbox/clock")
    {
        _server.advanceClock(body.at("advance").get<std::int64_t>());
        return done();
    }
    return notFound(request);
}

Response ControlApi::erase(const Request& request)
{
    if (request.path == "/sandbox/requests")
        _server.clearRequests();
    else if (request.path == "/sandbox/faults")
        _server.clearFaults();
    else
        return notFound(request);
    return done();
}

} // namespace muster::sandbox
