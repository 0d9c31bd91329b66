#pragma once

#include "runtime/Clock.h"

#include <atomic>

namespace muster::tests {

/// A clock that stands still until it is told otherwise; sleeping moves it on at once.
class TestClock : public runtime::Clock
{
public:
    runtime::Instant now() const override { return kStart + passed(); }
    std::chrono::steady_clock::time_point steady() const override
    {
        return std::chrono::steady_clock::time_point(passed());
    }
    void sleep(std::chrono::milliseconds duration,
               const runtime::Cancellation& cancellation) override
    {
        cancellation.check();
        advance(duration);
    }
    void advance(std::chrono::milliseconds duration) { _passed += duration.count(); }
    std::chrono::milliseconds passed() const { return std::chrono::milliseconds(_passed.load()); }

private:
    static constexpr runtime::Instant kStart{std::chrono::milliseconds(1'767'225'600'000)};
    std::atomic<int64_t> _passed{0};
};

} // namespace muster::tests
