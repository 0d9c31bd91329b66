#include "documents/TargetChanges.h"

#include "directory/MirrorChange.h"
#include "documents/Columns.h"
#include "documents/Editor.h"
#include "store/Dialect.h"
#include "store/JsonRows.h"
#include "sync/Drift.h"

#include <muster/Keys.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace muster::documents {

namespace {

const std::string kArchived = "archived";
constexpr size_t kNamesTold = 5;

/// What documents name by ids, and where they say what has no id.
struct Naming
{
    const char* kind;
    const char* field;
    const char* textField;
};
constexpr Naming kNamings[] = {{"contact", "members", "membersText"},
                               {"configuration", "devices", "devicesText"}};

/// The one with that text in a member; null when there is none.
const Naming* namingBy(const char* Naming::*member, const std::string& text)
{
    const auto found = std::find_if(std::begin(kNamings), std::end(kNamings),
                                    [&](const Naming& naming) { return text == naming.*member; });
    return found == std::end(kNamings) ? nullptr : found;
}

std::string fieldTitleOf(const std::string& field)
{
    for (const auto& column : columns())
        if (column.key == field)
            return column.title;
    if (field == "key")
        return "Entra Object ID";
    if (field == "tenant")
        return "Entra Tenant ID";
    return field == "integration" ? "Managed By Integration" : field;
}

std::string namesText(const std::vector<std::string>& names)
{
    std::string text = names.size() == 1 ? "The document " : "The documents ";
    for (size_t i = 0; i < std::min(names.size(), kNamesTold); ++i)
        text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kNamesTold)
        text += " and " + std::to_string(names.size() - kNamesTold) + " more";
    return text;
}

bool isArchivedIn(const Json& fields)
{
    const auto found = fields.find(kArchived);
    return found != fields.end() && found->is_boolean() && found->get<bool>();
}

/// The fields that differ, as they were and as they are.
std::pair<Json, Json> differenceOf(const Json& before, const Json& after)
{
    auto old = Json::object();
    auto now = Json::object();
    for (const auto& [name, value] : before.items())
        if (name != kArchived && after.value(name, Json()) != value)
        {
            old[name] = value;
            now[name] = after.value(name, Json());
        }
    for (const auto& [name, value] : after.items())
        if (name != kArchived && !before.contains(name))
        {
            old[name] = Json();
            now[name] = value;
        }
    return {std::move(old), std::move(now)};
}

} // namespace

TargetChanges::TargetChanges(store::Database& database, const runtime::Clock& clock,
                             const estate::Sync& sync)
    : _database(database), _clock(clock), _sync(sync), _log(database, clock)
{}

bool TargetChanges::isEmpty()
{
    return !_database
                .value<int64_t>("SELECT 1 FROM drift x JOIN record r ON r.id = x.record WHERE "
                                "r.scope = $1 UNION ALL SELECT 1 FROM finding WHERE sync = $2 AND "
                                "origin = 'gone' LIMIT 1",
                                {_sync.scopeId, _sync.id})
                .has_value();
}

void TargetChanges::absorb()
{
    store::Transaction transaction(_database);
    store::JsonRows done;
    std::vector<int64_t> touched;
    Reader reader(_database);
    forgetAnswered();
    for (const auto& change : changes())
    {
        if (change.kind != kKind)
        {
            done.add(change.id);
            noteGone(change);
            continue;
        }
        const auto entry = reader.findIn(_sync.tenantId, change.key);
        if (!entry)
            continue; // of another tenant in the same scope
        done.add(change.id);
        if (entry->group)
            touched.push_back(*entry->group);
        if (!entry->isDeleted)
            absorb(*entry, change);
    }
    if (const auto directory = directory::liveDirectory(_database, _sync.tenantId))
        directory::touchGroups(_database, *directory, touched);
    _database.execute("DELETE FROM drift WHERE id IN " + store::dialect::idsIn("$1"),
                      {done.text()});
    transaction.commit();
}

std::vector<TargetChanges::Change> TargetChanges::changes()
{
    std::vector<Change> all;
    using Text = std::string;
    _database.query<int64_t, int64_t, Text, Text, Text, Text, std::optional<Text>>(
        "SELECT x.id, r.id, r.kind, r.key, r.name, x.before, x.after FROM drift x JOIN record r ON "
        "r.id = x.record WHERE r.scope = $1 ORDER BY x.id",
        {_sync.scopeId},
        [&](int64_t id, int64_t record, Text kind, Text key, Text name, const Text& before,
            const std::optional<Text>& after) {
            all.push_back({id, record, std::move(kind), std::move(key), std::move(name),
                           Json::parse(before),
                           after ? std::optional(Json::parse(*after)) : std::nullopt});
        });
    return all;
}

void TargetChanges::absorb(const Entry& entry, const Change& change)
{
    Editor editor(_database, _clock, _sync.target);
    if (!change.after)
    {
        editor.bury(entry, "deleted", _sync.target);
        return;
    }
    if (isArchivedIn(change.before) != isArchivedIn(*change.after))
    {
        auto moved = entry;
        editor.archive(moved, isArchivedIn(*change.after));
    }
    auto [before, after] = differenceOf(change.before, *change.after);
    withoutGone(before, after);
    std::tie(before, after) = differenceOf(before, after);
    if (after.empty())
        return;
    noteDrift(entry, change, before, after);
    _log.write({entry.tenant, entry.document.id, entry.document.name},
               {"drifted", _sync.target, std::move(before), std::move(after)});
}

void TargetChanges::noteDrift(const Entry& entry, const Change& change, const Json& before,
                              const Json& after)
{
    const sync::DriftWords words{fieldTitleOf,
                                 [&](const std::string& field, const std::string& item) {
                                     const auto* naming = namingBy(&Naming::field, field);
                                     return naming ? nameOf(naming->kind, item) : item;
                                 }};
    _database.execute(
        "INSERT INTO finding(sync, origin, grp, record, code, severity, message, key) "
        "VALUES($1, 'read', $2, $3, 'drift', 'info', $4, $5)",
        {_sync.id, entry.group ? store::Value(*entry.group) : store::Value(std::nullopt),
         change.record,
         "the document " + entry.document.name + " was changed in " + _sync.target +
             " by someone else: " + sync::driftText(before, after, words) + ". " + sync::kIsMended,
         change.key});
}

/// A contact that is gone was not taken out of its documents by hand.
void TargetChanges::withoutGone(Json& before, const Json& after)
{
    for (const auto& naming : kNamings)
    {
        const auto list = before.find(naming.field);
        if (list == before.end() || !list->is_array())
            continue;
        const auto now = after.value(naming.field, Json());
        Json left = Json::array();
        for (const auto& id : *list)
            if ((now.is_array() && std::find(now.begin(), now.end(), id) != now.end()) ||
                !id.is_string() || isThere(naming.kind, id))
                left.push_back(id);
        *list = left.empty() ? Json() : std::move(left);
    }
}

bool TargetChanges::isThere(const std::string& kind, const std::string& remoteId)
{
    return _database
        .value<int64_t>(
            "SELECT 1 FROM record WHERE scope = $1 AND kind = $2 AND remote_id = $3 LIMIT 1",
            {_sync.scopeId, kind, remoteId})
        .has_value();
}

std::string TargetChanges::nameOf(const std::string& kind, const std::string& remoteId)
{
    const auto name = _database.value<std::string>(
        "SELECT name FROM record WHERE scope = $1 AND kind = $2 AND remote_id = $3 LIMIT 1",
        {_sync.scopeId, kind, remoteId});
    return name.value_or("").empty() ? remoteId : *name + " (" + remoteId + ")";
}

/// Tells each sync whose documents name it.
void TargetChanges::noteGone(const Change& change)
{
    const auto* naming = namingBy(&Naming::kind, change.kind);
    if (!naming)
        return;
    std::map<int64_t, std::vector<std::string>> names;
    _database.query<int64_t, std::string>(
        "SELECT c.sync, t.document FROM claim c JOIN record r ON r.id = c.record JOIN content t ON "
        "t.id = c.content WHERE r.scope = $1 AND r.kind = $2 AND t.document LIKE '%\"' || $3 || "
        "'\"%' ORDER BY c.sync, r.name",
        {_sync.scopeId, kKind, change.key}, [&](int64_t sync, const std::string& text) {
            const auto document = Json::parse(text);
            const auto ids = document.at("fields").value(naming->field, Json::array());
            if (std::find(ids.begin(), ids.end(), change.key) != ids.end())
                names[sync].push_back(document.at("name"));
        });
    const auto email = change.before.value("email", std::string());
    const auto known = email.empty() ? change.name : email;
    for (const auto& [sync, documents] : names)
        _database.execute(
            "INSERT INTO finding(sync, origin, record, code, severity, message, key) VALUES($1, "
            "'gone', $2, $3, 'warning', $4, $5)",
            {sync, change.record, change.kind + "-deleted",
             "the " + change.kind + " " + change.name + (email.empty() ? "" : " <" + email + ">") +
                 " (" + change.key + ") was deleted in " + _sync.target + ". " +
                 namesText(documents) + " named it, and list" +
                 (documents.size() == 1 ? "s " : " ") + known +
                 " as not matched now. Restore the " + change.kind + ", or make one with that " +
                 (email.empty() ? "name" : "address") + ", and it is matched again",
             known});
}

/// What is matched again, or that no document lists any more, needs nobody.
void TargetChanges::forgetAnswered()
{
    struct Open
    {
        int64_t record;
        std::string kind;
        std::string key;
    };
    std::vector<Open> open;
    _database.query<int64_t, std::string, std::string>(
        "SELECT f.record, r.kind, f.key FROM finding f JOIN record r ON r.id = f.record WHERE "
        "f.sync = $1 AND f.origin = 'gone'",
        {_sync.id}, [&](int64_t record, std::string kind, std::string key) {
            open.push_back({record, std::move(kind), std::move(key)});
        });
    for (const auto& [record, kind, key] : open)
    {
        const auto* naming = namingBy(&Naming::kind, kind);
        const auto isMatched = _database.value<int64_t>(
            "SELECT 1 FROM record_alias WHERE scope = $1 AND kind = $2 AND alias = $3 LIMIT 1",
            {_sync.scopeId, kind, nameKeyNoCase(key)});
        if (naming && !isMatched && isListed(naming->textField, key))
            continue;
        _database.execute("DELETE FROM finding WHERE sync = $1 AND origin = 'gone' AND record = $2",
                          {_sync.id, record});
    }
}

bool TargetChanges::isListed(const std::string& field, const std::string& text)
{
    bool isFound = false;
    const auto folded = nameKeyNoCase(text);
    _database.query<std::string>(
        "SELECT t.document FROM claim c JOIN content t ON t.id = c.content WHERE c.sync = $1 AND "
        "t.document LIKE '%' || $2 || '%'",
        {_sync.id, text}, [&](const std::string& document) {
            const auto items = Json::parse(document).at("fields").value(field, Json::array());
            isFound =
                isFound || std::any_of(items.begin(), items.end(), [&](const Json& item) {
                    return nameKeyNoCase(item.get<std::string>()).find(folded) != std::string::npos;
                });
        });
    return isFound;
}

} // namespace muster::documents
