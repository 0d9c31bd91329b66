#include "Expectation.h"
#include "support/FreshTest.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace muster::integration {

namespace {

std::string trimmed(const std::string& text)
{
    const char* const space = " \t\r\n";
    const auto first = text.find_first_not_of(space);
    return first == text.npos ? "" : text.substr(first, text.find_last_not_of(space) - first + 1);
}

bool isAddress(const std::string& text)
{
    const auto at = text.find('@');
    return at != text.npos && at > 0 && text.find('.', at) != text.npos &&
           text.find(' ') == text.npos;
}

template <typename Map>
void compareKeys(std::ostream& out, const std::string& what, const Map& here, const Map& there)
{
    for (const auto& [key, value] : here)
        if (there.count(key) == 0)
            out << what << ' ' << key << " is missing\n";
    for (const auto& [key, value] : there)
        if (here.count(key) == 0)
            out << what << ' ' << key << " should not be there\n";
}

std::string describe(const DeskState::Contact& contact)
{
    return contact.firstName + '|' + contact.lastName + '|' + contact.title + '|' +
           contact.serviceGroup + '|' + (contact.active ? "active" : "inactive");
}

} // namespace

std::string lowerCase(std::string text)
{
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::string textIn(const Json& object, const char* name)
{
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? trimmed(found->get<std::string>()) : "";
}

std::string addressIn(const Json& user)
{
    std::vector<std::string> candidates{textIn(user, "mail")};
    for (const auto* prefix : {"SMTP:", "smtp:"})
        for (const auto& proxy : user.value("proxyAddresses", Json::array()))
            if (proxy.get<std::string>().rfind(prefix, 0) == 0)
                candidates.push_back(trimmed(proxy.get<std::string>().substr(5)));
    auto principal = textIn(user, "userPrincipalName");
    if (const auto external = principal.find("#EXT#"); external != principal.npos)
    {
        principal.resize(external);
        principal[principal.rfind('_')] = '@';
    }
    candidates.push_back(principal);
    const auto usable = std::find_if(candidates.begin(), candidates.end(), isAddress);
    return usable == candidates.end() ? "" : lowerCase(*usable);
}

bool isEnabled(const Json& user)
{
    const auto found = user.find("accountEnabled");
    return found == user.end() || !found->is_boolean() || found->get<bool>();
}

std::string DeskState::difference(const DeskState& other) const
{
    std::ostringstream out;
    compareKeys(out, "contact", contacts, other.contacts);
    for (const auto& [address, contact] : contacts)
    {
        const auto found = other.contacts.find(address);
        if (found != other.contacts.end() && !(found->second == contact))
            out << "contact " << address << " is " << describe(found->second) << ", should be "
                << describe(contact) << '\n';
    }
    compareKeys(out, "group", groups, other.groups);
    for (const auto& [name, roles] : groups)
    {
        const auto found = other.groups.find(name);
        if (found == other.groups.end() || found->second == roles)
            continue;
        compareKeys(out, "in group " + name + ':', roles, found->second);
        for (const auto& [address, role] : roles)
            if (found->second.count(address) > 0 && found->second.at(address) != role)
                out << "in group " << name << ": " << address << " is " << found->second.at(address)
                    << ", should be " << role << '\n';
    }
    return out.str();
}

DeskState deskState(const Json& deskDirector, int account)
{
    DeskState state;
    for (const auto& contact : deskDirector.at("contacts"))
    {
        if (contact.at("company").at("id") != account)
            continue;
        const auto serviceGroup = contact.value("serviceGroup", Json());
        const bool isNew =
            state.contacts
                .emplace(
                    lowerCase(textIn(contact, "email")),
                    DeskState::Contact{.firstName = textIn(contact, "firstName"),
                                       .lastName = textIn(contact, "lastName"),
                                       .title = textIn(contact, "title"),
                                       .serviceGroup = serviceGroup.is_object()
                                                           ? lowerCase(textIn(serviceGroup, "name"))
                                                           : std::string(),
                                       .active = contact.at("active")})
                .second;
        CPPUNIT_ASSERT_MESSAGE("a contact is there twice: " + contact.dump(), isNew);
    }
    for (const auto& group : deskDirector.at("groups"))
    {
        if (group.at("accountId") != account)
            continue;
        DeskState::Roles roles;
        for (const auto& member : group.at("members"))
            CPPUNIT_ASSERT_MESSAGE(
                "a member is there twice: " + member.dump(),
                roles.emplace(lowerCase(textIn(member, "email")), textIn(member, "role")).second);
        const bool isNew = state.groups.emplace(textIn(group, "name"), std::move(roles)).second;
        CPPUNIT_ASSERT_MESSAGE("a group is there twice: " + group.dump(), isNew);
    }
    return state;
}

std::string beyondTheLimit(DeskState expected, const DeskState& actual)
{
    std::map<std::string, size_t> groupsOf;
    for (const auto& [name, roles] : actual.groups)
        for (const auto& [address, role] : roles)
            ++groupsOf[address];
    for (auto& [name, roles] : expected.groups)
    {
        const auto found = actual.groups.find(name);
        if (found != actual.groups.end())
            std::erase_if(roles, [&](const auto& entry) {
                return groupsOf[entry.first] == 50 && found->second.count(entry.first) == 0;
            });
    }
    return expected.difference(actual);
}

std::string tagOf(const std::string& name)
{
    std::string tag;
    for (const char c : name)
    {
        const bool isUpper = c >= 'A' && c <= 'Z';
        const bool isKept = isUpper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                            c == '-' || c == '.' || c == '+' || c == '#';
        if (isKept)
            tag += static_cast<char>(isUpper ? c - 'A' + 'a' : c);
        else if (tag.empty() || tag.back() != '-')
            tag += '-';
    }
    return tag;
}

std::set<std::string> serviceGroupsOf(const Json& deskDirector)
{
    std::set<std::string> names;
    for (const auto& group : deskDirector.at("serviceGroups"))
        names.insert(lowerCase(textIn(group, "name")));
    return names;
}

void Expectation::follow(const Json& world, const std::set<std::string>& serviceGroups)
{
    const bool hasGroups = _mode == Mode::ContactGroups || _mode == Mode::OwnersAndMembers;
    std::map<std::string, const Json*> people;
    for (const auto& user : world.at("users"))
        if (isEnabled(user))
            people.emplace(user.at("id").get<std::string>(), &user);

    std::map<std::string, std::string> names; // of the groups there are now, by object id
    for (const auto& group : world.at("groups"))
        if (!textIn(group, "displayName").empty())
            names.emplace(group.at("id").get<std::string>(), textIn(group, "displayName"));
    std::map<std::string, DeskState::Roles> wanted;
    Claims claims;
    _claimed.clear();
    for (const auto& group : world.at("groups"))
    {
        const auto id = group.at("id").get<std::string>();
        if (_mode != Mode::Contacts && names.count(id) == 0)
            continue;
        if (_mode == Mode::ServiceGroups)
            claims[lowerCase(names.at(id))];
        if (hasGroups)
        {
            nameGroup(id, names.at(id), names);
            wanted[names.at(id)];
        }
        const auto take = [&](const char* list, const char* role) {
            for (const auto& member : group.at(list))
            {
                const auto found = people.find(member.get<std::string>());
                const auto address = found == people.end() ? "" : addressIn(*found->second);
                if (address.empty())
                    continue;
                keepContact(found->first, *found->second, address);
                if (_mode == Mode::ServiceGroups)
                    claims[lowerCase(names.at(id))].insert(address);
                if (!hasGroups)
                    continue;
                auto& known = wanted[names.at(id)][address];
                if (known != "manager")
                    known = role;
            }
        };
        take("members", "regular");
        if (_mode == Mode::OwnersAndMembers)
            take("owners", "manager");
    }
    for (auto& [name, roles] : _state.groups)
    {
        const auto found = wanted.find(name);
        const bool isGone = found == wanted.end();
        // A group that is gone is released: what it has from then on is not looked at any more.
        if (isGone && (!_removal.retiresGroups || !_gone.insert(name).second))
            continue;
        auto before = std::exchange(roles, isGone ? DeskState::Roles() : std::move(found->second));
        for (auto& [address, role] : before)
            if (isStranger(address) &&
                (!_removal.removesStrangers || (isGone && _fresh.count(address) > 0)))
                roles.emplace(address, role);
        if (isGone)
            continue;
        _gone.erase(name);
        wanted.erase(found);
    }
    _fresh.clear();
    _state.groups.merge(wanted);
    if (_removal.deactivatesContacts)
        for (auto& [address, contact] : _state.contacts)
            contact.active = isStranger(address) || _claimed.count(address) > 0;
    if (_mode == Mode::ServiceGroups)
        followServiceGroups(claims, serviceGroups);
}

void Expectation::putStranger(const std::string& address, const std::string& group)
{
    _strangers.insert(address);
    _fresh.insert(address);
    auto& contact = _state.contacts[address];
    if (_mode == Mode::ServiceGroups)
        contact.serviceGroup = group;
    else
        _state.groups[group][address] = "guest";
}

void Expectation::followServiceGroups(const Claims& claims, const std::set<std::string>& there)
{
    for (auto& [address, contact] : _state.contacts)
    {
        auto& has = contact.serviceGroup;
        if (isStranger(address) && !_removal.removesStrangers)
            continue;
        // What Muster has no group for is not its to take away.
        if (there.count(has) == 0 || claims.count(has) > 0 || _removal.retiresGroups)
            has.clear();
        for (const auto& [name, addresses] : claims)
            if (there.count(name) > 0 && addresses.count(address) > 0)
            {
                has = name;
                break;
            }
    }
}

void Expectation::keepContact(const std::string& id, const Json& user, const std::string& address)
{
    auto& known = _addresses[id];
    if (!known.empty() && known != address && _state.contacts.count(address) == 0)
    {
        // One contact whose address changed, in all its groups.
        _state.contacts[address] = _state.contacts.at(known);
        _state.contacts.erase(known);
        for (auto& [name, roles] : _state.groups)
            if (const auto role = roles.extract(known))
                roles[address] = role.mapped();
    }
    known = address;
    _claimed.insert(address);
    const bool isNew = _state.contacts.count(address) == 0;
    auto& contact = _state.contacts[address];
    const auto put = [](std::string& field, const std::string& value) {
        if (!value.empty())
            field = value;
    };
    const bool isNamed = !textIn(user, "givenName").empty() || !textIn(user, "surname").empty();
    if (isNamed || isNew)
        put(contact.firstName, textIn(user, isNamed ? "givenName" : "displayName"));
    put(contact.lastName, textIn(user, "surname"));
    put(contact.title, textIn(user, "jobTitle"));
    contact.active = true;
}

void Expectation::nameGroup(const std::string& id, const std::string& name,
                            const std::map<std::string, std::string>& names)
{
    auto& known = _names[id];
    const bool isShared = std::any_of(names.begin(), names.end(), [&](const auto& other) {
        return other.first != id && other.second == known;
    });
    if (!known.empty() && known != name && !isShared && _state.groups.count(name) == 0)
    {
        auto renamed = _state.groups.extract(known);
        if (renamed)
        {
            renamed.key() = name;
            _state.groups.insert(std::move(renamed));
        }
    }
    known = name;
}

} // namespace muster::integration
