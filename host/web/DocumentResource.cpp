#include "documents/Editor.h"
#include "documents/Register.h"
#include "estate/EstateStore.h"
#include "estate/ScheduleText.h"
#include "runtime/Errors.h"
#include "web/DocumentCall.h"
#include "web/DocumentJson.h"
#include "web/Resources.h"
#include "web/Tokens.h"

#include <set>
#include <utility>

namespace muster::web {

namespace {

using documents::Detail;
using documents::Editor;
using documents::Entry;
using documents::Tombstones;

/// What a list of documents shows of each, and which part of the list.
struct Listing
{
    std::vector<std::string> unread = {}; ///< tenants whose groups were never read
    std::vector<documents::Column> columns = {};
    size_t limit = 0; ///< 0: all
    size_t offset = 0;
};

void writeList(std::ostream& out, documents::Reader& reader, const documents::Filter& filter,
               const Listing& listing)
{
    const auto detail = listing.columns.empty() ? Detail::Counts : Detail::Lists;
    size_t total = 0;
    const char* separator = "";
    out << "{\"documents\":[";
    const auto show = [&](const Entry& entry) {
        const auto index = total++;
        if (index < listing.offset ||
            (listing.limit > 0 && index >= listing.offset + listing.limit))
            return;
        auto document = summaryOf(entry.document);
        if (!listing.columns.empty())
            document["cells"] = cellsOf(entry.document, listing.columns);
        out << std::exchange(separator, ",\n") << textOf(document);
    };
    if (filter.ids.empty())
        reader.each(filter, detail, show);
    else
        for (const auto& entry : reader.find(filter, detail, Tombstones::Hidden))
            show(entry);
    out << "],\"total\":" << total << ",\"columns\":"
        << textOf(toJson(listing.columns.empty() ? documents::columns() : listing.columns))
        << ",\"unread\":" << textOf(listing.unread) << "}\n";
}

ApiResponse listDocuments(ApiParts& parts, const ApiCall& call)
{
    const auto filter = filterOf(call);
    Listing listing{.limit = call.number("limit", 0), .offset = call.number("offset", 0)};
    if (const auto keys = call.query("columns"); !keys.empty())
        listing.columns =
            documents::columnsOf(keys == "all" ? std::vector<std::string>() : listIn(keys));
    const auto database = std::make_shared<store::Database>(parts.store.connect());
    const auto sight = sightOf(call.request.caller);
    requireTenant(*database, call.request.caller, filter.tenant);
    updateRegister(parts, *database, call);
    for (const auto& tenant : estate::EstateStore(*database).tenants())
        if ((filter.tenant.empty() || filter.tenant == tenant.name) && sight.covers(tenant.name) &&
            directory::Directory(*database, tenant.id).sequence() == 0)
            listing.unread.push_back(tenant.name);
    return {.stream = [database, filter, listing, sight](std::ostream& out) {
        documents::Reader reader(*database, sight);
        writeList(out, reader, filter, listing);
    }};
}

/// The document of the path.
documents::Filter ofPath(const ApiCall& call)
{
    auto filter = filterOf(call);
    filter.ids = {call.parameters.at("id")};
    return filter;
}

Json pageIn(store::Database& database, const ApiCall& call, const documents::Filter& filter)
{
    documents::Reader reader(database, sightOf(call.request.caller));
    return pageOf(reader.find(filter, Detail::Lists, Tombstones::Hidden).front().document);
}

ApiResponse showDocument(ApiParts& parts, const ApiCall& call)
{
    auto database = parts.store.connect();
    requireTenant(database, call.request.caller, call.query("tenant"));
    updateRegister(parts, database, call);
    return {.body = pageIn(database, call, ofPath(call))};
}

const Json& bodyMember(const ApiCall& call, const std::string& name)
{
    static const Json kNone;
    const auto& body = call.request.body;
    const auto found = body.is_object() ? body.find(name) : body.end();
    return body.is_object() && found != body.end() ? *found : kNone;
}

std::map<std::string, std::string> fieldsOf(const ApiCall& call)
{
    std::map<std::string, std::string> fields;
    const auto& given = bodyMember(call, "fields");
    if (!given.is_null() && !given.is_object())
        throw UsageError("\"fields\" of the request must be an object of names and texts");
    for (const auto& [name, value] : given.items())
    {
        if (!value.is_null() && !value.is_string())
            throw UsageError("the field \"" + name + "\" must be a text, or null to remove it");
        fields[name] = value.is_null() ? std::string() : value.get<std::string>();
    }
    return fields;
}

documents::Access accessOf(const Json& given)
{
    const auto refuse = [] {
        throw UsageError("\"access\" of the request must be {\"everyone\": true}, or {\"groups\": "
                         "[…], \"people\": […]} with names");
    };
    if (!given.is_object())
        refuse();
    documents::Access access;
    for (const auto& [name, value] : given.items())
    {
        if (name == "everyone" && value.is_boolean())
            continue;
        if (!value.is_array() || (name != "groups" && name != "people"))
            refuse();
        for (const auto& each : value)
        {
            if (!each.is_string())
                refuse();
            (name == "groups" ? access.groups : access.people).push_back(each);
        }
    }
    access.isForEveryone = given.value("everyone", false);
    const bool isNamed = !access.groups.empty() || !access.people.empty();
    if (access.isForEveryone == isNamed)
        refuse();
    return access;
}

/// Throws UsageError for whom nobody is: no token has that name, or that group.
void requireKnown(ApiParts& parts, const documents::Access& access)
{
    std::set<std::string> people;
    std::set<std::string> groups;
    for (const auto& [caller, at] : Tokens(parts.store, parts.clock).list())
    {
        people.insert(caller.name);
        groups.insert(caller.groups.begin(), caller.groups.end());
    }
    for (const auto& person : access.people)
        if (people.count(person) == 0)
            throw UsageError("nobody is called '" + person +
                             "': people are the names of tokens, see muster token list");
    for (const auto& group : access.groups)
        if (groups.count(group) == 0)
            throw UsageError("nobody is in the group '" + group +
                             "': make a token that is, muster token add NAME --role reader "
                             "--group '" +
                             group + "'");
}

/// Throws ForbiddenError when the caller may not do all of it.
documents::Edit editOf(ApiParts& parts, const ApiCall& call)
{
    documents::Edit edit{.fields = fieldsOf(call)};
    if (!bodyMember(call, "archived").is_null())
        edit.isArchived = call.flag("archived");
    if (!bodyMember(call, "enabled").is_null())
        edit.isEnabled = call.flag("enabled");
    if (const auto& access = bodyMember(call, "access"); !access.is_null())
        edit.access = accessOf(access);
    if (edit.isEmpty())
        throw UsageError("say what to change: archived, enabled, fields or access");
    if (edit.isArchived || edit.access || !edit.fields.empty())
        call.request.caller.require(Right::KeepDocuments);
    if (edit.isEnabled)
        call.request.caller.require(Right::SwitchDocuments);
    if (edit.access)
        requireKnown(parts, *edit.access);
    return edit;
}

/// The documents that a request for several is about.
std::vector<Entry> chosen(store::Database& database, const ApiCall& call, Tombstones tombstones)
{
    auto filter = filterOf(call);
    for (auto& id : call.texts("ids"))
        filter.ids.push_back(std::move(id));
    documents::Reader reader(database, sightOf(call.request.caller));
    if (!filter.ids.empty())
    {
        auto rest = filter;
        rest.ids.clear();
        rest.tenant.clear();
        if (rest.narrows())
            throw UsageError("give ids, or what the documents have in common, not both");
        return reader.find(filter, Detail::Lists, tombstones);
    }
    if (!filter.narrows())
        throw UsageError("say which documents: ids, or a type, tenant, organization, status or "
                         "search");
    requireTenant(database, call.request.caller, filter.tenant);
    // What is to be unarchived is archived.
    const auto& archived = bodyMember(call, "archived");
    filter.withArchived = filter.withArchived || (archived.is_boolean() && !archived.get<bool>());
    // What was made by hand is never synced: there is nothing to switch, unless it is named.
    const bool switches = !bodyMember(call, "enabled").is_null();
    std::vector<Entry> entries;
    reader.each(filter, Detail::Lists, [&](Entry& entry) {
        if (!switches || !entry.standing.isMadeByHand)
            entries.push_back(std::move(entry));
    });
    return entries;
}

/// Only a document that is asked for by its id is had again when it was deleted.
Tombstones tombstonesFor(const documents::Edit& edit)
{
    return edit.isEnabled == true ? Tombstones::Shown : Tombstones::Hidden;
}

ApiResponse changeDocument(ApiParts& parts, const ApiCall& call)
{
    const auto edit = editOf(parts, call);
    auto database = parts.store.connect();
    updateRegister(parts, database, call);
    auto filter = ofPath(call);
    const auto entries = documents::Reader(database, sightOf(call.request.caller))
                             .find(filter, Detail::Lists, tombstonesFor(edit));
    const auto changed = Editor(database, parts.clock, call.actor()).edit(entries, edit);
    updateRegister(parts, database, call);
    filter.ids = {entries.front().document.id};
    filter.tenant = entries.front().document.tenant;
    auto page = pageIn(database, call, filter);
    page["changed"] = changed > 0;
    return {.body = std::move(page)};
}

ApiResponse changeDocuments(ApiParts& parts, const ApiCall& call)
{
    const auto edit = editOf(parts, call);
    auto database = parts.store.connect();
    updateRegister(parts, database, call);
    const auto entries = chosen(database, call, tombstonesFor(edit));
    const auto changed = Editor(database, parts.clock, call.actor()).edit(entries, edit);
    updateRegister(parts, database, call);
    auto list = Json::array();
    documents::Reader reader(database);
    for (const auto& entry : entries)
        if (const auto now = reader.findIn(entry.tenant, entry.document.id))
            list.push_back(summaryOf(now->document));
    return {.body = {{"documents", std::move(list)}, {"changed", changed}}};
}

ApiResponse removeDocuments(ApiParts& parts, const ApiCall& call, const std::string& action)
{
    auto database = parts.store.connect();
    updateRegister(parts, database, call);
    const auto entries = call.parameters.count("id") > 0
                             ? documents::Reader(database, sightOf(call.request.caller))
                                   .find(ofPath(call), Detail::Counts, Tombstones::Shown)
                             : chosen(database, call, Tombstones::Shown);
    Editor(database, parts.clock, call.actor()).remove(entries, action);
    auto list = Json::array();
    for (const auto& entry : entries)
        list.push_back({{"id", entry.document.id}, {"name", entry.document.name}});
    return {.body = {{"deleted", std::move(list)}}};
}

ApiResponse createDocument(ApiParts& parts, const ApiCall& call)
{
    auto database = parts.store.connect();
    requireTenant(database, call.request.caller, call.text("tenant"));
    const auto tenant = estate::EstateStore(database).tenant(call.text("tenant"));
    const auto id = Editor(database, parts.clock, call.actor())
                        .create({.type = documents::typeFromText(call.text("type")),
                                 .tenant = tenant.id,
                                 .name = call.text("name"),
                                 .fields = fieldsOf(call)});
    return {.body = pageIn(database, call, {.ids = {id}, .tenant = tenant.name})};
}

/// Throws when what happened to one document is asked for, and nothing did, for there is none.
void requireDocument(ApiParts& parts, store::Database& database, const documents::Sight& sight,
                     const documents::ActivityLog::Filter& filter)
{
    if (filter.document.empty())
        return;
    bool isKnown = false;
    documents::ActivityLog(database, parts.clock).each(filter, [&](const auto&) {
        isKnown = true;
    });
    if (!isKnown)
        documents::Reader(database, sight)
            .find({.ids = {filter.document}}, Detail::Counts, Tombstones::Shown);
}

ApiResponse listActivity(ApiParts& parts, const ApiCall& call)
{
    const auto sight = sightOf(call.request.caller);
    documents::ActivityLog::Filter filter{.document = call.query("document"),
                                          .tenants = sight.tenants};
    const auto database = std::make_shared<store::Database>(parts.store.connect());
    if (const auto tenant = call.query("tenant"); !tenant.empty())
    {
        requireTenant(*database, call.request.caller, tenant);
        filter.tenants = {tenant};
    }
    requireDocument(parts, *database, sight, filter);
    if (const auto since = call.query("since"); !since.empty())
    {
        const auto span = estate::timeSpan(since);
        if (!span)
            throw UsageError("since: '" + since +
                             "' is no time: write a number with s, m, h or d, as in 1d");
        filter.since = parts.clock.now() - *span;
    }
    return {.stream = [&parts, filter, database](std::ostream& out) {
        const char* separator = "";
        out << "{\"activity\":[";
        documents::ActivityLog(*database, parts.clock).each(filter, [&](const auto& entry) {
            out << std::exchange(separator, ",\n") << textOf(toJson(entry));
        });
        out << "]}\n";
    }};
}

} // namespace

void addDocuments(Router& router, ApiParts& parts)
{
    const std::vector<Member> page = {{"tenant"}};
    const std::vector<Member> actor = {{"actor"}};
    const std::vector<Member> edit = {{"archived", "boolean"},
                                      {"enabled", "boolean"},
                                      {"fields", "object"},
                                      {"access", "object"},
                                      {"actor"}};
    const auto with = [](std::vector<Member> members, const std::vector<Member>& more) {
        members.insert(members.end(), more.begin(), more.end());
        return members;
    };
    const std::string meaning = " fields: names and texts, null removes one; access: {everyone: "
                                "true}, or {groups, people} with names of tokens and their groups.";
    router.add(
        {.pattern = "/documents",
         .summary = "The documented groups that the query chooses, by name. ?columns= (keys "
                    "with commas, or all) adds what each column shows and the lists behind "
                    "numbers. Archived ones are left out unless asked for.",
         .query = with(documentQuery(), {{"columns"}, {"limit", "integer"}, {"offset", "integer"}}),
         .right = Right::ReadDocuments,
         .handler = [&](const ApiCall& call) { return listDocuments(parts, call); }});
    router.add({.method = "POST",
                .pattern = "/documents",
                .summary = "Make a document by hand, which is never synced.",
                .body = {{"type"}, {"tenant"}, {"name"}, {"fields", "object"}, {"actor"}},
                .right = Right::KeepDocuments,
                .handler = [&](const ApiCall& call) { return createDocument(parts, call); }});
    router.add({.method = "PATCH",
                .pattern = "/documents",
                .summary = "Change several, all or none: those of the ids, or that the query "
                           "chooses;" +
                           meaning,
                .query = documentQuery(),
                .body = with(edit, {{"ids", "array"}}),
                .right = Right::ReadDocuments,
                .handler = [&](const ApiCall& call) { return changeDocuments(parts, call); }});
    router.add({.method = "DELETE",
                .pattern = "/documents",
                .summary = "Delete several that are orphaned or disabled, all or none: those of "
                           "the ids, or that the query chooses.",
                .query = documentQuery(),
                .body = with(actor, {{"ids", "array"}}),
                .right = Right::KeepDocuments,
                .handler = [&](const ApiCall& call) {
                    return removeDocuments(parts, call, "row-deleted");
                }});
    router.add({.pattern = "/documents/{id}",
                .summary = "A document with all that a page shows; ?tenant= where two have the id.",
                .query = page,
                .right = Right::ReadDocuments,
                .handler = [&](const ApiCall& call) { return showDocument(parts, call); }});
    router.add({.method = "PATCH",
                .pattern = "/documents/{id}",
                .summary = "Change a document;" + meaning,
                .query = page,
                .body = edit,
                .right = Right::ReadDocuments,
                .handler = [&](const ApiCall& call) { return changeDocument(parts, call); }});
    router.add(
        {.method = "DELETE",
         .pattern = "/documents/{id}",
         .summary = "Delete a document that is orphaned or disabled. Its group is not "
                    "documented again until it is enabled.",
         .query = page,
         .body = actor,
         .right = Right::KeepDocuments,
         .handler = [&](const ApiCall& call) { return removeDocuments(parts, call, "deleted"); }});
    router.add({.pattern = "/activity",
                .summary = "What people did to documents, the newest first; ?since= (1d) says how "
                           "far back.",
                .query = {{"document"}, {"tenant"}, {"since"}},
                .right = Right::ReviewDocuments,
                .handler = [&](const ApiCall& call) { return listActivity(parts, call); }});
}

} // namespace muster::web
