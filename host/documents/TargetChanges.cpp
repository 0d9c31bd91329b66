#include "documents/TargetChanges.h"

#include "directory/MirrorChange.h"
#include "documents/Editor.h"
#include "store/Dialect.h"
#include "store/JsonRows.h"

#include <utility>

namespace muster::documents {

namespace {

const std::string kArchived = "archived";

bool isArchivedIn(const Json& fields)
{
    const auto found = fields.find(kArchived);
    return found != fields.end() && found->is_boolean() && found->get<bool>();
}

/// The fields that differ, as they were and as they are.
std::pair<Json, Json> differenceOf(const Json& before, const Json& after)
{
    auto old = Json::object();
    auto now = Json::object();
    for (const auto& [name, value] : before.items())
        if (name != kArchived && after.value(name, Json()) != value)
        {
            old[name] = value;
            now[name] = after.value(name, Json());
        }
    for (const auto& [name, value] : after.items())
        if (name != kArchived && !before.contains(name))
        {
            old[name] = Json();
            now[name] = value;
        }
    return {std::move(old), std::move(now)};
}

} // namespace

TargetChanges::TargetChanges(store::Database& database, const runtime::Clock& clock,
                             const estate::Sync& sync)
    : _database(database), _clock(clock), _sync(sync), _log(database, clock)
{}

bool TargetChanges::isEmpty()
{
    return !_database
                .value<int64_t>("SELECT 1 FROM drift x JOIN record r ON r.id = x.record WHERE "
                                "r.scope = $1 AND r.kind = $2 LIMIT 1",
                                {_sync.scopeId, kKind})
                .has_value();
}

void TargetChanges::absorb()
{
    store::Transaction transaction(_database);
    store::JsonRows done;
    std::vector<int64_t> touched;
    Reader reader(_database);
    for (const auto& change : changes())
    {
        const auto entry = reader.findIn(_sync.tenantId, change.document);
        if (!entry)
            continue; // of another tenant in the same scope
        done.add(change.id);
        if (entry->group)
            touched.push_back(*entry->group);
        if (!entry->isDeleted)
            absorb(*entry, change);
    }
    if (const auto directory = directory::liveDirectory(_database, _sync.tenantId))
        directory::touchGroups(_database, *directory, touched);
    _database.execute("DELETE FROM drift WHERE id IN " + store::dialect::idsIn("$1"),
                      {done.text()});
    transaction.commit();
}

std::vector<TargetChanges::Change> TargetChanges::changes()
{
    std::vector<Change> all;
    _database.query<int64_t, std::string, std::string, std::optional<std::string>>(
        "SELECT x.id, r.key, x.before, x.after FROM drift x JOIN record r ON r.id = x.record WHERE "
        "r.scope = $1 AND r.kind = $2 ORDER BY x.id",
        {_sync.scopeId, kKind},
        [&](int64_t id, std::string document, const std::string& before,
            const std::optional<std::string>& after) {
            all.push_back({id, std::move(document), Json::parse(before),
                           after ? std::optional(Json::parse(*after)) : std::nullopt});
        });
    return all;
}

void TargetChanges::absorb(const Entry& entry, const Change& change)
{
    Editor editor(_database, _clock, _sync.target);
    if (!change.after)
    {
        editor.bury(entry, "deleted", _sync.target);
        return;
    }
    if (isArchivedIn(change.before) != isArchivedIn(*change.after))
    {
        auto moved = entry;
        editor.archive(moved, isArchivedIn(*change.after));
    }
    auto [before, after] = differenceOf(change.before, *change.after);
    if (!after.empty())
        _log.write({entry.tenant, entry.document.id, entry.document.name},
                   {"drifted", _sync.target, std::move(before), std::move(after)});
}

} // namespace muster::documents
