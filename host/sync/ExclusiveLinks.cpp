#include "sync/ExclusiveLinks.h"

#include "store/Dialect.h"
#include "store/JsonRows.h"
#include "sync/Ledger.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace muster::sync {

using nlohmann::json;
using store::rowsOf;
using store::dialect::idsIn;
using store::dialect::rows;
using store::dialect::temporaryTable;

namespace {

constexpr size_t kSourcesPerChunk = 1000;

} // namespace

/// A link that the target has or somebody claims.
struct ExclusiveLinks::Link
{
    int64_t id = 0;
    int64_t source = 0;
    std::string sourceKey;
    std::string sourceName;
    bool isSourceRefused = false; ///< or waits: there will be none to link
    std::string key;              ///< of the destination
    std::string name;
    bool isThere = false; ///< the destination is in the target
    bool isPresent = false;
    std::string role;
    std::string origin;
    bool isClaimedTo = false;     ///< the destination, by anybody
    bool isClaimedToHere = false; ///< by this sync
    bool isForeign = false;       ///< nobody ever claimed the destination

    bool isClaimed = false;
    bool isClaimedHere = false;
    std::string rank = {};
    std::string wanted = {}; ///< role
    int64_t group = 0;

    auto place() const { return std::tie(rank, key, id); }
};

ExclusiveLinks::ExclusiveLinks(store::Database& database) : _database(database)
{
    _database.execute(temporaryTable("planned_link", "link INTEGER PRIMARY KEY"));
}

void ExclusiveLinks::plan(const PlanInput& input, int64_t plan,
                          const runtime::Cancellation& cancellation)
{
    _database.execute("DELETE FROM planned_link");
    for (const auto& kind : input.target.links)
    {
        if (!kind.isExclusive)
            continue;
        int64_t last = 0;
        while (true)
        {
            cancellation.check();
            std::vector<int64_t> sources;
            _database.query<int64_t>(
                "SELECT DISTINCT l.source FROM link l JOIN record s ON s.id = l.source JOIN record "
                "d ON d.id = l.destination WHERE l.scope = $1 AND l.dirty = 1 AND s.kind = $2 AND "
                "d.kind = $3 AND l.source > $4 ORDER BY l.source LIMIT " +
                    std::to_string(kSourcesPerChunk),
                {input.sync.scopeId, kind.from, kind.to, last},
                [&](int64_t source) { sources.push_back(source); });
            if (sources.empty())
                break;
            last = sources.back();
            planChunk(input, plan, kind, sources);
        }
    }
}

void ExclusiveLinks::planChunk(const PlanInput& input, int64_t plan, const plugins::LinkKind& kind,
                               const std::vector<int64_t>& sources)
{
    _changes = json::array();
    _marked.clear();
    _kept.clear();
    const auto ofSources = "source IN " + idsIn("$1");
    _database.execute("DELETE FROM finding WHERE sync = $2 AND origin = 'plan' AND link IN (SELECT "
                      "id FROM link WHERE " +
                          ofSources + ")",
                      {rowsOf(sources), input.sync.id});
    const auto all = linksOf(input, kind, sources);
    std::vector<int64_t> looked;
    for (const auto& links : all)
    {
        decide(input, kind, links);
        for (const auto& link : links)
            looked.push_back(link.id);
    }
    _database.execute("INSERT INTO planned_link SELECT id FROM " + rows("$1", "id integer"),
                      {rowsOf(looked)});
    _database.execute("UPDATE link SET dirty = 0 WHERE dirty = 1 AND " + ofSources +
                          " AND (SELECT d.kind FROM record d WHERE d.id = link.destination) = $2 "
                          "AND id NOT IN " +
                          idsIn("$3"),
                      {rowsOf(sources), kind.to, rowsOf(_kept)});
    _database.execute("UPDATE link SET dirty = 1 WHERE id IN " + idsIn("$1"), {rowsOf(_marked)});
    _database.execute("INSERT INTO change(plan, phase, action, link, grp, document, reason, state) "
                      "SELECT $1, phase, action, link, NULLIF(grp, 0), document, reason, 'planned' "
                      "FROM " +
                          rows("$2", "phase integer, action text, link integer, grp integer, "
                                     "document text, reason text"),
                      {plan, _changes.dump()});
}

std::vector<ExclusiveLinks::Links> ExclusiveLinks::linksOf(const PlanInput& input,
                                                           const plugins::LinkKind& kind,
                                                           const std::vector<int64_t>& sources)
{
    std::vector<Links> all;
    using Text = std::string;
    _database.query<int64_t, int64_t, Text, Text, bool, Text, Text, bool, bool, Text, Text, bool,
                    bool, bool>(
        "SELECT l.id, l.source, s.key, s.name, s.remote_id IS NULL AND s.dirty IN (2, 3), d.key, "
        "d.name, d.remote_id IS NOT NULL, l.role IS NOT NULL, COALESCE(l.role, ''), l.origin, "
        "EXISTS (SELECT 1 FROM claim c WHERE c.record = d.id), EXISTS (SELECT 1 FROM claim c WHERE "
        "c.record = d.id AND c.sync = $3), COALESCE(d.key = '#' || d.remote_id, 0) FROM link l "
        "JOIN record s ON s.id = l.source JOIN record "
        "d ON d.id = l.destination WHERE l.source IN " +
            idsIn("$1") +
            " AND d.kind = $2 AND (l.role IS NOT NULL OR EXISTS (SELECT 1 FROM link_claim c WHERE "
            "c.link = l.id)) ORDER BY l.source, l.id",
        {rowsOf(sources), kind.to, input.sync.id},
        [&](int64_t id, int64_t source, const Text& sourceKey, const Text& sourceName, bool refused,
            const Text& key, const Text& name, bool isThere, bool isPresent, const Text& role,
            const Text& origin, bool claimed, bool claimedHere, bool foreign) {
            if (all.empty() || all.back().front().source != source)
                all.emplace_back();
            all.back().push_back({id, source, sourceKey, sourceName, refused, key, name, isThere,
                                  isPresent, role, origin, claimed, claimedHere, foreign});
        });
    addClaims(input, all);
    return all;
}

void ExclusiveLinks::addClaims(const PlanInput& input, std::vector<Links>& all)
{
    std::map<int64_t, Link*> byId;
    std::vector<int64_t> ids;
    for (auto& links : all)
        for (auto& link : links)
        {
            byId.emplace(link.id, &link);
            ids.push_back(link.id);
        }
    _database.query<int64_t, bool, int64_t, std::string, std::string>(
        "SELECT c.link, c.sync = $2, c.grp, c.role, c.rank FROM link_claim c WHERE c.link IN " +
            idsIn("$1") + " ORDER BY c.rank, c.grp",
        {rowsOf(ids), input.sync.id},
        [&](int64_t id, bool here, int64_t group, const auto& role, const auto& rank) {
            auto& link = *byId.at(id);
            if (!link.isClaimed)
            {
                link.rank = rank;
                link.wanted = role;
            }
            if (here && !link.isClaimedHere)
                link.group = group;
            link.isClaimed = true;
            link.isClaimedHere = link.isClaimedHere || here;
        });
}

void ExclusiveLinks::decide(const PlanInput& input, const plugins::LinkKind& kind,
                            const Links& links)
{
    const Link* winner = nullptr;
    for (const auto& link : links)
    {
        if (link.isClaimed && link.isThere && (!winner || link.place() < winner->place()))
            winner = &link;
        // Another sync's: it looks itself. What is missing is for the planner to park.
        if (link.isClaimed && (!link.isClaimedHere || !link.isThere))
            _kept.push_back(link.id);
    }
    if (!winner)
        return decideUnclaimed(input, links);
    decideWon(input, kind, links, *winner);
    for (const auto& link : links)
        if (link.isClaimedHere && link.isThere && &link != winner)
            noteLoser(input, kind, *winner, link);
}

void ExclusiveLinks::decideWon(const PlanInput& input, const plugins::LinkKind& kind,
                               const Links& links, const Link& winner)
{
    const auto other = std::find_if(links.begin(), links.end(), [&](const Link& link) {
        return link.isPresent && link.id != winner.id;
    });
    // Two that seem to be there: a try that may not have finished.
    if (winner.isPresent && winner.role == winner.wanted && other == links.end())
    {
        if (winner.isClaimedHere && winner.origin == "found")
            _database.execute("UPDATE link SET origin = 'adopted' WHERE id = $1", {winner.id});
        return;
    }
    if (winner.isClaimedHere && other != links.end() && other->origin == "found" &&
        input.sync.removal.links == estate::LinkRemoval::Managed)
        return noteKept(input, kind, *other, winner);
    _kept.push_back(winner.id);
    if (!winner.isClaimedHere)
        return _marked.push_back(winner.id);
    if (winner.isSourceRefused)
        return;
    const auto reason = winner.isPresent || (other != links.end() && other->role == "?")
                            ? std::string("an earlier try may not have finished")
                        : other != links.end()
                            ? "has " + (other->name.empty() ? other->key : other->name) +
                                  ", should have " + winner.name
                            : std::string("in the Entra group");
    _marked.push_back(winner.id);
    auto document = json{{"role", winner.wanted}, {"exclusive", true}};
    if (other != links.end() && other->role != "?")
        document["replaces"] = {
            {"link", other->id}, {"role", other->role}, {"origin", other->origin}};
    _changes.push_back({kLinkPhase, "link", winner.id, winner.group, document.dump(), reason});
}

void ExclusiveLinks::decideUnclaimed(const PlanInput& input, const Links& links)
{
    const auto& removal = input.sync.removal;
    const Link* present = nullptr;
    bool isRemovable = true;
    for (const auto& link : links)
    {
        if (!link.isPresent)
            continue;
        present = &link;
        isRemovable = isRemovable && !link.isClaimed &&
                      (removal.links == estate::LinkRemoval::All || link.origin != "found") &&
                      (link.isClaimedToHere || (!link.isClaimedTo && !link.isForeign &&
                                                removal.groups == estate::GroupRemoval::Retire));
    }
    if (!present || !isRemovable)
        return;
    _kept.push_back(present->id);
    if (input.complete)
        _changes.push_back({kUnlinkPhase, "unlink", present->id, 0,
                            json{{"exclusive", true},
                                 {"before", present->role == "?" ? "" : present->role},
                                 {"origin", present->origin}}
                                .dump(),
                            present->origin == "found"
                                ? "not in the Entra group, and not put there by Muster"
                                : "no longer in the Entra group"});
}

void ExclusiveLinks::noteLoser(const PlanInput& input, const plugins::LinkKind& kind,
                               const Link& winner, const Link& loser)
{
    note(input, kind, loser,
         "gets the " + wordsOf(kind.to) + " " + winner.name + " and not " + loser.name + ": a " +
             wordsOf(kind.from) + " has one, and the first in the order of the selection counts");
}

void ExclusiveLinks::noteKept(const PlanInput& input, const plugins::LinkKind& kind,
                              const Link& kept, const Link& winner)
{
    note(input, kind, winner,
         "keeps the " + wordsOf(kind.to) + " " + (kept.name.empty() ? kept.key : kept.name) +
             ", which Muster did not give, and does not get " + winner.name +
             ": take it away there, or set removal.links: all");
}

void ExclusiveLinks::note(const PlanInput& input, const plugins::LinkKind& kind, const Link& link,
                          const std::string& what)
{
    _database.execute("INSERT INTO finding(sync, origin, link, grp, code, severity, message, key) "
                      "VALUES($1, 'plan', $2, $3, $4, 'info', $5, $6)",
                      {input.sync.id, link.id, link.group, kind.to + "-taken",
                       link.sourceName + " (" + link.sourceKey + ") " + what, link.sourceKey});
}

} // namespace muster::sync
