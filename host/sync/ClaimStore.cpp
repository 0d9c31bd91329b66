#include "sync/ClaimStore.h"

#include "store/Dialect.h"
#include "store/JsonRows.h"

#include <nlohmann/json.hpp>

#include <string>

namespace muster::sync {

using nlohmann::json;
using store::dialect::member;
using store::dialect::rows;
using store::dialect::temporaryTable;

ClaimStore::ClaimStore(store::Database& database, const runtime::Clock& clock)
    : _database(database), _clock(clock)
{
    _database.execute(temporaryTable("staged_group", "grp INTEGER PRIMARY KEY"));
    _database.execute(temporaryTable("staged_claim", "grp INTEGER, kind TEXT, key TEXT, "
                                                     "subject TEXT, within_kind TEXT, within_key "
                                                     "TEXT, document TEXT, record INTEGER, "
                                                     "content INTEGER"));
    _database.execute(temporaryTable(
        "staged_link", "grp INTEGER, from_kind TEXT, from_key TEXT, to_kind TEXT, to_key TEXT, "
                       "role TEXT, rank TEXT, source INTEGER, destination INTEGER, link INTEGER"));
    _database.execute("CREATE INDEX IF NOT EXISTS temp.staged_claim_grp "
                      "ON staged_claim(grp, record, content)");
    _database.execute("CREATE INDEX IF NOT EXISTS temp.staged_link_grp ON staged_link(grp, link)");
}

std::string keyWithin(const std::string& container, const std::string& key)
{
    return container.empty() ? key : container + "/" + key;
}

void ClaimStore::replace(const estate::Sync& sync, const std::vector<GroupClaims>& groups)
{
    if (groups.empty())
        return;
    stage(groups);
    renameRecords(sync.scopeId);
    replaceRecordClaims(sync);
    replaceLinkClaims(sync);
    replaceNotes(sync, groups);
}

void ClaimStore::stage(const std::vector<GroupClaims>& groups)
{
    store::JsonRows ids;
    json claims = json::array();
    json links = json::array();
    for (const auto& [group, claimed, rank] : groups)
    {
        ids.add(group);
        for (const auto& record : claimed.records)
        {
            json document = {
                {"subject", record.subject}, {"name", record.name}, {"fields", record.fields}};
            if (record.isWhole)
                document["whole"] = true;
            if (!record.initial.empty())
                document["initial"] = record.initial;
            if (!record.expected.empty())
                document["expected"] = record.expected;
            const auto within = record.within.value_or(RecordName());
            claims.push_back({group, record.kind, keyWithin(within.key, record.key), record.subject,
                              within.kind, within.key, document.dump()});
        }
        for (const auto& link : claimed.links)
            links.push_back(
                {group, link.fromKind, link.fromKey, link.toKind, link.toKey, link.role, rank});
    }
    for (const auto* table : {"staged_group", "staged_claim", "staged_link"})
        _database.execute(std::string("DELETE FROM ") + table);
    _database.execute("INSERT INTO staged_group SELECT id FROM " + rows("$1", "id integer"),
                      {ids.text()});
    const std::string claimColumns = "grp, kind, key, subject, within_kind, within_key, document";
    _database.execute("INSERT INTO staged_claim(" + claimColumns + ") SELECT " + claimColumns +
                          " FROM " +
                          rows("$1", "grp integer, kind text, key text, subject text, "
                                     "within_kind text, within_key text, document text"),
                      {claims.dump()});
    const std::string linkColumns = "grp, from_kind, from_key, to_kind, to_key, role, rank";
    _database.execute("INSERT INTO staged_link(" + linkColumns + ") SELECT " + linkColumns +
                          " FROM " +
                          rows("$1", "grp integer, from_kind text, from_key text, to_kind text, "
                                     "to_key text, role text, rank text"),
                      {links.dump()});
}

void ClaimStore::renameRecords(int64_t scope)
{
    struct Rename
    {
        int64_t record;
        std::string key;
    };
    std::vector<Rename> renames;
    // A claimed key that no record has, for a subject that has a record which nobody else claims.
    // What only people make does not follow: another name means another one of theirs.
    _database.query<int64_t, std::string>(
        "SELECT MAX(r.id), n.key FROM staged_claim n JOIN record r ON r.scope = $1 "
        "AND r.kind = n.kind AND r.subject = n.subject WHERE " +
            member("n.document", "expected") +
            " IS NULL AND r.within = COALESCE((SELECT a.id FROM record a WHERE a.scope = $1 AND "
            "a.kind = n.within_kind AND a.key = n.within_key), 0) AND NOT EXISTS "
            "(SELECT 1 FROM record x WHERE x.scope = $1 AND x.kind = n.kind AND x.key = n.key) "
            "AND NOT EXISTS (SELECT 1 FROM claim c JOIN content t ON t.id = c.content "
            "WHERE c.record = r.id AND " +
            member("t.document", "subject") +
            " <> n.subject) AND NOT EXISTS (SELECT 1 FROM staged_claim o WHERE o.kind = n.kind "
            "AND o.key = r.key) GROUP BY n.kind, n.key",
        {scope}, [&](int64_t record, const std::string& key) {
            renames.push_back({record, key});
        });
    for (const auto& rename : renames)
        _database.execute("UPDATE record SET key = $1, dirty = 1 WHERE id = $2",
                          {rename.key, rename.record});
}

void ClaimStore::replaceRecordClaims(const estate::Sync& sync)
{
    _database.execute("INSERT INTO content(document) SELECT DISTINCT document FROM staged_claim "
                      "WHERE true ON CONFLICT DO NOTHING");
    // First the records that others are within.
    for (const std::string part : {"n.within_kind = ''", "n.within_kind <> ''"})
        _database.execute(
            "INSERT INTO record(scope, kind, key, subject, within, dirty) "
            "SELECT $1, n.kind, n.key, MIN(n.subject), COALESCE(MAX(a.id), 0), 1 FROM "
            "staged_claim n LEFT JOIN record a ON a.scope = $1 AND a.kind = n.within_kind AND "
            "a.key = n.within_key WHERE " +
                part +
                " GROUP BY n.kind, n.key ON CONFLICT(scope, kind, key) DO UPDATE "
                "SET subject = excluded.subject WHERE record.subject IS NULL",
            {sync.scopeId});
    _database.execute("UPDATE staged_claim SET "
                      "content = (SELECT id FROM content t WHERE t.document = "
                      "staged_claim.document), record = (SELECT id FROM record r WHERE "
                      "r.scope = $1 AND r.kind = staged_claim.kind AND r.key = staged_claim.key)",
                      {sync.scopeId});
    const std::string gone =
        "sync = $1 AND grp IN (SELECT grp FROM staged_group) AND NOT EXISTS "
        "(SELECT 1 FROM staged_claim n WHERE n.grp = claim.grp AND n.record = claim.record "
        "AND n.content = claim.content)";
    _database.execute("UPDATE record SET dirty = 1 WHERE id IN (SELECT record FROM claim WHERE " +
                          gone + ")",
                      {sync.id});
    _database.execute("DELETE FROM claim WHERE " + gone, {sync.id});
    const std::string missing =
        " FROM staged_claim n WHERE NOT EXISTS (SELECT 1 FROM claim c WHERE c.sync = $1 "
        "AND c.grp = n.grp AND c.record = n.record AND c.content = n.content)";
    _database.execute("UPDATE record SET dirty = 1 WHERE id IN (SELECT record" + missing + ")",
                      {sync.id});
    _database.execute("INSERT INTO claim(sync, grp, record, content, since) "
                      "SELECT DISTINCT $1, n.grp, n.record, n.content, $2" +
                          missing,
                      {sync.id, runtime::toMilliseconds(_clock.now())});
}

void ClaimStore::replaceLinkClaims(const estate::Sync& sync)
{
    const auto end = [](const std::string& prefix) {
        return "(SELECT id FROM record r WHERE r.scope = $1 AND r.kind = staged_link." + prefix +
               "_kind AND r.key = staged_link." + prefix + "_key)";
    };
    // What a link leads to may be claimed later, or never: then the link waits.
    _database.execute("INSERT INTO record(scope, kind, key) SELECT DISTINCT $1, to_kind, to_key "
                      "FROM staged_link WHERE true ON CONFLICT DO NOTHING",
                      {sync.scopeId});
    _database.execute("UPDATE staged_link SET source = " + end("from") +
                          ", destination = " + end("to"),
                      {sync.scopeId});
    _database.execute("INSERT INTO link(scope, source, destination, dirty) "
                      "SELECT DISTINCT $1, source, destination, 1 FROM staged_link "
                      "WHERE source IS NOT NULL AND destination IS NOT NULL "
                      "ON CONFLICT DO NOTHING",
                      {sync.scopeId});
    _database.execute("UPDATE staged_link SET link = (SELECT id FROM link l WHERE "
                      "l.source = staged_link.source AND l.destination = "
                      "staged_link.destination)");
    const std::string gone =
        "sync = $1 AND grp IN (SELECT grp FROM staged_group) AND NOT EXISTS "
        "(SELECT 1 FROM staged_link n WHERE n.grp = link_claim.grp AND n.link = link_claim.link "
        "AND n.role = link_claim.role AND n.rank = link_claim.rank)";
    _database.execute("UPDATE link SET dirty = 1 WHERE id IN (SELECT link FROM link_claim WHERE " +
                          gone + ")",
                      {sync.id});
    _database.execute("DELETE FROM link_claim WHERE " + gone, {sync.id});
    const std::string missing = " FROM staged_link n WHERE n.link IS NOT NULL AND NOT EXISTS "
                                "(SELECT 1 FROM link_claim c WHERE c.sync = $1 AND c.grp = n.grp "
                                "AND c.link = n.link)";
    _database.execute("UPDATE link SET dirty = 1 WHERE id IN (SELECT link" + missing + ")",
                      {sync.id});
    _database.execute("INSERT INTO link_claim(sync, grp, link, role, rank, since) "
                      "SELECT $1, n.grp, n.link, MIN(n.role), MIN(n.rank), $2" +
                          missing + " GROUP BY n.grp, n.link",
                      {sync.id, runtime::toMilliseconds(_clock.now())});
}

void ClaimStore::replaceNotes(const estate::Sync& sync, const std::vector<GroupClaims>& groups)
{
    _database.execute("DELETE FROM finding WHERE sync = $1 AND origin = 'derive' AND grp IN "
                      "(SELECT grp FROM staged_group)",
                      {sync.id});
    for (const auto& [group, claimed, rank] : groups)
        for (const auto& note : claimed.notes)
            _database.execute("INSERT INTO finding(sync, origin, grp, code, severity, message, "
                              "key) VALUES($1, 'derive', $2, $3, 'warning', $4, $5)",
                              {sync.id, group, note.code, note.message, note.key});
}

} // namespace muster::sync
