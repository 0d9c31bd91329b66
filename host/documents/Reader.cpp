#include "documents/Reader.h"

#include "estate/Field.h"
#include "runtime/Errors.h"
#include "store/Dialect.h"
#include "store/EntraId.h"
#include "store/JsonRows.h"

#include <muster/Keys.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace muster::documents {

using namespace store;

namespace {

constexpr const char* kContact = "contact";
constexpr const char* kConfiguration = "configuration";

std::string textAt(const Json& object, const char* name)
{
    const auto found = object.find(name);
    return found == object.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

std::vector<std::string> textsAt(const Json& object, const char* name)
{
    const auto found = object.find(name);
    return found == object.end() ? std::vector<std::string>()
                                 : found->get<std::vector<std::string>>();
}

Access accessFrom(const Json& document)
{
    if (document.empty())
        return {};
    return {false, textsAt(document, "groups"), textsAt(document, "people")};
}

Counts countsFrom(const Json& document, int64_t nested)
{
    return {.members = document.value("members", int64_t(0)),
            .membersText = document.value("membersText", int64_t(0)),
            .devices = document.value("devices", int64_t(0)),
            .devicesText = document.value("devicesText", int64_t(0)),
            .owners = document.value("owners", int64_t(0)),
            .nested = nested};
}

bool holds(const std::vector<std::string>& texts, const std::string& text)
{
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool holds(const std::string& text, const std::string& folded)
{
    return nameKeyNoCase(text).find(folded) != std::string::npos;
}

template <typename Texts, typename TextOf>
bool anyHolds(const Texts& texts, const std::string& folded, TextOf&& textOf)
{
    return std::any_of(texts.begin(), texts.end(),
                       [&](const auto& each) { return holds(textOf(each), folded); });
}

/// Where people look for a word: in the texts, in the lists, in their own fields.
bool mentions(const Document& document, const std::string& folded)
{
    const auto itself = [](const std::string& text) { return text; };
    const auto nameOf = [](const Reference& reference) { return reference.name; };
    const auto& lists = document.lists;
    for (const auto* text :
         {&document.name, &document.description, &document.mail, &document.domain, &document.id})
        if (holds(*text, folded))
            return true;
    for (const auto* list : {&lists.members, &lists.devices, &lists.nested})
        if (anyHolds(*list, folded, nameOf))
            return true;
    for (const auto* list : {&lists.membersText, &lists.devicesText, &lists.owners})
        if (anyHolds(*list, folded, itself))
            return true;
    return anyHolds(document.ownFields, folded, [](const auto& field) { return field.second; });
}

} // namespace

bool Filter::narrows() const
{
    return !ids.empty() || type || !tenant.empty() || !organization.empty() || status ||
           !search.empty();
}

bool Sight::covers(const std::string& tenant) const
{
    return tenants.empty() || holds(tenants, tenant);
}

bool Sight::covers(const Access& access) const
{
    return access.isForEveryone || !person || holds(access.people, person->name) ||
           std::any_of(person->groups.begin(), person->groups.end(),
                       [&](const std::string& group) { return holds(access.groups, group); });
}

Reader::Reader(Database& database, Sight sight)
    : _database(database), _sight(std::move(sight)), _places(places(database))
{}

void Reader::query(const std::string& where, const Values& values, Detail detail,
                   const OnEntry& onEntry)
{
    const bool withLists = detail == Detail::Lists;
    using Text = std::string;
    _database.query<int64_t, int64_t, Text, std::optional<int64_t>, int64_t, Text, Text, Text, Text,
                    Text, Text, Text, Text, bool, std::optional<int64_t>, Text, bool, int64_t>(
        std::string("SELECT t.id, t.tenant, entra_text(t.entra), t.grp, t.scope, t.type, t.name, "
                    "t.fields, ") +
            (withLists ? "t.lists" : "'{}'") +
            ", t.counts, t.own, t.access, t.presence, t.off, t.archived_at, t.archived_by, "
            "t.deleted_at IS NOT NULL, (SELECT count(*) FROM document_nested n JOIN document o ON "
            "o.entra = n.entra AND o.tenant = t.tenant AND o.deleted_at IS NULL WHERE n.document = "
            "t.id) FROM document t WHERE " +
            where + " ORDER BY t.folded, t.id",
        values, [&](const Row& row) {
            const auto& place = _places[row.integer(1)];
            const auto access = accessFrom(Json::parse(row.text(11)));
            if (!_sight.covers(place.name) || !_sight.covers(access))
                return;
            const auto group = row.get<std::optional<int64_t>>(3);
            const auto archivedAt = row.get<std::optional<int64_t>>(14);
            const auto fields = Json::parse(row.text(7));
            Entry entry{
                .document = {.id = row.text(2),
                             .type = typeFromText(row.text(5)),
                             .name = row.text(6),
                             .description = textAt(fields, "description"),
                             .mail = textAt(fields, "mail"),
                             .domain = textAt(fields, "domain"),
                             .membership = textAt(fields, "membership"),
                             .updated = textAt(fields, "updated"),
                             .tenant = place.name,
                             .tenantName = place.displayName,
                             .organization = place.organization,
                             .entraTenant = place.entraTenant,
                             .archivedBy = row.text(15),
                             .isMadeByHand = !group,
                             .counts = countsFrom(Json::parse(row.text(9)), row.integer(17)),
                             .ownFields = Json::parse(row.text(10)),
                             .access = access},
                .number = row.integer(0),
                .tenant = row.integer(1),
                .group = group,
                .standing = {.presence = presenceFromText(row.text(12)),
                             .isOff = row.get<bool>(13),
                             .isArchived = archivedAt.has_value(),
                             .isTenantRemoved = place.isRemoved,
                             .isMadeByHand = !group},
                .isDeleted = row.get<bool>(16)};
            auto& document = entry.document;
            document.status = entry.standing.status();
            document.reason = entry.standing.reason(document);
            document.isArchived = archivedAt.has_value();
            if (archivedAt)
                document.archivedAt = runtime::fromMilliseconds(*archivedAt);
            if (group)
                document.manageUrl = place.manageUrl(document.id);
            if (withLists)
                readLists(entry, row.integer(4), Json::parse(row.text(8)));
            onEntry(entry);
        });
}

void Reader::each(const Filter& filter, Detail detail, const OnEntry& onEntry)
{
    std::string where = "t.deleted_at IS NULL";
    if (!filter.withArchived)
        where += " AND t.archived_at IS NULL";
    Values values;
    if (filter.type)
    {
        values.emplace_back(toText(*filter.type));
        where += " AND t.type = $1";
    }
    const auto wanted = filter.search.empty() ? detail : Detail::Lists;
    const auto folded = nameKeyNoCase(filter.search);
    query(where, values, wanted, [&](Entry& entry) {
        if (!isOf(entry, filter) || (!folded.empty() && !mentions(entry.document, folded)))
            return;
        if (detail == Detail::Counts)
            entry.document.lists = {};
        onEntry(entry);
    });
}

bool Reader::isOf(const Entry& entry, const Filter& filter) const
{
    const auto& document = entry.document;
    const auto organization = nameKeyNoCase(filter.organization);
    return (filter.tenant.empty() || filter.tenant == document.tenant) &&
           (organization.empty() || organization == nameKeyNoCase(document.organization) ||
            organization == nameKeyNoCase(document.tenantName)) &&
           (!filter.status || *filter.status == document.status);
}

std::vector<Entry> Reader::find(const Filter& filter, Detail detail, Tombstones tombstones)
{
    std::vector<Entry> entries;
    std::set<int64_t> known;
    for (const auto& id : filter.ids)
        if (auto entry = findOne(id, filter, detail, tombstones); known.insert(entry.number).second)
            entries.push_back(std::move(entry));
    return entries;
}

std::optional<Entry> Reader::findIn(int64_t tenant, const std::string& id, Detail detail)
{
    std::optional<Entry> found;
    if (isEntraId(id))
        query("t.tenant = $1 AND t.entra = entra_id($2)", {tenant, id}, detail,
              [&](Entry& entry) { found = std::move(entry); });
    return found;
}

Entry Reader::findOne(const std::string& idOrName, const Filter& filter, Detail detail,
                      Tombstones tombstones)
{
    std::vector<Entry> found;
    const auto byId = isEntraId(idOrName);
    query(byId ? "t.entra = entra_id($1)" : "t.folded = $1",
          {byId ? idOrName : nameKeyNoCase(idOrName)}, detail, [&](Entry& entry) {
              if (filter.tenant.empty() || filter.tenant == entry.document.tenant)
                  found.push_back(std::move(entry));
          });
    const auto isTombstone = [](const Entry& entry) { return entry.isDeleted; };
    const auto dead = std::count_if(found.begin(), found.end(), isTombstone);
    if (tombstones == Tombstones::Hidden && !found.empty() &&
        dead == static_cast<std::ptrdiff_t>(found.size()))
        throw UsageError("the document '" + found.front().document.name +
                         "' was deleted: muster document " + found.front().document.id +
                         " --enable has its group documented again");
    // A name is first that of a document which is there.
    if (dead < static_cast<std::ptrdiff_t>(found.size()))
        std::erase_if(found, isTombstone);
    if (found.size() == 1)
        return std::move(found.front());
    if (found.empty())
        throw MissingError("there is no document '" + idOrName +
                           "': see muster documents --archived");
    std::vector<std::string> choices;
    for (const auto& entry : found)
        choices.push_back(entry.document.id + " of " + entry.document.tenant);
    throw UsageError(std::to_string(found.size()) + " documents are called '" + idOrName + "' (" +
                     estate::listed(choices) + "): give the id, and the tenant with --tenant");
}

void Reader::readLists(Entry& entry, int64_t scope, const Json& lists)
{
    auto& to = entry.document.lists;
    to.members = named(scope, kContact, lists.value("members", Json::array()));
    to.devices = named(scope, kConfiguration, lists.value("devices", Json::array()));
    to.membersText = textsAt(lists, "membersText");
    to.devicesText = textsAt(lists, "devicesText");
    to.owners = textsAt(lists, "owners");
    if (entry.document.counts.nested > 0)
        to.nested = related(entry, "document_nested n JOIN document o ON o.entra = n.entra WHERE "
                                   "n.document = $1");
    entry.document.counts.nested = static_cast<int64_t>(to.nested.size());
    to.nestedIn = related(entry, "document t JOIN document_nested n ON n.entra = t.entra JOIN "
                                 "document o ON o.id = n.document WHERE t.id = $1");
}

/// A record that nobody knows any more keeps its id for a name.
std::vector<Reference> Reader::named(int64_t scope, const std::string& kind, const Json& ids)
{
    std::vector<Reference> references;
    if (ids.empty())
        return references;
    std::map<std::string, std::string> names;
    _database.query<std::string, std::string>(
        "SELECT r.remote_id, r.name FROM " + dialect::rows("$3", "id text") +
            " AS given JOIN record r ON r.scope = $1 AND r.kind = $2 AND r.remote_id = given.id",
        {scope, kind, rowsOf(ids.get<std::vector<std::string>>())},
        [&](std::string id, std::string name) { names[std::move(id)] = std::move(name); });
    for (const auto& id : ids)
    {
        const auto remoteId = id.get<std::string>();
        const auto& known = names[remoteId];
        references.push_back({remoteId, known.empty() ? remoteId : known});
    }
    std::sort(references.begin(), references.end(), [](const Reference& one, const Reference& two) {
        return std::tie(one.name, one.id) < std::tie(two.name, two.id);
    });
    return references;
}

/// The documents "o" that the SQL names, of document $1.
std::vector<Reference> Reader::related(const Entry& entry, const std::string& from)
{
    std::vector<Reference> references;
    _database.query<std::string, std::string, std::string>(
        "SELECT entra_text(o.entra), o.name, o.access FROM " + from +
            " AND o.tenant = $2 AND o.deleted_at IS NULL ORDER BY o.folded, o.id",
        {entry.number, entry.tenant},
        [&](std::string id, std::string name, const std::string& access) {
            if (_sight.covers(accessFrom(Json::parse(access))))
                references.push_back({std::move(id), std::move(name)});
        });
    return references;
}

} // namespace muster::documents
