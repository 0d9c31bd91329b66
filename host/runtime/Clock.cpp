#include "runtime/Clock.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <thread>

namespace muster::runtime {

using namespace std::chrono;

Instant SystemClock::now() const
{
    return time_point_cast<milliseconds>(system_clock::now());
}

steady_clock::time_point SystemClock::steady() const
{
    return steady_clock::now();
}

void SystemClock::sleep(milliseconds duration, const Cancellation& cancellation)
{
    const auto end = steady_clock::now() + duration;
    while (true)
    {
        cancellation.check();
        const auto left = end - steady_clock::now();
        if (left <= left.zero())
            return;
        std::this_thread::sleep_for(std::min<steady_clock::duration>(left, milliseconds(50)));
    }
}

int64_t toMilliseconds(Instant instant)
{
    return instant.time_since_epoch().count();
}

Instant fromMilliseconds(int64_t value)
{
    return Instant(milliseconds(value));
}

std::optional<seconds> timeSpan(const std::string& text)
{
    constexpr int64_t kMost = 1'000'000;
    int64_t number = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string unit(end.ptr, text.data() + text.size());
    if (end.ec != std::errc() || number <= 0 || number > kMost)
        return std::nullopt;
    if (unit == "s")
        return seconds(number);
    if (unit == "m")
        return minutes(number);
    if (unit == "h")
        return hours(number);
    return unit == "d" ? std::optional<seconds>(days(number)) : std::nullopt;
}

std::string toText(Instant instant)
{
    const auto day = floor<days>(instant);
    const year_month_day date(day);
    const hh_mm_ss time(floor<seconds>(instant - day));
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", int(date.year()),
                  unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                  int(time.minutes().count()), int(time.seconds().count()));
    return text;
}

} // namespace muster::runtime
