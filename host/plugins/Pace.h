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

    runtime::Clock& _clock;
    size_t _most;                                 ///< within _stretch
    std::chrono::steady_clock::duration _stretch; ///< a second, or more when that has less than one
    size_t _leaving = 0;                          ///< that may go and were not sent yet
    std::deque<Time> _sent = {};                  ///< within the last stretch, oldest first
    Time _pausedUntil = Time::min();
};

} // namespace muster::plugins
