#include "sync/Reversal.h"

#include "store/Dialect.h"
#include "sync/Ledger.h"

namespace muster::sync {

using nlohmann::json;
using store::dialect::rows;

namespace {

constexpr int kChangesPerChunk = 1000;
const char* const kChangedSince = "was changed again since";

} // namespace

struct Reversal::Done
{
    int64_t id = 0;
    std::string action;
    json document;

    int64_t record = 0;
    std::string kind = {};
    bool exists = false; ///< in the target
    bool active = false;
    std::string origin = {};
    json fields = nullptr;
    bool isUsedSince = false; ///< a later run linked it, or another scope claims it

    int64_t link = 0;
    std::string role = {}; ///< empty: not in the target
    bool haveEndsGone = false;
    bool isPlaceTaken = false; ///< by another link, of those of which a record has one
};

Reversal::Reversal(store::Database& database, const runtime::Clock& clock)
    : _database(database), _clock(clock)
{}

int64_t Reversal::plan(const PlanInput& input, int64_t run)
{
    store::Transaction transaction(_database);
    int64_t plan = 0;
    _database.query<int64_t>("INSERT INTO plan(sync, made_at, verdict, guards, complete, undoes) "
                             "VALUES($1, $2, 'clear', '[]', 1, $3) RETURNING id",
                             {input.sync.id, runtime::toMilliseconds(_clock.now()), run},
                             [&](int64_t id) { plan = id; });
    for (auto done = next(run, 0); !done.empty(); done = next(run, done.back().id))
        store(plan, run, done, input);
    transaction.commit();
    return plan;
}

std::vector<Reversal::Done> Reversal::next(int64_t run, int64_t after)
{
    std::vector<Done> all;
    _database.query<int64_t, std::string, std::string, int64_t, int64_t>(
        "SELECT id, action, document, COALESCE(record, 0), COALESCE(link, 0) FROM change WHERE "
        "plan = (SELECT plan FROM run WHERE id = $1) AND run = $1 AND state = 'applied' AND "
        "action <> 'adopt' AND id > $2 ORDER BY id LIMIT " +
            std::to_string(kChangesPerChunk),
        {run, after},
        [&](int64_t id, const auto& action, const std::string& document, int64_t record,
            int64_t link) {
            all.push_back({.id = id,
                           .action = action,
                           .document = json::parse(document),
                           .record = record,
                           .link = link});
        });
    for (auto& done : all)
    {
        _database.query<std::string, bool, bool, std::string, std::string, bool>(
            "SELECT r.kind, r.remote_id IS NOT NULL, r.active, r.origin, r.fields, EXISTS (SELECT "
            "1 FROM link l JOIN change c ON c.link = l.id WHERE l.source = r.id AND l.role IS NOT "
            "NULL AND c.action = 'link' AND c.state = 'applied' AND c.run > $2 AND NOT EXISTS "
            "(SELECT 1 FROM change o WHERE o.link = l.id AND o.run = $2 AND o.action = 'link' AND "
            "o.state = 'applied')) OR EXISTS (SELECT "
            "1 FROM record o JOIN claim k ON k.record = o.id WHERE o.kind = r.kind AND o.remote_id "
            "= r.remote_id AND o.id <> r.id AND o.scope IN (SELECT s.id FROM scope s JOIN scope t "
            "ON t.target = s.target WHERE t.id = r.scope)) FROM record r WHERE r.id = $1",
            {done.record, run},
            [&](const auto& kind, bool exists, bool active, const auto& origin,
                const std::string& fields, bool isUsedSince) {
                done.kind = kind;
                done.exists = exists;
                done.active = active;
                done.origin = origin;
                done.fields = json::parse(fields);
                done.isUsedSince = isUsedSince;
            });
        _database.query<std::string, bool, bool>(
            "SELECT COALESCE(l.role, ''), s.remote_id IS NULL OR d.remote_id IS NULL, EXISTS "
            "(SELECT 1 FROM link o JOIN record e ON e.id = o.destination WHERE o.source = l.source "
            "AND o.id <> l.id AND o.role IS NOT NULL AND e.kind = d.kind) FROM link l JOIN record "
            "s ON s.id = l.source JOIN record d ON d.id = l.destination WHERE l.id = $1",
            {done.link}, [&](const auto& role, bool haveEndsGone, bool isPlaceTaken) {
                done.role = role;
                done.haveEndsGone = haveEndsGone;
                done.isPlaceTaken = isPlaceTaken;
            });
    }
    return all;
}

Reversal::Reverse Reversal::reverse(const PlanInput& input, const Done& done)
{
    return done.link == 0 ? reverseOfRecord(input, done) : reverseOfLink(done);
}

Reversal::Reverse Reversal::reverseOfRecord(const PlanInput& input, const Done& done)
{
    if (!done.exists)
        return {.stays = "is no longer in the target"};
    if (done.action == "update")
        return restoreFields(done);
    if (done.action == "retire")
        return done.active
                   ? Reverse{.stays = kChangedSince}
                   : Reverse{.phase = kPhasesPerKind + kActivatePhase, .action = "activate"};
    return retire(input, done);
}

/// What a run created or activated is as inactive as before.
Reversal::Reverse Reversal::retire(const PlanInput& input, const Done& done)
{
    if (done.action == "create" && done.origin != "created")
        return {.stays = "was in the target already"};
    if (!input.target.can(done.kind, "retire"))
        return {.stays = "the target cannot remove a " + wordsOf(done.kind)};
    if (!done.active)
        return {.stays = kChangedSince};
    if (done.isUsedSince)
        return {.stays = "is needed by what was done since"};
    return {.phase = kRetirePhase, .action = "retire"};
}

/// Only those fields that still are as the run left them.
Reversal::Reverse Reversal::restoreFields(const Done& done)
{
    const auto earlier = done.document.value("before", json::object());
    auto before = json::object();
    auto now = json::object();
    for (const auto& [name, value] : earlier.items())
    {
        const auto present = done.fields.value(name, json());
        if (present != done.document.at("fields").value(name, json()))
            continue;
        before[name] = value;
        now[name] = present;
    }
    if (before.empty())
        return {.stays = kChangedSince};
    return {.phase = kPhasesPerKind + kUpdatePhase,
            .action = "update",
            .document = {{"fields", before}, {"before", now}}};
}

Reversal::Reverse Reversal::reverseOfLink(const Done& done)
{
    if (done.haveEndsGone)
        return {.stays = "is no longer in the target"};
    const auto& document = done.document;
    const bool isExclusive = document.value("exclusive", false);
    const bool wasLinked = done.action == "link";
    if (done.role != (wasLinked ? document.value("role", "") : "") ||
        (isExclusive && !wasLinked && done.isPlaceTaken))
        return {.stays = kChangedSince};
    Reverse reverse{.phase = kLinkPhase, .action = "link", .document = json::object()};
    if (isExclusive)
        reverse.document["exclusive"] = true;
    if (const auto other = document.find("replaces"); other != document.end())
    {
        reverse.link = other->at("link");
        reverse.document["role"] = other->at("role");
        reverse.document["origin"] = other->at("origin");
        reverse.document["replaces"] = {
            {"link", done.link}, {"role", done.role}, {"origin", "created"}};
        return reverse;
    }
    if (const auto before = document.value("before", std::string()); !before.empty())
    {
        reverse.document["role"] = before;
        if (wasLinked)
            reverse.document["before"] = done.role;
        if (document.contains("origin"))
            reverse.document["origin"] = document.at("origin");
        return reverse;
    }
    reverse.phase = kUnlinkPhase;
    reverse.action = "unlink";
    reverse.document["before"] = done.role;
    return reverse;
}

void Reversal::store(int64_t plan, int64_t run, const std::vector<Done>& done,
                     const PlanInput& input)
{
    const auto reason = "undoes run " + std::to_string(run);
    auto changes = json::array();
    for (const auto& each : done)
    {
        const auto reverse = this->reverse(input, each);
        const auto link = reverse.link != 0 ? reverse.link : each.link;
        const bool stays = !reverse.stays.empty();
        changes.push_back({each.id, stays ? kRetirePhase : reverse.phase,
                           stays ? each.action : reverse.action, link == 0 ? json() : json(link),
                           reverse.document.dump(), stays ? "superseded" : "planned",
                           reverse.stays});
    }
    _database.execute(
        "INSERT INTO change(plan, phase, action, record, link, grp, document, reason, state, "
        "message) SELECT $1, n.phase, n.action, c.record, n.link, c.grp, n.document, $2, n.state, "
        "n.message FROM " +
            rows("$3", "id integer, phase integer, action text, link integer, document text, "
                       "state text, message text") +
            " n JOIN change c ON c.id = n.id ORDER BY n.id",
        {plan, reason, changes.dump()});
}

} // namespace muster::sync
