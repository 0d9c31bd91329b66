#include "schedule/Lanes.h"

#include "runtime/Errors.h"

#include <algorithm>
#include <chrono>

namespace muster::schedule {

Lanes::Hold Lanes::enter(const std::string& name, const runtime::Cancellation& cancellation)
{
    std::unique_lock lock(_mutex);
    auto& lane = _lanes[name];
    const auto ticket = ++_lastTicket;
    lane.waiting.push_back(ticket);
    while (lane.isTaken || lane.waiting.front() != ticket)
    {
        if (cancellation.isRequested())
        {
            std::erase(lane.waiting, ticket);
            settle(name);
            throw CancelledError();
        }
        // A cancellation rings no bell, so it is looked at.
        _changed.wait_for(lock, std::chrono::milliseconds(50));
    }
    lane.waiting.pop_front();
    lane.isTaken = true;
    return Hold(*this, name);
}

std::optional<Lanes::Hold> Lanes::tryEnter(const std::string& name)
{
    const std::lock_guard lock(_mutex);
    if (!_lanes.emplace(name, Lane{.isTaken = true}).second)
        return std::nullopt;
    return Hold(*this, name);
}

void Lanes::onFree(std::function<void()> listener)
{
    const std::lock_guard lock(_mutex);
    _listener = std::move(listener);
}

void Lanes::leave(const std::string& name)
{
    const std::lock_guard lock(_mutex);
    _lanes.at(name).isTaken = false;
    settle(name);
}

/// After someone left the lane or gave up waiting for it.
void Lanes::settle(const std::string& name)
{
    const auto lane = _lanes.find(name);
    if (!lane->second.isTaken && lane->second.waiting.empty())
        _lanes.erase(lane);
    _changed.notify_all();
    if (_listener)
        _listener();
}

} // namespace muster::schedule
