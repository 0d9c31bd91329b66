#include "documents/Document.h"

#include "estate/Field.h"
#include "runtime/Errors.h"

#include <algorithm>

namespace muster::documents {

namespace {

const std::vector<std::string> kTypes = {"microsoft365", "security"};
const std::vector<std::string> kTypeTitles = {"Microsoft 365: Groups", "Entra ID: Security Groups"};
const std::vector<std::string> kStatuses = {"enabled", "orphaned", "disabled"};
const std::vector<std::string> kStatusTitles = {"Enabled", "Orphaned", "Disabled"};

size_t indexIn(const std::vector<std::string>& texts, const std::string& text,
               const std::string& what)
{
    const auto found = std::find(texts.begin(), texts.end(), text);
    if (found == texts.end())
        throw UsageError("'" + text + "' is no " + what + ": write " + estate::listed(texts, "or"));
    return static_cast<size_t>(found - texts.begin());
}

} // namespace

std::string toText(Type type)
{
    return kTypes[static_cast<size_t>(type)];
}

std::string titleOf(Type type)
{
    return kTypeTitles[static_cast<size_t>(type)];
}

std::string toText(Status status)
{
    return kStatuses[static_cast<size_t>(status)];
}

std::string titleOf(Status status)
{
    return kStatusTitles[static_cast<size_t>(status)];
}

Type typeFromText(const std::string& text)
{
    return static_cast<Type>(indexIn(kTypes, text, "type of document"));
}

Status statusFromText(const std::string& text)
{
    return static_cast<Status>(indexIn(kStatuses, text, "status of a document"));
}

} // namespace muster::documents
