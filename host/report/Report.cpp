#include "report/Report.h"

#include "estate/ScheduleText.h"

#include <algorithm>
#include <array>
#include <date/tz.h>

namespace muster::report {

namespace {

std::string counted(int64_t number, const std::string& noun)
{
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

template <typename Predicate>
int64_t countSyncs(const Report& report, Predicate&& predicate)
{
    int64_t count = 0;
    for (const auto& customer : report.customers)
        count += std::count_if(customer.syncs.begin(), customer.syncs.end(), predicate);
    return count;
}

void append(std::string& text, const std::string& part)
{
    text += (text.empty() ? "" : ", ") + part;
}

} // namespace

std::string subjectOf(const Report& report)
{
    int64_t changes = 0;
    for (const auto& customer : report.customers)
        for (const auto& sync : customer.syncs)
            for (const auto& [action, count] : sync.done)
                changes += count;
    const auto customers = static_cast<int64_t>(report.customers.size());
    auto subject = "Muster: " + (customers == 1 ? report.customers.front().displayName
                                                : counted(customers, "customer"));
    subject += ", " + (changes == 0 ? std::string("no changes") : counted(changes, "change"));
    const auto add = [&](int64_t count, const std::string& what) {
        if (count > 0)
            subject += ", " + std::to_string(count) + " " + what;
    };
    add(countSyncs(report, [](const SyncReport& sync) { return sync.held > 0; }), "held");
    add(countSyncs(report,
                   [](const SyncReport& sync) {
                       return !sync.isQuarantined &&
                              (sync.failed > 0 || sync.lastState == "failed");
                   }),
        "failed");
    add(countSyncs(report, [](const SyncReport& sync) { return sync.isQuarantined; }), "stopped");
    add(countSyncs(report,
                   [](const SyncReport& sync) {
                       return sync.lastRun == 0 && !sync.isManual && !sync.isQuarantined;
                   }),
        "not run");
    return subject;
}

std::string titleOf(const CustomerReport& customer)
{
    return customer.displayName == customer.name
               ? customer.name
               : customer.displayName + " (" + customer.name + ")";
}

std::string runsText(const SyncReport& sync)
{
    int64_t all = 0;
    std::string states;
    for (const auto* state : {"succeeded", "partial", "held", "failed", "interrupted", "running"})
        if (const auto found = sync.runs.find(state); found != sync.runs.end())
        {
            all += found->second;
            append(states, std::to_string(found->second) + " " + state);
        }
    if (all > 0)
        return counted(all, "run") + ": " + states;
    return sync.isManual ? "did not run; it runs by hand only" : "did not run";
}

std::string routeText(const SyncReport& sync)
{
    return sync.mode + " into " + sync.target;
}

std::string headText(const Group& group)
{
    return group.code + " (" + runtime::toText(group.severity) +
           "): " + std::to_string(group.count);
}

std::string timeText(runtime::Instant instant, const std::string& zone)
{
    const auto time = date::floor<std::chrono::seconds>(instant);
    if (const auto* found = estate::timeZone(zone))
        return date::format("%Y-%m-%d %H:%M", date::make_zoned(found, time));
    return date::format("%Y-%m-%d %H:%M", time);
}

} // namespace muster::report
