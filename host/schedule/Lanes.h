#pragma once

#include "runtime/Cancellation.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace muster::schedule {

/// Thread-safe. A lock by name: at most one at a time is in a lane, and those who wait enter in the
/// order they came. Whoever runs a sync, by schedule or by hand, first enters the lane of its
/// tenant. Outlives all that is in a lane.
class Lanes
{
public:
    /// The place in a lane; going out of scope leaves it.
    class Hold
    {
    public:
        Hold(Hold&& other) noexcept : _lanes(other._lanes), _name(std::move(other._name))
        {
            other._lanes = nullptr;
        }
        Hold& operator=(Hold&&) = delete;
        ~Hold()
        {
            if (_lanes)
                _lanes->leave(_name);
        }

    private:
        friend class Lanes;
        Hold(Lanes& lanes, std::string name) : _lanes(&lanes), _name(std::move(name)) {}

        Lanes* _lanes;
        std::string _name;
    };

    /// Waits for the lane. Throws CancelledError within 100 ms of a cancellation.
    Hold enter(const std::string& name, const runtime::Cancellation& cancellation);

    /// Nothing when someone is in the lane or waits for it.
    std::optional<Hold> tryEnter(const std::string& name);

    /// Calls the function whenever a lane may have become free, until it is given another or none.
    /// It must return at once and not call back.
    void onFree(std::function<void()> listener);

private:
    struct Lane
    {
        bool isTaken = false;
        std::deque<uint64_t> waiting = {};
    };

    void leave(const std::string& name);
    void settle(const std::string& name);

    std::mutex _mutex; ///< guards all below
    std::condition_variable _changed;
    std::map<std::string, Lane> _lanes; ///< those that someone is in or waits for
    uint64_t _lastTicket = 0;
    std::function<void()> _listener;
};

} // namespace muster::schedule
