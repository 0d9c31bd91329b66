#include "Reader.h"

#include "Records.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace deskdirector {

using muster::target::Link;
using muster::target::Output;
using muster::target::ReadRequest;

namespace {

/// A list, and what its items are.
struct Part
{
    List list;
    std::string kind;  ///< of the records; empty: they are members
    std::string group; ///< whose members they are
    std::string title;
};

std::vector<Part> partsOf(const ReadRequest& request, int64_t account)
{
    const auto in = " of account " + std::to_string(account);
    std::vector<Part> parts;
    for (const auto& kind : request.kinds)
        if (kind == kContact)
            parts.push_back({contactsOf(account), kind, {}, "read the contacts" + in});
        else if (kind == kGroup)
            parts.push_back({groupsOf(account), kind, {}, "read the contact groups" + in});
    for (const auto& into : request.linksInto)
        parts.push_back({{"members.list", {{"group", into.remoteId}}},
                         {},
                         into.remoteId,
                         "read the members of contact group " + into.remoteId});
    return parts;
}

void sayMember(const Json& item, const std::string& group, const Output& output)
{
    const auto contact = idOf(field(item, "contact"));
    const auto role = field(item, "role");
    Link link{{kContact, {}, contact.empty() ? idOf(item) : contact},
              {kGroup, {}, group},
              role.is_string() ? role.get<std::string>() : std::string()};
    if (!link.from.remoteId.empty())
        output.say(link);
}

std::set<std::string> groupsThere(const Site& site, int64_t account)
{
    std::set<std::string> ids;
    const auto failure =
        site.readAll({groupsOf(account)}, [&](size_t, const Json& item) { ids.insert(idOf(item)); })
            .front();
    if (failure)
        fail("read the contact groups of account " + std::to_string(account), *failure);
    return ids;
}

} // namespace

void read(const Site& site, const ReadRequest& request, const Output& output)
{
    const auto account = request.scope.at("account").get<int64_t>();
    const auto parts = partsOf(request, account);
    std::vector<List> lists;
    for (const auto& part : parts)
        lists.push_back(part.list);

    const auto failures = site.readAll(lists, [&](size_t list, const Json& item) {
        const auto& part = parts[list];
        if (part.kind.empty())
            sayMember(item, part.group, output);
        else if (const auto record =
                     part.kind == kContact ? contactOf(item, account) : groupOf(item))
            output.say(*record);
    });
    std::optional<std::set<std::string>> groups;
    for (size_t list = 0; list < lists.size(); ++list)
    {
        if (!failures[list])
            continue;
        // 404 is a group that is gone, and with it its members; or a site without this call.
        const auto& group = parts[list].group;
        if (failures[list]->status == 404 && !group.empty() && !groups)
            groups = groupsThere(site, account);
        if (failures[list]->status != 404 || group.empty() || groups->count(group))
            fail(parts[list].title, *failures[list]);
    }

    if (std::find(request.kinds.begin(), request.kinds.end(), kAccount) != request.kinds.end())
    {
        const auto answer = site.host().send(
            site.profile().request("accounts.get", {{"account", std::to_string(account)}}));
        const auto record = answer.isSuccess() ? accountOf(answer.json()) : std::nullopt;
        if (!record)
            fail("read account " + std::to_string(account), answer);
        output.say(*record);
    }
}

} // namespace deskdirector
