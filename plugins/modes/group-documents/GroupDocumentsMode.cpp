#include <muster/Keys.h>
#include <muster/ModePlugin.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

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

/// In order; a text that is there already gets a number.
class Texts
{
public:
    void add(const std::string& text)
    {
        auto different = text;
        for (int number = 2; !_texts.insert(different).second; ++number)
            different = text + " (" + std::to_string(number) + ")";
    }

    std::vector<std::string> list() const { return {_texts.begin(), _texts.end()}; }

private:
    std::set<std::string> _texts;
};

/// The members of one group, matched to what the target has or not.
class Matching
{
public:
    Matching(const Group& group, Records& records, Claims& claims)
        : _group(group), _records(records), _claims(claims)
    {}

    /// Whoever is known by an address comes before who is only known by name.
    void addMembers()
    {
        std::map<std::string, std::vector<Match>> byContact;
        for (const auto& person : _group.people)
            if (person.isMember)
            {
                const auto match = matchOf(person);
                if (match.contact.remoteId.empty())
                    _membersText.add(textOf(person));
                else
                    byContact[match.contact.remoteId].push_back(match);
            }
        for (auto& [contact, matches] : byContact)
            settle(contact, matches);
    }

    void addDevices()
    {
        for (const auto& device : _group.devices)
        {
            const auto found = _records.find("configuration", device.name);
            if (found.size() != 1 || !_devices.insert(found.front().remoteId).second)
                _devicesText.add(device.name);
            noteSeveral("configuration", device.name, device.name, found);
        }
    }

    void store(json& fields) const
    {
        fields["members"] = std::vector(_members.begin(), _members.end());
        fields["membersText"] = _membersText.list();
        fields["devices"] = std::vector(_devices.begin(), _devices.end());
        fields["devicesText"] = _devicesText.list();
    }

private:
    struct Match
    {
        const Person* person;
        SeenRecord contact = {}; ///< without remote id: none
        bool isByName = false;
    };

    /// By any address, then by the user name, then by first and last name. The first that finds
    /// something decides: one contact is a match, several are none.
    Match matchOf(const Person& person)
    {
        Match match{&person};
        auto found = contactsOf(person.addresses);
        if (found.empty())
            found = contactsOf({person.userPrincipalName});
        if (found.empty() && !person.givenName.empty() && !person.surname.empty())
        {
            found = contactsOf(
                {muster::trimmed(person.givenName) + " " + muster::trimmed(person.surname)});
            // A contact with somebody's address is theirs, whoever has its name.
            std::erase_if(found, [&](const SeenRecord& contact) {
                return !contact.owner.empty() && contact.owner != person.id;
            });
            match.isByName = true;
        }
        noteSeveral("contact", nameOf(person), person.address, found);
        if (found.size() == 1)
            match.contact = found.front();
        return match;
    }

    /// A contact is one person: an address says which; of several with its name none is.
    void settle(const std::string& contact, std::vector<Match>& matches)
    {
        std::stable_sort(matches.begin(), matches.end(), [](const Match& one, const Match& other) {
            return one.isByName < other.isByName;
        });
        const bool isCertain = matches.size() == 1 || !matches.front().isByName;
        if (isCertain)
            _members.insert(contact);
        for (size_t i = isCertain ? 1 : 0; i < matches.size(); ++i)
            _membersText.add(textOf(*matches[i].person));
        if (matches.size() == 1)
            return;
        std::string names;
        for (const auto& match : matches)
            names += (names.empty() ? "" : ", ") + textOf(*match.person);
        _claims.notes.push_back(
            {"contact-shared",
             std::to_string(matches.size()) + " people match the contact " +
                 matches.front().contact.name + " (" + contact + "), which is one person: " +
                 names + (isCertain ? ". The first is taken for it" : ". None is taken for it") +
                 "; give each a contact with their address",
             matches.front().person->address});
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
                                 name + " matches several " + kind +
                                     "s, and counts as not matched: " + list +
                                     ". Leave one of them with this address or name",
                                 key});
    }

    const Group& _group;
    Records& _records;
    Claims& _claims;
    std::set<std::string> _members;
    Texts _membersText;
    std::set<std::string> _devices;
    Texts _devicesText;
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
                  {"key", group.id},
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
        matching.addMembers();
        matching.addDevices();
        matching.store(fields);
        Texts owners;
        for (const auto& person : group.people)
            if (person.isOwner)
                owners.add(textOf(person));
        fields["owners"] = owners.list();
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
