#include "directory/Directory.h"

#include "directory/Address.h"
#include "directory/MirrorChange.h"
#include "store/Dialect.h"
#include "store/EntraId.h"

#include <muster/Keys.h>
#include <simdjson.h>

#include <algorithm>
#include <map>

namespace muster::directory {

using namespace store;

namespace {

/// The attributes of one object after the other.
class Attributes
{
public:
    void parse(const std::string& text)
    {
        if (_parser.parse(text).get(_root) != simdjson::SUCCESS || !_root.is_object())
            throw RejectedError("the attributes of an object in the store are not JSON: restore "
                                "a backup of the store");
    }

    std::string text(std::string_view name) const
    {
        std::string_view value;
        return _root[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
    }

    std::vector<std::string> texts(std::string_view name) const
    {
        std::vector<std::string> result;
        simdjson::dom::array values;
        if (_root[name].get(values) != simdjson::SUCCESS)
            return result;
        for (const auto value : values)
        {
            std::string_view text;
            if (value.get(text) == simdjson::SUCCESS)
                result.emplace_back(text);
        }
        return result;
    }

    /// False where it is absent or no boolean.
    bool is(std::string_view name, bool expected) const
    {
        bool value = false;
        return _root[name].get(value) == simdjson::SUCCESS && value == expected;
    }

private:
    simdjson::dom::parser _parser;
    simdjson::dom::element _root;
};

bool holds(const std::vector<std::string>& texts, std::string_view lowerCase)
{
    return std::any_of(texts.begin(), texts.end(),
                       [&](const std::string& text) { return lowered(text) == lowerCase; });
}

std::string groupType(const std::vector<std::string>& groupTypes, bool mail, bool security)
{
    if (holds(groupTypes, "unified"))
        return "microsoft365";
    if (mail)
        return security ? "mail-enabled-security" : "distribution";
    return "security";
}

std::string groupType(const Attributes& attributes)
{
    return groupType(attributes.texts("groupTypes"), attributes.is("mailEnabled", true),
                     attributes.is("securityEnabled", true));
}

bool isDynamic(const Attributes& attributes)
{
    return holds(attributes.texts("groupTypes"), "dynamicmembership");
}

Person personOf(const std::string& id, const Attributes& attributes)
{
    const AddressProperties addresses{.mail = attributes.text("mail"),
                                      .proxyAddresses = attributes.texts("proxyAddresses"),
                                      .otherMails = attributes.texts("otherMails"),
                                      .userPrincipalName = attributes.text("userPrincipalName")};
    Person person;
    person.id = id;
    auto known = addressesOf(addresses);
    person.address = std::move(known.address);
    person.addresses = std::move(known.all);
    person.displayName = attributes.text("displayName");
    person.givenName = attributes.text("givenName");
    person.surname = attributes.text("surname");
    person.userPrincipalName = addresses.userPrincipalName;
    person.jobTitle = attributes.text("jobTitle");
    const auto businessPhones = attributes.texts("businessPhones");
    person.phone = businessPhones.empty() ? attributes.text("mobilePhone") : businessPhones.front();
    person.isEnabled = !attributes.is("accountEnabled", false);
    person.isGuest =
        lowered(attributes.text("userType")) == "guest" || isExternal(addresses.userPrincipalName);
    return person;
}

/// Of the address of a group, or of its first proxy address.
std::string domainOf(const Attributes& attributes)
{
    auto addresses = attributes.texts("proxyAddresses");
    addresses.insert(addresses.begin(), attributes.text("mail"));
    for (const auto& address : addresses)
        if (const auto at = address.rfind('@'); at != address.npos)
            return lowered(trimmed(address.substr(at + 1)));
    return {};
}

/// The group $1, and with expansion the living groups nested in it however deep; as "nest".
std::string nestOf(bool expands)
{
    if (!expands)
        return "WITH nest(id) AS (SELECT CAST($1 AS BIGINT))";
    return "WITH RECURSIVE nest(id) AS (SELECT CAST($1 AS BIGINT) UNION"
           " SELECT o.id FROM nest CROSS JOIN membership m CROSS JOIN object o"
           " WHERE m.grp = nest.id AND m.role = 0 AND o.id = m.member"
           " AND o.kind = 'group' AND o.state = 'live')";
}

} // namespace

Directory::Directory(Database& database, int64_t tenantId)
    : _database(database), _tenantId(tenantId)
{}

int64_t Directory::sequence()
{
    return _database
        .value<int64_t>("SELECT seq FROM directory WHERE tenant = $1 AND staged = 0", {_tenantId})
        .value_or(0);
}

std::vector<int64_t> Directory::groupsTouchedAfter(int64_t sequence)
{
    std::vector<int64_t> groups;
    _database.query<int64_t>(
        "SELECT o.id FROM directory d CROSS JOIN object o"
        " WHERE o.directory = d.id AND d.tenant = $1 AND d.staged = 0 AND o.kind = 'group'"
        " AND o.touched > $2 ORDER BY o.id",
        {_tenantId, sequence}, [&](int64_t id) { groups.push_back(id); });
    return groups;
}

std::optional<Directory::GroupView> Directory::view(int64_t groupId, const PeopleOptions& options)
{
    std::optional<GroupView> view;
    Attributes attributes;
    _database.query<std::string, std::string>(
        "SELECT entra_text(o.entra), o.attributes FROM object o CROSS JOIN directory d"
        " WHERE d.id = o.directory AND o.id = $1 AND o.kind = 'group' AND o.state = 'live'"
        " AND d.tenant = $2 AND d.staged = 0",
        {groupId, _tenantId}, [&](std::string id, const std::string& text) {
            attributes.parse(text);
            auto& group = view.emplace().group;
            group.id = std::move(id);
            group.name = attributes.text("displayName");
            group.description = attributes.text("description");
            group.mail = attributes.text("mail");
            group.type = groupType(attributes);
            group.isDynamic = isDynamic(attributes);
        });
    if (!view)
        return view;
    const auto nest = nestOf(options.expandNested);
    const auto unreadable = _database.value<int64_t>(
        nest +
            " SELECT count(*) FROM nest CROSS JOIN object o CROSS JOIN directory d"
            " WHERE o.id = nest.id AND d.id = o.directory AND d.reads_hidden = 0 AND " +
            isHidden("o"),
        {groupId});
    view->membersKnown = unreadable.value_or(0) == 0;
    _database.query<std::string, std::string, std::string, std::string, int64_t, int64_t>(
        nest + ", told(member, is_member, is_owner) AS (SELECT m.member, 1, 0 FROM nest"
               " CROSS JOIN membership m WHERE m.grp = nest.id AND m.role = 0 UNION"
               " SELECT m.member, 0, 1 FROM membership m WHERE m.grp = $1 AND m.role = 1),"
               " who(member, is_member, is_owner) AS (SELECT member, max(is_member),"
               " max(is_owner) FROM told GROUP BY member)"
               " SELECT entra_text(o.entra), o.kind, o.state, o.attributes, who.is_member,"
               " who.is_owner FROM who CROSS JOIN object o WHERE o.id = who.member"
               " AND o.kind IN ('user', '') AND o.state IN ('live', 'unknown')",
        {groupId},
        [&](const std::string& id, const std::string& kind, const std::string& state,
            const std::string& text, int64_t isMember, int64_t isOwner) {
            if (kind != "user" || state != "live")
            {
                ++view->unknownMembers;
                return;
            }
            attributes.parse(text);
            auto person = personOf(id, attributes);
            person.isMember = isMember != 0;
            person.isOwner = isOwner != 0;
            if ((person.isEnabled || options.isWhole) && (options.includeGuests || !person.isGuest))
                view->group.people.push_back(std::move(person));
        });
    auto& people = view->group.people;
    std::sort(people.begin(), people.end(),
              [](const Person& one, const Person& other) { return one.id < other.id; });
    if (options.isWhole)
        complete(view->group, groupId);
    return view;
}

/// What only documents show of a group.
void Directory::complete(Group& group, int64_t groupId)
{
    Attributes attributes;
    using Text = std::string;
    _database.query<Text, Text, Text, Text, int64_t, int64_t, int64_t>(
        "SELECT t.name, COALESCE(" +
            dialect::member(dialect::member("t.document", "directory"), "tenant") +
            ", ''), d.domain, o.attributes, o.changed_at, COALESCE((SELECT MAX(m.since) FROM "
            "membership m WHERE m.grp = o.id), 0), COALESCE((SELECT MAX(p.until) FROM "
            "past_membership p WHERE p.grp = o.id), 0) FROM object o CROSS JOIN directory d CROSS "
            "JOIN tenant t WHERE o.id = $1 AND d.id = o.directory AND t.id = d.tenant",
        {groupId},
        [&](Text tenantName, Text tenant, Text domain, const Text& text, int64_t changedAt,
            int64_t joinedAt, int64_t leftAt) {
            attributes.parse(text);
            group.tenantName = std::move(tenantName);
            group.tenant = std::move(tenant);
            group.domain = domainOf(attributes);
            if (group.domain.empty())
                group.domain = std::move(domain);
            group.updated =
                runtime::toText(runtime::fromMilliseconds(std::max({changedAt, joinedAt, leftAt})));
        });
    if (group.domain.empty())
        group.domain = defaultDomain();
    _database.query<std::string, std::string, std::string>(
        "SELECT entra_text(o.entra), o.kind, o.attributes FROM membership m CROSS JOIN object o "
        "WHERE m.grp = $1 AND m.role = 0 AND o.id = m.member AND o.kind IN ('device', 'group') AND "
        "o.state = 'live' ORDER BY o.entra",
        {groupId}, [&](std::string id, const std::string& kind, const std::string& text) {
            attributes.parse(text);
            auto name = attributes.text("displayName");
            if (kind == "device")
                group.devices.push_back({std::move(id), std::move(name)});
            else
                group.nested.push_back({std::move(id), std::move(name), groupType(attributes)});
        });
}

/// The domain of most people's user names. What it is once, it stays: another one would change the
/// documents of all groups without an address.
std::string Directory::defaultDomain()
{
    if (_domain)
        return *_domain;
    Attributes attributes;
    std::map<std::string, int64_t> people;
    _database.query<std::string>(
        "SELECT o.attributes FROM directory d CROSS JOIN object o WHERE o.directory = d.id AND "
        "d.tenant = $1 AND d.staged = 0 AND o.kind = 'user' AND o.state = 'live'",
        {_tenantId}, [&](const std::string& text) {
            attributes.parse(text);
            const auto name = attributes.text("userPrincipalName");
            if (const auto at = name.rfind('@'); at != name.npos && !isExternal(name))
                ++people[lowered(name.substr(at + 1))];
        });
    if (people.empty())
        return _domain.emplace();
    const auto most =
        std::max_element(people.begin(), people.end(), [](const auto& one, const auto& other) {
            return one.second < other.second;
        });
    _database.execute("UPDATE directory SET domain = $1 WHERE tenant = $2 AND staged = 0",
                      {most->first, _tenantId});
    return _domain.emplace(most->first);
}

void Directory::eachGroup(const std::function<void(const GroupSummary&)>& group)
{
    Attributes attributes;
    const auto count = [](int role) {
        return "(SELECT count(*) FROM membership m CROSS JOIN object p"
               " WHERE p.id = m.member AND m.grp = o.id AND m.role = " +
               std::to_string(role) + " AND p.state IN ('live', 'unknown'))";
    };
    _database.query<int64_t, std::string, std::string, int64_t, int64_t>(
        "SELECT o.id, entra_text(o.entra), o.attributes, " + count(0) + ", " + count(1) +
            " FROM directory d CROSS JOIN object o"
            " WHERE o.directory = d.id AND d.tenant = $1 AND d.staged = 0 AND o.kind = 'group' AND "
            "o.state = 'live'"
            " ORDER BY lower(" +
            dialect::member("o.attributes", "displayName") + "), o.entra",
        {_tenantId},
        [&](int64_t id, std::string entraId, const std::string& text, int64_t members,
            int64_t owners) {
            attributes.parse(text);
            group({.id = id,
                   .entraId = std::move(entraId),
                   .name = attributes.text("displayName"),
                   .type = groupType(attributes),
                   .membership = isDynamic(attributes) ? "dynamic" : "assigned",
                   .members = members,
                   .owners = owners});
        });
}

std::optional<int64_t> Directory::findGroup(const std::string& entraId)
{
    if (!isEntraId(entraId))
        return std::nullopt;
    return _database.value<int64_t>("SELECT o.id FROM directory d CROSS JOIN object o"
                                    " WHERE o.directory = d.id AND d.tenant = $1 AND d.staged = 0 "
                                    "AND o.kind = 'group' AND o.entra = entra_id($2)",
                                    {_tenantId, entraId});
}

void Directory::eachPerson(const std::function<void(const Person&)>& person)
{
    Attributes attributes;
    _database.query<std::string, std::string>(
        "SELECT entra_text(o.entra), o.attributes FROM directory d CROSS JOIN object o WHERE "
        "o.directory = d.id AND d.tenant = $1 AND d.staged = 0 AND o.kind = 'user' AND o.state = "
        "'live'",
        {_tenantId}, [&](const std::string& id, const std::string& text) {
            attributes.parse(text);
            person(personOf(id, attributes));
        });
}

void Directory::touch(const std::vector<int64_t>& groupIds)
{
    const auto directory = liveDirectory(_database, _tenantId);
    if (!directory || groupIds.empty())
        return;
    Transaction transaction(_database);
    touchGroups(_database, *directory, groupIds);
    transaction.commit();
}

std::string groupTypeOf(const nlohmann::json& attributes)
{
    std::vector<std::string> types;
    const auto found = attributes.find("groupTypes");
    if (found != attributes.end() && found->is_array())
    {
        for (const auto& type : *found)
        {
            if (type.is_string())
                types.push_back(type.get<std::string>());
        }
    }
    const auto is = [&](const char* name) {
        const auto value = attributes.find(name);
        return value != attributes.end() && value->is_boolean() && value->get<bool>();
    };
    return groupType(types, is("mailEnabled"), is("securityEnabled"));
}

} // namespace muster::directory
