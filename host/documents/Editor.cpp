#include "documents/Editor.h"

#include "directory/MirrorChange.h"
#include "documents/FieldTexts.h"
#include "estate/Field.h"
#include "runtime/Errors.h"

#include <Poco/UUIDGenerator.h>
#include <muster/Keys.h>

#include <utility>

namespace muster::documents {

namespace {

constexpr size_t kNamesTold = 5;

/// "Sales, Support and 3 more".
std::string namesOf(const std::vector<const Entry*>& entries)
{
    std::vector<std::string> names;
    for (const auto* entry : entries)
        if (names.size() < kNamesTold)
            names.push_back("'" + entry->document.name + "'");
    if (entries.size() > kNamesTold)
        names.push_back(std::to_string(entries.size() - kNamesTold) + " more");
    return estate::listed(names);
}

Json statusJson(const Standing& standing)
{
    return {{"status", toText(standing.status())}};
}

} // namespace

Json toJson(const Access& access)
{
    if (access.isForEveryone)
        return Json::object();
    return {{"groups", access.groups}, {"people", access.people}};
}

Editor::Editor(store::Database& database, const runtime::Clock& clock, std::string actor)
    : _database(database), _clock(clock), _log(database, clock), _actor(std::move(actor))
{}

size_t Editor::edit(const std::vector<Entry>& entries, const Edit& edit)
{
    store::Transaction transaction(_database);
    std::vector<Entry> moved;
    size_t changed = 0;
    for (auto& entry : current(entries, edit.fields.empty() ? Detail::Counts : Detail::Lists))
    {
        bool isChanged = entry.isDeleted;
        if (edit.isArchived)
            isChanged = archive(entry, *edit.isArchived) || isChanged;
        if (edit.isEnabled)
            isChanged = enable(entry, *edit.isEnabled) || isChanged;
        if (!edit.fields.empty())
            isChanged = setFields(entry, edit.fields) || isChanged;
        if (edit.access)
            isChanged = allow(entry, *edit.access) || isChanged;
        changed += isChanged ? 1 : 0;
        if (isChanged && (edit.isArchived || edit.isEnabled))
            moved.push_back(std::move(entry));
    }
    touch(moved);
    transaction.commit();
    return changed;
}

/// As they are now: somebody else may have changed them since they were read.
std::vector<Entry> Editor::current(const std::vector<Entry>& entries, Detail detail)
{
    Reader reader(_database);
    std::vector<Entry> now;
    for (const auto& entry : entries)
        if (auto found = reader.findIn(entry.tenant, entry.document.id, detail))
            now.push_back(std::move(*found));
    return now;
}

bool Editor::archive(Entry& entry, bool isArchived)
{
    auto& standing = entry.standing;
    if (standing.isArchived == isArchived)
        return false;
    const auto before = statusJson(standing);
    standing.isArchived = isArchived;
    if (isArchived)
        _database.execute("UPDATE document SET archived_at = $1, archived_by = $2 WHERE id = $3",
                          {runtime::toMilliseconds(_clock.now()), _actor, entry.number});
    else
        _database.execute("UPDATE document SET archived_at = NULL, archived_by = '' WHERE id = $1",
                          {entry.number});
    log(entry, isArchived ? "archived" : "unarchived", before, statusJson(standing));
    return true;
}

bool Editor::enable(Entry& entry, bool isEnabled)
{
    auto& standing = entry.standing;
    const auto& name = entry.document.name;
    if (standing.isMadeByHand)
        throw RejectedError("'" + name +
                            "' was made by hand and is never synced: there is nothing to " +
                            (isEnabled ? "enable" : "disable"));
    const auto before = entry.isDeleted ? Json{{"status", "deleted"}} : statusJson(standing);
    const bool isDue = entry.isDeleted || standing.isOff == isEnabled;
    standing.isOff = !isEnabled;
    if (entry.isDeleted)
        standing.isArchived = false;
    if (isEnabled && standing.status() != Status::Enabled)
        throw RejectedError("'" + name +
                            "' cannot be enabled now: " + standing.reason(entry.document));
    if (!isDue)
        return false;
    _database.execute("UPDATE document SET off = $1, deleted_at = NULL, deleted_by = '', "
                      "deleted_in = '' WHERE id = $2",
                      {isEnabled ? 0 : 1, entry.number});
    log(entry, isEnabled ? "enabled" : "disabled", before, statusJson(standing));
    return true;
}

bool Editor::setFields(Entry& entry, const std::map<std::string, std::string>& fields)
{
    auto before = Json::object();
    auto after = Json::object();
    for (const auto& [name, text] : fields)
    {
        const auto old = assignField(entry.document, name, text);
        if (old == text)
            continue;
        before[name] = old;
        after[name] = text;
    }
    if (after.empty())
        return false;
    write(entry);
    log(entry, "updated", {{"fields", before}}, {{"fields", after}});
    return true;
}

/// Writes what people wrote; of a document made by hand that is all of it.
void Editor::write(const Entry& entry)
{
    const auto& document = entry.document;
    _database.execute("UPDATE document SET own = $1 WHERE id = $2",
                      {Json(document.ownFields).dump(), entry.number});
    if (!document.isMadeByHand)
        return;
    const auto& lists = document.lists;
    const Json fields = {{"description", document.description},
                         {"mail", document.mail},
                         {"domain", document.domain},
                         {"membership", document.membership},
                         {"updated", runtime::toText(_clock.now())}};
    const Json texts = {{"membersText", lists.membersText},
                        {"devicesText", lists.devicesText},
                        {"owners", lists.owners}};
    auto counts = Json::object();
    for (const auto& [name, list] : texts.items())
        counts[name] = list.size();
    _database.execute("UPDATE document SET name = $1, folded = $2, fields = $3, lists = $4, counts "
                      "= $5 WHERE id = $6",
                      {document.name, nameKeyNoCase(document.name), fields.dump(), texts.dump(),
                       counts.dump(), entry.number});
}

bool Editor::allow(Entry& entry, const Access& access)
{
    auto& known = entry.document.access;
    if (known == access)
        return false;
    const auto before = toJson(known);
    known = access;
    _database.execute("UPDATE document SET access = $1 WHERE id = $2",
                      {toJson(access).dump(), entry.number});
    log(entry, "access-changed", {{"access", before}}, {{"access", toJson(access)}});
    return true;
}

void Editor::remove(const std::vector<Entry>& given, const std::string& action)
{
    store::Transaction transaction(_database);
    const auto entries = current(given, Detail::Counts);
    std::vector<const Entry*> enabled;
    for (const auto& entry : entries)
        if (!entry.isDeleted && entry.standing.status() == Status::Enabled)
            enabled.push_back(&entry);
    if (!enabled.empty())
        throw RejectedError("only what is orphaned or disabled can be deleted, and " +
                            namesOf(enabled) + (enabled.size() == 1 ? " is" : " are") +
                            " enabled: archive or disable " +
                            (enabled.size() == 1 ? "it" : "them") + " first");
    for (const auto& entry : entries)
        bury(entry, action);
    touch(entries);
    transaction.commit();
}

void Editor::bury(const Entry& entry, const std::string& action, const std::string& deletedIn)
{
    const auto before = entry.isDeleted ? Json{{"status", "deleted"}} : statusJson(entry.standing);
    _database.execute("DELETE FROM document_nested WHERE document = $1", {entry.number});
    if (entry.standing.isMadeByHand)
        _database.execute("DELETE FROM document WHERE id = $1", {entry.number});
    else
        _database.execute("UPDATE document SET deleted_at = $1, deleted_by = $2, deleted_in = $3, "
                          "fields = '{}', lists = '{}', counts = '{}', own = '{}', access = '{}', "
                          "archived_at = NULL, archived_by = '' WHERE id = $4",
                          {runtime::toMilliseconds(_clock.now()), _actor, deletedIn, entry.number});
    log(entry, action, before, {{"status", "deleted"}});
}

std::string Editor::create(const NewDocument& given)
{
    Entry entry{
        .document = {.id = Poco::UUIDGenerator::defaultGenerator().createRandom().toString(),
                     .type = given.type,
                     .isMadeByHand = true},
        .tenant = given.tenant};
    assignField(entry.document, "name", given.name);
    for (const auto& [name, text] : given.fields)
        assignField(entry.document, name, text);
    const auto& document = entry.document;
    store::Transaction transaction(_database);
    entry.number = _database
                       .value<int64_t>("INSERT INTO document(tenant, entra, type, name, folded, "
                                       "presence) VALUES($1, entra_id($2), $3, $4, $4, $5) "
                                       "RETURNING id",
                                       {given.tenant, document.id, toText(document.type),
                                        document.name, toText(Presence::Wanted)})
                       .value();
    write(entry);
    log(entry, "created", Json::object(),
        {{"name", document.name}, {"type", toText(document.type)}});
    transaction.commit();
    return document.id;
}

void Editor::log(const Entry& entry, const std::string& action, Json before, Json after)
{
    _log.write({entry.tenant, entry.document.id, entry.document.name},
               {action, _actor, std::move(before), std::move(after)});
}

void Editor::touch(const std::vector<Entry>& entries)
{
    std::map<int64_t, std::vector<int64_t>> groups;
    for (const auto& entry : entries)
        if (entry.group)
            groups[entry.tenant].push_back(*entry.group);
    for (const auto& [tenant, touched] : groups)
        if (const auto directory = directory::liveDirectory(_database, tenant))
            directory::touchGroups(_database, *directory, touched);
}

} // namespace muster::documents
