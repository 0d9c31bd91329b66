#include "sync/Planner.h"

#include "store/Dialect.h"
#include "store/JsonRows.h"
#include "sync/Difference.h"
#include "sync/ExclusiveLinks.h"
#include "sync/Ledger.h"

#include <algorithm>
#include <set>

namespace muster::sync {

using nlohmann::json;
using store::rowsOf;
using store::dialect::idsIn;
using store::dialect::rows;

namespace {

constexpr size_t kRecordsPerChunk = 1000;
constexpr int64_t kLinksPerChunk = 20000;

/// The known values of the fields, null where there is none: what would undo a change of them.
json valuesBefore(const json& changed, const json& known)
{
    json values = json::object();
    for (const auto& [name, value] : changed.items())
        values[name] = known.value(name, json());
    return values;
}

std::string namesOf(const json& fields)
{
    std::string names;
    for (const auto& [name, value] : fields.items())
        names += (names.empty() ? "" : ", ") + name;
    return names;
}

} // namespace

/// A marked record: what the ledger has, and what is claimed of it.
struct Planner::Record
{
    int64_t id = 0;
    std::string kind;
    std::string key;
    std::string subject;
    bool exists = false; ///< in the target
    bool active = true;
    std::string origin;
    json fields;
    bool waits = false; ///< for the record that it is a part of

    bool claimedHere = false;
    std::set<std::string> subjects = {};
    json wanted = nullptr; ///< the claimed document that counts; null: nobody claims it
    int64_t group = 0;
};

Planner::Planner(store::Database& database, const runtime::Clock& clock)
    : _database(database), _clock(clock)
{}

int64_t Planner::plan(const PlanInput& input, const runtime::Cancellation& cancellation)
{
    store::Transaction transaction(_database);
    int64_t plan = 0;
    _database.query<int64_t>(
        "INSERT INTO plan(sync, made_at, verdict, guards, complete) "
        "VALUES($1, $2, 'clear', '[]', $3) RETURNING id",
        {input.sync.id, runtime::toMilliseconds(_clock.now()), int64_t{input.complete ? 1 : 0}},
        [&](int64_t id) { plan = id; });
    _missing.clear();
    int phase = 0;
    for (const auto& kind : kindsToPlan(input))
        planRecords(input, plan, kind, phase += kPhasesPerKind, cancellation);
    ExclusiveLinks(_database).plan(input, plan, cancellation);
    parkLinks(input);
    planLinks(input, plan, cancellation);
    forgetRefusals(input.sync);
    transaction.commit();
    return plan;
}

/// Of what is as it should be by now.
void Planner::forgetRefusals(const estate::Sync& sync)
{
    for (const std::string table : {"record", "link"})
        _database.execute("DELETE FROM finding WHERE sync = $1 AND origin = 'run' AND EXISTS "
                          "(SELECT 1 FROM " +
                              table + " t WHERE t.id = finding." + table + " AND t.dirty = 0)",
                          {sync.id});
}

std::vector<std::string> Planner::kindsToPlan(const PlanInput& input)
{
    auto kinds = input.mode.expects;
    kinds.insert(kinds.end(), input.mode.records.begin(), input.mode.records.end());
    // What an earlier mode of the sync claimed, and this one does not.
    _database.query<std::string>(
        "SELECT DISTINCT kind FROM record WHERE scope = $1 AND dirty = 1 ORDER BY kind",
        {input.sync.scopeId}, [&](const std::string& kind) {
            if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
                kinds.push_back(kind);
        });
    return kinds;
}

void Planner::planRecords(const PlanInput& input, int64_t plan, const std::string& kind, int phase,
                          const runtime::Cancellation& cancellation)
{
    int64_t last = 0;
    while (true)
    {
        cancellation.check();
        auto records = nextRecords(input, kind, last);
        if (records.empty())
            return;
        last = records.rbegin()->first;
        std::vector<NewChange> changes;
        std::vector<int64_t> settled;
        std::vector<int64_t> waiting;
        json names = json::array();
        noteSharing(input, records);
        for (auto& [id, record] : records)
        {
            if (!record.wanted.is_null() && !record.claimedHere)
                continue; // another sync's: it plans it
            if (record.waits)
                waiting.push_back(id);
            else if (decide(input, phase, record, changes))
                settled.push_back(id);
            if (!record.wanted.is_null())
                names.push_back({id, record.wanted.at("name"), record.wanted.at("subject")});
        }
        storeChanges(plan, changes);
        _database.execute("UPDATE record SET dirty = 0 WHERE id IN " + idsIn("$1"),
                          {rowsOf(settled)});
        _database.execute("UPDATE record SET dirty = 3 WHERE id IN " + idsIn("$1"),
                          {rowsOf(waiting)});
        _database.execute("UPDATE record SET name = n.name, subject = n.subject FROM " +
                              rows("$1", "id integer, name text, subject text") +
                              " n WHERE record.id = n.id AND (record.name <> n.name OR "
                              "record.subject IS NULL OR record.subject <> n.subject)",
                          {names.dump()});
    }
}

std::map<int64_t, Planner::Record> Planner::nextRecords(const PlanInput& input,
                                                        const std::string& kind, int64_t after)
{
    std::map<int64_t, Record> records;
    _database.query<int64_t, std::string, std::string, bool, bool, std::string, std::string, bool>(
        "SELECT id, key, COALESCE(subject, ''), remote_id IS NOT NULL, active, origin, fields, "
        "EXISTS (SELECT 1 FROM record a WHERE a.id = record.within AND a.remote_id IS NULL) "
        "FROM record WHERE scope = $1 AND kind = $2 AND dirty = 1 AND id > $3 ORDER BY id LIMIT " +
            std::to_string(kRecordsPerChunk),
        {input.sync.scopeId, kind, after},
        [&](int64_t id, const auto& key, const auto& subject, bool exists, bool active,
            const auto& origin, const std::string& fields, bool waits) {
            records.emplace(id, Record{id, kind, key, subject, exists, active, origin,
                                       json::parse(fields), waits});
        });
    if (records.empty())
        return records;
    _database.query<int64_t, std::string, bool, int64_t>(
        "SELECT c.record, t.document, MAX(c.sync = $1), MIN(CASE WHEN c.sync = $1 THEN c.grp END) "
        "FROM claim c JOIN content t ON t.id = c.content WHERE c.record IN (SELECT id FROM record "
        "WHERE scope = $2 AND kind = $3 AND dirty = 1 AND id BETWEEN $4 AND $5) "
        "GROUP BY c.record, t.document",
        {input.sync.id, input.sync.scopeId, kind, records.begin()->first, records.rbegin()->first},
        [&](int64_t id, const std::string& text, bool here, int64_t group) {
            auto& record = records.at(id);
            auto document = json::parse(text);
            const auto subject = document.at("subject").get<std::string>();
            record.subjects.insert(subject);
            record.claimedHere = record.claimedHere || here;
            if (here && (record.group == 0 || group < record.group))
                record.group = group;
            // Of several subjects the one it already stands for, else the first by id.
            const auto rank = [&](const json& candidate) {
                const auto& id2 = candidate.at("subject").get_ref<const std::string&>();
                return std::pair(id2 != record.subject, candidate.dump());
            };
            if (record.wanted.is_null() || rank(document) < rank(record.wanted))
                record.wanted = std::move(document);
        });
    return records;
}

bool Planner::decide(const PlanInput& input, int phase, Record& record,
                     std::vector<NewChange>& changes)
{
    if (input.mode.isExpected(record.kind))
        return decideExpected(input, record);
    if (record.wanted.is_null())
        return decideUnclaimed(input, record, changes);
    const auto& wanted = record.wanted.at("fields");
    if (!record.exists)
    {
        auto fields = record.wanted.value("initial", json::object());
        fields.update(wanted);
        changes.push_back({phase,
                           "create",
                           record.id,
                           record.group,
                           {{"fields", fields}},
                           "not in the target yet"});
        return false;
    }
    const auto before = changes.size();
    if (record.origin == "found")
        changes.push_back(
            {phase, "adopt", record.id, record.group, json::object(), "in the target already"});
    if (!record.active && input.target.can(record.kind, "activate"))
        changes.push_back({phase + kActivatePhase, "activate", record.id, record.group,
                           json::object(), "inactive in the target"});
    auto changed = difference(record.wanted, record.fields);
    if (!changed.empty() && input.target.can(record.kind, "update"))
        changes.push_back({phase + kUpdatePhase,
                           "update",
                           record.id,
                           record.group,
                           {{"fields", changed}, {"before", valuesBefore(changed, record.fields)}},
                           "differs in " + namesOf(changed)});
    return changes.size() == before;
}

bool Planner::decideUnclaimed(const PlanInput& input, const Record& record,
                              std::vector<NewChange>& changes)
{
    const bool isContact = record.kind == "contact";
    const bool retires = isContact
                             ? input.sync.removal.contacts == estate::ContactRemoval::Deactivate
                             : input.sync.removal.groups == estate::GroupRemoval::Retire;
    const bool ours = record.exists && record.origin != "found";
    if (ours && !input.complete)
        return false; // not known for certain: looked at again when it is
    if (!ours)
        return true;
    if (!isContact)
        release(input, record);
    if (!retires || input.mode.isDocumenting || !record.active ||
        !input.target.can(record.kind, "retire") || isClaimedElsewhere(input, record))
        return true;
    changes.push_back({kRetirePhase, "retire", record.id, 0, json::object(),
                       "no selected group claims it any more"});
    return false;
}

/// Only people make it: it is there, or it is a finding.
bool Planner::decideExpected(const PlanInput& input, const Record& record)
{
    if (record.wanted.is_null())
    {
        if (record.exists && !input.complete)
            return false;
        _database.execute("DELETE FROM finding WHERE origin = 'find' AND record = $1", {record.id});
        release(input, record);
        return true;
    }
    if (record.exists)
        return true;
    _missing.push_back(record.id);
    const auto kind = wordsOf(record.kind);
    const auto name = record.wanted.at("name").get<std::string>();
    const auto remedy = record.wanted.value("expected", "make it there");
    auto message = record.active ? "the target has no " + kind + " for " + name + ": " + remedy
                                 : "the " + kind + " for " + name + ", " +
                                       record.fields.value("name", record.key) +
                                       ", is not active in the target: activate it, or " + remedy;
    _database.execute(
        "INSERT INTO finding(sync, origin, record, grp, code, severity, message, key) "
        "VALUES($1, 'plan', $2, $3, $4, 'warning', $5, $6)",
        {input.sync.id, record.id, record.group, record.kind + "-missing", message, record.key});
    return false;
}

/// Nobody claims it any more: its links go where the policy says so. Where not, what others do with
/// it from now on is not known here.
void Planner::release(const PlanInput& input, const Record& record)
{
    if (input.sync.removal.groups == estate::GroupRemoval::Retire)
        _database.execute("UPDATE link SET dirty = 1 WHERE destination = $1 AND role IS NOT NULL",
                          {record.id});
    else
        _database.execute("UPDATE record SET links_read_at = 0 WHERE id = $1", {record.id});
}

/// What is one record in the target may be several here: in another scope, or within another
/// record.
bool Planner::isClaimedElsewhere(const PlanInput& input, const Record& record)
{
    return _database
        .value<int64_t>("SELECT 1 FROM record r JOIN record o ON o.kind = r.kind AND o.remote_id = "
                        "r.remote_id AND o.id <> r.id AND o.scope IN (SELECT id FROM scope WHERE "
                        "target = $1) WHERE r.id = $2 AND EXISTS (SELECT 1 FROM claim c WHERE "
                        "c.record = o.id) LIMIT 1",
                        {input.sync.targetId, record.id})
        .has_value();
}

void Planner::storeChanges(int64_t plan, const std::vector<NewChange>& changes)
{
    if (changes.empty())
        return;
    json array = json::array();
    for (const auto& change : changes)
        array.push_back({change.phase, change.action, change.record,
                         change.group ? json(change.group) : json(), change.document.dump(),
                         change.reason});
    _database.execute("INSERT INTO change(plan, phase, action, record, grp, document, reason, "
                      "state) SELECT $1, phase, action, record, grp, document, reason, 'planned' "
                      "FROM " +
                          rows("$2", "phase integer, action text, record integer, grp integer, "
                                     "document text, reason text"),
                      {plan, array.dump()});
}

void Planner::noteSharing(const PlanInput& input, const std::map<int64_t, Record>& records)
{
    store::JsonRows ids;
    for (const auto& [id, record] : records)
        ids.add(id);
    _database.execute("DELETE FROM finding WHERE sync = $1 AND origin = 'plan' AND record IN " +
                          idsIn("$2"),
                      {input.sync.id, ids.text()});
    for (const auto& [id, record] : records)
    {
        if (record.subjects.size() < 2 || !record.claimedHere)
            continue;
        _database.execute(
            "INSERT INTO finding(sync, origin, record, grp, code, severity, message, key) "
            "VALUES($1, 'plan', $2, $3, 'shared-key', 'warning', $4, $5)",
            {input.sync.id, id, record.group,
             std::to_string(record.subjects.size()) + " Entra objects share the " + record.kind +
                 " " + record.key + ": they are one in the target",
             record.key});
    }
}

/// Links to what is missing wait. Those that waited before are not marked any more.
void Planner::parkLinks(const PlanInput& input)
{
    if (_missing.empty())
        return;
    _database.execute(
        "UPDATE link SET dirty = 3 WHERE scope = $1 AND dirty = 1 AND destination IN " +
            idsIn("$2") + " AND EXISTS (SELECT 1 FROM link_claim c WHERE c.link = link.id)",
        {input.sync.scopeId, rowsOf(_missing)});
}

void Planner::planLinks(const PlanInput& input, int64_t plan,
                        const runtime::Cancellation& cancellation)
{
    const std::string here = "EXISTS (SELECT 1 FROM claim c WHERE c.record = link.destination "
                             "AND c.sync = $1)";
    const std::string released = "NOT EXISTS (SELECT 1 FROM claim c WHERE c.record = "
                                 "link.destination)";
    const std::string unclaimed = "NOT EXISTS (SELECT 1 FROM link_claim c WHERE c.link = link.id)";
    const std::string ours = "EXISTS (SELECT 1 FROM link_claim c WHERE c.link = link.id AND "
                             "c.sync = $1)";
    const bool all = input.sync.removal.links == estate::LinkRemoval::All;
    const bool retire = input.sync.removal.groups == estate::GroupRemoval::Retire;
    const std::string removable = std::string("link.role IS NOT NULL AND ") + unclaimed +
                                  (all ? "" : " AND link.origin <> 'found'") + " AND (" + here +
                                  (retire ? " OR " + released : "") + ")";
    const std::string chunk =
        "link.scope = $2 AND link.dirty = 1 AND link.id > $3 AND link.id <= $4 AND NOT EXISTS "
        "(SELECT 1 FROM planned_link p WHERE p.link = link.id)";
    int64_t last = 0;
    while (true)
    {
        cancellation.check();
        const auto upper = _database.value<int64_t>(
            "SELECT MAX(id) FROM (SELECT id FROM link WHERE scope = $1 AND dirty = 1 AND id > $2 "
            "ORDER BY id LIMIT " +
                std::to_string(kLinksPerChunk) + ")",
            {input.sync.scopeId, last});
        if (!upper)
            return;
        const store::Values range = {input.sync.id, input.sync.scopeId, last, *upper};
        const store::Values planned = {input.sync.id, input.sync.scopeId, last, *upper, plan};
        _database.execute(
            "INSERT INTO change(plan, phase, action, link, grp, document, reason, state) "
            "SELECT $5, " +
                std::to_string(kLinkPhase) +
                ", 'link', link.id, w.grp, '{\"role\":\"' || w.role || '\"' || CASE WHEN link.role "
                "<> '?' THEN ',\"before\":\"' || link.role || '\"' ELSE '' END || '}', CASE WHEN "
                "link.role "
                "IS NULL THEN 'in the Entra group' WHEN link.role = '?' THEN 'an earlier try may "
                "not have finished' ELSE 'role is ' || link.role || ', should be ' || w.role END, "
                "'planned' FROM link JOIN (SELECT c.link, COALESCE(MAX(CASE WHEN "
                "c.role = 'manager' THEN c.role END), MIN(c.role)) AS role, MIN(CASE WHEN "
                "c.sync = $1 THEN c.grp END) AS grp FROM link_claim c WHERE c.link IN (SELECT "
                "link.id FROM link WHERE " +
                chunk +
                ") GROUP BY c.link) w ON w.link = link.id WHERE w.grp IS NOT NULL AND "
                "(link.role IS NULL OR link.role <> w.role) AND NOT EXISTS (SELECT 1 FROM record r "
                "WHERE r.id IN (link.source, link.destination) AND ((r.remote_id IS NULL AND "
                "r.dirty = 2) OR NOT EXISTS (SELECT 1 FROM claim c WHERE c.record = r.id))) ORDER "
                "BY link.id",
            planned);
        if (input.complete)
            _database.execute(
                "INSERT INTO change(plan, phase, action, link, document, reason, state) "
                "SELECT $5, " +
                    std::to_string(kUnlinkPhase) +
                    ", 'unlink', link.id, '{\"before\":\"' || REPLACE(link.role, '?', '') || "
                    "'\",\"origin\":\"' || link.origin || '\"}', CASE WHEN link.origin = 'found' "
                    "THEN 'not in the "
                    "Entra group, and not put there by Muster' ELSE 'no longer in the Entra "
                    "group' END, 'planned' FROM link WHERE " +
                    chunk + " AND " + removable,
                planned);
        _database.execute(
            "UPDATE link SET dirty = 0, origin = CASE WHEN origin = 'found' AND " + ours +
                " THEN 'adopted' ELSE origin END WHERE " + chunk + " AND (" + ours + " OR (" +
                unclaimed + " AND (" + here + " OR " + released +
                "))) AND NOT EXISTS (SELECT 1 FROM change c WHERE c.link = link.id AND "
                "c.plan = $5) AND NOT (" +
                ours + " AND link.role IS NULL)" +
                (input.complete ? "" : " AND NOT (" + removable + ")"),
            planned);
        last = *upper;
    }
}

} // namespace muster::sync
