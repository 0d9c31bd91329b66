#include "sync/Deriver.h"

#include "directory/Selection.h"
#include "sync/SeenRecords.h"

#include <muster/Keys.h>

#include <algorithm>
#include <set>

namespace muster::sync {

namespace {

/// Claims staged before they are written: bounds the memory, whatever the tenant's size.
constexpr size_t kClaimsPerBatch = 4000;

/// A text that sorts groups by the first pattern of the rule that they match, then by name; those
/// that a hand switched on and no pattern names come last.
std::string rankOf(const Group& group, const estate::SelectionRule& rule)
{
    const auto first =
        std::find_if(rule.patterns.begin(), rule.patterns.end(), [&](const std::string& pattern) {
            return lowered(pattern) == group.id || directory::matchesPattern(pattern, group.name);
        });
    const auto place = std::to_string(first - rule.patterns.begin());
    constexpr size_t kDigits = 9;
    return std::string(kDigits - std::min(kDigits, place.size()), '0') + place + " " +
           nameKeyNoCase(group.name);
}

} // namespace

Deriver::Deriver(store::Database& database, const runtime::Clock& clock)
    : _database(database), _clock(clock)
{}

size_t Deriver::derive(const Derivation& derivation, runtime::Progress& progress,
                       const runtime::Cancellation& cancellation)
{
    const auto& sync = derivation.sync;
    directory::Directory directory(_database, sync.tenantId);
    const auto sequence = directory.sequence();
    const auto groups = groupsToDerive(derivation, directory);
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
        if (auto claimed = claimsOf(derivation, directory, group))
        {
            staged += claimed->claims.records.size() + claimed->claims.links.size();
            batch.push_back(std::move(*claimed));
        }
        if (staged >= kClaimsPerBatch)
            flush();
        progress.report(sync.name + ": deriving groups", ++done, groups.size());
    }
    if (!batch.empty())
        flush();
    _database.execute("UPDATE sync SET derived_seq = $1, derived_as = $2 WHERE id = $3 AND "
                      "(derived_seq <> $1 OR derived_as <> $2)",
                      {sequence, derivation.fingerprint, sync.id});
    return groups.size();
}

std::vector<int64_t> Deriver::groupsToDerive(const Derivation& derivation,
                                             directory::Directory& directory)
{
    const auto sync = derivation.sync.id;
    int64_t derivedSequence = 0;
    std::string derivedAs;
    _database.query<int64_t, std::string>("SELECT derived_seq, derived_as FROM sync WHERE id = $1",
                                          {sync}, [&](int64_t seq, const std::string& as) {
                                              derivedSequence = seq;
                                              derivedAs = as;
                                          });
    if (derivedAs == derivation.fingerprint && derivedSequence > 0)
        return directory.groupsTouchedAfter(derivedSequence);
    std::set<int64_t> all;
    for (const auto group : directory.groupsTouchedAfter(0))
        all.insert(group);
    _database.query<int64_t>("SELECT DISTINCT grp FROM claim WHERE sync = $1", {sync},
                             [&](int64_t group) { all.insert(group); });
    return {all.begin(), all.end()};
}

std::optional<GroupClaims> Deriver::claimsOf(const Derivation& derivation,
                                             directory::Directory& directory, int64_t group)
{
    const auto& sync = derivation.sync;
    if (!directory::Selection(_database, _clock).isSelected(group, sync.targetId))
        return GroupClaims{group};
    const auto view = directory.view(group, {sync.expandsNested, sync.includesGuests});
    if (!view)
        return GroupClaims{group};
    if (!view->membersKnown)
        return std::nullopt;
    SeenRecords records(_database, sync.scopeId);
    GroupClaims claimed{group, derivation.mode.derive(view->group, records, sync.settings)};
    if (derivation.order)
        claimed.rank = rankOf(view->group, *derivation.order);
    if (view->unknownMembers > 0)
        claimed.claims.notes.push_back({"members-unknown",
                                        std::to_string(view->unknownMembers) + " members of " +
                                            view->group.name +
                                            " are not known yet: Entra names them in a later round",
                                        ""});
    return claimed;
}

} // namespace muster::sync
