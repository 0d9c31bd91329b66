#include "sync/Trace.h"

#include "runtime/Clock.h"
#include "runtime/Errors.h"
#include "store/Dialect.h"

#include <muster/Keys.h>

#include <vector>

namespace muster::sync {

using nlohmann::json;
using runtime::fromMilliseconds;
using store::dialect::member;

namespace {

struct Found
{
    int64_t id;
    json document;
};

} // namespace

Trace::Trace(store::Database& database) : _database(database)
{}

json Trace::explain(const std::string& target, const std::string& key)
{
    const auto targetId =
        _database.value<int64_t>("SELECT id FROM target WHERE name = $1", {target});
    if (!targetId)
        throw MissingError("there is no target " + target + ": see muster check");
    std::vector<Found> found;
    const auto look = [&](const std::string& where, const std::string& wanted) {
        using Text = std::string;
        _database.query<int64_t, Text, Text, Text, Text, Text, bool, Text>(
            "SELECT r.id, r.kind, r.key, r.name, COALESCE(r.remote_id, ''), r.origin, r.active, "
            "s.document FROM record r JOIN scope s ON s.id = r.scope WHERE s.target = $1 AND "
            "(r.remote_id IS NOT NULL OR EXISTS (SELECT 1 FROM claim c WHERE c.record = r.id)) "
            "AND " +
                where + " ORDER BY r.kind, r.id",
            {*targetId, wanted},
            [&](int64_t id, const Text& kind, const Text& recordKey, const Text& name,
                const Text& remoteId, const Text& origin, bool active, const Text& scope) {
                found.push_back({id,
                                 {{"target", target},
                                  {"scope", json::parse(scope)},
                                  {"kind", kind},
                                  {"key", recordKey},
                                  {"name", name},
                                  {"remoteId", remoteId},
                                  {"origin", origin},
                                  {"active", active}}});
            });
    };
    // What is a part of another record has that one's key before its own.
    const std::string isOfKey =
        "(r.key = $2 OR (r.within <> 0 AND substr(r.key, (SELECT length(a.key) FROM record a WHERE "
        "a.id = r.within) + 2) = $2))";
    look(isOfKey, key);
    if (found.empty())
        look(isOfKey, addressKey(key));
    if (found.empty())
        look("(lower(r.key) = $2 OR lower(r.name) = $2)", addressKey(key));
    if (found.empty())
        throw UsageError("Muster knows nothing named " + key + " in " + target +
                         ": give an address, or the name of a contact or group");
    json records = json::array();
    for (auto& [id, document] : found)
    {
        document["claims"] = claimsOf("claim", "record", id);
        document["links"] = linksOf(id);
        document["history"] = historyOf(id);
        records.push_back(std::move(document));
    }
    return {{"records", std::move(records)}};
}

json Trace::claimsOf(const std::string& table, const std::string& column, int64_t id)
{
    json claims = json::array();
    using Text = std::string;
    _database.query<Text, Text, Text, Text, int64_t>(
        "SELECT s.name, " + member("s.document", "mode") + ", entra_text(g.entra), COALESCE(" +
            member("g.attributes", "displayName") + ", ''), MIN(c.since) FROM " + table +
            " c JOIN sync s ON s.id = c.sync JOIN object g ON g.id = c.grp WHERE c." + column +
            " = $1 GROUP BY s.id, g.id ORDER BY s.name, 4",
        {id},
        [&](const Text& sync, const Text& mode, const Text& group, const Text& groupName,
            int64_t since) {
            claims.push_back({{"sync", sync},
                              {"mode", mode},
                              {"group", group},
                              {"groupName", groupName},
                              {"since", runtime::toText(fromMilliseconds(since))}});
        });
    return claims;
}

json Trace::linksOf(int64_t record)
{
    std::vector<Found> links;
    using Text = std::string;
    _database.query<int64_t, Text, Text, Text, Text, Text, bool>(
        "SELECT l.id, o.kind, o.key, o.name, COALESCE(l.role, ''), l.origin, l.source = $1 FROM "
        "link l "
        "JOIN record o ON o.id = CASE WHEN l.source = $1 THEN l.destination ELSE l.source END "
        "WHERE (l.source = $1 OR l.destination = $1) AND (l.role IS NOT NULL OR EXISTS (SELECT 1 "
        "FROM link_claim c WHERE c.link = l.id)) ORDER BY o.kind, o.key",
        {record},
        [&](int64_t id, const Text& kind, const Text& key, const Text& name, const Text& role,
            const Text& origin, bool outward) {
            links.push_back({id,
                             {{"direction", outward ? "to" : "from"},
                              {"kind", kind},
                              {"key", key},
                              {"name", name},
                              {"role", role},
                              {"origin", origin}}});
        });
    json result = json::array();
    for (auto& [id, document] : links)
    {
        document["claims"] = claimsOf("link_claim", "link", id);
        result.push_back(std::move(document));
    }
    return result;
}

json Trace::historyOf(int64_t record)
{
    json history = json::array();
    using Text = std::string;
    _database.query<int64_t, int64_t, Text, Text, Text>(
        "SELECT c.at, c.run, c.action, COALESCE(NULLIF(d.name, ''), d.key, ''), c.reason FROM "
        "change c LEFT JOIN link "
        "l ON l.id = c.link LEFT JOIN record d ON d.id = l.destination WHERE c.state = 'applied' "
        "AND (c.record = $1 OR c.link IN (SELECT id FROM link WHERE source = $1)) "
        "ORDER BY c.at, c.id",
        {record},
        [&](int64_t at, int64_t run, const Text& action, const Text& group, const Text& reason) {
            json entry = {{"at", runtime::toText(fromMilliseconds(at))},
                          {"run", run},
                          {"action", action},
                          {"reason", reason}};
            if (!group.empty())
                entry["to"] = group;
            history.push_back(std::move(entry));
        });
    return history;
}

} // namespace muster::sync
