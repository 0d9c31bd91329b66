#include "web/DocumentJson.h"

namespace muster::web {

namespace {

using documents::Document;
using documents::Reference;

Json referencesJson(const std::vector<Reference>& references)
{
    auto list = Json::array();
    for (const auto& reference : references)
        list.push_back({{"id", reference.id}, {"name", reference.name}});
    return list;
}

Json accessJson(const documents::Access& access)
{
    if (access.isForEveryone)
        return {{"everyone", true}};
    return {{"everyone", false}, {"groups", access.groups}, {"people", access.people}};
}

std::vector<documents::Column> columnsFor(documents::Type type)
{
    std::vector<documents::Column> columns;
    for (const auto& column : documents::columns())
        if (column.isOf(type))
            columns.push_back(column);
    return columns;
}

} // namespace

Json summaryOf(const Document& document)
{
    const auto& counts = document.counts;
    return {{"id", document.id},
            {"name", document.name},
            {"type", documents::toText(document.type)},
            {"tenant", document.tenant},
            {"organization", document.organization},
            {"status", documents::toText(document.status)},
            {"archived", document.isArchived},
            {"members", {{"matched", counts.members}, {"unmatched", counts.membersText}}},
            {"devices", {{"matched", counts.devices}, {"unmatched", counts.devicesText}}},
            {"nested", counts.nested},
            {"updated", document.updated}};
}

Json pageOf(const Document& document)
{
    const auto& lists = document.lists;
    auto page = summaryOf(document);
    page.update(
        {{"members",
          {{"matched", referencesJson(lists.members)}, {"unmatched", lists.membersText}}},
         {"devices",
          {{"matched", referencesJson(lists.devices)}, {"unmatched", lists.devicesText}}},
         {"nested", referencesJson(lists.nested)},
         {"owners", lists.owners},
         {"description", document.description},
         {"mail", document.mail},
         {"domain", document.domain},
         {"membership", document.membership},
         {"reason", document.reason},
         {"madeByHand", document.isMadeByHand},
         {"managedBy", document.isMadeByHand ? Json() : Json(document.tenant)},
         {"tenantName", document.tenantName},
         {"entraTenant", document.entraTenant},
         {"archivedAt", document.archivedAt ? Json(runtime::toText(*document.archivedAt)) : Json()},
         {"archivedBy", document.archivedBy},
         {"fields", document.ownFields},
         {"access", accessJson(document.access)},
         {"columns", toJson(columnsFor(document.type))},
         {"cells", cellsOf(document, documents::columns())},
         {"related",
          {{"documents", referencesJson(lists.nestedIn)},
           {"contacts", referencesJson(lists.members)},
           {"configurations", referencesJson(lists.devices)}}},
         {"links", {{"manage", document.manageUrl.empty() ? Json() : Json(document.manageUrl)}}}});
    return page;
}

Json cellsOf(const Document& document, const std::vector<documents::Column>& columns)
{
    auto cells = Json::object();
    for (const auto& column : columns)
    {
        if (!column.isOf(document.type))
            continue;
        const auto cell = cellOf(document, column);
        cells[column.key] = {{"text", cell.text}, {"items", cell.items}};
    }
    return cells;
}

Json toJson(const std::vector<documents::Column>& columns)
{
    auto list = Json::array();
    for (const auto& column : columns)
    {
        auto types = Json::array();
        for (const auto type : {documents::Type::Microsoft365, documents::Type::Security})
            if (column.isOf(type))
                types.push_back(documents::toText(type));
        list.push_back({{"key", column.key}, {"title", column.title}, {"types", std::move(types)}});
    }
    return list;
}

Json toJson(const documents::ActivityLog::Entry& entry)
{
    return {{"at", runtime::toText(entry.at)},
            {"actor", entry.activity.actor},
            {"tenant", entry.tenant},
            {"document", entry.document},
            {"name", entry.name},
            {"action", entry.activity.action},
            {"before", entry.activity.before},
            {"after", entry.activity.after}};
}

} // namespace muster::web
