#include "directory/MirrorChange.h"

#include "store/Dialect.h"
#include "store/JsonRows.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace muster::directory {

using namespace store;

// CROSS JOIN stands where the order of the tables matters: SQLite keeps it, and a wrong guess of
// its planner would read the whole tenant for every page.

namespace {

std::string stateOf(ObjectChange::What what)
{
    switch (what)
    {
    case ObjectChange::What::Present:
        return "live";
    case ObjectChange::What::Deleted:
        return "deleted";
    case ObjectChange::What::Gone:
        return "gone";
    }
    return "live";
}

/// Each object once: its last state, with what all its changes say.
JsonRows folded(const std::vector<ObjectChange>& objects)
{
    struct Last
    {
        const ObjectChange* change;
        std::string attributes; ///< where several were put together
    };
    std::unordered_map<std::string_view, Last> last;
    std::vector<std::string_view> order;
    for (const auto& object : objects)
    {
        const auto [found, isNew] = last.try_emplace(object.id, Last{&object, {}});
        if (isNew)
        {
            order.push_back(object.id);
            continue;
        }
        auto& before = found->second;
        auto sum = nlohmann::json::parse(before.attributes.empty() ? before.change->attributes
                                                                   : before.attributes);
        sum.update(nlohmann::json::parse(object.attributes));
        before = {&object, sum.dump()};
    }
    JsonRows rows;
    for (const auto& id : order)
    {
        const auto& [change, attributes] = last.at(id);
        rows.add(change->id, stateOf(change->what),
                 attributes.empty() ? change->attributes : attributes);
    }
    return rows;
}

} // namespace

MirrorChange::MirrorChange(Database& database, int64_t tenantId, int64_t copy, int64_t now)
    : _database(database), _transaction(database), _now(now), _isLive(copy == 0)
{
    _database.execute("INSERT INTO directory(tenant, staged) VALUES($1, $2) ON CONFLICT DO NOTHING",
                      {tenantId, copy});
    _database.query<int64_t, int64_t, int64_t>(
        "SELECT id, seq, reads_hidden FROM directory WHERE tenant = $1 AND staged = $2",
        {tenantId, copy}, [&](int64_t id, int64_t sequence, int64_t readsHidden) {
            _directory = id;
            _sequence = sequence + 1;
            _readsHidden = readsHidden != 0;
        });
    emptyTables();
}

void MirrorChange::emptyTables()
{
    const auto table = [&](const std::string& name, const std::string& columns) {
        _database.execute(dialect::temporaryTable(name, columns));
        _database.execute("DELETE FROM " + name);
    };
    table("page_object", "id TEXT, state TEXT, patch TEXT, object INTEGER");
    table("changed_object", "id INTEGER PRIMARY KEY");
    table("changed_link", "grp INTEGER, role INTEGER, member INTEGER, removed INTEGER, "
                          "PRIMARY KEY(grp, role, member)");
    table("touched_group", "id INTEGER PRIMARY KEY");
}

void MirrorChange::applyObjects(const std::string& kind, const std::vector<ObjectChange>& objects)
{
    if (objects.empty())
        return;
    const auto rows = folded(objects);
    _database.execute("INSERT INTO page_object(id, state, patch, object)"
                      " SELECT id, state, patch, (SELECT object.id FROM object"
                      " WHERE object.directory = $1 AND object.entra = entra_id(page.id)) FROM " +
                          dialect::rows("$2", "id text, state text, patch text") + " AS page",
                      {_directory, rows.text()});
    const auto merged = dialect::mergePatch("object.attributes", "page_object.patch");
    // A group that comes back may come with only some of its members: it is due to be looked at.
    const auto changed = _database.execute(
        "UPDATE object SET kind = $1, state = page_object.state, attributes = " + merged +
            ", touched = $2, changed_at = $3, verified_at = CASE"
            " WHEN object.state = 'unknown' THEN $3"
            " WHEN object.state <> 'live' AND page_object.state = 'live' THEN 0"
            " ELSE object.verified_at END FROM page_object WHERE object.id = page_object.object"
            " AND (object.state <> page_object.state OR object.kind <> $1"
            " OR object.attributes <> " +
            merged + ")",
        {kind, _sequence, _now});
    const auto added = _database.execute(
        "INSERT INTO object(directory, entra, kind, state, attributes, touched, changed_at,"
        " verified_at) SELECT $1, entra_id(id), $2, state, " +
            dialect::mergePatch("'{}'", "patch") +
            ", $3, $4, $4 FROM page_object WHERE object IS NULL",
        {_directory, kind, _sequence, _now});
    _changed = _changed || changed + added > 0;
    if (changed == 0 || !_isLive)
        return;
    _database.execute("INSERT INTO changed_object(id) SELECT object.id"
                      " FROM page_object CROSS JOIN object WHERE object.id = page_object.object"
                      " AND object.touched = $1",
                      {_sequence});
    closeLinksOfGone();
}

void MirrorChange::closeLinksOfGone()
{
    const std::string links = "SELECT membership.grp, membership.role, membership.member, 1"
                              " FROM changed_object CROSS JOIN object CROSS JOIN membership"
                              " WHERE object.id = changed_object.id AND object.state = 'gone' AND ";
    _database.execute("INSERT INTO changed_link(grp, role, member, removed) " + links +
                      "membership.member = object.id UNION " + links +
                      "membership.grp = object.id");
    applyLinks();
}

void MirrorChange::nameObjects(const Kinds& kinds)
{
    if (kinds.empty())
        return;
    JsonRows rows;
    for (const auto& [id, kind] : kinds)
        rows.add(id, kind);
    _database.execute(
        "INSERT INTO object(directory, entra, kind, state, changed_at)"
        " SELECT $1, entra_id(id), kind, 'unknown', $2 FROM " +
            dialect::rows("$3", "id text, kind text") +
            " AS page WHERE true ON CONFLICT(directory, entra) DO UPDATE SET kind = excluded.kind"
            " WHERE object.kind = '' AND excluded.kind <> ''",
        {_directory, _now, rows.text()});
}

MirrorChange::Ids MirrorChange::find(const Kinds& kinds)
{
    std::vector<std::string_view> order;
    JsonRows rows;
    for (const auto& [entra, kind] : kinds)
    {
        rows.add(static_cast<int64_t>(order.size()), entra, kind);
        order.push_back(entra);
    }
    Ids found;
    // One without the kind that is told now counts as missing: it is to be named.
    _database.query<int64_t, int64_t>(
        "SELECT page.position, object.id FROM " +
            dialect::rows("$1", "position integer, id text, kind text") +
            " AS page CROSS JOIN object"
            " WHERE object.directory = $2 AND object.entra = entra_id(page.id)"
            " AND (object.kind <> '' OR page.kind = '')",
        {rows.text(), _directory}, [&](int64_t position, int64_t id) {
            found.emplace(order[static_cast<size_t>(position)], id);
        });
    return found;
}

void MirrorChange::applyMemberships(const std::vector<MembershipChange>& changes)
{
    if (changes.empty())
        return;
    Kinds kinds;
    Kinds told; // of them, those that a link to be stored refers to
    for (const auto& change : changes)
    {
        kinds.try_emplace(change.group);
        kinds.try_emplace(change.member);
        if (change.removed)
            continue;
        told.try_emplace(change.group, "group");
        auto& kind = told[change.member];
        if (kind.empty())
            kind = change.memberKind;
    }
    auto ids = find(told);
    std::erase_if(told, [&](const auto& entry) { return ids.count(entry.first) > 0; });
    nameObjects(told);
    std::erase_if(kinds, [&](const auto& entry) { return ids.count(entry.first) > 0; });
    ids.merge(find(kinds));
    std::vector<Link> links;
    links.reserve(changes.size());
    for (const auto& change : changes)
    {
        const auto group = ids.find(change.group);
        const auto member = ids.find(change.member);
        if (group != ids.end() && member != ids.end())
            links.push_back({.group = group->second,
                             .role = static_cast<int64_t>(change.role),
                             .member = member->second,
                             .removed = change.removed});
    }
    // The last change of a link counts, so it is the one that stays of its equals.
    std::stable_sort(links.begin(), links.end());
    JsonRows rows;
    for (size_t i = 0; i < links.size(); ++i)
    {
        if (i + 1 == links.size() || links[i] < links[i + 1])
            rows.add(links[i].group, links[i].role, links[i].member, links[i].removed ? 1 : 0);
    }
    _database.execute(
        "INSERT INTO changed_link(grp, role, member, removed)"
        " SELECT grp, role, member, removed FROM " +
            dialect::rows("$1", "grp integer, role integer, member integer, removed integer") +
            " AS page WHERE removed = CASE WHEN EXISTS(SELECT 1 FROM membership x"
            " WHERE x.grp = page.grp AND x.role = page.role AND x.member = page.member)"
            " THEN 1 ELSE 0 END",
        {rows.text()});
    keepHiddenMembers();
    applyLinks();
}

void MirrorChange::keepHiddenMembers()
{
    if (_isLive && !_readsHidden)
        _database.execute("DELETE FROM changed_link WHERE removed = 1 AND EXISTS(SELECT 1"
                          " FROM object g WHERE g.id = changed_link.grp AND " +
                          isHidden("g") + ")");
}

void MirrorChange::applyLinks()
{
    const auto added = _database.execute(
        "INSERT INTO membership(grp, role, member, since)"
        " SELECT grp, role, member, $1 FROM changed_link WHERE removed = 0 ON CONFLICT DO NOTHING",
        {_now});
    if (_isLive)
    {
        _database.execute("INSERT INTO past_membership(grp, role, member, since, until)"
                          " SELECT m.grp, m.role, m.member, m.since, $1"
                          " FROM changed_link CROSS JOIN membership m"
                          " WHERE changed_link.removed = 1 AND m.grp = changed_link.grp"
                          " AND m.role = changed_link.role AND m.member = changed_link.member",
                          {_now});
        _database.execute("INSERT INTO touched_group(id) SELECT DISTINCT grp FROM changed_link"
                          " WHERE true ON CONFLICT DO NOTHING");
    }
    const auto closed =
        _database.execute("DELETE FROM membership WHERE (grp, role, member) IN"
                          " (SELECT grp, role, member FROM changed_link WHERE removed = 1)");
    _changed = _changed || added + closed > 0;
    _database.execute("DELETE FROM changed_link");
}

void MirrorChange::replaceMembers(
    const std::string& group, Role role,
    const std::vector<std::pair<std::string, std::string>>& idsAndKinds, int64_t settled)
{
    Kinds kinds;
    JsonRows rows;
    for (const auto& [id, kind] : idsAndKinds)
    {
        if (kinds.emplace(id, kind).second)
            rows.add(id);
    }
    nameObjects(kinds);
    const auto groupId = _database.value<int64_t>(
        "SELECT id FROM object WHERE directory = $1 AND entra = entra_id($2)", {_directory, group});
    if (!groupId)
        return;
    const Values values{rows.text(), *groupId, static_cast<int64_t>(role), _directory, settled};
    const std::string listed = "(SELECT o.id FROM " + dialect::rows("$1", "id text") +
                               " AS page CROSS JOIN object o WHERE o.directory = $4"
                               " AND o.entra = entra_id(page.id))";
    _database.execute("INSERT INTO changed_link(grp, role, member, removed)"
                      " SELECT $2, $3, id, 0 FROM " +
                          listed +
                          " AS listed WHERE NOT EXISTS(SELECT 1 FROM membership x WHERE x.grp = $2"
                          " AND x.role = $3 AND x.member = listed.id)"
                          " AND NOT EXISTS(SELECT 1 FROM past_membership p WHERE p.grp = $2"
                          " AND p.role = $3 AND p.member = listed.id AND p.until >= $5)",
                      values);
    _database.execute("INSERT INTO changed_link(grp, role, member, removed)"
                      " SELECT x.grp, x.role, x.member, 1 FROM membership x CROSS JOIN object o"
                      " WHERE o.id = x.member AND x.grp = $2 AND x.role = $3"
                      " AND o.kind <> 'servicePrincipal' AND o.state <> 'deleted'"
                      " AND x.since < $5"
                      " AND o.directory = $4 AND x.member NOT IN " +
                          listed,
                      values);
    keepHiddenMembers();
    applyLinks();
}

void MirrorChange::saveCursor(const std::string& resource, const Cursor& cursor)
{
    _database.execute(
        "INSERT INTO cursor(directory, resource, link, complete, mirrored, selected, started_at,"
        " saved_at) VALUES($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT(directory, resource) DO UPDATE SET link = excluded.link,"
        " complete = excluded.complete, mirrored = excluded.mirrored,"
        " selected = excluded.selected, started_at = excluded.started_at,"
        " saved_at = excluded.saved_at",
        {_directory, resource, cursor.link, int64_t(cursor.complete), int64_t(cursor.mirrored),
         cursor.selected, cursor.startedAt, _now});
}

void MirrorChange::touchHidden()
{
    _database.execute("INSERT INTO touched_group(id) SELECT g.id FROM object g"
                      " WHERE g.directory = $1 AND g.kind = 'group' AND " +
                          isHidden("g") + " ON CONFLICT DO NOTHING",
                      {_directory});
    _changed = true;
}

void MirrorChange::clear(int64_t directory)
{
    _database.execute("DELETE FROM membership WHERE grp IN"
                      " (SELECT id FROM object WHERE directory = $1)",
                      {directory});
    _database.execute("DELETE FROM object WHERE directory = $1", {directory});
    _database.execute("DELETE FROM cursor WHERE directory = $1", {directory});
}

void MirrorChange::takeOver(const std::string& kind, int64_t staged)
{
    takeOverObjects(kind, staged);
    if (kind == "group")
        takeOverMemberships(staged);
}

void MirrorChange::takeOverObjects(const std::string& kind, int64_t staged)
{
    const std::string attributes =
        "CASE WHEN told.state = 'live' THEN told.attributes ELSE object.attributes END";
    _database.execute(
        "UPDATE object SET kind = $1, state = told.state, attributes = " + attributes +
            ", touched = $2, changed_at = $3 FROM object AS told WHERE told.directory = $4"
            " AND told.kind = $1 AND told.state <> 'unknown' AND object.directory = $5"
            " AND object.entra = told.entra AND (object.state <> told.state OR object.kind <> $1"
            " OR object.attributes <> " +
            attributes + ")",
        {kind, _sequence, _now, staged, _directory});
    _database.execute(
        "INSERT INTO object(directory, entra, kind, state, attributes, touched, changed_at)"
        " SELECT $1, told.entra, $2, told.state, told.attributes, $3, $4 FROM object AS told"
        " WHERE told.directory = $5 AND told.kind = $2 AND told.state <> 'unknown'"
        " ON CONFLICT DO NOTHING",
        {_directory, kind, _sequence, _now, staged});
    // A whole chain lists what exists. What it lacks may be restorable, except a device.
    _database.execute(
        "UPDATE object SET state = CASE WHEN $1 = 'device' THEN 'gone' ELSE 'deleted' END,"
        " touched = $2, changed_at = $3 WHERE directory = $4 AND kind = $1 AND state = 'live'"
        " AND NOT EXISTS(SELECT 1 FROM object AS told WHERE told.directory = $5"
        " AND told.entra = object.entra AND told.kind = $1 AND told.state <> 'unknown')",
        {kind, _sequence, _now, _directory, staged});
    if (kind == "group")
        _database.execute("UPDATE object SET verified_at = $1"
                          " WHERE directory = $2 AND kind = 'group' AND state = 'live'",
                          {_now, _directory});
    const auto changed = _database.execute("INSERT INTO changed_object(id) SELECT id FROM object"
                                           " WHERE directory = $1 AND touched = $2",
                                           {_directory, _sequence});
    _changed = _changed || changed > 0;
    closeLinksOfGone();
}

void MirrorChange::takeOverMemberships(int64_t staged)
{
    _database.execute("INSERT INTO object(directory, entra, kind, state, changed_at)"
                      " SELECT $1, told.entra, told.kind, 'unknown', $2 FROM object AS told"
                      " WHERE told.directory = $3 ON CONFLICT(directory, entra) DO UPDATE"
                      " SET kind = excluded.kind WHERE object.kind = '' AND excluded.kind <> ''",
                      {_directory, _now, staged});
    _database.execute(
        dialect::temporaryTable("same_object", "staged INTEGER PRIMARY KEY, live INTEGER UNIQUE"));
    _database.execute("DELETE FROM same_object");
    _database.execute("INSERT INTO same_object(staged, live) SELECT told.id, object.id"
                      " FROM object AS told CROSS JOIN object WHERE object.directory = $1"
                      " AND object.entra = told.entra AND told.directory = $2",
                      {_directory, staged});
    _database.execute("INSERT INTO changed_link(grp, role, member, removed)"
                      " SELECT g.live, told.role, m.live, 0 FROM same_object g"
                      " CROSS JOIN membership told CROSS JOIN same_object m"
                      " WHERE told.grp = g.staged AND m.staged = told.member"
                      " AND NOT EXISTS(SELECT 1 FROM membership x WHERE x.grp = g.live"
                      " AND x.role = told.role AND x.member = m.live)");
    // Restorable people are not listed, and are members again when they come back.
    _database.execute("INSERT INTO changed_link(grp, role, member, removed)"
                      " SELECT x.grp, x.role, x.member, 1 FROM same_object g"
                      " CROSS JOIN object told CROSS JOIN membership x CROSS JOIN object o"
                      " WHERE told.id = g.staged AND told.kind = 'group' AND told.state = 'live'"
                      " AND x.grp = g.live AND o.id = x.member AND o.state <> 'deleted'"
                      " AND NOT EXISTS(SELECT 1 FROM same_object m CROSS JOIN membership s"
                      " WHERE m.live = x.member AND s.grp = g.staged AND s.role = x.role"
                      " AND s.member = m.staged)");
    keepHiddenMembers();
    applyLinks();
    _database.execute("DELETE FROM same_object");
}

void MirrorChange::touchConcerned()
{
    _database.execute("INSERT INTO touched_group(id)"
                      " SELECT object.id FROM changed_object CROSS JOIN object"
                      " WHERE object.id = changed_object.id AND object.kind = 'group'"
                      " UNION SELECT membership.grp FROM changed_object CROSS JOIN membership"
                      " WHERE membership.member = changed_object.id"
                      " ON CONFLICT DO NOTHING");
    // UNION, not UNION ALL: a circle of nested groups ends.
    _database.execute("UPDATE object SET touched = $1 WHERE id IN ("
                      "WITH RECURSIVE above(id) AS (SELECT id FROM touched_group UNION"
                      " SELECT membership.grp FROM above CROSS JOIN membership"
                      " WHERE membership.member = above.id) SELECT id FROM above)",
                      {_sequence});
}

void MirrorChange::commit()
{
    if (_changed && _isLive)
        touchConcerned();
    if (_changed)
        _database.execute("UPDATE directory SET seq = $1 WHERE id = $2", {_sequence, _directory});
    _transaction.commit();
}

void touchGroups(Database& database, int64_t directory, const std::vector<int64_t>& groups)
{
    if (groups.empty())
        return;
    database.execute("UPDATE directory SET seq = seq + 1 WHERE id = $1", {directory});
    database.execute("UPDATE object SET touched = (SELECT seq FROM directory WHERE id = $1)"
                     " WHERE directory = $1 AND id IN " +
                         dialect::idsIn("$2"),
                     {directory, store::rowsOf(groups)});
}

std::optional<int64_t> liveDirectory(Database& database, int64_t tenantId)
{
    return database.value<int64_t>("SELECT id FROM directory WHERE tenant = $1 AND staged = 0",
                                   {tenantId});
}

std::string isHidden(const std::string& group)
{
    return "lower(" + dialect::member(group + ".attributes", "visibility") +
           ") = 'hiddenmembership'";
}

} // namespace muster::directory
