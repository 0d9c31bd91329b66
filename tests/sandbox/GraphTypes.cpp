#include "GraphTypes.h"

#include <array>

namespace muster::sandbox {

namespace {

using Kind = World::Kind;
using When = GraphType::Known::When;

constexpr When kDefault = When::Default;
constexpr When kSelected = When::Selected;

/// Defaults as contracts/graph.md section 2.2 and 2.4 have them.
const std::array<GraphType, 5>& types()
{
    static const std::array<GraphType, 5> all{{
        {Kind::User,
         "users",
         {{"businessPhones", "[]", kDefault},
          {"displayName", "null", kDefault},
          {"givenName", "null", kDefault},
          {"jobTitle", "null", kDefault},
          {"mail", "null", kDefault},
          {"mobilePhone", "null", kDefault},
          {"officeLocation", "null", kDefault},
          {"preferredLanguage", "null", kDefault},
          {"surname", "null", kDefault},
          {"userPrincipalName", "null", kDefault},
          {"accountEnabled", "null", kSelected},
          {"companyName", "null", kSelected},
          {"createdDateTime", "null", kSelected},
          {"department", "null", kSelected},
          {"employeeId", "null", kSelected},
          {"externalUserState", "null", kSelected},
          {"identities", "[]", kSelected},
          {"mailNickname", "null", kSelected},
          {"onPremisesSyncEnabled", "null", kSelected},
          {"onPremisesSamAccountName", "null", kSelected},
          {"otherMails", "[]", kSelected},
          {"proxyAddresses", "[]", kSelected},
          {"userType", "null", kSelected}}},
        {Kind::Group,
         "groups",
         {{"classification", "null", kDefault},
          {"createdDateTime", "null", kDefault},
          {"description", "null", kDefault},
          {"displayName", "null", kDefault},
          {"expirationDateTime", "null", kDefault},
          {"groupTypes", "[]", kDefault},
          {"isAssignableToRole", "null", kDefault},
          {"mail", "null", kDefault},
          {"mailEnabled", "null", kDefault},
          {"mailNickname", "null", kDefault},
          {"membershipRule", "null", kDefault},
          {"membershipRuleProcessingState", "null", kDefault},
          {"onPremisesSyncEnabled", "null", kDefault},
          {"proxyAddresses", "[]", kDefault},
          {"renewedDateTime", "null", kDefault},
          {"resourceBehaviorOptions", "[]", kDefault},
          {"resourceProvisioningOptions", "[]", kDefault},
          {"securityEnabled", "null", kDefault},
          {"securityIdentifier", "null", kDefault},
          {"visibility", "null", kDefault}}},
        {Kind::Device,
         "devices",
         {{"accountEnabled", "null", kDefault},
          {"approximateLastSignInDateTime", "null", kDefault},
          {"deviceId", "null", kDefault},
          {"deviceOwnership", "null", kDefault},
          {"displayName", "null", kDefault},
          {"isCompliant", "null", kDefault},
          {"isManaged", "null", kDefault},
          {"manufacturer", "null", kDefault},
          {"model", "null", kDefault},
          {"operatingSystem", "null", kDefault},
          {"operatingSystemVersion", "null", kDefault},
          {"registrationDateTime", "null", kDefault},
          {"trustType", "null", kDefault}}},
        {Kind::ServicePrincipal,
         "servicePrincipals",
         {{"appId", "null", kDefault}, {"displayName", "null", kDefault}}},
        {Kind::OrgContact,
         "contacts",
         {{"displayName", "null", kDefault}, {"mail", "null", kDefault}}},
    }};
    return all;
}

} // namespace

std::vector<std::string> GraphType::defaultSelect() const
{
    std::vector<std::string> names;
    for (const auto& property : properties)
    {
        if (property.when == When::Default)
            names.emplace_back(property.name);
    }
    return names;
}

std::string_view GraphType::emptyValue(std::string_view name) const
{
    for (const auto& property : properties)
    {
        if (name == property.name)
            return property.empty;
    }
    return {};
}

const GraphType& graphType(World::Kind kind)
{
    return types()[static_cast<std::size_t>(kind)];
}

void appendType(std::string& text, World::Kind kind)
{
    text += "\"#microsoft.graph.";
    text += kindName(kind);
    text += '"';
}

void appendProperty(std::string& text, std::string_view name, std::string_view json)
{
    text += ",\"";
    text += name;
    text += "\":";
    text += json;
}

} // namespace muster::sandbox
