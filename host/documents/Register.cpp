#include "documents/Register.h"

#include "directory/Selection.h"
#include "documents/TargetChanges.h"
#include "estate/EstateStore.h"
#include "sync/SeenRecords.h"

#include <algorithm>
#include <set>

namespace muster::documents {

namespace {

/// Bounds the memory, whatever the tenant's size: groups in a batch, and people in them.
constexpr size_t kGroupsPerBatch = 500;
constexpr size_t kItemsPerBatch = 20000;

/// `seen`: how often what the mode looks at in the target changed.
std::string fingerprintOf(const plugins::ModeManifest& mode,
                          const std::optional<estate::Sync>& sync, int64_t seen)
{
    const auto made = mode.id + " " + mode.version;
    if (!sync)
        return made;
    return made + " " + sync->settings.dump() + " target " + std::to_string(sync->targetId) +
           " scope " + std::to_string(sync->scopeId) + " seen " + std::to_string(seen) +
           (sync->expandsNested ? " nested" : "") + (sync->includesGuests ? "" : " no-guests");
}

Presence presenceFrom(sync::Presence presence)
{
    switch (presence)
    {
    case sync::Presence::Wanted:
        return Presence::Wanted;
    case sync::Presence::Gone:
        return Presence::Gone;
    case sync::Presence::Unwanted:
        break;
    }
    return Presence::Unselected;
}

sync::Standing standingFrom(Status status)
{
    switch (status)
    {
    case Status::Orphaned:
        return sync::Standing::Orphaned;
    case Status::Disabled:
        return sync::Standing::Disabled;
    case Status::Enabled:
        break;
    }
    return sync::Standing::Enabled;
}

} // namespace

Register::Register(store::Database& database, plugins::Catalog& catalog,
                   const runtime::Clock& clock)
    : _database(database), _catalog(catalog), _clock(clock)
{}

void Register::updateAll(runtime::Progress& progress, const runtime::Cancellation& cancellation)
{
    estate::EstateStore estate(_database);
    const auto syncs = estate.syncs();
    for (const auto& tenant : estate.tenants())
        update(basisOf(tenant, syncs), progress, cancellation);
}

void Register::update(const estate::Tenant& tenant, runtime::Progress& progress,
                      const runtime::Cancellation& cancellation)
{
    update(basisOf(tenant, estate::EstateStore(_database).syncs()), progress, cancellation);
}

void Register::update(const Basis& basis, runtime::Progress& progress,
                      const runtime::Cancellation& cancellation)
{
    while (isDue(basis) && !tryUpdate(basis, progress, cancellation))
        cancellation.check();
}

Register::Basis Register::basisOf(const estate::Tenant& tenant,
                                  const std::vector<estate::Sync>& syncs)
{
    const auto& manifest = _catalog.mode(kMode);
    auto sync = documentingSync(syncs, tenant.id);
    const auto seen = _database.value<int64_t>("SELECT seen FROM scope WHERE id = $1",
                                               {sync ? sync->scopeId : int64_t(0)});
    auto owners =
        std::make_unique<sync::Owners>(_database, tenant.id, sync ? sync->scopeId : int64_t(0));
    const auto mark = markOf(tenant.id);
    auto fingerprint = owners->fingerprint(fingerprintOf(manifest, sync, seen.value_or(0)),
                                           mark.sequence, mark.derivedAs);
    return {tenant, std::move(sync), _catalog.loadMode(manifest.id), std::move(fingerprint),
            std::move(owners)};
}

Register::Mark Register::markOf(int64_t tenant)
{
    Mark mark;
    _database.query<int64_t, std::string>(
        "SELECT seq, derived_as FROM document_update WHERE tenant = $1", {tenant},
        [&](int64_t sequence, std::string derivedAs) {
            mark = {sequence, std::move(derivedAs)};
        });
    return mark;
}

bool Register::isDue(const Basis& basis)
{
    const auto sequence = directory::Directory(_database, basis.tenant.id).sequence();
    return sequence > 0 && markOf(basis.tenant.id) != Mark{sequence, basis.fingerprint};
}

/// False when another register worked on the tenant meanwhile: what was derived here may be older
/// than what that one wrote.
bool Register::tryUpdate(const Basis& basis, runtime::Progress& progress,
                         const runtime::Cancellation& cancellation)
{
    if (basis.sync)
        directory::Selection(_database, _clock)
            .update(basis.tenant, basis.sync->targetId, basis.sync->target);
    directory::Directory directory(_database, basis.tenant.id);
    const auto mark = markOf(basis.tenant.id);
    const auto sequence = directory.sequence();
    const auto groups = groupsToDerive(basis, mark, directory);
    std::vector<Derived> batch;
    size_t items = 0;
    size_t done = 0;
    for (const auto group : groups)
    {
        cancellation.check();
        if (auto derived = derive(basis, directory, group))
        {
            items += derived->claim ? derived->claim->fields.size() + derived->nested.size() : 0;
            if (derived->claim)
                for (const auto& field : derived->claim->fields)
                    items += field.size();
            batch.push_back(std::move(*derived));
        }
        if (batch.size() >= kGroupsPerBatch || items >= kItemsPerBatch)
        {
            if (!flush(basis, mark, batch))
                return false;
            batch.clear();
            items = 0;
        }
        progress.report(basis.tenant.name + ": documenting groups", ++done, groups.size());
    }
    if (!flush(basis, mark, batch))
        return false;
    return _database.execute(
               "INSERT INTO document_update(tenant, seq, derived_as) VALUES($1, $2, $3) ON "
               "CONFLICT(tenant) DO UPDATE SET seq = excluded.seq, derived_as = "
               "excluded.derived_as WHERE document_update.seq = $4 AND document_update.derived_as "
               "= $5",
               {basis.tenant.id, sequence, basis.fingerprint, mark.sequence, mark.derivedAs}) > 0;
}

std::vector<int64_t> Register::groupsToDerive(const Basis& basis, const Mark& mark,
                                              directory::Directory& directory)
{
    if (mark.derivedAs == basis.fingerprint)
        return directory.groupsTouchedAfter(mark.sequence);
    std::set<int64_t> all;
    for (const auto group : directory.groupsTouchedAfter(0))
        all.insert(group);
    _database.query<int64_t>("SELECT grp FROM document WHERE tenant = $1 AND grp IS NOT NULL",
                             {basis.tenant.id}, [&](int64_t group) { all.insert(group); });
    return {all.begin(), all.end()};
}

/// Nothing: what is in the register about the group stays as it is.
std::optional<Derived> Register::derive(const Basis& basis, directory::Directory& directory,
                                        int64_t group)
{
    const bool isSelected =
        !basis.sync ||
        directory::Selection(_database, _clock).isSelected(group, basis.sync->targetId);
    if (!isSelected && !hasDocument(group))
        return std::nullopt;
    directory::PeopleOptions options{.isWhole = true};
    if (basis.sync)
    {
        options.expandNested = basis.sync->expandsNested;
        options.includeGuests = basis.sync->includesGuests;
    }
    const auto view = directory.view(group, options);
    if (!view)
        return Derived{group, Presence::Gone};
    if (!isSelected)
        return Derived{group, Presence::Unselected};
    if (!view->membersKnown)
        return Derived{group, Presence::Wanted};
    sync::SeenRecords records(_database, basis.sync ? basis.sync->scopeId : 0, *basis.owners);
    auto claims =
        basis.mode.derive(view->group, records, basis.sync ? basis.sync->settings : Json::object());
    Derived derived{group, Presence::Untyped};
    for (auto& claim : claims.records)
        if (claim.kind == kKind && claim.subject == view->group.id)
            derived.claim = std::move(claim);
    if (!derived.claim)
        return derived;
    derived.presence = Presence::Wanted;
    for (const auto& link : claims.links)
        if (link.toKind == kKind)
            derived.nested.push_back(link.toKey);
    return derived;
}

bool Register::hasDocument(int64_t group)
{
    return _database.value<int64_t>("SELECT 1 FROM document WHERE grp = $1", {group}).has_value();
}

bool Register::flush(const Basis& basis, const Mark& mark, const std::vector<Derived>& batch)
{
    if (batch.empty())
        return true;
    store::Transaction transaction(_database);
    if (markOf(basis.tenant.id) != mark)
        return false;
    DocumentWriter(_database, basis.tenant.id, basis.sync ? basis.sync->scopeId : 0).write(batch);
    transaction.commit();
    return true;
}

sync::DocumentState Register::stateOf(const estate::Sync& sync, int64_t group,
                                      sync::Presence presence)
{
    sync::DocumentState state;
    Standing standing{.presence = presenceFrom(presence)};
    std::string deletedIn;
    bool isDeleted = false;
    std::string name;
    std::string id;
    using Text = std::string;
    _database.query<bool, bool, bool, Text, Text, Text>(
        "SELECT d.off, d.archived_at IS NOT NULL, d.deleted_at IS NOT NULL, d.deleted_in, d.name, "
        "entra_text(d.entra) FROM object o JOIN document d ON d.tenant = $1 AND d.entra = o.entra "
        "WHERE o.id = $2",
        {sync.tenantId, group},
        [&](bool isOff, bool isArchived, bool isTombstone, Text target, Text title, Text entra) {
            standing.isOff = isOff;
            standing.isArchived = isArchived;
            isDeleted = isTombstone;
            deletedIn = std::move(target);
            name = std::move(title);
            id = std::move(entra);
        });
    state.isArchived = standing.isArchived;
    state.standing = isDeleted ? sync::Standing::Deleted : standingFrom(standing.status());
    if (!deletedIn.empty())
        state.message = "the document '" + name + "' was deleted in " + deletedIn +
                        " and is not made again: muster document " + id +
                        " --enable documents the group again, --delete leaves it so";
    return state;
}

void Register::absorb(const estate::Sync& sync)
{
    // What people did to a document comes after the document.
    runtime::SilentProgress silent;
    update(estate::EstateStore(_database).tenant(sync.tenant), silent, runtime::Cancellation());
    TargetChanges changes(_database, _clock, sync);
    if (!changes.isEmpty())
        changes.absorb();
}

} // namespace muster::documents
