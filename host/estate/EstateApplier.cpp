#include "estate/EstateApplier.h"

#include "estate/Documents.h"
#include "estate/EstateStore.h"

#include <algorithm>
#include <array>
#include <set>

namespace muster::estate {

namespace {

/// What changes when a sync runs, and not what it wants.
bool concernsRunsOnly(const std::string& key)
{
    return key.starts_with("schedule") || key.starts_with("guard");
}

} // namespace

EstateApplier::EstateApplier(store::Database& database, const runtime::Clock& clock,
                             const SecretResolver& secrets, ManifestSource manifests)
    : _database(database), _clock(clock), _secrets(secrets), _manifests(std::move(manifests))
{}

std::vector<EntryChange> EstateApplier::apply(const std::vector<EstateFile>& files, Unnamed unnamed)
{
    const auto declared = readEstate(files, surroundings(unnamed));
    std::vector<EntryChange> changes;
    store::Transaction transaction(_database);
    for (const auto& tenant : declared.tenants)
        changes.push_back(write("tenant", tenant.name, documentOf(tenant)));
    settleUnnamed("tenant", unnamed, changes);
    for (const auto& target : declared.targets)
    {
        changes.push_back(write("target", target.name, documentOf(target)));
        const auto& keys = changes.back().keys;
        for (const auto& origin : _manifests.target(target.plugin).origins)
            if (std::find(keys.begin(), keys.end(), "settings." + origin.setting) != keys.end())
                forgetLedger(target.name);
    }
    settleUnnamed("target", unnamed, changes);
    for (const auto& sync : declared.syncs)
        changes.push_back(writeSync(sync));
    settleUnnamed("sync", unnamed, changes);
    order(declared.syncs);
    transaction.commit();
    return changes;
}

Surroundings EstateApplier::surroundings(Unnamed unnamed)
{
    Surroundings result{
        .mode = _manifests.mode,
        .target = _manifests.target,
        .secret = [this](const SecretReference& reference) { return _secrets.resolve(reference); }};
    if (unnamed == Unnamed::Keep)
    {
        EstateStore stored(_database);
        result.tenants = stored.tenants();
        result.targets = stored.targets();
    }
    _database.query<std::string, std::string>(
        "SELECT name, document FROM tenant", {},
        [&](const std::string& name, const std::string& document) {
            result.directories[name] = tenantFrom(name, Json::parse(document)).directory.tenant;
        });
    _database.query<std::string, std::string>(
        "SELECT name, document FROM target", {},
        [&](const std::string& name, const std::string& document) {
            result.plugins[name] = targetFrom(name, Json::parse(document)).plugin;
        });
    return result;
}

EntryChange EstateApplier::write(const std::string& kind, const std::string& name,
                                 const Json& document)
{
    EntryChange change{.kind = kind, .name = name};
    std::optional<std::string> before;
    bool removed = false;
    _database.query<std::string, std::optional<int64_t>>(
        "SELECT document, removed_at FROM " + kind + " WHERE name = $1", {name},
        [&](const std::string& stored, std::optional<int64_t> removedAt) {
            before = stored;
            removed = removedAt.has_value();
        });
    if (!before)
    {
        change.what = EntryChange::What::Created;
        _database.execute("INSERT INTO " + kind + "(name, document) VALUES($1, $2)",
                          {name, document.dump()});
        return change;
    }
    change.keys = changedKeys(Json::parse(*before), document);
    if (removed)
        change.what = EntryChange::What::Created;
    else if (!change.keys.empty())
        change.what = EntryChange::What::Changed;
    else
        return change;
    _database.execute("UPDATE " + kind + " SET document = $1, removed_at = NULL WHERE name = $2",
                      {document.dump(), name});
    return change;
}

/// At another address may be another system, where the ids that are known here are somebody else's:
/// it is read anew, and what it has by the same keys is adopted.
void EstateApplier::forgetLedger(const std::string& target)
{
    const std::string scopes =
        "(SELECT s.id FROM scope s JOIN target t ON t.id = s.target WHERE t.name = $1)";
    _database.execute("UPDATE record SET remote_id = NULL, fields = '{}', active = 1, "
                      "origin = '', links_read_at = 0, dirty = 1 WHERE remote_id IS NOT NULL AND "
                      "scope IN " +
                          scopes,
                      {target});
    _database.execute(
        "UPDATE link SET role = NULL, origin = '', dirty = 1 WHERE scope IN " + scopes, {target});
    for (const auto* table : {"coverage", "record_alias"})
        _database.execute("DELETE FROM " + std::string(table) + " WHERE scope IN " + scopes,
                          {target});
}

EntryChange EstateApplier::writeSync(const Sync& sync)
{
    const auto idOf = [&](const std::string& table, const std::string& name) {
        return _database.value<int64_t>("SELECT id FROM " + table + " WHERE name = $1", {name})
            .value();
    };
    const auto tenant = idOf("tenant", sync.tenant);
    const auto target = idOf("target", sync.target);
    const auto scopeText = sync.scope.dump();
    _database.execute("INSERT INTO scope(target, document) VALUES($1, $2) ON CONFLICT DO NOTHING",
                      {target, scopeText});
    const auto scope =
        _database
            .value<int64_t>("SELECT id FROM scope WHERE target = $1 AND document = $2",
                            {target, scopeText})
            .value();
    if (!_database.value<int64_t>("SELECT id FROM sync WHERE name = $1", {sync.name}))
    {
        _database.execute("INSERT INTO sync(name, tenant, target, scope, position, document) "
                          "VALUES($1, $2, $3, $4, 0, $5)",
                          {sync.name, tenant, target, scope, documentOf(sync).dump()});
        return {.kind = "sync", .name = sync.name, .what = EntryChange::What::Created};
    }
    auto change = write("sync", sync.name, documentOf(sync));
    if (std::all_of(change.keys.begin(), change.keys.end(), concernsRunsOnly) &&
        change.what != EntryChange::What::Created)
        return change;
    // What it wanted so far no longer counts: every group is derived again.
    _database.execute("UPDATE sync SET tenant = $1, target = $2, scope = $3, derived_seq = 0 "
                      "WHERE name = $4",
                      {tenant, target, scope, sync.name});
    return change;
}

void EstateApplier::settleUnnamed(const std::string& kind, Unnamed unnamed,
                                  std::vector<EntryChange>& changes)
{
    std::set<std::string> named;
    for (const auto& change : changes)
        if (change.kind == kind)
            named.insert(change.name);
    std::vector<std::string> others;
    _database.query<std::string>("SELECT name FROM " + kind +
                                     " WHERE removed_at IS NULL ORDER BY id",
                                 {}, [&](const std::string& name) {
                                     if (!named.count(name))
                                         others.push_back(name);
                                 });
    for (const auto& name : others)
    {
        if (unnamed == Unnamed::Remove)
            _database.execute("UPDATE " + kind + " SET removed_at = $1 WHERE name = $2",
                              {runtime::toMilliseconds(_clock.now()), name});
        changes.push_back({.kind = kind,
                           .name = name,
                           .what = unnamed == Unnamed::Remove ? EntryChange::What::Removed
                                                              : EntryChange::What::Kept});
    }
}

/// Declared syncs share out the places they have, in the order of the files; new ones come last.
void EstateApplier::order(const std::vector<Sync>& syncs)
{
    std::vector<int64_t> places;
    auto last = _database.value<int64_t>("SELECT max(position) FROM sync").value_or(0);
    for (const auto& sync : syncs)
    {
        const auto place =
            _database.value<int64_t>("SELECT position FROM sync WHERE name = $1", {sync.name});
        places.push_back(place.value_or(0) > 0 ? *place : ++last);
    }
    std::sort(places.begin(), places.end());
    for (size_t index = 0; index < syncs.size(); ++index)
        _database.execute("UPDATE sync SET position = $1 WHERE name = $2",
                          {places[index], syncs[index].name});
}

std::string toText(EntryChange::What what)
{
    constexpr std::array kTexts = {"created", "changed", "unchanged", "removed", "kept"};
    return kTexts[static_cast<size_t>(what)];
}

} // namespace muster::estate
