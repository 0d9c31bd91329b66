#include "sync/ExpectedRecords.h"

#include "sync/Ledger.h"

#include <map>
#include <utility>

namespace muster::sync {

struct ExpectedRecords::Known
{
    int64_t id = 0;
    std::string kind;
    std::string key;
    std::string remoteId; ///< empty: it was not there
    bool isActive = true;
    std::string fields;
};

ExpectedRecords::ExpectedRecords(store::Database& database, int64_t scope)
    : _database(database), _scope(scope)
{}

void ExpectedRecords::look(const Reading& reading, const std::vector<std::string>& kinds,
                           Which which)
{
    const auto asked = known(reading.sync.id, kinds, which);
    if (asked.empty())
        return;
    plugins::ReadRequest request{reading.sync.scope};
    for (const auto& record : asked)
        request.find.push_back({record.kind, record.key});
    std::map<std::pair<std::string, std::string>, std::vector<plugins::RemoteRecord>> found;
    reading.channel.read(
        request,
        [&](plugins::RemoteRecord record) {
            auto& ofKey = found[{record.kind, record.key}];
            ofKey.push_back(std::move(record));
        },
        [](plugins::RemoteLink) {}, reading.cancellation);
    store::Transaction transaction(_database);
    for (const auto& record : asked)
        settle(record, found[{record.kind, record.key}]);
    transaction.commit();
}

std::vector<ExpectedRecords::Known>
ExpectedRecords::known(int64_t sync, const std::vector<std::string>& kinds, Which which)
{
    std::vector<Known> records;
    // Those that are missing stay marked for the planner. Other syncs look for theirs.
    const std::string wanted = which == Which::Missing
                                   ? " AND r.dirty = 1 AND r.remote_id IS NULL AND EXISTS (SELECT "
                                     "1 FROM claim c WHERE c.record = r.id AND c.sync = $3)"
                                   : " AND EXISTS (SELECT 1 FROM claim c WHERE c.record = r.id)";
    for (const auto& kind : kinds)
        _database.query<int64_t, std::string, std::string, bool, std::string>(
            "SELECT r.id, r.key, COALESCE(r.remote_id, ''), r.active, r.fields FROM record r WHERE "
            "r.scope = $1 AND r.kind = $2" +
                wanted + " ORDER BY r.id",
            which == Which::Missing ? store::Values{_scope, kind, sync}
                                    : store::Values{_scope, kind},
            [&](int64_t id, const auto& key, const auto& remoteId, bool active,
                const auto& fields) {
                records.push_back({id, kind, key, remoteId, active, fields});
            });
    return records;
}

void ExpectedRecords::settle(const Known& known, const std::vector<plugins::RemoteRecord>& found)
{
    std::vector<const plugins::RemoteRecord*> active;
    for (const auto& record : found)
        if (record.active)
            active.push_back(&record);
    noteOthers(known, active);
    const auto* const shown = !active.empty()  ? active.front()
                              : !found.empty() ? &found.front()
                                               : nullptr;
    const auto remoteId = active.empty() ? std::string() : active.front()->remoteId;
    const auto fields = fieldsText(shown ? shown->fields : plugins::Json::object());
    const bool isActive = !shown || shown->active;
    if (remoteId == known.remoteId && isActive == known.isActive && fields == known.fields)
        return;
    _database.execute("UPDATE record SET remote_id = NULLIF($1, ''), fields = $2, active = $3, "
                      "origin = $4, dirty = 1 WHERE id = $5",
                      {remoteId, fields, int64_t{isActive ? 1 : 0},
                       std::string(remoteId.empty() ? "" : "found"), known.id});
    if (remoteId == known.remoteId)
        return;
    // Another one, or none: what we knew of it is of the one that is gone.
    _database.execute("UPDATE record SET links_read_at = 0 WHERE id = $1", {known.id});
    _database.execute("UPDATE link SET role = NULL, dirty = 1 WHERE destination = $1 AND role IS "
                      "NOT NULL",
                      {known.id});
    if (!remoteId.empty())
        come(known, remoteId);
}

void ExpectedRecords::noteOthers(const Known& known,
                                 const std::vector<const plugins::RemoteRecord*>& active)
{
    _database.execute("DELETE FROM finding WHERE origin = 'find' AND record = $1", {known.id});
    if (active.size() < 2)
        return;
    std::string ids;
    for (const auto* record : active)
        ids += (ids.empty() ? "" : ", ") + record->remoteId;
    _database.execute("INSERT INTO finding(sync, origin, record, code, severity, message, key) "
                      "SELECT DISTINCT c.sync, 'find', $1, $2, 'warning', $3, $4 FROM claim c "
                      "WHERE c.record = $1",
                      {known.id, known.kind + "-ambiguous",
                       "the target has " + std::to_string(active.size()) + " of the " +
                           wordsOf(known.kind) + " " + known.key + " (" + ids +
                           "), and the first of them is used: leave one that is called so",
                       known.key});
}

void ExpectedRecords::come(const Known& known, const std::string& remoteId)
{
    // What waited for it is looked at again; and links to it that another one was preferred to.
    _database.execute("UPDATE record SET dirty = 1 WHERE within = $1 AND dirty = 3", {known.id});
    _database.execute("UPDATE link SET dirty = 1 WHERE destination = $1 AND EXISTS (SELECT 1 FROM "
                      "link_claim c WHERE c.link = link.id)",
                      {known.id});
    // A person gave it another name: nobody asks for it by the one it had.
    const std::string former = "(SELECT r.id FROM record r WHERE r.scope = $1 AND r.kind = $2 AND "
                               "r.remote_id = $3 AND r.id <> $4 AND NOT EXISTS (SELECT 1 FROM "
                               "claim c WHERE c.record = r.id))";
    const store::Values values = {_scope, known.kind, remoteId, known.id};
    _database.execute("INSERT INTO link(scope, source, destination, role, origin, dirty) SELECT "
                      "l.scope, l.source, $4, l.role, l.origin, 1 FROM link l WHERE l.role IS NOT "
                      "NULL AND l.destination IN " +
                          former +
                          " ON CONFLICT(source, destination) DO UPDATE SET role = excluded.role, "
                          "origin = excluded.origin, dirty = 1",
                      values);
    _database.execute("UPDATE link SET role = NULL WHERE destination IN " + former, values);
    _database.execute("UPDATE record SET remote_id = NULL, origin = '' WHERE id IN " + former,
                      values);
}

} // namespace muster::sync
