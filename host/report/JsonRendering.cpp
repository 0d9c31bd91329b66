#include "report/Rendering.h"

namespace muster::report {

namespace {

using nlohmann::json;

json groupsJson(const std::vector<Group>& groups)
{
    auto list = json::array();
    for (const auto& group : groups)
        list.push_back({{"code", group.code},
                        {"severity", runtime::toText(group.severity)},
                        {"count", group.count},
                        {"messages", group.messages}});
    return list;
}

json failuresJson(const std::vector<Group>& failures)
{
    auto list = json::array();
    for (const auto& failure : failures)
        list.push_back({{"count", failure.count}, {"message", failure.messages.front()}});
    return list;
}

json troublesJson(const std::vector<Group>& troubles)
{
    auto list = json::array();
    for (const auto& trouble : troubles)
        list.push_back(
            {{"state", trouble.code}, {"count", trouble.count}, {"messages", trouble.messages}});
    return list;
}

json syncJson(const SyncReport& sync)
{
    return {{"name", sync.name},
            {"mode", sync.mode},
            {"target", sync.target},
            {"changes", sync.done},
            {"held", sync.held},
            {"failed", sync.failed},
            {"failures", failuresJson(sync.failures)},
            {"runs", sync.runs},
            {"lastRun", sync.lastRun == 0 ? json() : json(sync.lastRun)},
            {"lastState", sync.lastState},
            {"lastMessage", sync.lastMessage},
            {"troubles", troublesJson(sync.troubles)},
            {"quarantined", sync.isQuarantined},
            {"quarantineReason", sync.quarantineReason},
            {"manual", sync.isManual},
            {"findings", groupsJson(sync.findings)}};
}

} // namespace

json toJson(const Report& report)
{
    auto tasks = json::array();
    for (const auto& task : report.tasks)
        tasks.push_back({{"severity", runtime::toText(task.severity)},
                         {"customer", task.customer},
                         {"sync", task.sync},
                         {"what", task.what},
                         {"remedy", task.remedy}});
    auto customers = json::array();
    for (const auto& customer : report.customers)
    {
        auto syncs = json::array();
        for (const auto& sync : customer.syncs)
            syncs.push_back(syncJson(sync));
        customers.push_back({{"name", customer.name},
                             {"displayName", customer.displayName},
                             {"findings", groupsJson(customer.findings)},
                             {"syncs", std::move(syncs)}});
    }
    return {{"subject", subjectOf(report)},
            {"since", runtime::toText(report.since)},
            {"until", runtime::toText(report.until)},
            {"tasks", std::move(tasks)},
            {"customers", std::move(customers)}};
}

} // namespace muster::report
