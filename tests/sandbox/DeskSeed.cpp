#include "DeskDirector.h"

#include <set>
#include <stdexcept>

namespace muster::sandbox {

namespace {

bool isDeletion(const Json& record)
{
    return record.value("delete", false);
}

void seedAccount(DeskRecords& records, const Json& record)
{
    const int id = record.at("id").get<int>();
    const bool isKnown = records.accounts().count(id) > 0;
    const std::string name = isKnown ? records.account(id).name : "Account " + std::to_string(id);
    DeskAccount& account = records.putAccount(id, record.value("name", name));
    account.tags = record.value("tags", account.tags);
    account.active = record.value("active", account.active);
}

void seedName(DeskRecords& records, const std::string& list, const Json& record)
{
    const int id = record.at("id").get<int>();
    if (isDeletion(record))
        records.names(list).erase(id);
    else
        records.names(list)[id].update(record);
}

void seedContact(DeskRecords& records, const Json& record)
{
    const int account = record.value("companyId", record.value("accountId", 0));
    std::optional<int> id;
    if (record.contains("id"))
        id = record["id"].get<int>();
    if (id && isDeletion(record))
        return records.eraseContact(*id);
    const bool isNew = !id || !records.hasContact(*id);
    DeskContact& contact =
        isNew ? records.createContact(account, record.at("email").get<std::string>(), id)
              : records.contact(*id);
    contact.birth.isSeed = true;
    records.patchContact(contact, record);
    contact.active = record.value("active", contact.active);
}

int contactOf(const DeskRecords& records, const DeskGroup& group, const Json& named)
{
    if (named.is_number_integer())
        return named.get<int>();
    const auto id = records.findContact(group.account, named.get<std::string>());
    if (!id)
        throw DeskError{404, "There is no contact " + named.dump() + " in the group's account."};
    return *id;
}

void seedGroup(DeskRecords& records, const Json& record)
{
    std::optional<std::string> id;
    if (record.contains("id"))
        id = record["id"].get<std::string>();
    if (id && isDeletion(record))
        return records.eraseGroup(*id);
    const bool isNew = !id || !records.hasGroup(*id);
    DeskGroup& group =
        isNew ? records.createGroup(record.value("accountId", 0), record.value("name", ""), id)
              : records.group(*id);
    group.birth.isSeed = true;
    if (record.contains("name"))
        records.renameGroup(group, record["name"].get<std::string>());
    for (const auto& member : record.value("members", Json::array()))
    {
        const int contact = contactOf(records, group, member.at("contact"));
        if (member.value("role", Json("regular")).is_null())
            records.eraseMember(group, contact);
        else
            records.putMember(group, contact, member.value("role", "regular"));
    }
}

void seedTicket(DeskRecords& records, const Json& record)
{
    Json ticket = record;
    const int id = record.contains("id") ? record["id"].get<int>() : records.newId();
    if (isDeletion(record))
    {
        records.tickets().erase(id);
        return;
    }
    ticket["id"] = id;
    records.tickets()[id].update(ticket);
}

} // namespace

void DeskDirector::seed(const Json& records)
{
    static const std::set<std::string> kKnown{"accounts",     "serviceGroups", "boards", "statuses",
                                              "requestTypes", "contacts",      "groups", "tickets"};
    for (const auto& [key, value] : records.items())
    {
        if (kKnown.count(key) == 0 || !value.is_array())
            throw std::invalid_argument("deskdirector: \"" + key + "\" is no list of records");
    }
    const std::lock_guard lock(_mutex);
    try
    {
        const auto each = [&](const char* list, auto apply) {
            for (const auto& record : records.value(list, Json::array()))
                apply(record);
        };
        each("accounts", [&](const Json& record) { seedAccount(_records, record); });
        for (const char* const list : {"serviceGroups", "boards", "statuses", "requestTypes"})
            each(list, [&](const Json& record) { seedName(_records, list, record); });
        each("contacts", [&](const Json& record) { seedContact(_records, record); });
        each("groups", [&](const Json& record) { seedGroup(_records, record); });
        each("tickets", [&](const Json& record) { seedTicket(_records, record); });
    }
    catch (const DeskError& error)
    {
        throw std::invalid_argument("deskdirector: " + error.message);
    }
    catch (const nlohmann::json::exception& error)
    {
        throw std::invalid_argument(std::string("deskdirector: ") + error.what());
    }
}

} // namespace muster::sandbox
