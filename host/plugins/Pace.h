#pragma once

#include "runtime/Clock.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace muster::plugins {

/// So many requests in any such stretch of time, at most: what an account has for all its tools.
struct Budget
{
    size_t requests;
    std::chrono::seconds window;
};

/// Used by one thread. When the next request to a target may start: in any stretch of time no more
/// than the agreed number, and none before the target's own Retry-After is over.
class Pace
{
public:
    Pace(double perSecond, runtime::Clock& clock, const std::optional<Budget>& budget = {});

    /// How long to wait; zero: go now. It counts until it was sent, and for the stretch after that:
    /// a connection that must be made first would else bring it near those that need none.
    std::chrono::milliseconds next();

    /// One of those that may go goes now.
    void sent();

    /// One of those that may go never will.
    void dropped();

    /// Nothing starts for that long from now.
    void pause(std::chrono::milliseconds duration);

    /// What is left of a pause.
    std::chrono::milliseconds paused() const;

private:
    using Time = std::chrono::steady_clock::time_point;

    struct Limit
    {
        size_t most; ///< within the stretch
        std::chrono::steady_clock::duration stretch;
    };

    std::chrono::steady_clock::duration waitFor(const Limit& limit, Time now) const;

    runtime::Clock& _clock;
    std::vector<Limit> _limits;
    size_t _leaving = 0;         ///< that may go and were not sent yet
    std::deque<Time> _sent = {}; ///< within the longest stretch, oldest first
    Time _pausedUntil = Time::min();
};

} // namespace muster::plugins
