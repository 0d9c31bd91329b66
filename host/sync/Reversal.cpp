#include "sync/Reversal.h"

#include "store/Dialect.h"
#include "sync/Ledger.h"

namespace muster::sync {

using nlohmann::json;
using store::dialect::rows;

namespace {

constexpr int kChangesPerChunk = 1000;
const char* const kChangedSince = "was changed again since";

/// Of a record r: a run later than $1 linked it, or another scope claims it.
const std::string kUsedSince =
    "EXISTS (SELECT 1 FROM link u JOIN change n ON n.link = u.id WHERE u.source = r.id AND u.role "
    "IS NOT NULL AND n.action = 'link' AND n.state = 'applied' AND n.run > $1 AND NOT EXISTS "
    "(SELECT 1 FROM change o WHERE o.link = u.id AND o.run = $1 AND o.action = 'link' AND o.state "
    "= 'applied')) OR EXISTS (SELECT 1 FROM record o JOIN claim k ON k.record = o.id WHERE o.kind "
    "= r.kind AND o.remote_id = r.remote_id AND o.id <> r.id AND o.scope IN (SELECT p.id FROM "
    "scope p JOIN scope q ON q.target = p.target WHERE q.id = r.scope))";

/// Of a link l to a record d: its source is linked to another one of that kind.
const std::string kPlaceTaken =
    "EXISTS (SELECT 1 FROM link o JOIN record e ON e.id = o.destination WHERE o.source = l.source "
    "AND o.id <> l.id AND o.role IS NOT NULL AND e.kind = d.kind)";

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
    bool isUsedSince = false;

    int64_t link = 0;
    std::string role = {}; ///< empty: not in the target
    bool haveEndsGone = false;
    bool isPlaceTaken = false; ///< matters to those of which a record has one
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
    using Text = std::string;
    _database.query<int64_t, Text, Text, int64_t, Text, bool, bool, Text, Text, bool, int64_t, Text,
                    bool, bool>(
        "SELECT c.id, c.action, c.document, COALESCE(r.id, 0), COALESCE(r.kind, ''), r.remote_id "
        "IS NOT NULL, COALESCE(r.active, 0), COALESCE(r.origin, ''), COALESCE(r.fields, '{}'), " +
            kUsedSince +
            ", COALESCE(l.id, 0), COALESCE(l.role, ''), s.remote_id IS NULL OR "
            "d.remote_id IS NULL, " +
            kPlaceTaken +
            " FROM change c LEFT JOIN record r ON r.id = c.record LEFT JOIN link l ON l.id = "
            "c.link LEFT JOIN record s ON s.id = l.source LEFT JOIN record d ON d.id = "
            "l.destination WHERE c.plan = (SELECT plan FROM run WHERE id = $1) AND c.run = $1 AND "
            "c.state = 'applied' AND c.action <> 'adopt' AND c.id > $2 ORDER BY c.id LIMIT " +
            std::to_string(kChangesPerChunk),
        {run, after}, [&](const store::Row& row) {
            all.push_back({.id = row.integer(0),
                           .action = row.text(1),
                           .document = json::parse(row.text(2)),
                           .record = row.integer(3),
                           .kind = row.text(4),
                           .exists = row.get<bool>(5),
                           .active = row.get<bool>(6),
                           .origin = row.text(7),
                           .fields = json::parse(row.text(8)),
                           .isUsedSince = row.get<bool>(9),
                           .link = row.integer(10),
                           .role = row.text(11),
                           .haveEndsGone = row.get<bool>(12),
                           .isPlaceTaken = row.get<bool>(13)});
        });
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
    if (input.mode.isDocumenting)
        return {.stays = "a document is not taken away: `muster document` archives one or switches "
                         "it off"};
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
