#include "estate/ScheduleText.h"

#include <date/tz.h>
#include <stdexcept>

namespace muster::estate {

using namespace std::chrono;

std::optional<minutes> timeOfDay(const std::string& text)
{
    const auto digit = [&](size_t index) { return text[index] >= '0' && text[index] <= '9'; };
    if (text.size() != 5 || !digit(0) || !digit(1) || text[2] != ':' || !digit(3) || !digit(4))
        return std::nullopt;
    const auto hour = std::stoi(text.substr(0, 2));
    const auto minute = std::stoi(text.substr(3));
    return hour < 24 && minute < 60 ? std::optional<minutes>(hours(hour) + minutes(minute))
                                    : std::nullopt;
}

const date::time_zone* timeZone(const std::string& name)
{
    try
    {
        const auto* zone = date::locate_zone(name);
        // The database is a folder of files; one that is no zone fails when it is read.
        zone->get_info(date::sys_seconds());
        return zone;
    }
    catch (const std::exception&)
    {
        return nullptr;
    }
}

} // namespace muster::estate
