#include "sync/PlanStore.h"

#include "runtime/Errors.h"
#include "store/Dialect.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace muster::sync {

using nlohmann::json;
using store::dialect::member;

namespace {

constexpr std::array<std::pair<RunState, const char*>, 6> kRunStates = {
    {{RunState::Running, "running"},
     {RunState::Succeeded, "succeeded"},
     {RunState::Partial, "partial"},
     {RunState::Held, "held"},
     {RunState::Failed, "failed"},
     {RunState::Interrupted, "interrupted"}}};

constexpr std::array<std::pair<Verdict, const char*>, 3> kVerdicts = {
    {{Verdict::Clear, "clear"}, {Verdict::Held, "held"}, {Verdict::Refused, "refused"}}};

constexpr int64_t kUnusedPlansKept = 10;

template <typename Table, typename Key>
std::string textOf(const Table& table, Key key)
{
    for (const auto& [value, text] : table)
        if (value == key)
            return text;
    return {};
}

template <typename Table>
auto valueOf(const Table& table, const std::string& wanted)
{
    for (const auto& [value, text] : table)
        if (wanted == text)
            return value;
    return table.back().first;
}

std::vector<GuardMessage> guardsFrom(const std::string& document)
{
    std::vector<GuardMessage> guards;
    for (const auto& guard : json::parse(document))
        guards.push_back({guard.at("rule"), guard.at("message")});
    return guards;
}

} // namespace

std::string doneText(const std::map<std::string, int64_t>& byAction)
{
    constexpr std::array<std::pair<const char*, const char*>, 7> kWords = {
        {{"create", "created"},
         {"adopt", "adopted"},
         {"update", "updated"},
         {"activate", "activated"},
         {"link", "linked"},
         {"unlink", "unlinked"},
         {"retire", "retired"}}};
    std::string text;
    for (const auto& [action, word] : kWords)
        if (const auto found = byAction.find(action); found != byAction.end() && found->second > 0)
            text += (text.empty() ? "" : ", ") + std::to_string(found->second) + " " + word;
    return text;
}

std::string toText(Verdict verdict)
{
    return textOf(kVerdicts, verdict);
}

std::string toText(RunState state)
{
    return textOf(kRunStates, state);
}

Verdict verdictFromText(const std::string& text)
{
    return valueOf(kVerdicts, text);
}

RunState runStateFromText(const std::string& text)
{
    return valueOf(kRunStates, text);
}

PlanStore::PlanStore(store::Database& database) : _database(database)
{}

Plan PlanStore::plan(int64_t id)
{
    std::optional<Plan> plan;
    int64_t sync = 0;
    _database.query<int64_t, std::string, std::string, std::string, int64_t>(
        "SELECT p.sync, s.name, p.verdict, p.guards, COALESCE(p.undoes, 0) FROM plan p JOIN sync s "
        "ON s.id = p.sync "
        "WHERE p.id = $1",
        {id},
        [&](int64_t syncId, auto name, const std::string& verdict, const auto& guards,
            int64_t undoes) {
            sync = syncId;
            plan = Plan{id, name, verdictFromText(verdict), guardsFrom(guards)};
            plan->undoes = undoes;
        });
    if (!plan)
        throw MissingError("there is no plan " + std::to_string(id) + ": make one with muster plan");
    _database.query<std::string, int64_t, int64_t>(
        "SELECT action, COUNT(*), SUM(CASE WHEN state = 'held' THEN 1 ELSE 0 END) FROM change "
        "WHERE plan = $1 AND state <> 'superseded' GROUP BY action",
        {id}, [&](const std::string& action, int64_t count, int64_t held) {
            plan->byAction[action] = count;
            plan->changes += count;
            plan->held += held;
        });
    plan->findings = findings(sync);
    return *plan;
}

std::vector<Run> PlanStore::readRuns(const std::string& where, const store::Values& values,
                                     size_t limit)
{
    std::vector<Run> runs;
    _database.query<int64_t, std::string, int64_t, std::string, int64_t, int64_t, int64_t, int64_t,
                    std::string, std::string, int64_t>(
        "SELECT r.id, s.name, COALESCE(r.plan, 0), r.state, r.started_at, "
        "COALESCE(r.ended_at, r.started_at), r.source_requests, r.target_requests, r.message, "
        "COALESCE(p.guards, '[]'), COALESCE(p.undoes, 0) FROM run r JOIN sync s ON s.id = r.sync "
        "LEFT JOIN plan p "
        "ON p.id = r.plan " +
            where + " ORDER BY r.id DESC LIMIT " + std::to_string(limit),
        values,
        [&](int64_t id, const auto& sync, int64_t plan, const auto& state, int64_t started,
            int64_t ended, int64_t source, int64_t target, const auto& message, const auto& guards,
            int64_t undoes) {
            Run run{id, sync, plan, runStateFromText(state)};
            run.startedAt = runtime::fromMilliseconds(started);
            run.endedAt = runtime::fromMilliseconds(ended);
            run.sourceRequests = static_cast<uint64_t>(source);
            run.targetRequests = static_cast<uint64_t>(target);
            run.message = message;
            run.guards = guardsFrom(guards);
            run.undoes = undoes;
            runs.push_back(std::move(run));
        });
    for (auto& run : runs)
        count(run);
    return runs;
}

void PlanStore::count(Run& run)
{
    _database.query<std::string, std::string, int64_t>(
        "SELECT action, state, COUNT(*) FROM change WHERE plan = $1 AND (run = $2 OR run IS NULL) "
        "GROUP BY action, state",
        {run.plan, run.id}, [&](const auto& action, const auto& state, int64_t changes) {
            run.planned += changes;
            if (state == "applied")
            {
                run.applied += changes;
                run.byAction[action] += changes;
            }
            else if (state == "unchanged" || state == "superseded")
                run.unchanged += changes;
            else if (state == "held")
                run.held += changes;
            // What is still planned when a run ended so suddenly was never tried.
            else if (state != "planned")
                run.failed += changes;
        });
}

Run PlanStore::run(int64_t id)
{
    auto runs = readRuns("WHERE r.id = $1", {id}, 1);
    if (runs.empty())
        throw MissingError("there is no run " + std::to_string(id) + ": list them with muster runs");
    int64_t sync = _database.value<int64_t>("SELECT sync FROM run WHERE id = $1", {id}).value_or(0);
    runs[0].findings = findings(sync);
    return runs[0];
}

std::optional<int64_t> PlanStore::undoneRun(int64_t plan)
{
    return _database.value<int64_t>("SELECT undoes FROM plan WHERE id = $1 AND undoes IS NOT NULL",
                                    {plan});
}

std::vector<Run> PlanStore::runs(std::optional<int64_t> sync, size_t limit)
{
    if (sync)
        return readRuns("WHERE r.sync = $1", {*sync}, limit);
    return readRuns("", {}, limit);
}

void PlanStore::eachPlanned(int64_t plan, size_t limit, const OnChange& change)
{
    eachChange("c.plan = $1", plan, limit, change);
}

void PlanStore::eachDone(int64_t run, size_t limit, const OnChange& change)
{
    eachChange("c.plan = (SELECT plan FROM run WHERE id = $1) AND (c.run = $1 OR c.run IS NULL)",
               run, limit, change);
}

void PlanStore::eachChange(const std::string& where, int64_t id, size_t limit,
                           const OnChange& change)
{
    std::string sql =
        "SELECT c.id, c.action, COALESCE(r.kind, f.kind), COALESCE(r.key, f.key), "
        "COALESCE(NULLIF(r.name, ''), NULLIF(f.name, ''), r.key, f.key), t.kind, t.key, " +
        member("c.document", "role") + ", COALESCE(entra_text(g.entra), t.subject), COALESCE(" +
        member("g.attributes", "displayName") +
        ", t.name), c.reason, c.state, c.message, COALESCE(NULLIF(t.name, ''), t.key) FROM change "
        "c LEFT JOIN record r ON r.id = "
        "c.record "
        "LEFT JOIN link l ON l.id = c.link LEFT JOIN record f ON f.id = l.source "
        "LEFT JOIN record t ON t.id = l.destination LEFT JOIN object g ON g.id = c.grp WHERE " +
        where + " ORDER BY c.phase, c.id";
    if (limit > 0)
        sql += " LIMIT " + std::to_string(limit);
    using Text = std::string;
    _database.query<int64_t, Text, Text, Text, Text, Text, Text, Text, Text, Text, Text, Text, Text,
                    Text>(sql, {id},
                          [&](int64_t changeId, const Text& action, const Text& kind,
                              const Text& key, const Text& name, const Text& toKind,
                              const Text& toKey, const Text& role, const Text& group,
                              const Text& groupName, const Text& reason, const Text& state,
                              const Text& message, const Text& toName) {
                              change({changeId, action, kind, key, name, toKind, toKey, role, group,
                                      groupName, reason, state, message, toName});
                          });
}

std::vector<runtime::Finding> PlanStore::findings(int64_t sync)
{
    std::vector<runtime::Finding> found;
    _database.query<std::string, std::string, std::string, std::string, std::string>(
        "SELECT code, severity, message, grp, key FROM tenant_finding WHERE tenant = "
        "(SELECT tenant FROM sync WHERE id = $1) UNION "
        "SELECT f.code, f.severity, f.message, COALESCE(entra_text(g.entra), ''), f.key "
        "FROM finding f LEFT JOIN object g ON g.id = f.grp WHERE f.sync = $1 "
        "ORDER BY 1, 5, 3",
        {sync},
        [&](const auto& code, const auto& severity, const auto& message, const auto& group,
            const auto& key) {
            // What is not about one group is said once, however many groups find it.
            if (!found.empty() && found.back().code == code && found.back().key == key &&
                found.back().message == message)
                found.back().group.clear();
            else
                found.push_back({code, runtime::severityFromText(severity), message, group, key});
        });
    const auto undone = _database.value<int64_t>(
        "SELECT (SELECT COUNT(*) FROM record r WHERE r.dirty = 4 AND r.scope = s.scope) + (SELECT "
        "COUNT(*) FROM link l WHERE l.dirty = 4 AND l.scope = s.scope) FROM sync s WHERE s.id = $1",
        {sync});
    if (undone.value_or(0) > 0)
        found.push_back({"undone", runtime::Severity::Info,
                         "left alone since `muster undo`: records and memberships, " +
                             std::to_string(*undone) +
                             " in all, each until it changes in Entra; `muster sync --verify` "
                             "brings them up to date again"});
    return found;
}

void PlanStore::prune(int64_t sync)
{
    const std::string old = "(SELECT p.id FROM plan p WHERE p.sync = $1 AND NOT EXISTS "
                            "(SELECT 1 FROM run r WHERE r.plan = p.id) ORDER BY p.id DESC "
                            "LIMIT 1000000 OFFSET " +
                            std::to_string(kUnusedPlansKept) + ")";
    _database.execute("DELETE FROM change WHERE plan IN " + old, {sync});
    _database.execute("DELETE FROM plan WHERE id IN " + old, {sync});
}

} // namespace muster::sync
