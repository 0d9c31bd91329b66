#pragma once

#include "estate/Estate.h"
#include "runtime/Clock.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace date {
class time_zone;
}

namespace muster::schedule {

/// A value. The times at which something is due: every so often, daily, or never by itself. Each
/// name has an offset of its own that stays the same, so that many do not start in one second.
class Timetable
{
public:
    /// That of the schedule of the sync with the name. Its offset is up to 10 % of the period and
    /// at most 60 s; up to 60 s for daily. Throws ConfigError when the schedule means nothing on
    /// this machine.
    static Timetable of(const estate::Json& schedule, const std::string& name);

    /// Every so often, the names spread over the whole period.
    static Timetable spread(std::chrono::milliseconds period, std::string_view name);

    /// Runs by hand only.
    static Timetable manual() { return Timetable(); }

    /// Due every so often, and at once when the source has changed.
    bool followsSource() const { return _period.count() > 0; }

    /// The first time after `after`; nothing when it is manual. A daily time that clocks skip that
    /// day is at the first instant after the gap; one that they show twice is at the first of them.
    std::optional<runtime::Instant> next(runtime::Instant after) const;

    /// A time that next() gave earlier, unless it is farther off than any time of this table: then
    /// the clock was set back since, and the next one counts from `now`.
    std::optional<runtime::Instant> settled(std::optional<runtime::Instant> planned,
                                            runtime::Instant now) const;

private:
    Timetable() = default;

    std::chrono::milliseconds _period{0};
    const date::time_zone* _zone = nullptr; ///< of daily; the database of zones owns it
    std::chrono::minutes _timeOfDay{0};
    std::chrono::milliseconds _offset{0};
};

inline constexpr std::chrono::minutes kMostBackOff{60};

/// How long to wait after so many failures in a row: 1, 2, 4 … 60 minutes.
std::chrono::minutes backOff(int64_t failures);

} // namespace muster::schedule
