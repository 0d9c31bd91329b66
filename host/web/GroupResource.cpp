#include "directory/Directory.h"
#include "directory/Selection.h"
#include "documents/ActivityLog.h"
#include "documents/Places.h"
#include "estate/EstateStore.h"
#include "estate/Field.h"
#include "runtime/Errors.h"
#include "web/Resources.h"

#include <algorithm>

namespace muster::web {

namespace {

estate::Tenant tenantOf(ApiParts& parts, const ApiCall& call)
{
    auto database = parts.store.connect();
    return estate::EstateStore(database).tenant(call.parameters.at("name"));
}

/// The targets to show: the one that is asked for, or all of the tenant.
std::vector<estate::Target> shownTargets(ApiParts& parts, const estate::Tenant& tenant,
                                         const std::string& asked)
{
    if (asked.empty())
        return targetsOf(parts, tenant);
    auto database = parts.store.connect();
    return {estate::EstateStore(database).target(asked)};
}

/// The target to switch groups for: the one that is asked for, or the only one.
estate::Target switchedTarget(ApiParts& parts, const estate::Tenant& tenant,
                              const std::string& asked)
{
    auto targets = shownTargets(parts, tenant, asked);
    if (targets.size() == 1)
        return std::move(targets.front());
    std::vector<std::string> names;
    for (const auto& target : targets)
        names.push_back(target.name);
    throw UsageError(names.empty() ? "the tenant " + tenant.name +
                                         " has no sync and no selection for a target yet: name one "
                                         "with --target"
                                   : "the tenant " + tenant.name + " has the targets " +
                                         estate::listed(names) + ": name one with --target");
}

ApiResponse refresh(ApiParts& parts, const ApiCall& call)
{
    const auto tenant = tenantOf(parts, call);
    const auto& enter = parts.extras.enter;
    const auto alone = enter ? enter(tenant.name, call.cancellation) : nullptr;
    auto database = parts.store.connect();
    const bool isEmpty = directory::Directory(database, tenant.id).sequence() == 0;
    if (call.flag("onlyWhenEmpty") && !isEmpty)
        return {.body = {{"refreshed", false}}};
    const auto outcome = parts.source.refresh(tenant, {}, call.progress, call.cancellation);
    updateSelections(parts, tenant);
    return {.exitCode = outcome.complete ? 0 : 75,
            .body = {{"refreshed", true},
                     {"complete", outcome.complete},
                     {"requests", outcome.requests},
                     {"problem", outcome.problem},
                     {"findings", toJson(outcome.findings)}}};
}

Json groupsOf(ApiParts& parts, const estate::Tenant& tenant,
              const std::vector<estate::Target>& targets)
{
    auto database = parts.store.connect();
    directory::Directory directory(database, tenant.id);
    directory::Selection selection(database, parts.clock);
    auto groups = Json::array();
    directory.eachGroup([&](const directory::GroupSummary& group) {
        auto selected = Json::object();
        for (const auto& target : targets)
            selected[target.name] = selection.isSelected(group.id, target.id);
        groups.push_back({{"id", group.entraId},
                          {"name", group.name},
                          {"type", group.type},
                          {"membership", group.membership},
                          {"members", group.members},
                          {"owners", group.owners},
                          {"selected", std::move(selected)}});
    });
    return groups;
}

ApiResponse list(ApiParts& parts, const ApiCall& call)
{
    const auto tenant = tenantOf(parts, call);
    const auto targets = shownTargets(parts, tenant, call.query("target"));
    return {.body = {{"groups", groupsOf(parts, tenant, targets)}}};
}

/// Whoever switches a group for the target that documents it switches its document.
void logDocuments(ApiParts& parts, const ApiCall& call, const estate::Tenant& tenant,
                  const estate::Target& target,
                  const std::vector<directory::Selection::Switched>& switched)
{
    auto database = parts.store.connect();
    const auto sync = documents::documentingSync(estate::EstateStore(database).syncs(), tenant.id);
    if (!sync || sync->targetId != target.id)
        return;
    store::Transaction transaction(database);
    documents::ActivityLog log(database, parts.clock);
    for (const auto& group : switched)
        if (const auto document = database.value<std::string>(
                "SELECT entra_text(entra) FROM document WHERE grp = $1", {group.group}))
            log.write({tenant.id, *document, group.name}, {group.selected ? "enabled" : "disabled",
                                                           call.actor(),
                                                           {{"selected", !group.selected}},
                                                           {{"selected", group.selected}}});
    transaction.commit();
}

ApiResponse change(ApiParts& parts, const ApiCall& call)
{
    const auto tenant = tenantOf(parts, call);
    const auto target = switchedTarget(parts, tenant, call.text("target"));
    auto database = parts.store.connect();
    directory::Selection selection(database, parts.clock);
    selection.update(tenant, target.id, target.name);
    std::vector<directory::Selection::Switched> switched;
    if (call.flag("reset"))
        switched = selection.reset(tenant, target.id, target.name, call.actor());
    const auto more =
        selection.set(tenant, target.id, call.texts("enable"), call.texts("disable"), call.actor());
    switched.insert(switched.end(), more.begin(), more.end());
    logDocuments(parts, call, tenant, target, switched);

    auto names = Json::array();
    for (const auto& group : switched)
        names.push_back({{"name", group.name}, {"selected", group.selected}});
    return {.body = {{"target", target.name}, {"switched", std::move(names)}}};
}

} // namespace

void addGroups(Router& router, ApiParts& parts)
{
    router.add({.method = "POST",
                .pattern = "/tenants/{name}/refresh",
                .summary = "Bring the mirror of a tenant up to date.",
                .body = {{"onlyWhenEmpty", "boolean"}},
                .handler = [&](const ApiCall& call) { return refresh(parts, call); }});
    router.add({.pattern = "/tenants/{name}/groups",
                .summary = "The groups of a tenant, and which are selected for a target, or for "
                           "each of them.",
                .query = {{"target"}},
                .handler = [&](const ApiCall& call) { return list(parts, call); }});
    router.add({.method = "PATCH",
                .pattern = "/tenants/{name}/groups",
                .summary = "Switch groups, by ids or name patterns, on and off for a target; "
                           "\"reset\" takes back what was switched before.",
                .body = {{"target"},
                         {"enable", "array"},
                         {"disable", "array"},
                         {"reset", "boolean"},
                         {"actor"}},
                .handler = [&](const ApiCall& call) { return change(parts, call); }});
}

} // namespace muster::web
