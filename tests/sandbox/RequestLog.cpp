#include "RequestLog.h"

#include <algorithm>

namespace muster::sandbox {

RequestLog::Running::Running(RequestLog& log, std::string service, const std::string& route)
    : _log(log), _service(std::move(service))
{
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(_log._mutex);
    ++_log._routes[route];
    Counts& counts = _log._services[_service];
    ++counts.total;
    counts.maxConcurrent = std::max(counts.maxConcurrent, ++counts.running);
    counts.lastSecond.push_back(now);
    while (now - counts.lastSecond.front() >= std::chrono::seconds(1))
        counts.lastSecond.pop_front();
    counts.maxPerSecond = std::max(counts.maxPerSecond, counts.lastSecond.size());
}

RequestLog::Running::~Running()
{
    const std::lock_guard lock(_log._mutex);
    --_log._services[_service].running;
}

void RequestLog::countBatchItem(const std::string& route)
{
    const std::lock_guard lock(_mutex);
    ++_batchItems[route];
}

Json RequestLog::json() const
{
    const std::lock_guard lock(_mutex);
    Json json{{"total", 0},
              {"services", Json::object()},
              {"routes", _routes},
              {"batchItems", _batchItems}};
    std::size_t total = 0;
    for (const auto& [name, counts] : _services)
    {
        total += counts.total;
        json["services"][name] = counts.total;
    }
    json["total"] = total;
    return json;
}

/// What runs goes on running: only the counts begin anew.
void RequestLog::clear()
{
    const std::lock_guard lock(_mutex);
    _routes.clear();
    _batchItems.clear();
    for (auto& [name, counts] : _services)
        counts = Counts{.running = counts.running};
}

Json RequestLog::service(const std::string& name) const
{
    const std::lock_guard lock(_mutex);
    const auto found = _services.find(name);
    const Counts counts = found == _services.end() ? Counts{} : found->second;
    return {{"requests", counts.total},
            {"maxConcurrent", counts.maxConcurrent},
            {"maxPerSecond", counts.maxPerSecond}};
}

} // namespace muster::sandbox
