#include "runtime/Errors.h"
#include "web/Resources.h"

#include <algorithm>
#include <charconv>

namespace muster::web {

namespace {

constexpr size_t kAllChanges = 0;
constexpr size_t kRunsShown = 50;

Json toJson(const std::vector<sync::GuardMessage>& guards)
{
    auto list = Json::array();
    for (const auto& guard : guards)
        list.push_back({{"rule", guard.rule}, {"message", guard.message}});
    return list;
}

Json toJson(const sync::PlannedChange& change)
{
    Json json = {{"id", change.id},        {"action", change.action}, {"kind", change.kind},
                 {"key", change.key},      {"name", change.name},     {"group", change.group},
                 {"reason", change.reason}};
    if (!change.toKind.empty())
        json.update({{"toKind", change.toKind},
                     {"toKey", change.toKey},
                     {"toName", change.toName},
                     {"role", change.role}});
    return json;
}

/// With what a reader of the changes wants beyond DESIGN.md's document.
Json detailOf(const sync::PlannedChange& change)
{
    auto json = toJson(change);
    json["groupName"] = change.groupName;
    json["state"] = change.state;
    json["message"] = change.message;
    return json;
}

Json toJson(const sync::Run& run)
{
    using Seconds = std::chrono::duration<double>;
    Json json = {{"id", run.id},
                 {"sync", run.sync},
                 {"state", sync::toText(run.state)},
                 {"changes",
                  {{"planned", run.planned},
                   {"applied", run.applied},
                   {"failed", run.failed},
                   {"unchanged", run.unchanged},
                   {"held", run.held},
                   {"byAction", run.byAction}}},
                 {"requests", {{"source", run.sourceRequests}, {"target", run.targetRequests}}},
                 {"seconds", Seconds(run.endedAt - run.startedAt).count()},
                 {"findings", web::toJson(run.findings)}};
    if (!run.message.empty())
        json["message"] = run.message;
    if (!run.guards.empty())
        json["guards"] = toJson(run.guards);
    if (run.undoes != 0)
        json["undoes"] = run.undoes;
    return json;
}

/// With what the history shows beyond DESIGN.md's document.
Json historyOf(const sync::Run& run)
{
    auto json = toJson(run);
    json["plan"] = run.plan;
    json["startedAt"] = runtime::toText(run.startedAt);
    json["endedAt"] = runtime::toText(run.endedAt);
    return json;
}

/// Writes the members of an object one by one: the changes among them may be a million.
class ObjectWriter
{
public:
    explicit ObjectWriter(std::ostream& out) : _out(out) { _out << "{"; }

    void member(const std::string& name, const Json& value) { key(name) << textOf(value); }

    /// `each` calls its argument for each change.
    template <typename Each, typename Convert>
    void changes(const Each& each, const Convert& convert)
    {
        key("changes") << "[";
        const char* separator = "";
        each([&](const sync::PlannedChange& change) {
            _out << std::exchange(separator, ",\n") << textOf(convert(change));
        });
        _out << "]";
    }

    void close() { _out << "}"; }

private:
    std::ostream& key(const std::string& name)
    {
        return _out << std::exchange(_separator, ",") << textOf(name) << ":";
    }

    std::ostream& _out;
    const char* _separator = "";
};

/// ?changes=N: at most so many, with the counts and details that a table shows.
void writePlan(std::ostream& out, sync::SyncService& syncs, const sync::Plan& plan,
               const std::optional<size_t>& most)
{
    ObjectWriter object(out);
    object.member("id", plan.id);
    object.member("sync", plan.sync);
    object.member("verdict", sync::toText(plan.verdict));
    object.member("guards", toJson(plan.guards));
    if (plan.undoes != 0)
        object.member("undoes", plan.undoes);
    if (most)
    {
        object.member("total", plan.changes);
        object.member("held", plan.held);
        object.member("byAction", plan.byAction);
    }
    object.changes(
        [&](const auto& change) { syncs.eachPlanned(plan.id, most.value_or(kAllChanges), change); },
        [&](const sync::PlannedChange& change) {
            return most ? detailOf(change) : toJson(change);
        });
    object.member("findings", web::toJson(plan.findings));
    object.close();
}

std::optional<size_t> mostChanges(const ApiCall& call)
{
    if (call.query("changes").empty())
        return std::nullopt;
    return std::max<size_t>(call.number("changes", 1), 1);
}

/// True when the directory was not read to its end: what was planned is not all there is to do.
bool isIncomplete(const std::vector<runtime::Finding>& findings)
{
    return std::any_of(findings.begin(), findings.end(), [](const runtime::Finding& finding) {
        return finding.code == "directory-incomplete";
    });
}

/// What a command ends with that met these plans or runs: the trouble that someone must deal with
/// first; 0: none.
template <typename Each>
int exitCodeOfTrouble(const std::vector<Each>& all)
{
    const auto any = [&](const auto& is) { return std::any_of(all.begin(), all.end(), is); };
    using sync::Trouble;
    if (any([](const auto& each) { return each.trouble == Trouble::Configuration; }))
        return 78;
    if (any([](const auto& each) {
            return each.trouble == Trouble::Unreachable || isIncomplete(each.findings);
        }))
        return 75;
    return any([](const auto& each) { return each.trouble == Trouble::Refused; }) ? 1 : 0;
}

int exitCodeOf(const std::vector<sync::Run>& runs)
{
    const auto any = [&](const auto& is) { return std::any_of(runs.begin(), runs.end(), is); };
    using sync::RunState;
    if (const auto trouble = exitCodeOfTrouble(runs); trouble != 0)
        return trouble;
    if (any([](const auto& run) {
            return run.state != RunState::Succeeded && run.state != RunState::Held;
        }))
        return 1;
    return any([](const auto& run) { return run.state == RunState::Held; }) ? 3 : 0;
}

/// A whole number of the body; nothing when it is not there. Throws UsageError.
std::optional<int64_t> numberOf(const ApiCall& call, const std::string& name)
{
    const auto& body = call.request.body;
    const auto found = body.is_object() ? body.find(name) : body.end();
    if (found == body.end() || found->is_null())
        return std::nullopt;
    if (!found->is_number_integer())
        throw UsageError("\"" + name + "\" of the request must be a whole number");
    return found->get<int64_t>();
}

ApiResponse plan(ApiParts& parts, const ApiCall& call)
{
    const auto undo = numberOf(call, "undo");
    const auto plans =
        undo ? std::vector{parts.syncs.planUndo(*undo, call.progress, call.cancellation)}
             : parts.syncs.plan(call.texts("syncs"), {.verify = call.flag("verify")}, call.progress,
                                call.cancellation);
    return {.exitCode = exitCodeOfTrouble(plans),
            .stream = [&parts, plans, most = mostChanges(call)](std::ostream& out) {
                out << "{\"plans\":[";
                const char* separator = "";
                for (const auto& each : plans)
                {
                    out << std::exchange(separator, ",\n");
                    writePlan(out, parts.syncs, each, most);
                }
                out << "]}\n";
            }};
}

ApiResponse run(ApiParts& parts, const ApiCall& call)
{
    const sync::SyncOptions options{.verify = call.flag("verify"),
                                    .approve = call.flag("approve"),
                                    .plan = numberOf(call, "plan")};
    const auto runs =
        parts.syncs.run(call.texts("syncs"), options, call.progress, call.cancellation);
    auto list = Json::array();
    for (const auto& each : runs)
        list.push_back(toJson(each));
    return {.exitCode = exitCodeOf(runs), .body = {{"runs", std::move(list)}}};
}

ApiResponse runs(ApiParts& parts, const ApiCall& call)
{
    const auto sync = call.query("sync");
    auto list = Json::array();
    for (const auto& each : parts.syncs.runs(sync.empty() ? std::nullopt : std::optional(sync),
                                             call.number("limit", kRunsShown)))
        list.push_back(historyOf(each));
    return {.body = {{"runs", std::move(list)}}};
}

ApiResponse oneRun(ApiParts& parts, const ApiCall& call)
{
    const auto& text = call.parameters.at("id");
    int64_t id = 0;
    const auto* const end = text.data() + text.size();
    if (const auto parsed = std::from_chars(text.data(), end, id);
        parsed.ec != std::errc() || parsed.ptr != end)
        throw UsageError("'" + text + "' is no number of a run: see `muster runs`");
    const auto found = parts.syncs.run(id);
    return {.stream = [&parts, found, most = mostChanges(call)](std::ostream& out) {
        ObjectWriter object(out);
        object.member("run", historyOf(found));
        object.changes(
            [&](const auto& change) {
                parts.syncs.eachDone(found.id, most.value_or(kAllChanges), change);
            },
            detailOf);
        object.close();
        out << "\n";
    }};
}

} // namespace

void addSyncs(Router& router, ApiParts& parts)
{
    const std::vector<Member> changes = {{"changes", "integer"}};
    router.add({.method = "POST",
                .pattern = "/plans",
                .summary = "Refresh and show what would change, of some syncs or all; or what "
                           "would put back the run \"undo\". ?changes= says how many changes to "
                           "show at most, with more of each.",
                .query = changes,
                .body = {{"syncs", "array"}, {"verify", "boolean"}, {"undo", "integer"}},
                .handler = [&](const ApiCall& call) { return plan(parts, call); }});
    router.add({.method = "POST",
                .pattern = "/runs",
                .summary = "Refresh, plan, guard and run some syncs or all; or run the plan "
                           "\"plan\" as it is stored.",
                .body = {{"syncs", "array"},
                         {"plan", "integer"},
                         {"approve", "boolean"},
                         {"verify", "boolean"}},
                .handler = [&](const ApiCall& call) { return run(parts, call); }});
    router.add({.pattern = "/runs",
                .summary = "The latest runs, of a sync or of all.",
                .query = {{"sync"}, {"limit", "integer"}},
                .handler = [&](const ApiCall& call) { return runs(parts, call); }});
    router.add({.pattern = "/runs/{id}",
                .summary = "A run with its changes and their outcomes; at most ?changes= of them.",
                .query = changes,
                .handler = [&](const ApiCall& call) { return oneRun(parts, call); }});
    router.add({.pattern = "/records",
                .summary = "Trace a record of a target, by its key or name, back to Entra.",
                .query = {{"target"}, {"key"}},
                .handler = [&](const ApiCall& call) -> ApiResponse {
                    return {.body = parts.syncs.why(call.query("target"), call.query("key"))};
                }});
}

} // namespace muster::web
