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

/// What the target cannot tell apart is not claimed apart: it would look like drift for ever.
void fitRoles(const plugins::TargetManifest& target, Claims& claims)
{
    for (auto& link : claims.links)
        if (const auto* kind = target.findLink(link.fromKind, link.toKind))
            link.role = kind->roleFor(link.role);
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
    const bool isSelected =
        directory::Selection(_database, _clock).isSelected(group, sync.targetId);
    if (!isSelected && !derivation.keeper)
        return GroupClaims{group};
    const auto view = directory.view(
        group, {sync.expandsNested, sync.includesGuests, derivation.keeper != nullptr});
    if (!view && !derivation.keeper)
        return GroupClaims{group};
    if (view && !view->membersKnown)
        return std::nullopt;
    GroupClaims claimed{group};
    if (view && isSelected)
    {
        SeenRecords records(_database, sync.scopeId, derivation.owners);
        claimed.claims = derivation.mode.derive(view->group, records, sync.settings);
        if (derivation.target)
            fitRoles(*derivation.target, claimed.claims);
        if (derivation.order)
            claimed.rank = rankOf(view->group, *derivation.order);
        if (view->unknownMembers > 0)
            claimed.claims.notes.push_back(
                {"members-unknown",
                 std::to_string(view->unknownMembers) + " members of " + view->group.name +
                     " are not known yet: Entra names them in a later round",
                 ""});
    }
    return derivation.keeper ? kept(derivation, std::move(claimed), view.has_value()) : claimed;
}

GroupClaims Deriver::kept(const Derivation& derivation, GroupClaims fresh, bool lives)
{
    const auto presence = !lives                         ? Presence::Gone
                          : fresh.claims.records.empty() ? Presence::Unwanted
                                                         : Presence::Wanted;
    const auto state = derivation.keeper->stateOf(derivation.sync, fresh.group, presence);
    if (state.standing == Standing::Enabled)
        return fresh;
    GroupClaims claimed{fresh.group};
    const bool isDeleted = state.standing == Standing::Deleted;
    // What was deleted here is not deleted there, where it has to say that nobody keeps it.
    if (!isDeleted || isThere(derivation.sync, fresh.group))
        claimed.claims = present(derivation.sync, fresh.group);
    if (isDeleted && !state.message.empty())
        claimed.claims.notes.push_back({"document-deleted", state.message, ""});
    for (auto& record : claimed.claims.records)
    {
        record.fields["status"] = state.standing == Standing::Orphaned ? "Orphaned" : "Disabled";
        if (isDeleted)
            continue;
        if (state.isArchived)
            record.fields["archived"] = true;
        else
            record.fields.erase("archived");
    }
    return claimed;
}

bool Deriver::isThere(const estate::Sync& sync, int64_t group)
{
    return _database
        .value<int64_t>("SELECT 1 FROM claim c JOIN record r ON r.id = c.record WHERE c.sync = $1 "
                        "AND c.grp = $2 AND r.remote_id IS NOT NULL LIMIT 1",
                        {sync.id, group})
        .has_value();
}

Claims Deriver::present(const estate::Sync& sync, int64_t group)
{
    Claims claims;
    using Text = std::string;
    _database.query<Text, Text, Text>(
        "SELECT r.kind, r.key, t.document FROM claim c JOIN record r ON r.id = c.record JOIN "
        "content t ON t.id = c.content WHERE c.sync = $1 AND c.grp = $2",
        {sync.id, group}, [&](const Text& kind, const Text& key, const Text& text) {
            const auto document = nlohmann::json::parse(text);
            RecordClaim record{kind, key, document.at("subject"), document.at("name"),
                               document.at("fields")};
            record.isWhole = document.value("whole", false);
            claims.records.push_back(std::move(record));
        });
    _database.query<Text, Text, Text, Text, Text>(
        "SELECT s.kind, s.key, d.kind, d.key, c.role FROM link_claim c JOIN link l ON l.id = "
        "c.link JOIN record s ON s.id = l.source JOIN record d ON d.id = l.destination WHERE "
        "c.sync = $1 AND c.grp = $2",
        {sync.id, group},
        [&](const Text& fromKind, const Text& fromKey, const Text& toKind, const Text& toKey,
            const Text& role) {
            claims.links.push_back({fromKind, fromKey, toKind, toKey, role});
        });
    return claims;
}

} // namespace muster::sync
