#include "documents/Editor.h"
#include "documents/Register.h"
#include "estate/EstateStore.h"
#include "estate/ScheduleText.h"
#include "runtime/Errors.h"
#include "web/DocumentCall.h"
#include "web/DocumentJson.h"
#include "web/Resources.h"

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
    requireTenant(*database, filter.tenant);
    updateRegister(parts, *database, call);
    for (const auto& tenant : estate::EstateStore(*database).tenants())
        if ((filter.tenant.empty() || filter.tenant == tenant.name) &&
            directory::Directory(*database, tenant.id).sequence() == 0)
            listing.unread.push_back(tenant.name);
    return {.stream = [database, filter, listing](std::ostream& out) {
        documents::Reader reader(*database);
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

Json pageIn(store::Database& database, const documents::Filter& filter)
{
    documents::Reader reader(database);
    return pageOf(reader.find(filter, Detail::Lists, Tombstones::Hidden).front().document);
}

ApiResponse showDocument(ApiParts& parts, const ApiCall& call)
{
    auto database = parts.store.connect();
    updateRegister(parts, database, call);
    return {.body = pageIn(database, ofPath(call))};
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

/// Throws ForbiddenError when the caller may not do all of it.
documents::Edit editOf(const ApiCall& call)
{
    call.takes({"ids", "archived", "enabled", "fields", "access", "actor"});
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
    return edit;
}

/// The documents that a request for several is about.
std::vector<Entry> chosen(store::Database& database, const ApiCall& call, Tombstones tombstones)
{
    auto filter = filterOf(call);
    for (auto& id : call.texts("ids"))
        filter.ids.push_back(std::move(id));
    documents::Reader reader(database);
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
    requireTenant(database, filter.tenant);
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
    const auto edit = editOf(call);
    auto database = parts.store.connect();
    updateRegister(parts, database, call);
    auto filter = ofPath(call);
    const auto entries =
        documents::Reader(database).find(filter, Detail::Lists, tombstonesFor(edit));
    Editor(database, parts.clock, call.actor()).edit(entries, edit);
    updateRegister(parts, database, call);
    filter.ids = {entries.front().document.id};
    filter.tenant = entries.front().document.tenant;
    return {.body = pageIn(database, filter)};
}

ApiResponse changeDocuments(ApiParts& parts, const ApiCall& call)
{
    const auto edit = editOf(call);
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
    call.takes({"ids", "actor"});
    auto database = parts.store.connect();
    updateRegister(parts, database, call);
    const auto entries =
        call.parameters.count("id") > 0
            ? documents::Reader(database).find(ofPath(call), Detail::Counts, Tombstones::Shown)
            : chosen(database, call, Tombstones::Shown);
    Editor(database, parts.clock, call.actor()).remove(entries, action);
    auto list = Json::array();
    for (const auto& entry : entries)
        list.push_back({{"id", entry.document.id}, {"name", entry.document.name}});
    return {.body = {{"deleted", std::move(list)}}};
}

ApiResponse createDocument(ApiParts& parts, const ApiCall& call)
{
    call.takes({"type", "tenant", "name", "fields", "actor"});
    auto database = parts.store.connect();
    const auto tenant = estate::EstateStore(database).tenant(call.text("tenant"));
    const auto id = Editor(database, parts.clock, call.actor())
                        .create({.type = documents::typeFromText(call.text("type")),
                                 .tenant = tenant.id,
                                 .name = call.text("name"),
                                 .fields = fieldsOf(call)});
    return {.body = pageIn(database, {.ids = {id}, .tenant = tenant.name})};
}

ApiResponse listActivity(ApiParts& parts, const ApiCall& call)
{
    documents::ActivityLog::Filter filter{.document = call.query("document"),
                                          .tenant = call.query("tenant")};
    if (const auto since = call.query("since"); !since.empty())
    {
        const auto span = estate::timeSpan(since);
        if (!span)
            throw UsageError("since: '" + since +
                             "' is no time: write a number with s, m, h or d, as in 1d");
        filter.since = parts.clock.now() - *span;
    }
    return {.stream = [&parts, filter](std::ostream& out) {
        auto database = parts.store.connect();
        const char* separator = "";
        out << "{\"activity\":[";
        documents::ActivityLog(database, parts.clock).each(filter, [&](const auto& entry) {
            out << std::exchange(separator, ",\n") << textOf(toJson(entry));
        });
        out << "]}\n";
    }};
}

} // namespace

void addDocuments(Router& router, ApiParts& parts)
{
    const std::string which =
        "?type= (microsoft365, security), ?tenant=, ?organization=, ?status= "
        "(enabled, orphaned, disabled), ?search=, ?archived=true, ?ids= (with "
        "commas)";
    const std::string edit = "{archived, enabled, fields: {name: text or null}, access: {everyone: "
                             "true} or {groups, people}}";
    router.add(
        "GET", "/documents",
        "The documented groups, by name; " + which +
            " choose, ?columns= (keys with commas, or "
            "all) adds what each column shows and the lists behind numbers, ?limit= and ?offset= "
            "turn "
            "pages. Archived ones are left out unless asked for.",
        [&](const ApiCall& call) { return listDocuments(parts, call); }, Right::ReadDocuments);
    router.add(
        "POST", "/documents",
        "Make a document by hand, which is never synced: {type, tenant, name, fields}.",
        [&](const ApiCall& call) { return createDocument(parts, call); }, Right::KeepDocuments);
    router.add(
        "PATCH", "/documents",
        "Change several, all or none: " + edit + "; {ids}, or " + which + ", choose.",
        [&](const ApiCall& call) { return changeDocuments(parts, call); }, Right::ReadDocuments);
    router.add(
        "DELETE", "/documents",
        "Delete several that are orphaned or disabled, all or none; {ids}, or " + which +
            ", choose.",
        [&](const ApiCall& call) { return removeDocuments(parts, call, "row-deleted"); },
        Right::KeepDocuments);
    router.add(
        "GET", "/documents/{id}",
        "A document with all that a page shows; ?tenant= where two have the id.",
        [&](const ApiCall& call) { return showDocument(parts, call); }, Right::ReadDocuments);
    router.add(
        "PATCH", "/documents/{id}", "Change a document: " + edit + ".",
        [&](const ApiCall& call) { return changeDocument(parts, call); }, Right::ReadDocuments);
    router.add(
        "DELETE", "/documents/{id}",
        "Delete a document that is orphaned or disabled. Its group is not documented again until "
        "it is enabled.",
        [&](const ApiCall& call) { return removeDocuments(parts, call, "deleted"); },
        Right::KeepDocuments);
    router.add(
        "GET", "/activity",
        "What people did to documents, the newest first; ?document=, ?tenant= and ?since= (1d) "
        "narrow it.",
        [&](const ApiCall& call) { return listActivity(parts, call); }, Right::ReviewDocuments);
}

} // namespace muster::web
