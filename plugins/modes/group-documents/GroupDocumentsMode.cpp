#include <muster/Keys.h>
#include <muster/ModePlugin.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace {

using muster::Claims;
using muster::Group;
using muster::Person;
using muster::Records;
using muster::SeenRecord;
using nlohmann::json;

/// The type that groups of Entra's type are documented as; empty: they are not.
std::string documentedAs(const std::string& type, const json& settings)
{
    const bool isSecurity =
        type == "security" ||
        (type == "mail-enabled-security" && settings.value("mailEnabledSecurity", false)) ||
        (type == "distribution" && settings.value("distribution", false));
    const std::string name = type == "microsoft365" ? type : isSecurity ? "security" : "";
    const auto types = settings.value("types", json{"microsoft365", "security"});
    return std::find(types.begin(), types.end(), name) == types.end() ? std::string() : name;
}

std::string nameOf(const Person& person)
{
    const auto name = muster::trimmed(person.displayName);
    return name.empty() ? muster::trimmed(person.userPrincipalName) : name;
}

std::string textOf(const Person& person)
{
    auto text = nameOf(person);
    if (!person.address.empty())
        text += " <" + person.address + ">";
    return person.isEnabled ? text : text + " (disabled)";
}

std::vector<std::string> ordered(std::set<std::string> texts)
{
    return {texts.begin(), texts.end()};
}

/// The members of one group, matched to what the target has or not.
class Matching
{
public:
    Matching(const Group& group, Records& records, Claims& claims)
        : _group(group), _records(records), _claims(claims)
    {}

    void add(const Person& person)
    {
        const auto contact = contactOf(person);
        if (contact.empty())
            _membersText.insert(textOf(person));
        else
            _members.insert(contact);
    }

    void add(const muster::Device& device)
    {
        const auto found = _records.find("configuration", device.name);
        if (found.size() == 1)
            _devices.insert(found.front().remoteId);
        else
            _devicesText.insert(device.name);
        noteSeveral("configuration", device.name, device.name, found);
    }

    void store(json& fields) const
    {
        fields["members"] = ordered(_members);
        fields["membersText"] = ordered(_membersText);
        fields["devices"] = ordered(_devices);
        fields["devicesText"] = ordered(_devicesText);
    }

private:
    /// By any address, then by the user name, then by first and last name. The first that finds
    /// something decides: one contact is a match, several are none.
    std::string contactOf(const Person& person)
    {
        auto found = contactsOf(person.addresses);
        if (found.empty())
            found = contactsOf({person.userPrincipalName});
        if (found.empty() && !person.givenName.empty() && !person.surname.empty())
            found = contactsOf(
                {muster::trimmed(person.givenName) + " " + muster::trimmed(person.surname)});
        noteSeveral("contact", nameOf(person), person.address, found);
        return found.size() == 1 ? found.front().remoteId : std::string();
    }

    std::vector<SeenRecord> contactsOf(const std::vector<std::string>& aliases)
    {
        std::vector<SeenRecord> contacts;
        for (const auto& alias : aliases)
            for (auto& contact : _records.find("contact", alias))
                if (std::none_of(contacts.begin(), contacts.end(), [&](const SeenRecord& known) {
                        return known.remoteId == contact.remoteId;
                    }))
                    contacts.push_back(std::move(contact));
        return contacts;
    }

    void noteSeveral(const std::string& kind, const std::string& name, const std::string& key,
                     const std::vector<SeenRecord>& candidates)
    {
        if (candidates.size() < 2)
            return;
        std::string list;
        for (const auto& candidate : candidates)
            list += (list.empty() ? "" : ", ") + candidate.name + " (" + candidate.remoteId + ")";
        _claims.notes.push_back({kind + "-ambiguous",
                                 name + " in " + _group.name + " matches several " + kind +
                                     "s, and counts as not matched: " + list +
                                     ". Leave one of them with this address or name",
                                 key});
    }

    const Group& _group;
    Records& _records;
    Claims& _claims;
    std::set<std::string> _members;
    std::set<std::string> _membersText;
    std::set<std::string> _devices;
    std::set<std::string> _devicesText;
};

} // namespace

/// A document per group, with all that IT Glue's own documentation of groups shows, and owners.
class GroupDocumentsMode : public muster::Mode
{
public:
    Claims derive(const Group& group, Records& records, const json& settings) const override
    {
        Claims claims;
        const auto type = documentedAs(group.type, settings);
        if (type.empty())
            return claims;
        const auto name = muster::nameKey(group.name);
        muster::RecordClaim document{"group-document", group.id, group.id,
                                     name.empty() ? group.id : name};
        document.isWhole = true;
        auto& fields = document.fields;
        fields = {{"type", type},
                  {"name", document.name},
                  {"description", muster::trimmed(group.description)},
                  {"mail", muster::addressKey(group.mail)},
                  {"domain", group.domain},
                  {"membership", group.isDynamic ? "Dynamic" : "Assigned"},
                  {"updated", group.updated},
                  {"status", "Enabled"},
                  {"tenant", group.tenant},
                  {"integration", group.tenantName}};
        Matching matching(group, records, claims);
        std::set<std::string> owners;
        for (const auto& person : group.people)
        {
            if (person.isMember)
                matching.add(person);
            if (person.isOwner)
                owners.insert(textOf(person));
        }
        for (const auto& device : group.devices)
            matching.add(device);
        matching.store(fields);
        fields["owners"] = ordered(std::move(owners));
        for (auto field = fields.begin(); field != fields.end();)
            field =
                *field == "" || *field == json::array() ? fields.erase(field) : std::next(field);
        for (const auto& nested : group.nested)
            if (!documentedAs(nested.type, settings).empty())
                claims.links.push_back(
                    {document.kind, document.key, document.kind, nested.id, "nested"});
        claims.records.push_back(std::move(document));
        return claims;
    }
};

MUSTER_MODE(GroupDocumentsMode)
