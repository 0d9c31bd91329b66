#include "report/DailyReport.h"

#include "estate/ScheduleText.h"
#include "runtime/Errors.h"
#include "schedule/Timetable.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <date/tz.h>

namespace muster::report {

using namespace std::chrono;
using runtime::Instant;

namespace {

constexpr hours kLongerThanADay{50}; ///< whatever the clocks do
constexpr hours kLongest{31 * 24};
constexpr hours kRemembered{90 * 24};

Poco::Logger& logger()
{
    return Poco::Logger::get("report");
}

std::string twoDigits(int64_t number)
{
    return (number < 10 ? "0" : "") + std::to_string(number);
}

} // namespace

DailyReport::DailyReport(const store::Store& store, runtime::Clock& clock, Reporter& reporter)
    : _store(store), _clock(clock), _reporter(reporter)
{}

void DailyReport::sendIfDue(const runtime::Cancellation& cancellation)
{
    const auto settings = _reporter.settings();
    if (!settings.isSet() || !settings.daily)
        return;
    const auto now = _clock.now();
    const auto day = dueDay(settings, now);
    auto database = _store.connect(store::Durability::Durable);
    if (!isWanted(database, day, now))
        return;
    _triedAt = now;
    try
    {
        send(database, day, cancellation);
        _failures = 0;
        _triedAt.reset();
    }
    catch (const std::exception&)
    {
        ++_failures;
        database.execute("DELETE FROM report_mail WHERE day = $1", {day});
        throw;
    }
}

/// The local day of the latest time that a report was due.
std::string DailyReport::dueDay(const MailSettings& settings, Instant now) const
{
    const auto minute = settings.daily->count();
    const auto timetable = schedule::Timetable::of(
        {{"daily", twoDigits(minute / 60) + ":" + twoDigits(minute % 60)}, {"zone", settings.zone}},
        "report");
    auto due = *timetable.next(now - kLongerThanADay);
    for (auto next = timetable.next(due); *next <= now; next = timetable.next(due))
        due = *next;
    return date::format(
        "%F", date::make_zoned(estate::timeZone(settings.zone), date::floor<seconds>(due)));
}

bool DailyReport::isWanted(store::Database& database, const std::string& day, Instant now) const
{
    const auto last = database.value<std::string>("SELECT MAX(day) FROM report_mail");
    if (!last)
    {
        database.execute("INSERT INTO report_mail(day, state, until) VALUES($1, 'skipped', $2)",
                         {day, runtime::toMilliseconds(now)});
        return false;
    }
    if (*last >= day)
        return false;
    if (!_triedAt || *_triedAt > now)
        return true;
    return now - *_triedAt >= schedule::backOff(_failures);
}

void DailyReport::send(store::Database& database, const std::string& day,
                       const runtime::Cancellation& cancellation)
{
    const auto now = _clock.now();
    const auto report = _reporter.report(beginning(database, now));
    // Whoever dies from here on does not know whether it was sent: not again for this day.
    database.execute("INSERT INTO report_mail(day, state, until) VALUES($1, 'sending', $2)",
                     {day, runtime::toMilliseconds(report.until)});
    const auto delivery = _reporter.send(report, cancellation);
    database.execute("UPDATE report_mail SET state = 'sent' WHERE day = $1", {day});
    database.execute("DELETE FROM report_mail WHERE until < $1",
                     {runtime::toMilliseconds(now - kRemembered)});
    logger().information("the report of " + day + " was sent to " +
                         std::to_string(delivery.to.size()) + " recipients");
    for (const auto& refusal : delivery.refused)
        logger().warning("the report of " + day + " was refused for " + refusal.address + " (" +
                         refusal.why + "): check report.to");
    if (!delivery.isCertain)
        logger().warning("the report of " + day +
                         " was sent, and no answer came: it is not sent again");
}

/// Where the last report that was sent ended.
Instant DailyReport::beginning(store::Database& database, Instant now) const
{
    const auto until = database.value<int64_t>(
        "SELECT MAX(until) FROM report_mail WHERE state <> 'sending' AND until <= $1",
        {runtime::toMilliseconds(now)});
    const auto since = until ? runtime::fromMilliseconds(*until) : now - hours(24);
    return std::max(since, now - kLongest);
}

} // namespace muster::report
