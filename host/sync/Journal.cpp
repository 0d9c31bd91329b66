#include "sync/Journal.h"

#include "store/Dialect.h"
#include "store/JsonRows.h"
#include "sync/ClaimStore.h"
#include "sync/Difference.h"
#include "sync/Drift.h"
#include "sync/Ledger.h"
#include "sync/PlanStore.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace muster::sync {

using nlohmann::json;
using plugins::Action;
using plugins::ChangeRequest;
using plugins::OutcomeState;
using store::dialect::idsIn;
using store::dialect::member;

namespace {

bool isLink(const ChangeRequest& change)
{
    return change.action == Action::Link || change.action == Action::Unlink;
}

std::string idRows(const std::vector<ChangeRequest>& changes)
{
    store::JsonRows ids;
    for (const auto& change : changes)
        ids.add(change.id);
    return ids.text();
}

} // namespace

Journal::Journal(store::Database& database, runtime::Clock& clock)
    : _database(database), _clock(clock)
{}

int64_t Journal::begin(int64_t sync)
{
    int64_t run = 0;
    _database.query<int64_t>("INSERT INTO run(sync, state, started_at) VALUES($1, 'running', $2) "
                             "RETURNING id",
                             {sync, runtime::toMilliseconds(_clock.now())},
                             [&](int64_t id) { run = id; });
    return run;
}

void Journal::beginPhase(int64_t run, int64_t plan, int64_t phase)
{
    store::Transaction transaction(_database);
    const store::Values place = {plan, phase, run};
    _database.execute("UPDATE record SET origin = 'adopted' WHERE id IN (SELECT record FROM change "
                      "WHERE plan = $1 AND phase = $2 AND state = 'planned' AND action = 'adopt')",
                      {plan, phase});
    _database.execute("UPDATE change SET state = 'applied', run = $3, at = $4 WHERE plan = $1 AND "
                      "phase = $2 AND state = 'planned' AND action = 'adopt'",
                      {plan, phase, run, runtime::toMilliseconds(_clock.now())});
    _database.execute(
        "UPDATE change SET state = 'waiting', run = $3, message = 'waits for ' || (SELECT r.kind "
        "|| ' ' || r.key FROM link l JOIN record r ON r.id IN (l.source, l.destination) WHERE "
        "l.id = change.link AND r.remote_id IS NULL LIMIT 1) WHERE plan = $1 AND phase = $2 AND "
        "state = 'planned' AND link IS NOT NULL AND EXISTS (SELECT 1 FROM link l JOIN record r ON "
        "r.id IN (l.source, l.destination) WHERE l.id = change.link AND r.remote_id IS NULL)",
        place);
    transaction.commit();
}

std::vector<ChangeRequest> Journal::next(int64_t plan, int64_t phase, int64_t last, size_t limit)
{
    std::vector<ChangeRequest> changes;
    using Text = std::string;
    const auto endAt = [](const store::Row& row, size_t column) {
        return plugins::RemoteEnd{row.text(column), row.text(column + 1), row.text(column + 2)};
    };
    _database.query<int64_t, Text, Text, Text, Text, Text, Text, Text, Text, Text, Text, Text, Text,
                    Text, Text, Text, Text>(
        "SELECT c.id, c.action, c.document, r.kind, r.key, r.name, r.remote_id, r.origin, "
        "s.kind, s.key, s.remote_id, d.kind, d.key, d.remote_id, a.kind, a.key, a.remote_id "
        "FROM change c LEFT JOIN record r ON r.id = c.record LEFT JOIN link l ON l.id = c.link "
        "LEFT JOIN record s ON s.id = l.source LEFT JOIN record d ON d.id = l.destination "
        "LEFT JOIN record a ON a.id = r.within "
        "WHERE c.plan = $1 AND c.phase = $2 AND c.id > $3 AND c.state = 'planned' ORDER BY c.id "
        "LIMIT " +
            std::to_string(limit),
        {plan, phase, last}, [&](const store::Row& row) {
            const auto detail = json::parse(row.text(2));
            ChangeRequest change{row.integer(0), plugins::actionFromText(row.text(1)),
                                 row.text(3),    row.text(4),
                                 row.text(5),    row.text(6)};
            change.doubt = row.text(7) == "doubtful";
            change.fields = detail.value("fields", json::object());
            change.role = detail.value("role", "");
            if (isLink(change))
            {
                change.from = endAt(row, 8);
                change.to = endAt(row, 11);
            }
            if (auto within = endAt(row, 14); !within.kind.empty())
            {
                change.key.erase(0, keyWithin(within.key, {}).size());
                change.within = std::move(within);
            }
            changes.push_back(std::move(change));
        });
    return changes;
}

void Journal::intend(int64_t run, const std::vector<ChangeRequest>& changes)
{
    _database.execute("UPDATE change SET state = 'intended', run = $1, at = $2 WHERE id IN " +
                          idsIn("$3"),
                      {run, runtime::toMilliseconds(_clock.now()), idRows(changes)});
}

void Journal::settle(int64_t run, int64_t sync, const std::vector<Result>& results)
{
    store::Transaction transaction(_database);
    for (const auto& result : results)
    {
        const auto& outcome = result.outcome;
        if (outcome.state == OutcomeState::Retry)
            continue;
        const bool gone = outcome.state == OutcomeState::Rejected && outcome.gone;
        const bool refused = outcome.state == OutcomeState::Rejected && !gone;
        const char* const state = refused && !outcome.limit                ? "failed"
                                  : outcome.state == OutcomeState::Applied ? "applied"
                                                                           : "unchanged";
        _database.execute("UPDATE change SET state = $1, message = $2, run = $3, at = $4 WHERE "
                          "id = $5",
                          {std::string(state), outcome.message, run,
                           runtime::toMilliseconds(_clock.now()), result.change->id});
        if (gone)
            readAgain(_database
                          .value<int64_t>("SELECT COALESCE(c.record, l.source) FROM change c LEFT "
                                          "JOIN link l ON l.id = c.link WHERE c.id = $1",
                                          {result.change->id})
                          .value());
        else if (refused)
            refuse(sync, result, isLink(*result.change) ? "link" : "record");
        else if (isLink(*result.change))
            settleLink(sync, result);
        else
            settleRecord(sync, result);
    }
    transaction.commit();
}

void Journal::settleRecord(int64_t sync, const Result& result)
{
    const auto& change = *result.change;
    const auto& known = result.outcome.record;
    const auto now = runtime::toMilliseconds(_clock.now());
    const int64_t record =
        _database.value<int64_t>("SELECT record FROM change WHERE id = $1", {change.id}).value();
    _database.execute("DELETE FROM finding WHERE sync = $1 AND origin = 'run' AND record = $2",
                      {sync, record});
    if (change.action == Action::Retire || change.action == Action::Activate)
    {
        _database.execute("UPDATE record SET active = $1, written_at = $2 WHERE id = $3",
                          {int64_t{change.action == Action::Activate ? 1 : 0}, now, record});
        return;
    }
    if (change.action == Action::Update)
    {
        auto fields = json::parse(
            _database.value<std::string>("SELECT fields FROM record WHERE id = $1", {record})
                .value());
        const bool isDoubtful = fields.empty();
        fields.update(change.fields);
        if (isDoubtful && known)
            fields.update(known->fields);
        else
            fields = fieldsAfter(record, fields, known);
        _database.execute("UPDATE record SET fields = $1, written_at = $2 WHERE id = $3",
                          {fieldsText(fields), now, record});
        markMended(sync, "record", record);
        return;
    }
    // Created, or found to be there already: then its fields and links are not as we would make
    // them, unless it was our own earlier try.
    const bool adopted = result.outcome.adopted && !change.doubt;
    const auto fields = !known    ? change.fields
                        : adopted ? known->fields
                                  : fieldsAfter(record, change.fields, known);
    _database.execute("UPDATE record SET remote_id = $1, fields = $2, active = $3, origin = $4, "
                      "links_read_at = $5, written_at = $6 WHERE id = $7",
                      {known ? known->remoteId : change.remoteId, fieldsText(fields),
                       int64_t{known && !known->active ? 0 : 1},
                       std::string(adopted ? "adopted" : "created"), adopted ? int64_t{0} : now,
                       now, record});
}

/// What people did in the target meanwhile shows when it is read.
void Journal::readAgain(int64_t record)
{
    _database.execute("DELETE FROM coverage WHERE scope = (SELECT scope FROM record WHERE id = $1)",
                      {record});
}

void Journal::markMended(int64_t sync, const std::string& column, int64_t id)
{
    _database.execute("UPDATE finding SET message = REPLACE(message, $3, $4) WHERE sync = $1 AND "
                      "origin = 'read' AND code = 'drift' AND " +
                          column + " = $2",
                      {sync, id, std::string(kIsMended), std::string(kWasMended)});
}

/// What the ledger keeps of a record that was told to have these fields. A whole one that has
/// others was changed by people meanwhile, or names what is gone: then the target is read again,
/// which tells what happened.
json Journal::fieldsAfter(int64_t record, const json& told,
                          const std::optional<plugins::RemoteRecord>& known)
{
    if (!known)
        return told;
    const bool differs = !difference({{"fields", told}, {"whole", true}}, known->fields).empty();
    const auto isWhole = [&] {
        return _database
            .value<int64_t>("SELECT 1 FROM claim c JOIN content t ON t.id = c.content WHERE "
                            "c.record = $1 AND " +
                                member("t.document", "whole") + " IS NOT NULL LIMIT 1",
                            {record})
            .has_value();
    };
    if (differs && isWhole())
    {
        readAgain(record);
        return told;
    }
    // What was emptied is left out of the answer.
    auto fields = told;
    fields.update(known->fields);
    return fields;
}

void Journal::settleLink(int64_t sync, const Result& result)
{
    const auto& change = *result.change;
    int64_t link = 0;
    json document;
    _database.query<int64_t, std::string>("SELECT link, document FROM change WHERE id = $1",
                                          {change.id}, [&](int64_t id, const std::string& text) {
                                              link = id;
                                              document = json::parse(text);
                                          });
    if (document.value("exclusive", false))
        // It took the place of the other one, or emptied the place.
        _database.execute(
            "UPDATE link SET role = NULL, origin = '' WHERE role IS NOT NULL AND id IN (SELECT "
            "o.id FROM link l JOIN record d ON d.id = l.destination JOIN link o ON o.source = "
            "l.source AND o.id <> l.id JOIN record e ON e.id = o.destination AND e.kind = d.kind "
            "WHERE l.id = $1)",
            {link});
    _database.execute("DELETE FROM finding WHERE sync = $1 AND origin = 'run' AND link = $2",
                      {sync, link});
    markMended(sync, "link", link);
    const auto now = runtime::toMilliseconds(_clock.now());
    if (change.action == Action::Link)
    {
        _database.execute("UPDATE link SET role = $1, written_at = $2, origin = CASE WHEN $3 <> '' "
                          "THEN $3 WHEN origin = '' THEN 'created' WHEN origin = 'found' THEN "
                          "'adopted' ELSE origin END WHERE id = $4",
                          {change.role, now, document.value("origin", ""), link});
        return;
    }
    _database.execute("UPDATE link SET role = NULL, written_at = $1, origin = '' WHERE id = $2",
                      {now, link});
    // A place has become free: what was refused for want of one is tried again.
    _database.execute(
        "UPDATE link SET dirty = 1 WHERE dirty = 2 AND id IN (SELECT o.id FROM link o "
        "JOIN link l ON l.id = $1 JOIN record s ON s.id = l.source WHERE "
        "o.scope = l.scope AND o.source = l.source)",
        {link});
}

void Journal::refuse(int64_t sync, const Result& result, const std::string& column)
{
    const auto& change = *result.change;
    const int64_t id =
        _database.value<int64_t>("SELECT " + column + " FROM change WHERE id = $1", {change.id})
            .value();
    _database.execute("DELETE FROM finding WHERE sync = $1 AND origin = 'run' AND " + column +
                          " = $2",
                      {sync, id});
    const auto& key = isLink(change) ? change.from.key : change.key;
    const auto what = isLink(change)  ? "membership of " + key + " in " + change.to.key
                      : change.within ? change.kind + " " + key + " of " + change.within->kind +
                                            " " + change.within->key
                                      : change.kind + " " + key;
    _database.execute(
        "INSERT INTO finding(sync, origin, grp, " + column +
            ", code, severity, message, key) SELECT $1, 'run', c.grp, $2, 'refused-by-target', "
            "'warning', $3, $4 FROM change c WHERE c.id = $5",
        {sync, id,
         "the target refused to " + plugins::toText(change.action) + " the " + what + ": " +
             result.outcome.message,
         key, change.id});
    // Another refusal may have passed by the next run, which tries again.
    if (result.outcome.limit)
        _database.execute("UPDATE " + column + " SET dirty = 2 WHERE id = $1", {id});
}

void Journal::giveUp(const std::vector<ChangeRequest>& changes, const std::string& message)
{
    std::vector<ChangeRequest> doubtful;
    std::copy_if(changes.begin(), changes.end(), std::back_inserter(doubtful),
                 [](const auto& change) { return change.doubt; });
    store::Transaction transaction(_database);
    doubt("c.id IN " + idsIn("$1"), {idRows(doubtful)});
    _database.execute("UPDATE change SET state = 'waiting', message = $2 WHERE id IN " +
                          idsIn("$1"),
                      {idRows(changes), message});
    transaction.commit();
}

void Journal::attach(int64_t run, int64_t plan, bool approve)
{
    store::Transaction transaction(_database);
    _database.execute("UPDATE run SET plan = $1, approved = $2 WHERE id = $3",
                      {plan, int64_t{approve ? 1 : 0}, run});
    if (approve)
        _database.execute("UPDATE change SET state = 'planned' WHERE plan = $1 AND state = 'held'",
                          {plan});
    transaction.commit();
}

void Journal::settleRest(int64_t run, int64_t plan)
{
    store::Transaction transaction(_database);
    doubt("c.run = $1", {run});
    _database.execute("UPDATE change SET state = 'waiting', run = $1, message = 'not tried' WHERE "
                      "plan = $2 AND state = 'planned'",
                      {run, plan});
    const bool isUndo = PlanStore(_database).undoneRun(plan).has_value();
    for (const std::string column : {"record", "link"})
    {
        if (isUndo)
            _database.execute("UPDATE " + column + " SET dirty = 4 WHERE id IN (SELECT " + column +
                                  " FROM change WHERE plan = $1 AND state IN ('applied', "
                                  "'unchanged'))",
                              {plan});
        if (isUndo && column == "link")
            // Links that never came about wait with the record that is inactive again.
            _database.execute("UPDATE link SET dirty = 4 WHERE role IS NULL AND dirty <> 0 AND "
                              "source IN (SELECT record FROM change WHERE plan = $1 AND action = "
                              "'retire' AND state = 'applied')",
                              {plan});
        _database.execute(
            "UPDATE " + column + " SET dirty = 0 WHERE dirty = 1 AND id IN (SELECT " + column +
                " FROM change WHERE plan = $1 AND state IN ('applied', "
                "'unchanged')) AND NOT EXISTS (SELECT 1 FROM change c WHERE "
                "c.plan = $1 AND c." +
                column + " = " + column + ".id AND c.state NOT IN ('applied', 'unchanged'))" +
                (column == "record"
                     ? " AND links_read_at <> 0"
                     // Refused for want of a place that became free later in the run.
                     : " AND NOT (role IS NULL AND EXISTS (SELECT 1 FROM link_claim k WHERE "
                       "k.link = link.id))"),
            {plan});
    }
    transaction.commit();
}

void Journal::end(int64_t run, const std::string& state, const std::string& message)
{
    _database.execute("UPDATE run SET state = $1, message = $2, ended_at = $3 WHERE id = $4",
                      {state, message, runtime::toMilliseconds(_clock.now()), run});
}

void Journal::recoverAll()
{
    std::vector<int64_t> syncs;
    _database.query<int64_t>("SELECT DISTINCT sync FROM run WHERE state = 'running'", {},
                             [&](int64_t sync) { syncs.push_back(sync); });
    for (const auto sync : syncs)
        recover(sync);
}

void Journal::recover(int64_t sync)
{
    const auto interrupted = _database.value<int64_t>(
        "SELECT COUNT(*) FROM run WHERE sync = $1 AND state = 'running'", {sync});
    if (interrupted.value_or(0) == 0)
        return;
    store::Transaction transaction(_database);
    const std::string dead = "c.run IN (SELECT id FROM run WHERE sync = $1 AND state = 'running')";
    const auto inFlight = _database.value<int64_t>(
        "SELECT COUNT(*) FROM change c WHERE c.state = 'intended' AND " + dead, {sync});
    doubt(dead, {sync});
    _database.execute("UPDATE run SET state = 'interrupted', ended_at = $2, message = $3 WHERE "
                      "sync = $1 AND state = 'running'",
                      {sync, runtime::toMilliseconds(_clock.now()),
                       "the process ended in the middle of it; " +
                           std::to_string(inFlight.value_or(0)) +
                           " changes were on their way and are looked up by the next run"});
    transaction.commit();
}

void Journal::doubt(const std::string& where, const store::Values& values)
{
    const std::string inDoubt = " FROM change c WHERE c.state = 'intended' AND " + where;
    const auto of = [&](const std::string& column, const std::string& actions) {
        return "(SELECT c." + column + inDoubt + " AND c.action IN (" + actions + "))";
    };
    _database.execute("UPDATE record SET origin = 'doubtful', dirty = 1 WHERE remote_id IS NULL "
                      "AND id IN " +
                          of("record", "'create'"),
                      values);
    _database.execute("UPDATE record SET fields = '{}', dirty = 1 WHERE id IN " +
                          of("record", "'update'"),
                      values);
    // As if it were inactive: activating twice harms nobody.
    _database.execute("UPDATE record SET active = 0, dirty = 1 WHERE id IN " +
                          of("record", "'activate', 'retire'"),
                      values);
    // Neither there nor not there: linking and unlinking twice harm nobody either.
    _database.execute("UPDATE link SET role = '?', dirty = 1, origin = CASE origin WHEN '' THEN "
                      "'created' ELSE origin END WHERE id IN " +
                          of("link", "'link', 'unlink'"),
                      values);
    _database.execute("UPDATE change SET state = 'waiting', message = 'interrupted: whether it "
                      "took effect is looked up by the next run' WHERE id IN (SELECT c.id" +
                          inDoubt + ")",
                      values);
}

} // namespace muster::sync
