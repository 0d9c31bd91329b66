#include "web/Role.h"

#include "estate/Field.h"
#include "runtime/Errors.h"

#include <algorithm>
#include <vector>

namespace muster::web {

namespace {

const std::vector<std::string> kRoles = {"administrator", "manager", "documents", "reader"};

std::string whatOf(Right right)
{
    switch (right)
    {
    case Right::Administer:
        return "keep the tokens";
    case Right::SetUp:
        return "see or change anything but documents";
    case Right::SwitchDocuments:
        return "enable or disable documents";
    case Right::KeepDocuments:
        return "make, archive, edit, delete or export documents";
    case Right::ReviewDocuments:
        return "see the activity log";
    case Right::ReadDocuments:
        break;
    }
    return "read documents";
}

} // namespace

bool may(Role role, Right right)
{
    switch (role)
    {
    case Role::Administrator:
        return true;
    case Role::Manager:
        return right != Right::Administer && right != Right::KeepDocuments;
    case Role::Documents:
        return right == Right::KeepDocuments || right == Right::ReviewDocuments ||
               right == Right::ReadDocuments;
    case Role::Reader:
        break;
    }
    return right == Right::ReadDocuments;
}

std::string toText(Role role)
{
    return kRoles[static_cast<size_t>(role)];
}

Role roleFromText(const std::string& text)
{
    const auto found = std::find(kRoles.begin(), kRoles.end(), text);
    if (found == kRoles.end())
        throw UsageError("'" + text + "' is no role: write " + estate::listed(kRoles, "or"));
    return static_cast<Role>(found - kRoles.begin());
}

void Caller::require(Right right) const
{
    if (may(role, right))
        return;
    std::string others;
    for (const auto& other : kRoles)
        if (may(roleFromText(other), right))
            others += (others.empty() ? "" : " or ") + other;
    throw ForbiddenError("the role " + web::toText(role) + " may not " + whatOf(right) +
                         ": use a token of the role " + others);
}

} // namespace muster::web
