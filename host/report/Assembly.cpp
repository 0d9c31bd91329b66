#include "report/Assembly.h"

#include "estate/EstateStore.h"
#include "sync/PlanStore.h"

#include <algorithm>

namespace muster::report {

using runtime::Severity;

namespace {

void add(std::vector<Group>& groups, const std::string& code, Severity severity,
         const std::string& message)
{
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Group& each) { return each.code == code; });
    if (group == groups.end())
        group = groups.insert(groups.end(), {.code = code, .severity = severity});
    ++group->count;
    auto& told = group->messages;
    if (!message.empty() && told.size() < kMostTold &&
        std::find(told.begin(), told.end(), message) == told.end())
        told.push_back(message);
}

void worstFirst(std::vector<Group>& groups)
{
    std::stable_sort(groups.begin(), groups.end(), [](const Group& left, const Group& right) {
        return static_cast<int>(left.severity) > static_cast<int>(right.severity);
    });
}

/// What a sync waits for a person to do; nothing else is said of one that is stopped.
std::vector<Task> tasksOf(const SyncReport& sync)
{
    std::vector<Task> tasks;
    const auto add = [&](Severity severity, const std::string& what, const std::string& remedy) {
        tasks.push_back({severity, {}, sync.name, what, remedy});
    };
    const auto shown = "muster run " + std::to_string(sync.lastRun);
    if (sync.isQuarantined)
        add(Severity::Error,
            "the schedule runs it no more, for it failed again and again: " + sync.quarantineReason,
            "mend that, then run muster sync " + sync.name);
    else if (sync.lastRun == 0 && !sync.isManual)
        add(Severity::Error, "it did not run at all",
            "look whether muster serve runs, or run muster sync " + sync.name);
    else if (sync.lastState == "failed")
        add(Severity::Error, "its last run failed: " + sync.lastMessage, shown + " tells more");
    else if (sync.failed > 0)
        add(Severity::Warning,
            std::to_string(sync.failed) + " changes could not be made by its last run",
            shown + " shows them");
    if (sync.held > 0)
        add(Severity::Warning,
            std::to_string(sync.held) + " changes are held" +
                (sync.lastMessage.empty() ? std::string() : ": " + sync.lastMessage),
            shown + " shows them; " +
                (sync.undoes == 0 ? "muster sync " + sync.name
                                  : "muster undo " + std::to_string(sync.undoes)) +
                " --approve lets them pass this once");
    return tasks;
}

/// What stands until a person answers it, whatever the runs do.
bool isForAPerson(const std::string& code)
{
    return code == "document-deleted" || code == "duplicate-in-target" ||
           code == "contact-deleted" || code == "configuration-deleted";
}

} // namespace

Assembly::Assembly(store::Database& database) : _database(database)
{}

Report Assembly::assemble(runtime::Instant since, runtime::Instant until, const std::string& zone)
{
    Report report{.since = since, .until = until, .zone = zone};
    estate::EstateStore estate(_database);
    const auto syncs = estate.syncs();
    for (const auto& tenant : estate.tenants())
    {
        CustomerReport customer{.name = tenant.name,
                                .displayName =
                                    tenant.displayName.empty() ? tenant.name : tenant.displayName,
                                .findings = tenantFindings(tenant.id)};
        for (const auto& sync : syncs)
            if (sync.tenantId == tenant.id)
                customer.syncs.push_back(syncReport(sync, since, customer.findings));
        addTasks(report, customer);
        report.customers.push_back(std::move(customer));
    }
    std::stable_sort(report.tasks.begin(), report.tasks.end(),
                     [](const auto& left, const auto& right) {
                         return static_cast<int>(left.severity) > static_cast<int>(right.severity);
                     });
    return report;
}

void Assembly::addTasks(Report& report, const CustomerReport& customer)
{
    for (const auto& group : customer.findings)
        if (group.severity == Severity::Error || group.code == "credentials-expire")
            for (const auto& message : group.messages)
                report.tasks.push_back({group.severity, customer.displayName, {}, message});
    for (const auto& sync : customer.syncs)
    {
        for (auto& task : tasksOf(sync))
        {
            task.customer = customer.displayName;
            report.tasks.push_back(std::move(task));
        }
        for (const auto& group : sync.findings)
            if (isForAPerson(group.code))
                for (const auto& message : group.messages)
                    report.tasks.push_back(
                        {group.severity, customer.displayName, sync.name, message});
    }
}

SyncReport Assembly::syncReport(const estate::Sync& sync, runtime::Instant since,
                                const std::vector<Group>& ofTenant)
{
    SyncReport report{.name = sync.name,
                      .mode = sync.mode,
                      .target = sync.target,
                      .isManual = sync.schedule == "manual"};
    readRuns(report, sync.id, since);
    readChanges(report, sync.id, since);
    readLastRun(report);
    readSchedule(report, sync.id);
    readFindings(report, sync.id, ofTenant);
    return report;
}

void Assembly::readRuns(SyncReport& report, int64_t sync, runtime::Instant since)
{
    _database.query<int64_t, std::string, std::string>(
        "SELECT id, state, message FROM run WHERE sync = $1 AND COALESCE(ended_at, started_at) >= "
        "$2 ORDER BY id DESC",
        {sync, runtime::toMilliseconds(since)},
        [&](int64_t id, const std::string& state, const std::string& message) {
            ++report.runs[state];
            if (report.lastRun == 0)
            {
                report.lastRun = id;
                report.lastState = state;
                report.lastMessage = state == "succeeded" ? "" : message;
            }
            if (state == "partial" || state == "failed" || state == "interrupted")
                add(report.troubles, state, Severity::Warning,
                    message.empty() ? "" : "run " + std::to_string(id) + ": " + message);
        });
}

void Assembly::readChanges(SyncReport& report, int64_t sync, runtime::Instant since)
{
    _database.query<std::string, int64_t>(
        "SELECT c.action, COUNT(*) FROM run r JOIN change c ON c.plan = r.plan AND c.run = r.id "
        "WHERE r.sync = $1 AND COALESCE(r.ended_at, r.started_at) >= $2 AND c.state = 'applied' "
        "AND c.at >= $2 GROUP BY c.action",
        {sync, runtime::toMilliseconds(since)},
        [&](const std::string& action, int64_t count) { report.done[action] = count; });
}

/// What failed in an earlier run and was made since needs nobody.
void Assembly::readLastRun(SyncReport& report)
{
    if (report.lastRun == 0)
        return;
    report.undoes =
        _database
            .value<int64_t>(
                "SELECT p.undoes FROM run r JOIN plan p ON p.id = r.plan WHERE r.id = $1",
                {report.lastRun})
            .value_or(0);
    _database.query<std::string, std::string, int64_t>(
        "SELECT c.state, c.message, COUNT(*) FROM run r JOIN change c ON c.plan = r.plan AND "
        "(c.run = r.id OR c.run IS NULL) WHERE r.id = $1 AND c.state IN ('held', 'failed', "
        "'waiting') GROUP BY c.state, c.message ORDER BY 3 DESC, 2",
        {report.lastRun}, [&](const std::string& state, const std::string& message, int64_t count) {
            if (state == "held")
            {
                report.held += count;
                return;
            }
            report.failed += count;
            if (report.failures.size() < kMostTold && !message.empty())
                report.failures.push_back({.count = count, .messages = {message}});
        });
}

void Assembly::readSchedule(SyncReport& report, int64_t sync)
{
    _database.query<std::string>(
        "SELECT reason FROM schedule WHERE sync = $1 AND quarantined_at IS NOT NULL", {sync},
        [&](const std::string& reason) {
            report.isQuarantined = true;
            report.quarantineReason = reason;
        });
}

/// What stands for the sync alone; what keeps the schedule from it is said in other words.
void Assembly::readFindings(SyncReport& report, int64_t sync, const std::vector<Group>& ofTenant)
{
    for (const auto& finding : sync::PlanStore(_database).findings(sync))
    {
        const bool isTold = std::any_of(ofTenant.begin(), ofTenant.end(), [&](const Group& group) {
            return group.code == finding.code;
        });
        if (!isTold && finding.code != "quarantined")
            add(report.findings, finding.code, finding.severity, finding.message);
    }
    worstFirst(report.findings);
}

std::vector<Group> Assembly::tenantFindings(int64_t tenant)
{
    std::vector<Group> groups;
    _database.query<std::string, std::string, std::string>(
        "SELECT code, severity, message FROM tenant_finding WHERE tenant = $1 ORDER BY code, "
        "message",
        {tenant},
        [&](const std::string& code, const std::string& severity, const std::string& message) {
            add(groups, code, runtime::severityFromText(severity), message);
        });
    worstFirst(groups);
    return groups;
}

} // namespace muster::report
