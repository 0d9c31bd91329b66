#include "documents/Columns.h"

#include "estate/Field.h"
#include "runtime/Errors.h"

#include <algorithm>

namespace muster::documents {

namespace {

std::vector<std::string> namesOf(const std::vector<Reference>& references)
{
    std::vector<std::string> names;
    for (const auto& reference : references)
        names.push_back(reference.name);
    return names;
}

Cell listCell(int64_t count, std::vector<std::string> items)
{
    Cell cell{count == 0 ? std::string() : std::to_string(count), std::move(items)};
    if (cell.items.size() == 1)
        cell.text = cell.items.front();
    return cell;
}

Cell listCellOf(const Document& document, const std::string& key)
{
    const auto& counts = document.counts;
    const auto& lists = document.lists;
    if (key == "nested")
        return listCell(counts.nested, namesOf(lists.nested));
    if (key == "members")
        return listCell(counts.members, namesOf(lists.members));
    if (key == "membersText")
        return listCell(counts.membersText, lists.membersText);
    if (key == "devices")
        return listCell(counts.devices, namesOf(lists.devices));
    if (key == "devicesText")
        return listCell(counts.devicesText, lists.devicesText);
    return listCell(counts.owners, lists.owners);
}

} // namespace

bool Column::isOf(Type type) const
{
    return type == Type::Microsoft365 ? isOfMicrosoft365 : isOfSecurity;
}

const std::vector<Column>& columns()
{
    static const std::vector<Column> kColumns = {
        {"name", "Group Name"},
        {"nested", "Nested Groups", false, true},
        {"members", "Members (Matched To A Contact)"},
        {"membersText", "Members (Not Matched To A Contact)"},
        {"devices", "Devices (Matched To A Configuration)", false, true},
        {"devicesText", "Devices (Not Matched To A Configuration)", false, true},
        {"mail", "Group Email Address", true, false},
        {"domain", "Domain"},
        {"description", "Group Description"},
        {"membership", "Membership Type"},
        {"status", "Sync Status"},
        {"updated", "Updated"},
        {"owners", "Owners"}};
    return kColumns;
}

std::vector<Column> columnsOf(const std::vector<std::string>& keys)
{
    if (keys.empty())
        return columns();
    std::vector<Column> chosen;
    for (const auto& key : keys)
    {
        const auto found = std::find_if(columns().begin(), columns().end(),
                                        [&](const Column& column) { return column.key == key; });
        if (found == columns().end())
        {
            std::vector<std::string> known;
            for (const auto& column : columns())
                known.push_back(column.key);
            throw UsageError("'" + key + "' is no column: write some of " + estate::listed(known));
        }
        if (std::any_of(chosen.begin(), chosen.end(),
                        [&](const Column& column) { return column.key == key; }))
            throw UsageError("the column '" + key + "' is there twice: leave one out");
        chosen.push_back(*found);
    }
    return chosen;
}

Cell cellOf(const Document& document, const Column& column)
{
    const auto& key = column.key;
    if (!column.isOf(document.type))
        return {};
    if (key == "name")
        return {document.name};
    if (key == "mail")
        return {document.mail};
    if (key == "domain")
        return {document.domain};
    if (key == "description")
        return {document.description};
    if (key == "membership")
        return {document.membership};
    if (key == "status")
        return {titleOf(document.status)};
    if (key == "updated")
        return {document.updated};
    return listCellOf(document, key);
}

} // namespace muster::documents
