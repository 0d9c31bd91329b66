#include "schedule/Timetable.h"

#include "estate/ScheduleText.h"
#include "runtime/Errors.h"

#include <muster/Digest.h>

#include <algorithm>
#include <date/tz.h>

namespace muster::schedule {

using namespace std::chrono;
using runtime::Instant;

namespace {

constexpr milliseconds kMostOffset = minutes(1);

/// The longest that one daily time is away from the next, with room for any change of the clocks.
constexpr milliseconds kLongestDay = hours(26);

/// The offset of a name, from 0 to `most`.
milliseconds offsetOf(std::string_view name, milliseconds most)
{
    return milliseconds(fnv1a(name) % static_cast<uint64_t>(most.count() + 1));
}

/// The instant of a local time: the first of two, or the end of the gap that it falls into.
Instant instantOf(const date::time_zone& zone, date::local_seconds local)
{
    const auto info = zone.get_info(local);
    if (info.result == date::local_info::nonexistent)
        return info.second.begin;
    return Instant(seconds(local.time_since_epoch() - info.first.offset));
}

} // namespace

Timetable Timetable::of(const estate::Json& schedule, const std::string& name)
{
    Timetable table;
    if (schedule == "manual")
        return table;
    if (schedule.contains("every"))
    {
        const auto period = estate::timeSpan(schedule["every"]);
        if (!period)
            throw ConfigError("sync " + name + ": its schedule " + schedule.dump() +
                              " has no time span: write {every: 15m} and apply it again");
        table._period = *period;
        table._offset = offsetOf(name, std::min(table._period / 10, kMostOffset));
        return table;
    }
    const auto timeOfDay = estate::timeOfDay(schedule.value("daily", ""));
    const auto zone = schedule.value("zone", "UTC");
    table._zone = estate::timeZone(zone);
    if (!timeOfDay || !table._zone)
        throw ConfigError("sync " + name + ": its schedule " + schedule.dump() +
                          " has no time of day, or a zone that this machine does not know: install "
                          "the package tzdata, or apply the sync with another schedule");
    table._timeOfDay = *timeOfDay;
    table._offset = offsetOf(name, kMostOffset);
    return table;
}

Timetable Timetable::spread(milliseconds period, std::string_view name)
{
    Timetable table;
    table._period = std::max(period, milliseconds(1));
    table._offset = offsetOf(name, table._period - milliseconds(1));
    return table;
}

std::optional<Instant> Timetable::next(Instant after) const
{
    const auto base = after - _offset;
    if (followsSource())
        return Instant((base.time_since_epoch() / _period + 1) * _period) + _offset;
    if (!_zone)
        return std::nullopt;
    auto day = floor<date::days>(_zone->to_local(floor<seconds>(base)));
    while (true)
    {
        const auto at = instantOf(*_zone, day + _timeOfDay);
        if (at > base)
            return at + _offset;
        day += date::days(1);
    }
}

std::optional<Instant> Timetable::settled(std::optional<Instant> planned, Instant now) const
{
    const auto longest = followsSource() ? _period : kLongestDay;
    if (planned && *planned <= now + longest && (followsSource() || _zone))
        return planned;
    return next(now);
}

minutes backOff(int64_t failures)
{
    constexpr int64_t kDoublings = 6;
    return std::min(minutes(1LL << std::clamp<int64_t>(failures - 1, 0, kDoublings)), kMostBackOff);
}

} // namespace muster::schedule
