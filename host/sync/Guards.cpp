#include "sync/Guards.h"

#include "store/Dialect.h"
#include "sync/PlanStore.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace muster::sync {

using nlohmann::json;

namespace {

constexpr int64_t kTenantsWithinAnHour = 3;
constexpr int64_t kHour = 60 * 60 * 1000;
constexpr int64_t kEverything = 100;

/// Of a change: it gives a place to something else that people gave it.
std::string replacesForeign()
{
    using store::dialect::member;
    return member(member("document", "replaces"), "origin") + " = 'found'";
}

/// Of a change: it takes something away.
std::string removes()
{
    return "(action IN ('unlink', 'retire') OR " + replacesForeign() + ")";
}

std::string howToGoOn(const estate::Sync& sync, const std::optional<int64_t>& undoes)
{
    if (undoes)
        return "let them pass once with `muster undo " + std::to_string(*undoes) + " --approve`";
    return "look at them with `muster plan " + sync.name +
           "`, and let them pass once with `muster "
           "sync " +
           sync.name + " --approve`";
}

} // namespace

Guards::Guards(store::Database& database, const runtime::Clock& clock)
    : _database(database), _clock(clock)
{}

Verdict Guards::judge(const estate::Sync& sync, int64_t plan)
{
    const auto removals = _database.value<int64_t>(
        "SELECT 1 FROM change WHERE plan = $1 AND state = 'planned' AND " + removes() + " LIMIT 1",
        {plan});
    if (!removals)
        return Verdict::Clear;
    _remedy = howToGoOn(sync, PlanStore(_database).undoneRun(plan));
    std::vector<GuardMessage> said;
    guardShare(sync, plan, said);
    guardEmptied(sync, plan, said);
    guardForeign(sync, plan, said);
    guardTenants(sync, said);
    if (said.empty())
        return Verdict::Clear;
    json messages = json::array();
    for (const auto& [rule, message] : said)
        messages.push_back({{"rule", rule}, {"message", message}});
    const bool waitsWhole = sync.guard.additions == estate::Additions::Wait;
    store::Transaction transaction(_database);
    _database.execute("UPDATE plan SET verdict = 'held', guards = $1 WHERE id = $2",
                      {messages.dump(), plan});
    _database.execute(std::string("UPDATE change SET state = 'held' WHERE plan = $1 AND state = "
                                  "'planned'") +
                          (waitsWhole ? "" : " AND " + removes()),
                      {plan});
    transaction.commit();
    return Verdict::Held;
}

void Guards::guardShare(const estate::Sync& sync, int64_t plan, std::vector<GuardMessage>& said)
{
    const auto judgeShare = [&](const std::string& what, int64_t removed, int64_t total) {
        if (removed < sync.guard.count || removed * 100 <= total * sync.guard.percent)
            return;
        said.push_back(
            {"removals",
             std::to_string(removed) + " of " + std::to_string(total) + " " + what + " would go (" +
                 std::to_string(removed * 100 / std::max<int64_t>(total, 1)) + " %, the limit is " +
                 std::to_string(sync.guard.percent) + " %): " + _remedy});
    };
    const auto unlinked =
        _database
            .value<int64_t>("SELECT COUNT(*) FROM change WHERE plan = $1 AND state = 'planned' AND "
                            "action = 'unlink'",
                            {plan})
            .value_or(0);
    if (unlinked >= sync.guard.count)
        judgeShare("memberships", unlinked,
                   _database
                       .value<int64_t>("SELECT COUNT(*) FROM link WHERE scope = $1 AND role IS NOT "
                                       "NULL AND (EXISTS (SELECT 1 FROM claim c WHERE c.record = "
                                       "link.destination AND c.sync = $2) OR EXISTS (SELECT 1 "
                                       "FROM change c WHERE c.link = link.id AND c.plan = $3))",
                                       {sync.scopeId, sync.id, plan})
                       .value_or(0));
    std::vector<Removals> retired;
    _database.query<std::string, int64_t>(
        "SELECT r.kind, COUNT(*) FROM change c JOIN record r ON r.id = c.record WHERE c.plan = $1 "
        "AND c.state = 'planned' AND c.action = 'retire' GROUP BY r.kind",
        {plan}, [&](const std::string& kind, int64_t count) {
            retired.push_back({kind, count});
        });
    for (const auto& [kind, count] : retired)
        if (count >= sync.guard.count)
            judgeShare(kind + "s", count,
                       _database
                           .value<int64_t>("SELECT COUNT(*) FROM record WHERE scope = $1 AND "
                                           "kind = $2 AND remote_id IS NOT NULL AND active = 1 "
                                           "AND origin <> 'found'",
                                           {sync.scopeId, kind})
                           .value_or(0));
}

void Guards::guardEmptied(const estate::Sync& sync, int64_t plan, std::vector<GuardMessage>& said)
{
    // Who allows every share of a kind to go allows a group to be emptied too.
    if (sync.guard.percent >= kEverything)
        return;
    _database.query<std::string, int64_t>(
        "SELECT r.key, COUNT(*) FROM change c JOIN link l ON l.id = c.link JOIN record r ON "
        "r.id = l.destination WHERE c.plan = $1 AND c.state = 'planned' AND c.action = 'unlink' "
        "GROUP BY l.destination HAVING COUNT(*) = (SELECT COUNT(*) FROM link o WHERE o.destination "
        "= l.destination AND o.role "
        "IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM link o JOIN link_claim k ON k.link = o.id "
        "WHERE o.destination = l.destination AND NOT EXISTS (SELECT 1 FROM plan p WHERE p.id = $1 "
        "AND p.undoes IS NOT NULL)) AND NOT EXISTS (SELECT 1 FROM change a JOIN link o ON o.id = "
        "a.link WHERE a.plan = $1 AND a.action = 'link' AND o.destination = l.destination) ORDER "
        "BY r.key",
        {plan}, [&](const std::string& name, int64_t count) {
            const auto who = count == 1 ? std::string("the only member")
                                        : "all " + std::to_string(count) + " members";
            said.push_back({"emptied-group", who + " of " + name + " would go: " + _remedy});
        });
}

void Guards::guardForeign(const estate::Sync& sync, int64_t plan, std::vector<GuardMessage>& said)
{
    const auto foreign =
        _database
            .value<int64_t>("SELECT COUNT(*) FROM change WHERE plan = $1 AND state = 'planned' AND "
                            "((action = 'unlink' AND (SELECT l.origin FROM link l WHERE l.id = "
                            "change.link) = 'found') OR " +
                                replacesForeign() + ")",
                            {plan})
            .value_or(0);
    if (foreign == 0)
        return;
    const auto approvedBefore = _database.value<int64_t>(
        "SELECT 1 FROM run r JOIN plan p ON p.id = r.plan WHERE r.sync = $1 AND r.approved = 1 "
        "AND p.guards LIKE '%\"first-removal\"%' LIMIT 1",
        {sync.id});
    if (!approvedBefore)
        said.push_back({"first-removal",
                        std::to_string(foreign) +
                            " memberships that Muster did not make would go, for the first time: " +
                            _remedy + ", or keep such memberships with removal.links: managed"});
}

void Guards::guardTenants(const estate::Sync& sync, std::vector<GuardMessage>& said)
{
    const auto others =
        _database
            .value<int64_t>("SELECT COUNT(DISTINCT s.tenant) FROM run r JOIN sync s ON "
                            "s.id = r.sync JOIN plan p ON p.id = r.plan WHERE s.tenant <> $1 AND "
                            "r.started_at > $2 AND p.guards LIKE '%\"removals\"%'",
                            {sync.tenantId, runtime::toMilliseconds(_clock.now()) - kHour})
            .value_or(0);
    if (others >= kTenantsWithinAnHour)
        said.push_back({"many-tenants",
                        std::to_string(others) +
                            " other tenants passed their removal limits within the last hour: the "
                            "source may be at fault; " +
                            _remedy});
}

} // namespace muster::sync
