#pragma once

#include "runtime/Cancellation.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace muster::runtime {

/// A moment in UTC, to the millisecond: what the store keeps and outputs show.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// The passing of time, handed to whatever needs it so that tests decide what time it is.
/// Implementations are thread-safe.
class Clock
{
public:
    virtual ~Clock() = default;

    virtual Instant now() const = 0;

    /// A time that never steps, for intervals.
    virtual std::chrono::steady_clock::time_point steady() const = 0;

    /// Waits; throws CancelledError within 100 ms of a cancellation.
    virtual void sleep(std::chrono::milliseconds duration, const Cancellation& cancellation) = 0;
};

/// The machine's clock.
class SystemClock : public Clock
{
public:
    Instant now() const override;
    std::chrono::steady_clock::time_point steady() const override;
    void sleep(std::chrono::milliseconds duration, const Cancellation& cancellation) override;
};

/// Milliseconds since 1970, the store's form of an Instant.
int64_t toMilliseconds(Instant instant);
Instant fromMilliseconds(int64_t milliseconds);

/// A number with s, m, h or d, such as 90s or 15m; nothing when it is none, or is zero.
std::optional<std::chrono::seconds> timeSpan(const std::string& text);

/// RFC 3339 in UTC, to the second: 2026-01-31T09:30:00Z.
std::string toText(Instant instant);

} // namespace muster::runtime
