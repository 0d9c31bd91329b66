#include "Dispatcher.h"

#include "FaultAnswers.h"

#include <algorithm>

namespace muster::sandbox {

namespace {

Response nothingAt(const Request& request)
{
    return Response::json(404, {{"message", "The sandbox has nothing at " + request.path}});
}

/// The border of a request: what a handler did not foresee becomes an answer.
Response callRoute(const Route& route)
{
    try
    {
        return route.answer();
    }
    catch (const std::exception& error)
    {
        return Response::json(500, {{"message", std::string("sandbox: ") + error.what()}});
    }
}

} // namespace

Dispatcher::Answer Dispatcher::answer(Request& request)
{
    Service* const service = serviceFor(request.path);
    if (service == nullptr)
        return {.response = nothingAt(request)};
    const Route route = service->route(request);
    auto running = std::make_unique<RequestLog::Running>(_log, service->name(), route.name);
    const auto fault = _faults.take(request, route.name);
    Answer answer =
        fault ? run(*service, route, request, *fault) : Answer{.response = callRoute(route)};
    answer.running = std::move(running);
    return answer;
}

Response Dispatcher::answerItem(Request& request)
{
    Service* const service = serviceFor(request.path);
    if (service == nullptr)
        return nothingAt(request);
    const Route route = service->route(request);
    _log.countBatchItem(route.name);
    const auto fault = _faults.take(request, route.name);
    return fault ? run(*service, route, request, *fault).response : callRoute(route);
}

Service* Dispatcher::serviceFor(const std::string& path) const
{
    const auto found = std::find_if(_services.begin(), _services.end(),
                                    [&](const Service* service) { return service->owns(path); });
    return found == _services.end() ? nullptr : *found;
}

Dispatcher::Answer Dispatcher::run(Service& service, const Route& route, Request& request,
                                   const Fault& fault) const
{
    if (fault.kind == "takesEffectThen")
    {
        Answer answer{.response = callRoute(route)};
        const Json then = fault.fields.at("then");
        const Fault inner{.kind = then.at("kind"), .fields = then};
        if (auto instead = answerInstead(service.name(), request, inner))
            return std::move(*instead);
        spoil(answer, request, inner);
        return answer;
    }
    if (auto instead = answerInstead(service.name(), request, fault))
        return std::move(*instead);
    tweak(request, fault);
    Answer answer{.response = callRoute(route)};
    spoil(answer, request, fault);
    return answer;
}

} // namespace muster::sandbox
