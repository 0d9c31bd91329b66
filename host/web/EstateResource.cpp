#include "directory/Directory.h"
#include "directory/Selection.h"
#include "estate/EstateApplier.h"
#include "estate/EstateStore.h"
#include "graph/Offers.h"
#include "runtime/Errors.h"
#include "sync/Leavings.h"
#include "web/Resources.h"

#include <algorithm>

namespace muster::web {

namespace {

std::vector<estate::EstateFile> filesOf(const Json& body)
{
    std::vector<estate::EstateFile> files;
    const auto list = body.is_object() ? body.value("files", Json()) : Json();
    if (!list.is_array() || list.empty())
        throw UsageError("\"files\" of the request must be a list of estate files");
    for (const auto& file : list)
        if (file.is_object() && file.contains("name") && file.contains("text") &&
            file["name"].is_string() && file["text"].is_string())
            files.push_back({file["name"], file.value("folder", "/"), file["text"]});
        else
            throw UsageError("each of \"files\" must have a \"name\" and a \"text\"");
    return files;
}

ApiResponse apply(ApiParts& parts, const ApiCall& call)
{
    auto database = parts.store.connect();
    const estate::ManifestSource manifests{
        .mode = [&](const std::string& id) -> const plugins::ModeManifest& {
            return parts.catalog.mode(id);
        },
        .target = [&](const std::string& id) -> const plugins::TargetManifest& {
            return parts.catalog.target(id);
        }};
    estate::EstateApplier applier(database, parts.clock, parts.resolver, manifests);
    const auto changes =
        applier.apply(filesOf(call.request.body),
                      call.flag("prune") ? estate::Unnamed::Remove : estate::Unnamed::Keep);
    for (const auto& tenant : estate::EstateStore(database).tenants())
        if (directory::Directory(database, tenant.id).sequence() > 0)
            updateSelections(parts, tenant);
    if (parts.extras.estateChanged)
        parts.extras.estateChanged();

    auto list = Json::array();
    for (const auto& change : changes)
        list.push_back({{"kind", change.kind},
                        {"name", change.name},
                        {"change", estate::toText(change.what)},
                        {"keys", change.keys}});
    auto left = Json::array();
    for (const auto& leaving : sync::Leavings(database, parts.clock).all())
        left.push_back(leaving.message());
    return {.body = {{"entries", std::move(list)}, {"left", std::move(left)}}};
}

Json documentOf(const std::vector<graph::Offer>& offers)
{
    auto list = Json::array();
    for (const auto& offer : offers)
        list.push_back(
            {{"name", offer.name}, {"offered", offer.isOffered()}, {"missing", offer.missing}});
    return list;
}

ApiResponse tenants(ApiParts& parts)
{
    auto database = parts.store.connect();
    estate::EstateStore estate(database);
    const auto syncs = estate.syncs();
    auto list = Json::array();
    for (const auto& tenant : estate.tenants())
    {
        auto names = Json::array();
        for (const auto& sync : syncs)
            if (sync.tenantId == tenant.id)
                names.push_back(sync.name);
        int64_t groups = 0;
        directory::Directory directory(database, tenant.id);
        directory.eachGroup([&](const directory::GroupSummary&) { ++groups; });
        graph::Offers offers(database);
        const auto lookedAt = offers.lookedAt(tenant.id);
        list.push_back({{"name", tenant.name},
                        {"displayName", tenant.displayName},
                        {"directory", tenant.directory.tenant},
                        {"graph", tenant.directory.graph},
                        {"mirrored", directory.sequence() > 0},
                        {"groups", groups},
                        {"syncs", std::move(names)},
                        {"offers", documentOf(offers.of(tenant.id))},
                        {"lookedAt", lookedAt ? Json(runtime::toText(*lookedAt)) : Json()}});
    }
    return {.body = {{"tenants", std::move(list)}}};
}

/// Looks at every tenant, then lists them; one that could not be reached has a "problem".
ApiResponse lookAtOffers(ApiParts& parts, const ApiCall& call)
{
    auto database = parts.store.connect();
    std::map<std::string, std::string> problems;
    for (const auto& tenant : estate::EstateStore(database).tenants())
    {
        call.progress.report("looking at the tenant " + tenant.name, 0, 0);
        for (const auto& finding : parts.source.check(tenant, call.cancellation))
            if (finding.code == "directory-unreachable")
                problems[tenant.name] = finding.message;
    }
    auto response = tenants(parts);
    for (auto& tenant : response.body["tenants"])
        if (const auto found = problems.find(tenant["name"]); found != problems.end())
            tenant["problem"] = found->second;
    response.exitCode = problems.empty() ? 0 : 75;
    return response;
}

} // namespace

std::vector<estate::Target> targetsOf(ApiParts& parts, const estate::Tenant& tenant)
{
    auto database = parts.store.connect();
    estate::EstateStore estate(database);
    const auto syncs = estate.syncs();
    std::vector<estate::Target> result;
    for (auto& target : estate.targets())
    {
        const bool ruled =
            std::any_of(tenant.groups.begin(), tenant.groups.end(),
                        [&](const auto& rule) { return rule.target == target.name; });
        const bool synced = std::any_of(syncs.begin(), syncs.end(), [&](const auto& sync) {
            return sync.tenantId == tenant.id && sync.targetId == target.id;
        });
        if (ruled || synced)
            result.push_back(std::move(target));
    }
    return result;
}

void updateSelections(ApiParts& parts, const estate::Tenant& tenant)
{
    auto database = parts.store.connect();
    directory::Selection selection(database, parts.clock);
    for (const auto& target : targetsOf(parts, tenant))
        selection.update(tenant, target.id, target.name);
}

void addEstate(Router& router, ApiParts& parts)
{
    router.add({.method = "POST",
                .pattern = "/estate",
                .summary = "Declare tenants, targets and syncs by files {name, folder, text}; "
                           "\"prune\" removes what they do not name.",
                .body = {{"files", "array"}, {"prune", "boolean"}},
                .handler = [&](const ApiCall& call) { return apply(parts, call); }});
    router.add({.pattern = "/tenants",
                .summary = "The tenants of the estate, and what they offer.",
                .handler = [&](const ApiCall&) { return tenants(parts); }});
    router.add({.method = "POST",
                .pattern = "/offers",
                .summary = "Look now at what the tenants offer, and list them.",
                .handler = [&](const ApiCall& call) { return lookAtOffers(parts, call); }});
}

} // namespace muster::web
