#include "documents/ExportCsv.h"

#include "documents/Columns.h"
#include "documents/PlainText.h"
#include "estate/Field.h"

#include <set>
#include <string_view>

namespace muster::documents {

namespace {

using Row = std::vector<std::string>;

const std::string kListSeparator = "; ";

/// Spreadsheets take a cell that begins so for a formula, even a quoted one (OWASP, CSV injection).
bool isFormula(const std::string& text)
{
    constexpr std::string_view kBeginnings = "=+-@\t\r\n";
    return !text.empty() && kBeginnings.find(text.front()) != std::string_view::npos;
}

std::string cell(const std::string& text)
{
    auto plain = plainText(text);
    if (isFormula(plain))
        plain.insert(0, "'");
    if (plain.find_first_of(",;\"\r\n") == std::string::npos)
        return plain;
    std::string quoted = "\"";
    for (const char c : plain)
    {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted + "\"";
}

void writeRow(const Row& cells, std::ostream& out)
{
    for (size_t i = 0; i < cells.size(); ++i)
        out << (i == 0 ? "" : ",") << cell(cells[i]);
    out << "\r\n";
}

std::string joinedItems(const std::vector<std::string>& items)
{
    std::string text;
    for (const auto& item : items)
        text += (text.empty() ? "" : kListSeparator) + item;
    return text;
}

std::string accessText(const Access& access)
{
    if (access.isForEveryone)
        return "everyone";
    auto names = access.groups;
    names.insert(names.end(), access.people.begin(), access.people.end());
    return joinedItems(names);
}

std::vector<std::string> namesOfOwnFields(const std::vector<Document>& documents)
{
    std::set<std::string> names;
    for (const auto& document : documents)
        for (const auto& [name, text] : document.ownFields)
            names.insert(name);
    return {names.begin(), names.end()};
}

Row everythingElse(const Document& document, const std::vector<std::string>& ownFields)
{
    Row cells = {titleOf(document.type),
                 document.tenantName,
                 document.organization,
                 document.tenant,
                 document.reason,
                 document.isArchived ? "yes" : "no",
                 document.isMadeByHand ? "yes" : "no",
                 accessText(document.access),
                 document.id,
                 document.entraTenant,
                 document.manageUrl};
    for (const auto& name : ownFields)
    {
        const auto found = document.ownFields.find(name);
        cells.push_back(found == document.ownFields.end() ? std::string() : found->second);
    }
    return cells;
}

} // namespace

void writeCsv(const std::vector<Document>& documents, const std::vector<std::string>& columns,
              std::ostream& out)
{
    const bool isEverything = columns.empty();
    const auto chosen = columnsOf(columns);
    const auto ownFields = isEverything ? namesOfOwnFields(documents) : std::vector<std::string>();
    Row titles;
    for (const auto& column : chosen)
        titles.push_back(column.title);
    if (isEverything)
    {
        titles.insert(titles.end(),
                      {"Type", "Tenant Name", "Organization", "Managed By Integration", "Reason",
                       "Archived", "Made By Hand", "Access", "ID", "Entra Tenant", "Manage"});
        titles.insert(titles.end(), ownFields.begin(), ownFields.end());
    }
    out << "\xEF\xBB\xBF";
    writeRow(titles, out);
    for (const auto& document : documents)
    {
        Row cells;
        for (const auto& column : chosen)
        {
            const auto shown = cellOf(document, column);
            cells.push_back(shown.items.empty() ? shown.text : joinedItems(shown.items));
        }
        if (isEverything)
            for (auto& text : everythingElse(document, ownFields))
                cells.push_back(std::move(text));
        writeRow(cells, out);
    }
}

} // namespace muster::documents
