#include "documents/FieldTexts.h"

#include "documents/Columns.h"
#include "runtime/Errors.h"

#include <muster/Keys.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace muster::documents {

namespace {

constexpr size_t kLongestFieldName = 100;
constexpr size_t kLongestFieldText = 64u << 10;
constexpr size_t kLongestName = 1024; ///< 256 characters of Entra, in UTF-8

/// Null when there is no such column.
const Column* columnNamed(const std::string& name)
{
    const auto folded = nameKeyNoCase(name);
    const auto found = std::find_if(columns().begin(), columns().end(), [&](const Column& column) {
        return folded == nameKeyNoCase(column.key) || folded == nameKeyNoCase(column.title);
    });
    return found == columns().end() ? nullptr : &*found;
}

/// What a page shows beside its columns: a field of that name would pass for it.
bool isShownAnyway(const std::string& name)
{
    static const std::set<std::string> kNames = {
        "id",        "type",   "managed by integration", "tenant",          "organization",
        "nested in", "manage", "only for people",        "only for groups", "archived by"};
    return kNames.count(nameKeyNoCase(name)) > 0;
}

std::string* textOf(Document& document, const std::string& key)
{
    if (key == "name")
        return &document.name;
    if (key == "description")
        return &document.description;
    if (key == "mail")
        return &document.mail;
    if (key == "domain")
        return &document.domain;
    return key == "membership" ? &document.membership : nullptr;
}

std::vector<std::string>* listOf(Document& document, const std::string& key)
{
    auto& lists = document.lists;
    if (key == "membersText")
        return &lists.membersText;
    if (key == "devicesText")
        return &lists.devicesText;
    return key == "owners" ? &lists.owners : nullptr;
}

std::vector<std::string> itemsOf(const std::string& text)
{
    std::set<std::string> items;
    for (size_t begin = 0; begin < text.size();)
    {
        const auto end = std::min(text.find_first_of("\n;", begin), text.size());
        if (auto item = trimmed(text.substr(begin, end - begin)); !item.empty())
            items.insert(std::move(item));
        begin = end + 1;
    }
    return {items.begin(), items.end()};
}

std::string joined(const std::vector<std::string>& items)
{
    std::string text;
    for (const auto& item : items)
        text += (text.empty() ? "" : "\n") + item;
    return text;
}

std::string assignColumn(Document& document, const Column& column, const std::string& text)
{
    if (!document.isMadeByHand)
        throw UsageError("\"" + column.title + "\" of '" + document.name +
                         "' comes from Entra: change it there, or write into a field of another "
                         "name");
    if (column.key == "name")
        requireName(text);
    if (auto* known = textOf(document, column.key))
        return std::exchange(*known, trimmed(text));
    if (auto* known = listOf(document, column.key))
        return joined(std::exchange(*known, itemsOf(text)));
    throw UsageError("\"" + column.title +
                     "\" cannot be written by hand: write into membersText, devicesText or owners, "
                     "or a field of another name");
}

} // namespace

void requireName(const std::string& name)
{
    if (trimmed(name).empty() || name.size() > kLongestName)
        throw UsageError("a document needs a name, of up to " + std::to_string(kLongestName) +
                         " bytes");
}

std::string assignField(Document& document, const std::string& name, const std::string& text)
{
    if (text.size() > kLongestFieldText)
        throw UsageError("the text of the field '" + name +
                         "' is longer than 64 KiB: keep it elsewhere, and write where it is");
    if (const auto* column = columnNamed(name))
        return assignColumn(document, *column, text);
    const auto own = trimmed(name);
    if (own.empty() || own.size() > kLongestFieldName)
        throw UsageError("'" + name + "' is no name for a field: write up to " +
                         std::to_string(kLongestFieldName) + " bytes");
    if (isShownAnyway(own))
        throw UsageError("a page shows '" + own + "' anyway: write into a field of another name");
    auto& known = document.ownFields[own];
    auto before = std::exchange(known, text);
    if (text.empty())
        document.ownFields.erase(own);
    return before;
}

} // namespace muster::documents
