#include "sync/Deriver.h"

#include "directory/Selection.h"
#include "sync/ClaimStore.h"

#include <set>

namespace muster::sync {

namespace {

/// Claims staged before they are written: bounds the memory, whatever the tenant's size.
constexpr size_t kClaimsPerBatch = 4000;

} // namespace

Deriver::Deriver(store::Database& database, const runtime::Clock& clock)
    : _database(database), _clock(clock)
{}

size_t Deriver::derive(const estate::Sync& sync, const Mode& mode, const std::string& fingerprint,
                       runtime::Progress& progress, const runtime::Cancellation& cancellation)
{
    directory::Directory directory(_database, sync.tenantId);
    const auto sequence = directory.sequence();
    const auto groups = groupsToDerive(sync, fingerprint, directory);
    ClaimStore claims(_database, _clock);
    std::vector<GroupClaims> batch;
    size_t staged = 0;
    size_t done = 0;
    const auto flush = [&] {
        store::Transaction transaction(_database);
        claims.replace(sync, batch);
        transaction.commit();
        batch.clear();
        staged = 0;
    };
    for (const auto group : groups)
    {
        cancellation.check();
        if (auto claimed = claimsOf(sync, mode, directory, group))
        {
            staged += claimed->records.size() + claimed->links.size();
            batch.push_back({group, std::move(*claimed)});
        }
        if (staged >= kClaimsPerBatch)
            flush();
        progress.report(sync.name + ": deriving groups", ++done, groups.size());
    }
    if (!batch.empty())
        flush();
    _database.execute("UPDATE sync SET derived_seq = $1, derived_as = $2 WHERE id = $3 AND "
                      "(derived_seq <> $1 OR derived_as <> $2)",
                      {sequence, fingerprint, sync.id});
    return groups.size();
}

std::vector<int64_t> Deriver::groupsToDerive(const estate::Sync& sync,
                                             const std::string& fingerprint,
                                             directory::Directory& directory)
{
    int64_t derivedSequence = 0;
    std::string derivedAs;
    _database.query<int64_t, std::string>("SELECT derived_seq, derived_as FROM sync WHERE id = $1",
                                          {sync.id}, [&](int64_t seq, const std::string& as) {
                                              derivedSequence = seq;
                                              derivedAs = as;
                                          });
    if (derivedAs == fingerprint && derivedSequence > 0)
        return directory.groupsTouchedAfter(derivedSequence);
    std::set<int64_t> all;
    for (const auto group : directory.groupsTouchedAfter(0))
        all.insert(group);
    _database.query<int64_t>("SELECT DISTINCT grp FROM claim WHERE sync = $1", {sync.id},
                             [&](int64_t group) { all.insert(group); });
    return {all.begin(), all.end()};
}

std::optional<Claims> Deriver::claimsOf(const estate::Sync& sync, const Mode& mode,
                                        directory::Directory& directory, int64_t group)
{
    if (!directory::Selection(_database, _clock).isSelected(group, sync.targetId))
        return Claims();
    const auto view = directory.view(group, {sync.expandsNested, sync.includesGuests});
    if (!view)
        return Claims();
    if (!view->membersKnown)
        return std::nullopt;
    auto claims = mode.derive(view->group, sync.settings);
    if (view->unknownMembers > 0)
        claims.notes.push_back({"members-unknown",
                                std::to_string(view->unknownMembers) + " members of " +
                                    view->group.name +
                                    " are not known yet: Entra names them in a later round",
                                ""});
    return claims;
}

} // namespace muster::sync
