#pragma once

#include "runtime/Clock.h"

#include <chrono>
#include <optional>
#include <string>

namespace date {
class time_zone;
}

/// The texts of a sync's schedule: what the reader of estates checks is what the timetable takes.
namespace muster::estate {

using runtime::timeSpan;

/// HH:MM from 00:00 to 23:59, as time since midnight; nothing when it is none.
std::optional<std::chrono::minutes> timeOfDay(const std::string& text);

/// A zone of the machine's time zone database, which owns it; null when there is none of that name.
const date::time_zone* timeZone(const std::string& name);

} // namespace muster::estate
