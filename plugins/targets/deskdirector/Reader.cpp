#include "Reader.h"

#include "Records.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace deskdirector {

using muster::target::Answer;
using muster::target::End;
using muster::target::Link;
using muster::target::Output;
using muster::target::ReadRequest;
using muster::target::Record;

namespace {

/// A list, and what its items are.
struct Part
{
    List list;
    std::string kind;  ///< of the records; empty: they are members
    std::string title; ///< what is done, for people
    int64_t account = 0;
    std::string group = {}; ///< whose members they are
    std::string tag = {};   ///< accounts are looked for by this
};

std::vector<int64_t> accountsOf(const ReadRequest& request)
{
    std::vector<int64_t> accounts;
    for (const auto& place : request.within)
        if (place.kind == kAccount)
            accounts.push_back(std::stoll(place.remoteId));
    if (request.within.empty())
        accounts.push_back(accountIn(request.scope));
    return accounts;
}

/// The lists that hold what is asked for by kind.
void addKinds(const ReadRequest& request, std::vector<Part>& parts)
{
    for (const auto& kind : request.kinds)
    {
        if (kind != kContact && kind != kGroup)
            continue;
        for (const auto account : accountsOf(request))
        {
            const auto in = " of account " + std::to_string(account);
            if (kind == kContact)
                parts.push_back({contactsOf(account), kind, "read the contacts" + in, account});
            else
                parts.push_back({groupsOf(account), kind, "read the contact groups" + in, account});
        }
    }
}

std::vector<Part> partsOf(const ReadRequest& request)
{
    std::vector<Part> parts;
    addKinds(request, parts);
    for (const auto& into : request.linksInto)
        if (into.kind == kGroup)
            parts.push_back({{"members.list", {{"group", into.remoteId}}},
                             {},
                             "read the members of contact group " + into.remoteId,
                             0,
                             into.remoteId});
    bool needsServiceGroups =
        std::count(request.kinds.begin(), request.kinds.end(), kServiceGroup) > 0;
    for (const auto& name : request.find)
        if (name.kind == kAccount)
            parts.push_back({accountsTagged(name.key),
                             kAccount,
                             "look for the account with the tag " + name.key,
                             0,
                             {},
                             name.key});
        else
            needsServiceGroups = needsServiceGroups || name.kind == kServiceGroup;
    if (needsServiceGroups)
        parts.push_back({{"servicegroups.list"}, kServiceGroup, "read the service groups"});
    return parts;
}

std::optional<Record> recordOf(const Part& part, const Json& item)
{
    if (part.kind == kContact)
        return contactOf(item, part.account);
    if (part.kind == kGroup)
        return groupOf(item);
    if (part.kind == kServiceGroup)
        return serviceGroupOf(item);
    // A search may give more than was asked for.
    const auto tags = field(item, "tags");
    auto account = accountOf(item);
    if (!account || !tags.is_array() || std::find(tags.begin(), tags.end(), part.tag) == tags.end())
        return std::nullopt;
    account->key = part.tag;
    return account;
}

/// By their ids as numbers: of several with one key the same is first each time.
void sayInOrder(std::vector<Record> records, const Output& output)
{
    std::sort(records.begin(), records.end(), [](const Record& left, const Record& right) {
        const auto rank = [](const Record& record) {
            return std::pair(record.remoteId.size(), record.remoteId);
        };
        return rank(left) < rank(right);
    });
    for (const auto& record : records)
        output.say(record);
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

Answer askFor(const Site& site, int64_t account)
{
    return site.host().send(
        site.profile().request("accounts.get", {{"account", std::to_string(account)}}));
}

[[noreturn]] void failWithoutAccount(int64_t account)
{
    throw muster::target::SettingError("scope.account", "there is no account " +
                                                            std::to_string(account) +
                                                            ": mend scope.account of the sync");
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
    const auto parts = partsOf(request);
    std::vector<List> lists;
    for (const auto& part : parts)
        lists.push_back(part.list);

    std::vector<Record> made; // by people
    const auto failures = site.readAll(lists, [&](size_t list, const Json& item) {
        const auto& part = parts[list];
        if (part.kind.empty())
            return sayMember(item, part.group, output);
        auto record = recordOf(part, item);
        if (!record)
            return;
        if (part.kind == kAccount || part.kind == kServiceGroup)
            return made.push_back(std::move(*record));
        if (!request.within.empty())
            record->within = End{kAccount, {}, std::to_string(part.account)};
        output.say(*record);
        if (const auto link = serviceGroupLinkOf(item); link && part.kind == kContact)
            output.say(*link);
    });
    std::optional<std::set<std::string>> groups;
    for (size_t list = 0; list < lists.size(); ++list)
    {
        if (!failures[list])
            continue;
        const auto& group = parts[list].group;
        // 404 is an account that is not there; or a site without this call.
        if (failures[list]->status == 404 && parts[list].account != 0 && request.within.empty() &&
            askFor(site, parts[list].account).status == 404)
            failWithoutAccount(parts[list].account);
        // 404 is a group that is gone, and with it its members; or a site without this call.
        if (failures[list]->status == 404 && !group.empty() && !groups)
            groups = groupsThere(site, accountIn(request.scope));
        if (failures[list]->status != 404 || group.empty() || groups->count(group))
            fail(parts[list].title, *failures[list]);
    }
    sayInOrder(std::move(made), output);

    if (std::find(request.kinds.begin(), request.kinds.end(), kAccount) != request.kinds.end())
    {
        const auto account = accountIn(request.scope);
        const auto answer = askFor(site, account);
        const auto record = answer.isSuccess() ? accountOf(answer.json()) : std::nullopt;
        if (answer.status == 404)
            failWithoutAccount(account);
        if (!record)
            fail("read account " + std::to_string(account), answer);
        output.say(*record);
    }
}

} // namespace deskdirector
