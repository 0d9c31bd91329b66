#include "sync/Ledger.h"

#include "store/Dialect.h"
#include "store/JsonRows.h"
#include "sync/ClaimStore.h"
#include "sync/Drift.h"

#include <muster/Keys.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace muster::sync {

using nlohmann::json;
using store::rowsOf;
using store::dialect::idsIn;
using store::dialect::member;
using store::dialect::mergePatch;
using store::dialect::rows;
using store::dialect::temporaryTable;

namespace {

constexpr size_t kRecordsPerBatch = 1000;
constexpr size_t kBytesPerBatch = 8u << 20;
constexpr int64_t kRecentMilliseconds = 5 * 60 * 1000;
constexpr std::chrono::milliseconds kSearchLag{3000};

/// "?, ?, …" is not portable: kinds are few and ours, so they go in as one JSON parameter.
std::string inKinds(const std::string& parameter)
{
    return "IN (SELECT kind FROM " + rows(parameter, "kind text") + ")";
}

/// Of the texts in it, in bytes.
size_t weightOf(const json& value)
{
    if (value.is_string())
        return value.get_ref<const std::string&>().size();
    size_t weight = 0;
    if (value.is_structured())
        for (const auto& inner : value)
            weight += weightOf(inner);
    return weight;
}

/// Of a record r, for people: by its key, or by its name where the key says nothing to them.
const std::string kTitle =
    "r.kind || ' ' || CASE WHEN r.key = r.subject AND r.name <> '' THEN r.name ELSE r.key END";

/// The ids that `within` of the records in an area may have.
std::string withinRows(const Area& area)
{
    std::vector<int64_t> ids;
    for (const auto& container : area.containers)
        ids.push_back(container.id);
    if (ids.empty())
        ids.push_back(0);
    return rowsOf(ids);
}

/// Of the area with kinds $2 and containers $3, what the ledger has and was not seen.
const std::string& unseen()
{
    static const std::string kCondition =
        "r.scope = $1 AND r.remote_id IS NOT NULL AND r.kind " + inKinds("$2") +
        " AND r.within IN " + idsIn("$3") +
        " AND NOT EXISTS (SELECT 1 FROM seen_record s WHERE s.kind = r.kind AND s.remote_id = "
        "r.remote_id)";
    return kCondition;
}

} // namespace

std::string wordsOf(const std::string& kind)
{
    auto words = kind;
    std::replace(words.begin(), words.end(), '-', ' ');
    return words;
}

std::string fieldsText(const plugins::Json& fields)
{
    json kept = json::object();
    for (const auto& [name, value] : fields.items())
        if (!value.is_null() && value != "" && value != json::array())
            kept[name] = value;
    return kept.dump();
}

Ledger::Ledger(store::Database& database, int64_t scope, runtime::Clock& clock)
    : _database(database), _scope(scope), _clock(clock)
{
    _database.execute(temporaryTable("remote_record",
                                     "kind TEXT, key TEXT, remote_id TEXT, name TEXT, active "
                                     "INTEGER, fields TEXT, container INTEGER, record INTEGER, "
                                     "tags TEXT"));
    _database.execute(
        temporaryTable("seen_record", "kind TEXT, remote_id TEXT, PRIMARY KEY(kind, remote_id)"));
    _database.execute(temporaryTable("remote_link", "source INTEGER, destination INTEGER, "
                                                    "role TEXT, PRIMARY KEY(source, destination)"));
    _database.execute(temporaryTable("remote_alias", "record INTEGER, kind TEXT, alias TEXT, "
                                                     "PRIMARY KEY(record, alias)"));
}

int64_t Ledger::readAt(const std::vector<std::string>& kinds)
{
    int64_t oldest = _clock.now().time_since_epoch().count();
    for (const auto& kind : kinds)
        oldest = std::min(oldest, _database
                                      .value<int64_t>("SELECT read_at FROM coverage WHERE scope = "
                                                      "$1 AND kind = $2",
                                                      {_scope, kind})
                                      .value_or(0));
    return oldest;
}

void Ledger::cover(const std::vector<std::string>& kinds)
{
    for (const auto& kind : kinds)
        _database.execute("INSERT INTO coverage(scope, kind, read_at) VALUES($1, $2, $3) "
                          "ON CONFLICT(scope, kind) DO UPDATE SET read_at = excluded.read_at",
                          {_scope, kind, runtime::toMilliseconds(_clock.now())});
}

std::vector<Present> Ledger::unread(const std::vector<std::string>& kinds, int64_t before)
{
    std::vector<Present> records;
    _database.query<int64_t, std::string, std::string, std::string>(
        "SELECT r.id, r.kind, r.key, r.remote_id FROM record r WHERE r.scope = $1 AND r.remote_id "
        "IS NOT NULL AND r.links_read_at < $2 AND r.kind " +
            inKinds("$3") +
            " AND EXISTS (SELECT 1 FROM claim c WHERE c.record = r.id) ORDER BY r.id",
        {_scope, before, rowsOf(kinds)},
        [&](int64_t id, const auto& kind, const auto& key, const auto& remoteId) {
            records.push_back({id, kind, key, remoteId});
        });
    return records;
}

void Ledger::readRecords(const Reading& reading, const Area& area)
{
    beginRead(reading, area);
    readOnce(reading, area);
    if (hasRecentlyWrittenUnseen(area))
    {
        _clock.sleep(kSearchLag, reading.cancellation);
        readOnce(reading, area);
    }
    store::Transaction transaction(_database);
    finishRecords(area, reading.sync);
    if (!area.links.empty())
        finishLinks(destinationsOf(area.links), reading.sync);
    transaction.commit();
}

void Ledger::beginRead(const Reading& reading, const Area& area)
{
    _database.execute("DELETE FROM seen_record");
    _database.execute("DELETE FROM remote_link");
    _database.execute("DELETE FROM finding WHERE sync = $1 AND origin = 'read' AND (SELECT "
                      "r.within FROM record r WHERE r.id = finding.record) IN " +
                          idsIn("$2"),
                      {reading.sync.id, withinRows(area)});
    if (area.containers.empty())
        _database.execute("DELETE FROM finding WHERE sync = $1 AND origin = 'read' AND link IS "
                          "NOT NULL",
                          {reading.sync.id});
}

void Ledger::readOnce(const Reading& reading, const Area& area)
{
    std::vector<plugins::RemoteRecord> batch;
    size_t weight = 0; ///< of the batch
    std::vector<plugins::RemoteLink> links;
    const auto flush = [&] {
        store::Transaction transaction(_database);
        absorbRecords(batch, area, reading.sync);
        transaction.commit();
        batch.clear();
        weight = 0;
    };
    plugins::ReadRequest request{reading.sync.scope, area.kinds};
    for (const auto& container : area.containers)
        request.within.push_back({container.kind, container.remoteId});
    reading.channel.read(
        request,
        [&](plugins::RemoteRecord record) {
            weight += weightOf(record.fields);
            batch.push_back(std::move(record));
            if (batch.size() >= kRecordsPerBatch || weight >= kBytesPerBatch)
                flush();
        },
        [&](plugins::RemoteLink link) {
            if (!area.links.empty())
                links.push_back(std::move(link));
        },
        reading.cancellation);
    flush();
    // Where they come from is known now.
    addForeignDestinations(links);
    absorbLinks(links);
}

void Ledger::stageRecords(const std::vector<plugins::RemoteRecord>& records, const Area& area)
{
    json array = json::array();
    const auto stage = [&](const plugins::RemoteRecord& record, const std::string& key,
                           int64_t container) {
        array.push_back({record.kind, key, record.remoteId, record.name, record.active ? 1 : 0,
                         fieldsText(record.fields), container, json(record.tags).dump()});
    };
    for (const auto& record : records)
    {
        if (area.containers.empty() && !record.within)
            stage(record, record.key, 0);
        // Two names may lead to one container; then its records are parts of both.
        for (const auto& container : area.containers)
            if (record.within && record.within->kind == container.kind &&
                record.within->remoteId == container.remoteId)
                stage(record, keyWithin(container.key, record.key), container.id);
    }
    _database.execute("DELETE FROM remote_record");
    const std::string columns = "kind, key, remote_id, name, active, fields, container, tags";
    _database.execute("INSERT INTO remote_record(" + columns + ") SELECT " + columns + " FROM " +
                          rows("$1", "kind text, key text, remote_id text, name text, active "
                                     "integer, fields text, container integer, tags text"),
                      {array.dump()});
}

void Ledger::absorbRecords(const std::vector<plugins::RemoteRecord>& records, const Area& area,
                           const estate::Sync& sync)
{
    stageRecords(records, area);
    _database.execute("INSERT INTO seen_record SELECT kind, remote_id FROM remote_record "
                      "WHERE true ON CONFLICT DO NOTHING");
    followForeignKeys();
    // Known by its remote id: what changed there without us is drift.
    _database.execute("UPDATE remote_record SET record = (SELECT MIN(r.id) FROM record r WHERE "
                      "r.scope = $1 AND r.kind = remote_record.kind AND r.within = "
                      "remote_record.container AND r.remote_id = remote_record.remote_id)",
                      {_scope});
    // What people made by hand has no key; what they took the key of is known all the same.
    _database.execute("DELETE FROM remote_record WHERE key = '' AND record IS NULL");
    _database.execute("UPDATE remote_record SET key = (SELECT r.key FROM record r WHERE r.id = "
                      "remote_record.record) WHERE key = ''");
    noteDrift(area, sync);
    _database.execute("UPDATE record SET name = n.name, fields = n.fields, active = n.active, "
                      "dirty = 1 FROM remote_record n WHERE n.record = record.id AND "
                      "(record.fields <> n.fields OR record.active <> n.active)");
    // Known by its key, and not in the target as far as we knew.
    _database.execute(
        "UPDATE record SET remote_id = n.remote_id, name = n.name, fields = n.fields, "
        "active = n.active, origin = 'found', links_read_at = 0, dirty = 1 FROM "
        "(SELECT MIN(remote_id) AS remote_id, kind, key, name, fields, active FROM remote_record "
        "WHERE record IS NULL GROUP BY kind, key) n WHERE record.scope = $1 AND "
        "record.kind = n.kind AND record.key = n.key AND record.remote_id IS NULL",
        {_scope});
    _database.execute(
        "INSERT INTO record(scope, kind, key, remote_id, name, fields, active, within, origin) "
        "SELECT $1, n.kind, n.key, MIN(n.remote_id), n.name, n.fields, n.active, n.container, "
        "'found' FROM remote_record n WHERE n.record IS NULL GROUP BY n.kind, n.key "
        "ON CONFLICT DO NOTHING",
        {_scope});
    // What people had archived before Muster came stays archived.
    if (area.keepsDrift)
        _database.execute("INSERT INTO drift(record, at, before, after) SELECT r.id, $2, " +
                              mergePatch("r.fields", "'{\"archived\":null}'") +
                              ", r.fields FROM remote_record n JOIN record r ON r.scope = $1 AND "
                              "r.kind = n.kind AND r.remote_id = n.remote_id WHERE n.record IS "
                              "NULL AND " +
                              member("r.fields", "archived") + " IS NOT NULL",
                          {_scope, runtime::toMilliseconds(_clock.now())});
    if (area.keepsDrift)
        noteTwins(sync);
    _database.execute(
        "UPDATE record SET tags = n.tags FROM remote_record n WHERE record.scope = $1 "
        "AND record.kind = n.kind AND record.remote_id = n.remote_id AND "
        "record.within = n.container AND record.tags <> n.tags",
        {_scope});
    absorbAliases(records);
}

/// What changed there without us: of documents for the register, of the rest a finding.
void Ledger::noteDrift(const Area& area, const estate::Sync& sync)
{
    // Without fields: a write of ours was in doubt, and what it came to is no news.
    const std::string drifted =
        " FROM remote_record n JOIN record r ON r.id = n.record WHERE r.origin IN ('created', "
        "'adopted') AND r.fields <> '{}' AND (r.fields <> n.fields OR r.active <> n.active) AND "
        "EXISTS (SELECT 1 FROM claim c WHERE c.record = r.id AND (c.sync = $1 OR $2 = 1))";
    const store::Values values = {sync.id, int64_t{area.keepsDrift ? 1 : 0}};
    if (area.keepsDrift)
    {
        // Of the documents of other syncs too, who would not notice any more.
        auto valuesAndNow = values;
        valuesAndNow.push_back(runtime::toMilliseconds(_clock.now()));
        _database.execute("INSERT INTO drift(record, at, before, after) SELECT r.id, $3, r.fields, "
                          "n.fields" +
                              drifted,
                          valuesAndNow);
        return;
    }
    store::JsonRows findings;
    using Text = std::string;
    _database.query<int64_t, Text, Text, Text, Text, bool, bool>(
        "SELECT r.id, r.key, " + kTitle + ", r.fields, n.fields, r.active, n.active" + drifted,
        values,
        [&](int64_t record, const Text& key, const Text& title, const Text& before,
            const Text& after, bool wasActive, bool isActive) {
            auto what = driftText(json::parse(before), json::parse(after));
            if (wasActive != isActive)
                what = (isActive ? "it was made active" : "it was made inactive") +
                       (what.empty() ? what : ", " + what);
            findings.add(record, key,
                         title + " was changed in the target by someone else: " + what + ". " +
                             kIsMended + ", as far as it is Muster's");
        });
    if (findings.count() > 0)
        _database.execute("INSERT INTO finding(sync, origin, record, code, severity, message, key) "
                          "SELECT $1, 'read', record, 'drift', 'info', message, key FROM " +
                              rows("$2", "record integer, key text, message text"),
                          {sync.id, findings.text()});
}

/// Of two for one group Muster keeps one; the other one says what was.
void Ledger::noteTwins(const estate::Sync& sync)
{
    _database.execute(
        "INSERT INTO finding(sync, origin, record, code, severity, message, key) SELECT $1, "
        "'read', r.id, 'duplicate-in-target', 'warning', $3 || ' has two documents of the group ' "
        "|| r.name || ': ' || r.remote_id || ', which Muster keeps true, and ' || n.remote_id || "
        "CASE n.name WHEN r.name THEN '' ELSE ' (' || n.name || ')' END || ', which it leaves "
        "alone. Delete ' || n.remote_id || ' there; to keep it as a document of your own, empty "
        "its field for the id of the group in Entra (' || r.key || ')', r.key FROM remote_record n "
        "JOIN record r ON r.scope = $2 AND r.kind = n.kind AND r.key = n.key AND r.remote_id <> "
        "n.remote_id WHERE n.record IS NULL AND NOT EXISTS (SELECT 1 FROM record x WHERE x.scope = "
        "$2 AND x.kind = n.kind AND x.remote_id = n.remote_id) AND NOT EXISTS (SELECT 1 FROM claim "
        "c WHERE c.record = r.id AND c.sync <> $1)",
        {sync.id, _scope, sync.target});
}

void Ledger::absorbAliases(const std::vector<plugins::RemoteRecord>& records)
{
    json array = json::array();
    for (const auto& record : records)
        for (const auto& alias : record.aliases)
            if (const auto key = nameKeyNoCase(alias); !key.empty())
                array.push_back({record.kind, record.remoteId, key});
    const std::string ofBatch = "(SELECT r.id FROM remote_record n JOIN record r ON r.scope = $1 "
                                "AND r.kind = n.kind AND r.remote_id = n.remote_id)";
    _database.execute("DELETE FROM remote_alias");
    _database.execute("INSERT INTO remote_alias SELECT r.id, n.kind, n.alias FROM " +
                          rows("$2", "kind text, remote_id text, alias text") +
                          " n CROSS JOIN record r WHERE r.scope = $1 AND r.kind = n.kind AND "
                          "r.remote_id = n.remote_id ON CONFLICT DO NOTHING",
                      {_scope, array.dump()});
    auto changed = _database.execute(
        "DELETE FROM record_alias WHERE record IN " + ofBatch +
            " AND NOT EXISTS (SELECT 1 FROM remote_alias n WHERE n.record = record_alias.record "
            "AND n.alias = record_alias.alias)",
        {_scope});
    changed += _database.execute("INSERT INTO record_alias(scope, kind, alias, record) SELECT $1, "
                                 "kind, alias, record FROM remote_alias WHERE true ON CONFLICT DO "
                                 "NOTHING",
                                 {_scope});
    if (changed > 0)
        noteSeen();
}

/// What modes looked at is otherwise now: they look again.
void Ledger::noteSeen()
{
    _database.execute("UPDATE scope SET seen = seen + 1 WHERE id = $1", {_scope});
}

void Ledger::followForeignKeys()
{
    const std::string changed =
        "record.scope = $1 AND record.origin = 'found' AND NOT EXISTS "
        "(SELECT 1 FROM claim c WHERE c.record = record.id) AND EXISTS "
        "(SELECT 1 FROM remote_record n WHERE n.kind = record.kind AND "
        "n.container = record.within AND n.remote_id = record.remote_id AND n.key NOT IN "
        "(record.key, ''))";
    _database.execute("UPDATE link SET role = NULL WHERE source IN (SELECT id FROM record WHERE " +
                          changed + ")",
                      {_scope});
    _database.execute("UPDATE record SET remote_id = NULL, origin = '' WHERE " + changed, {_scope});
}

bool Ledger::hasRecentlyWrittenUnseen(const Area& area)
{
    const auto since = runtime::toMilliseconds(_clock.now()) - kRecentMilliseconds;
    return _database
        .value<int64_t>("SELECT 1 FROM record r WHERE " + unseen() +
                            " AND r.written_at > $4 LIMIT 1",
                        {_scope, rowsOf(area.kinds), withinRows(area), since})
        .has_value();
}

void Ledger::finishRecords(const Area& area, const estate::Sync& sync)
{
    const std::string missing = "SELECT r.id FROM record r WHERE " + unseen();
    const store::Values values = {_scope, rowsOf(area.kinds), withinRows(area)};
    auto valuesAndSync = values;
    valuesAndSync.push_back(sync.id);
    if (area.keepsDrift)
        // The register tells of these, and of what documents name.
        _database.execute(
            "INSERT INTO drift(record, at, before) SELECT r.id, $4, r.fields FROM "
            "record r WHERE r.id IN (" +
                missing +
                ") AND (r.origin <> 'found' OR EXISTS (SELECT 1 FROM record_alias a WHERE a.record "
                "= r.id))",
            {_scope, rowsOf(area.kinds), withinRows(area), runtime::toMilliseconds(_clock.now())});
    else
        _database.execute(
            "INSERT INTO finding(sync, origin, record, code, severity, message, key) "
            "SELECT $4, 'read', r.id, 'missing-in-target', 'warning', " +
                kTitle + " || ' is no longer in the target', r.key FROM record r WHERE r.id IN (" +
                missing + ") AND r.origin <> 'found'",
            valuesAndSync);
    _database.execute("DELETE FROM finding WHERE code = 'duplicate-in-target' AND record IN (" +
                          missing + ")",
                      values);
    if (_database.execute("DELETE FROM record_alias WHERE record IN (" + missing + ")", values) > 0)
        noteSeen();
    _database.execute("UPDATE link SET role = NULL, dirty = 1 WHERE source IN (" + missing +
                          ") OR destination IN (" + missing + ")",
                      values);
    _database.execute("UPDATE record SET remote_id = NULL, fields = '{}', active = 1, "
                      "origin = '', links_read_at = 0, dirty = 1 WHERE id IN (" +
                          missing + ")",
                      values);
    // Refusals are tried again when the target was looked at anew.
    _database.execute("UPDATE record SET dirty = 1 WHERE scope = $1 AND dirty = 2", {_scope});
    _database.execute("UPDATE link SET dirty = 1 WHERE scope = $1 AND dirty = 2", {_scope});
    if (area.containers.empty())
        return cover(area.kinds);
    _database.execute("UPDATE record SET links_read_at = $2 WHERE id IN " + idsIn("$1"),
                      {withinRows(area), runtime::toMilliseconds(_clock.now())});
}

void Ledger::readLinks(const Reading& reading, const std::vector<Present>& destinations)
{
    if (destinations.empty())
        return;
    plugins::ReadRequest request{reading.sync.scope};
    std::vector<int64_t> ids;
    for (const auto& destination : destinations)
    {
        request.linksInto.push_back({destination.kind, destination.remoteId});
        ids.push_back(destination.id);
    }
    _database.execute("DELETE FROM remote_link");
    std::vector<plugins::RemoteLink> batch;
    reading.channel.read(
        request, [](plugins::RemoteRecord) {},
        [&](plugins::RemoteLink link) {
            batch.push_back(std::move(link));
            if (batch.size() < kRecordsPerBatch)
                return;
            absorbLinks(batch);
            batch.clear();
        },
        reading.cancellation);
    absorbLinks(batch);
    store::Transaction transaction(_database);
    finishLinks(ids, reading.sync);
    transaction.commit();
}

std::vector<int64_t> Ledger::destinationsOf(const std::vector<plugins::LinkKind>& links)
{
    std::vector<std::string> kinds;
    for (const auto& link : links)
        kinds.push_back(link.to);
    std::vector<int64_t> ids;
    _database.query<int64_t>("SELECT id FROM record WHERE scope = $1 AND remote_id IS NOT NULL AND "
                             "kind " +
                                 inKinds("$2"),
                             {_scope, rowsOf(kinds)}, [&](int64_t id) { ids.push_back(id); });
    return ids;
}

/// What people link records to and nobody claims: it has to be known when a link takes its place.
void Ledger::addForeignDestinations(const std::vector<plugins::RemoteLink>& links)
{
    std::map<std::pair<std::string, std::string>, std::string> destinations;
    for (const auto& link : links)
        destinations.emplace(std::pair(link.toKind, link.toId), link.toKey);
    json array = json::array();
    for (const auto& [end, key] : destinations)
        array.push_back({end.first, end.second, key});
    _database.execute("INSERT INTO record(scope, kind, key, remote_id, name, origin) SELECT $1, "
                      "n.kind, '#' || n.remote_id, n.remote_id, n.name, 'found' FROM " +
                          rows("$2", "kind text, remote_id text, name text") +
                          " n WHERE NOT EXISTS (SELECT 1 FROM record r WHERE r.scope = $1 AND "
                          "r.kind = n.kind AND r.remote_id = n.remote_id) ON CONFLICT(scope, kind, "
                          "key) DO UPDATE SET remote_id = excluded.remote_id, name = "
                          "excluded.name, origin = 'found'",
                      {_scope, array.dump()});
}

void Ledger::absorbLinks(const std::vector<plugins::RemoteLink>& links)
{
    json array = json::array();
    for (const auto& link : links)
        array.push_back({link.fromKind, link.fromId, link.toKind, link.toId, link.role});
    _database.execute(
        "INSERT INTO remote_link SELECT s.id, d.id, n.role FROM " +
            rows("$2", "from_kind text, from_id text, to_kind text, to_id text, role text") +
            " n CROSS JOIN record s CROSS JOIN record d WHERE s.scope = $1 AND s.kind = "
            "n.from_kind AND s.remote_id = n.from_id AND s.within = 0 AND d.scope = $1 AND d.kind "
            "= n.to_kind AND "
            "d.remote_id = n.to_id ON CONFLICT DO NOTHING",
        {_scope, array.dump()});
}

void Ledger::finishLinks(const std::vector<int64_t>& destinations, const estate::Sync& sync)
{
    const auto ids = rowsOf(destinations);
    const std::string read = idsIn("$1");
    _database.execute(
        "INSERT INTO finding(sync, origin, link, code, severity, message, key) "
        "SELECT $2, 'read', l.id, 'drift', 'info', CASE s.kind WHEN d.kind THEN 'the document ' "
        "|| s.name || ' no longer named ' || d.name || ' in ' || $3 || ', where someone else "
        "changed it' ELSE 'the membership of ' || s.key || ' in ' || d.key || ' was changed in the "
        "target by someone else' END || '. ' || $4, s.key FROM link l "
        "JOIN record s ON s.id = l.source JOIN record d ON d.id = l.destination LEFT JOIN "
        "remote_link n ON n.source = l.source AND n.destination = l.destination WHERE "
        "l.role IS NOT NULL AND l.role <> '?' AND l.origin <> 'found' AND (n.role IS NULL OR "
        "n.role <> l.role) "
        "AND l.destination IN " +
            read,
        {ids, sync.id, sync.target, std::string(kIsMended)});
    _database.execute("UPDATE link SET role = NULL, dirty = 1 WHERE role IS NOT NULL AND "
                      "destination IN " +
                          read +
                          " AND NOT EXISTS (SELECT 1 FROM remote_link n WHERE n.source = "
                          "link.source AND n.destination = link.destination)",
                      {ids});
    _database.execute("INSERT INTO link(scope, source, destination, role, origin, dirty) "
                      "SELECT $1, source, destination, role, 'found', 1 FROM remote_link "
                      "WHERE true ON CONFLICT(source, destination) DO UPDATE SET "
                      "role = excluded.role, dirty = 1, origin = CASE WHEN link.role IS NULL "
                      "THEN 'found' ELSE link.origin END "
                      "WHERE link.role IS NULL OR link.role <> excluded.role",
                      {_scope});
    // Whoever left while the group was released has a link that nobody claims.
    _database.execute("UPDATE link SET dirty = 1 WHERE dirty = 0 AND role IS NOT NULL AND "
                      "destination IN " +
                          read +
                          " AND NOT EXISTS (SELECT 1 FROM link_claim c WHERE c.link = link.id)",
                      {ids});
    _database.execute("UPDATE record SET links_read_at = $2 WHERE id IN " + read,
                      {ids, runtime::toMilliseconds(_clock.now())});
}

} // namespace muster::sync
