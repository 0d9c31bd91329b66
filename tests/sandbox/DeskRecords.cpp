#include "DeskRecords.h"

#include "Http.h"

#include <algorithm>
#include <array>

namespace muster::sandbox {

namespace {

std::string trimmed(const std::string& text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    const auto last = text.find_last_not_of(" \t\r\n");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

Json orNull(const std::optional<std::string>& text)
{
    return text ? Json(*text) : Json();
}

/// The text of a patch's member; null resets to nothing.
std::optional<std::string> textOf(const Json& value, const std::string& name)
{
    if (value.is_null())
        return std::nullopt;
    if (!value.is_string())
        throw DeskError{400, "The field '" + name + "' is not a text."};
    return value.get<std::string>();
}

} // namespace

DeskAccount& DeskRecords::putAccount(int id, const std::string& name)
{
    DeskAccount& account = _accounts[id];
    account.id = id;
    account.name = name;
    return account;
}

const DeskAccount& DeskRecords::account(int id) const
{
    const auto found = _accounts.find(id);
    if (found == _accounts.end())
        throw DeskError{404, "There is no account " + std::to_string(id) + "."};
    return found->second;
}

DeskContact& DeskRecords::createContact(int accountId, const std::string& email,
                                        std::optional<int> id)
{
    account(accountId);
    if (id && _contacts.count(*id) > 0)
        throw DeskError{409, "There is a contact " + std::to_string(*id) + " already."};
    DeskContact contact{.id = id.value_or(0), .account = accountId, .birth = {.search = _searches}};
    setEmail(contact, email);
    if (!id)
        contact.id = newId();
    _lastId = std::max(_lastId, contact.id);
    _contactByEmail[emailKey(accountId, email)] = contact.id;
    DeskContact& stored = _contacts.emplace(contact.id, std::move(contact)).first->second;
    _contactsByAccount[accountId][stored.id] = &stored;
    return stored;
}

DeskContact& DeskRecords::contact(int id)
{
    return const_cast<DeskContact&>(std::as_const(*this).contact(id));
}

const DeskContact& DeskRecords::contact(int id) const
{
    const auto found = _contacts.find(id);
    if (found == _contacts.end())
        throw DeskError{404, "There is no contact " + std::to_string(id) + "."};
    return found->second;
}

void DeskRecords::setEmail(DeskContact& contact, const std::string& email)
{
    const auto at = email.find('@');
    if (email.empty() || at == 0 || at == std::string::npos || at + 1 == email.size())
        throw DeskError{400, "The field 'email' must be an address."};
    const std::string key = emailKey(contact.account, email);
    const auto other = _contactByEmail.find(key);
    if (other != _contactByEmail.end() && other->second != contact.id)
        throw DeskError{409, "A contact with the email '" + email + "' exists in this account."};
    if (contact.id != 0)
    {
        _contactByEmail.erase(emailKey(contact.account, contact.email));
        _contactByEmail[key] = contact.id;
    }
    contact.email = email;
}

void DeskRecords::patchContact(DeskContact& contact, const Json& patch)
{
    if (!patch.is_object())
        throw DeskError{400, "The body must be a JSON object."};
    DeskContact changed = contact;
    if (patch.contains("firstName"))
        changed.firstName = textOf(patch["firstName"], "firstName").value_or("");
    if (patch.contains("lastName"))
        changed.lastName = textOf(patch["lastName"], "lastName").value_or("");
    if (patch.contains("title"))
        changed.title = textOf(patch["title"], "title");
    if (patch.contains("phone"))
        changed.phone = textOf(patch["phone"], "phone");
    if (patch.contains("serviceGroup"))
    {
        changed.serviceGroup.reset();
        if (const auto& wanted = patch["serviceGroup"]; !wanted.is_null())
        {
            const int id = wanted.is_object() ? wanted.value("id", 0) : 0;
            if (reference("serviceGroups", id).is_null())
                throw DeskError{400, "The service group does not exist."};
            changed.serviceGroup = id;
        }
    }
    if (patch.contains("email"))
        setEmail(contact, textOf(patch["email"], "email").value_or(""));
    changed.email = contact.email;
    contact = std::move(changed);
}

void DeskRecords::eraseContact(int id)
{
    const DeskContact& gone = contact(id);
    for (auto& [groupId, group] : _groups)
        group.members.erase(id);
    _contactByEmail.erase(emailKey(gone.account, gone.email));
    _contactsByAccount[gone.account].erase(id);
    _contacts.erase(id);
}

std::optional<int> DeskRecords::findContact(int account, const std::string& email) const
{
    const auto found = _contactByEmail.find(emailKey(account, email));
    return found == _contactByEmail.end() ? std::nullopt : std::optional(found->second);
}

std::vector<const DeskContact*> DeskRecords::contacts(std::optional<int> account) const
{
    std::vector<const DeskContact*> found;
    for (const auto& [accountId, contacts] : _contactsByAccount)
    {
        if (account && accountId != *account)
            continue;
        for (const auto& [id, contact] : contacts)
            found.push_back(contact);
    }
    return found;
}

bool DeskRecords::isEffectivelyActive(const DeskContact& contact) const
{
    return contact.active && account(contact.account).active;
}

DeskGroup& DeskRecords::createGroup(int accountId, const std::string& name,
                                    const std::optional<std::string>& id)
{
    account(accountId);
    DeskGroup group{.id = id.value_or(""), .account = accountId, .birth = {.search = _searches}};
    renameGroup(group, name);
    while (!id && (group.id.empty() || _groups.count(group.id) > 0))
        group.id = "cg" + std::to_string(++_lastGroupId);
    const auto [stored, isNew] = _groups.emplace(group.id, group);
    if (!isNew)
        throw DeskError{409, "There is a contact group " + group.id + " already."};
    _groupsByAccount[accountId][group.id] = &stored->second;
    return stored->second;
}

DeskGroup& DeskRecords::group(const std::string& id)
{
    const auto found = _groups.find(id);
    if (found == _groups.end())
        throw DeskError{404, "There is no contact group '" + id + "'."};
    return found->second;
}

void DeskRecords::renameGroup(DeskGroup& group, const std::string& name)
{
    group.name = trimmed(name);
    if (group.name.empty())
        throw DeskError{400, "The field 'name' is required."};
}

void DeskRecords::eraseGroup(const std::string& id)
{
    const DeskGroup& gone = group(id);
    for (const auto& [contactId, role] : gone.members)
        --contact(contactId).groups;
    _groupsByAccount[gone.account].erase(id);
    _groups.erase(id);
}

std::vector<const DeskGroup*> DeskRecords::groups(std::optional<int> account) const
{
    std::vector<const DeskGroup*> found;
    for (const auto& [accountId, groups] : _groupsByAccount)
    {
        if (account && accountId != *account)
            continue;
        for (const auto& [id, group] : groups)
            found.push_back(group);
    }
    return found;
}

void DeskRecords::putMember(DeskGroup& group, int contactId, const std::string& role)
{
    static constexpr std::array kRoles{"manager", "regular", "guest"};
    if (std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end())
        throw DeskError{400, "The field 'role' must be manager, regular or guest."};
    DeskContact& member = contact(contactId);
    if (member.account != group.account)
        throw DeskError{400, "The contact belongs to another account than the group."};
    if (group.members.count(contactId) == 0)
    {
        if (member.groups == kMaxGroups)
            throw DeskError{409, "A contact can be in at most 50 contact groups."};
        ++member.groups;
    }
    group.members[contactId] = role;
}

void DeskRecords::eraseMember(DeskGroup& group, int contactId)
{
    if (group.members.erase(contactId) == 0)
        throw DeskError{404, "The contact is not a member of the group."};
    --contact(contactId).groups;
}

Json DeskRecords::reference(const std::string& list, int id) const
{
    const auto names = _names.find(list);
    if (names == _names.end() || names->second.count(id) == 0)
        return {};
    return {{"id", id}, {"name", names->second.at(id).at("name")}};
}

Json& DeskRecords::ticket(int id)
{
    const auto found = _tickets.find(id);
    if (found == _tickets.end())
        throw DeskError{404, "There is no ticket " + std::to_string(id) + "."};
    return found->second;
}

void DeskRecords::beginSearch(const SettingsValues& settings)
{
    ++_searches;
    _missedSearches = settings.staleSearches;
    _missedAge = std::chrono::milliseconds(settings.staleMilliseconds);
}

bool DeskRecords::sees(const Birth& birth) const
{
    if (birth.isSeed)
        return true;
    if (_searches - birth.search <= _missedSearches)
        return false;
    return _missedAge.count() == 0 || std::chrono::steady_clock::now() - birth.at >= _missedAge;
}

Json DeskRecords::contactJson(const DeskContact& contact) const
{
    std::string name = trimmed(contact.firstName + ' ' + contact.lastName);
    return {{"id", contact.id},
            {"firstName", contact.firstName},
            {"lastName", contact.lastName},
            {"name", name.empty() ? contact.email : name},
            {"email", contact.email},
            {"title", orNull(contact.title)},
            {"phone", orNull(contact.phone)},
            {"active", contact.active},
            {"company", {{"id", contact.account}, {"name", account(contact.account).name}}},
            {"serviceGroup",
             contact.serviceGroup ? reference("serviceGroups", *contact.serviceGroup) : Json()}};
}

Json DeskRecords::json() const
{
    Json json{{"accounts", Json::array()}};
    for (const auto& [id, account] : _accounts)
        json["accounts"].push_back({{"id", id},
                                    {"name", account.name},
                                    {"tags", account.tags},
                                    {"active", account.active}});
    for (const char* const list : {"serviceGroups", "boards", "statuses", "requestTypes"})
    {
        json[list] = Json::array();
        if (const auto names = _names.find(list); names != _names.end())
        {
            for (const auto& [id, entry] : names->second)
                json[list].push_back(entry);
        }
    }
    json["contacts"] = Json::array();
    for (const auto& [id, contact] : _contacts)
        json["contacts"].push_back(contactJson(contact));
    json["groups"] = Json::array();
    for (const auto& [id, group] : _groups)
    {
        Json members = Json::array();
        for (const auto& [contactId, role] : group.members)
            members.push_back(
                {{"contact", contactId}, {"email", contact(contactId).email}, {"role", role}});
        json["groups"].push_back({{"id", id},
                                  {"accountId", group.account},
                                  {"name", group.name},
                                  {"members", std::move(members)}});
    }
    json["tickets"] = Json::array();
    for (const auto& [id, ticket] : _tickets)
        json["tickets"].push_back(ticket);
    return json;
}

std::string DeskRecords::emailKey(int account, const std::string& email)
{
    return std::to_string(account) + '/' + lowerCase(email);
}

} // namespace muster::sandbox
