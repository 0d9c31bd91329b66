#pragma once

#include "runtime/Clock.h"

namespace muster::tests {

/// Thread-safe. A machine's clock on which everything takes a fraction of the time, so that what
/// waits for seconds can be tried against a real server.
class FastClock : public runtime::Clock
{
public:
    static constexpr int kFactor = 50;

    runtime::Instant now() const override { return _system.now(); }
    std::chrono::steady_clock::time_point steady() const override
    {
        return _start + (_system.steady() - _start) * kFactor;
    }
    void sleep(std::chrono::milliseconds duration,
               const runtime::Cancellation& cancellation) override
    {
        _system.sleep(duration / kFactor, cancellation);
    }

private:
    runtime::SystemClock _system;
    const std::chrono::steady_clock::time_point _start = std::chrono::steady_clock::now();
};

} // namespace muster::tests
