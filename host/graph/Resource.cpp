#include "graph/Resource.h"

namespace muster::graph {

std::string Resource::selected() const
{
    std::string text;
    for (const auto& property : properties)
        text += (text.empty() ? "" : ",") + std::string(property.name);
    return hasMembers ? text + ",members,owners" : text;
}

std::string Resource::firstUrl(const std::string& graph) const
{
    return graph + "/v1.0/" + name + "/delta?$select=" + selected();
}

const std::vector<Resource>& resources()
{
    using enum PropertyType;
    static const std::vector<Resource> kResources = {
        {.name = "users",
         .kind = "user",
         .properties = {{"displayName"},
                        {"givenName"},
                        {"surname"},
                        {"mail"},
                        {"userPrincipalName"},
                        {"proxyAddresses", Texts},
                        {"otherMails", Texts},
                        {"userType"},
                        {"accountEnabled", Flag},
                        {"jobTitle"},
                        {"businessPhones", Texts},
                        {"mobilePhone"},
                        {"employeeId"}}},
        {.name = "devices",
         .kind = "device",
         .properties = {{"displayName"},
                        {"deviceId"},
                        {"operatingSystem"},
                        {"operatingSystemVersion"},
                        {"accountEnabled", Flag},
                        {"trustType"},
                        {"isManaged", Flag},
                        {"isCompliant", Flag},
                        {"manufacturer"},
                        {"model"}}},
        {.name = "groups",
         .kind = "group",
         .properties = {{"displayName"},
                        {"description"},
                        {"mail"},
                        {"mailNickname"},
                        {"mailEnabled", Flag},
                        {"securityEnabled", Flag},
                        {"groupTypes", Texts},
                        {"membershipRule"},
                        {"visibility"},
                        {"proxyAddresses", Texts},
                        {"onPremisesSyncEnabled", Flag},
                        {"resourceProvisioningOptions", Texts},
                        {"createdDateTime"}},
         .hasMembers = true},
    };
    return kResources;
}

} // namespace muster::graph
