#include "sync/Leavings.h"

#include "estate/Documents.h"
#include "store/Dialect.h"
#include "store/JsonRows.h"
#include "sync/Planner.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace muster::sync {

using nlohmann::json;

namespace {

constexpr const char* kKind = "group-document";
constexpr const char* kKept = "Enabled";
constexpr const char* kNotKept = "Disabled";

/// A write whose fate is not known leaves no fields.
bool saysThatItIsKept(const std::string& text)
{
    const auto fields = json::parse(text);
    return fields.empty() || fields.value("status", json()) == kKept;
}

/// {"organization":7} as "organization 7".
std::string textOf(const json& scope)
{
    std::string text;
    for (const auto& [name, value] : scope.items())
        text += (text.empty() ? "" : ", ") + name + " " +
                (value.is_string() ? value.get<std::string>() : value.dump());
    return text;
}

} // namespace

std::string Leaving::message() const
{
    const auto where = textOf(sync.scope) + " of " + sync.target;
    const auto count = records.size() == 1 ? std::string("1 document")
                                           : std::to_string(records.size()) + " documents";
    return where + " has " + count + " of the sync " + sync.name +
           (records.size() == 1 ? ", which is not kept any more and still says "
                                : ", which are not kept any more and still say ") +
           kKept +
           (isTargetDeclared ? ": the next muster sync into " + sync.target + " marks " +
                                   (records.size() == 1 ? "it " : "them ") + kNotKept
                             : ": declare the target " + sync.target +
                                   " again with muster apply and run muster sync, or say so there "
                                   "by hand");
}

Leavings::Leavings(store::Database& database, const runtime::Clock& clock)
    : _database(database), _clock(clock)
{}

std::vector<Leaving> Leavings::all()
{
    std::map<std::pair<int64_t, int64_t>, std::vector<int64_t>> left; ///< by sync and scope
    _database.query<int64_t, int64_t, int64_t, std::string>(
        "SELECT r.id, r.scope, COALESCE((SELECT p.sync FROM change c JOIN plan p ON p.id = c.plan "
        "WHERE c.record = r.id ORDER BY c.id DESC LIMIT 1), 0), r.fields FROM scope JOIN record r "
        "ON r.scope = scope.id AND r.kind = $1 WHERE r.remote_id IS NOT NULL AND r.origin IN "
        "('created', 'adopted') AND NOT EXISTS (SELECT 1 FROM claim k JOIN sync s ON s.id = k.sync "
        "WHERE k.record = r.id AND s.removed_at IS NULL AND s.scope = r.scope)",
        {std::string(kKind)},
        [&](int64_t record, int64_t scope, int64_t sync, const std::string& fields) {
            if (sync != 0 && saysThatItIsKept(fields))
                left[{sync, scope}].push_back(record);
        });
    std::vector<Leaving> all;
    for (auto& [place, records] : left)
    {
        const auto& [syncId, scopeId] = place;
        using Text = std::string;
        _database.query<Text, Text, int64_t, int64_t, Text, Text, bool>(
            "SELECT s.name, s.document, s.tenant, t.id, t.name, c.document, t.removed_at IS NULL "
            "FROM sync s, scope c JOIN target t ON t.id = c.target WHERE s.id = $1 AND c.id = $2",
            {syncId, scopeId},
            [&](const Text& name, const Text& document, int64_t tenant, int64_t targetId,
                const Text& target, const Text& scope, bool isDeclared) {
                Leaving leaving{estate::syncFrom(name, json::parse(document))};
                leaving.sync.id = syncId;
                leaving.sync.tenantId = tenant;
                leaving.sync.targetId = targetId;
                leaving.sync.target = target;
                leaving.sync.scopeId = scopeId;
                leaving.sync.scope = json::parse(scope);
                leaving.records = std::move(records);
                leaving.isTargetDeclared = isDeclared;
                all.push_back(std::move(leaving));
            });
    }
    return all;
}

int64_t Leavings::plan(const estate::Sync& sync)
{
    const auto leavings = all();
    const auto found = std::find_if(leavings.begin(), leavings.end(), [&](const Leaving& leaving) {
        return leaving.sync.id == sync.id && leaving.sync.scopeId == sync.scopeId;
    });
    if (found == leavings.end())
        return 0;
    store::Transaction transaction(_database);
    int64_t plan = 0;
    _database.query<int64_t>(
        "INSERT INTO plan(sync, made_at, verdict, guards, complete) VALUES($1, "
        "$2, 'clear', '[]', 1) RETURNING id",
        {sync.id, runtime::toMilliseconds(_clock.now())}, [&](int64_t id) { plan = id; });
    // Nobody else takes them up by what a removed sync wanted, and it begins anew when it is back.
    _database.execute("DELETE FROM claim WHERE record IN " + store::dialect::idsIn("$1"),
                      {store::rowsOf(found->records)});
    const json document = {{"fields", {{"status", kNotKept}}}, {"before", {{"status", kKept}}}};
    _database.execute("INSERT INTO change(plan, phase, action, record, document, reason, state) "
                      "SELECT $1, $2, 'update', id, $3, 'no sync keeps it any more', 'planned' "
                      "FROM " +
                          store::dialect::rows("$4", "id integer"),
                      {plan, int64_t{kPhasesPerKind + kUpdatePhase}, document.dump(),
                       store::rowsOf(found->records)});
    transaction.commit();
    return plan;
}

void Leavings::giveUpUndone(int64_t plan)
{
    _database.execute("UPDATE record SET origin = 'found' WHERE id IN (SELECT record FROM change "
                      "WHERE plan = $1 AND state IN ('failed', 'unchanged')) AND " +
                          store::dialect::member("fields", "status") + " <> $2",
                      {plan, std::string(kNotKept)});
}

} // namespace muster::sync
