#pragma once

#include "runtime/Clock.h"

#include <mutex>

namespace muster::testing {

/// Thread-safe. A clock that stands until someone moves it; sleeping moves it.
class ManualClock : public runtime::Clock
{
public:
    explicit ManualClock(runtime::Instant now = runtime::fromMilliseconds(1'770'000'000'000))
        : _now(now)
    {}

    runtime::Instant now() const override
    {
        const std::lock_guard lock(_mutex);
        return _now;
    }
    std::chrono::steady_clock::time_point steady() const override
    {
        const std::lock_guard lock(_mutex);
        return std::chrono::steady_clock::time_point(_passed);
    }
    void sleep(std::chrono::milliseconds duration,
               const runtime::Cancellation& cancellation) override
    {
        cancellation.check();
        advance(duration);
        const std::lock_guard lock(_mutex);
        _slept += duration;
    }

    void advance(std::chrono::milliseconds duration)
    {
        const std::lock_guard lock(_mutex);
        _now += duration;
        _passed += duration;
    }
    std::chrono::milliseconds slept() const
    {
        const std::lock_guard lock(_mutex);
        return _slept;
    }

private:
    mutable std::mutex _mutex; ///< guards all below
    runtime::Instant _now;
    std::chrono::milliseconds _passed{1'000'000};
    std::chrono::milliseconds _slept{0};
};

} // namespace muster::testing
