#include "graph/Permissions.h"

#include <algorithm>

namespace muster::graph {

std::optional<bool> Permission::isGranted(const std::optional<TokenClaims>& claims) const
{
    if (!claims)
        return std::nullopt;
    return std::any_of(claims->roles.begin(), claims->roles.end(), [&](const std::string& role) {
        return role == name || std::find(instead.begin(), instead.end(), role) != instead.end();
    });
}

std::string Permission::remedy() const
{
    return "grant the application permission " + name +
           " to the application in Entra and have an administrator of the tenant consent to it";
}

const Permission& permissionFor(const std::string& resource)
{
    static const Permission kUsers{
        "User.Read.All",
        {"User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
        "to read people, their addresses, and who was deleted"};
    static const Permission kGroups{"GroupMember.Read.All",
                                    {"GroupMember.ReadWrite.All", "Group.Read.All",
                                     "Group.ReadWrite.All", "Directory.Read.All",
                                     "Directory.ReadWrite.All"},
                                    "to read groups, their members and owners"};
    static const Permission kDevices{
        "Device.Read.All",
        {"Device.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
        "to read the devices in groups"};
    if (resource == "users")
        return kUsers;
    return resource == "groups" ? kGroups : kDevices;
}

const Permission& applicationsPermission()
{
    static const Permission kApplications{"Application.Read.All",
                                          {"Application.ReadWrite.All",
                                           "Application.ReadWrite.OwnedBy", "Directory.Read.All",
                                           "Directory.ReadWrite.All"},
                                          "to see when the client secret expires"};
    return kApplications;
}

const Permission& mailPermission()
{
    static const Permission kMail{"Mail.Send", {}, "to send mail"};
    return kMail;
}

const Permission& hiddenMembersPermission()
{
    static const Permission kHidden{
        "Member.Read.Hidden", {}, "to read the members of groups that hide them"};
    return kHidden;
}

} // namespace muster::graph
