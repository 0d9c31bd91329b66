#pragma once

#include "runtime/Clock.h"

#include <chrono>
#include <deque>

namespace muster::plugins {

/// Used by one thread. When the next request to a target may start: in any stretch of time no more
/// than the agreed number, and none before the target's own Retry-After is over.
class Pace
{
public:
    Pace(double perSecond, runtime::Clock& clock);

    /// How long to wait; zero: go now, and it is counted as gone.
    std::chrono::milliseconds next();

    /// Nothing starts for that long from now.
    void pause(std::chrono::milliseconds duration);

    /// What is left of a pause.
    std::chrono::milliseconds paused() const;

private:
    using Time = std::chrono::steady_clock::time_point;

    runtime::Clock& _clock;
    size_t _most;                                 ///< starts within _stretch
    std::chrono::steady_clock::duration _stretch; ///< a second, or more when that has less than one
    std::deque<Time> _starts = {};                ///< the last _most, oldest first
    Time _pausedUntil = Time::min();
};

} // namespace muster::plugins
