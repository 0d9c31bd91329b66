#include "Records.h"

#include <muster/Keys.h>

namespace deskdirector {

using muster::target::Action;
using muster::target::Change;
using muster::target::Link;
using muster::target::Record;

namespace {

constexpr const char* kContactFields[] = {"email", "firstName", "lastName", "title", "phone"};

std::string textOf(const Json& object, const std::string& name)
{
    const auto value = field(object, name);
    return value.is_string() ? value.get<std::string>() : std::string();
}

/// What has no address or name has no key in common with anything a mode claims; it is told apart
/// by its id, so that it is not taken for something else.
std::string keyOr(std::string key, const std::string& id)
{
    return key.empty() ? "#" + id : key;
}

/// Texts, or objects with a name.
std::vector<std::string> tagsOf(const Json& object)
{
    std::vector<std::string> tags;
    if (const auto list = field(object, "tags"); list.is_array())
        for (const auto& tag : list)
            if (auto text = tag.is_string() ? tag.get<std::string>() : textOf(tag, "name");
                !text.empty())
                tags.push_back(std::move(text));
    return tags;
}

} // namespace

std::optional<Record> contactOf(const Json& object, int64_t account)
{
    const auto id = idOf(object);
    const auto company = field(object, "company");
    const auto owner =
        company.is_object() ? idOf(company) : idOf({{"id", field(object, "companyId")}});
    if (id.empty() || (!owner.empty() && owner != std::to_string(account)))
        return std::nullopt;
    Record record;
    record.kind = kContact;
    record.key = keyOr(muster::addressKey(textOf(object, "email")), id);
    record.remoteId = id;
    record.name = textOf(object, "name");
    if (muster::trimmed(record.name).empty())
        record.name =
            muster::trimmed(textOf(object, "firstName") + " " + textOf(object, "lastName"));
    const auto active = field(object, "active");
    record.active = !active.is_boolean() || active.get<bool>();
    for (const auto* name : kContactFields)
        if (auto text = textOf(object, name); !text.empty())
            record.fields[name] = std::move(text);
    record.tags = tagsOf(object);
    return record;
}

std::optional<Record> groupOf(const Json& object)
{
    const auto id = idOf(object);
    if (id.empty())
        return std::nullopt;
    const auto name = muster::nameKey(textOf(object, "name"));
    Record record{kGroup, keyOr(name, id), id, name, true, {{"name", name}}};
    record.tags = tagsOf(object);
    return record;
}

std::optional<Record> accountOf(const Json& object)
{
    const auto id = idOf(object);
    if (id.empty())
        return std::nullopt;
    const auto name = muster::trimmed(textOf(object, "name"));
    const auto active = field(object, "active");
    Record record{kAccount, id, id, name, !active.is_boolean() || active.get<bool>(), {}};
    record.fields = {{"name", name}};
    if (const auto tags = field(object, "tags"); tags.is_array() && !tags.empty())
        record.fields["tags"] = tags;
    return record;
}

std::optional<Record> serviceGroupOf(const Json& object)
{
    const auto id = idOf(object);
    if (id.empty())
        return std::nullopt;
    const auto name = muster::nameKey(textOf(object, "name"));
    return Record{kServiceGroup,   keyOr(muster::nameKeyNoCase(name), id), id, name, true,
                  {{"name", name}}};
}

std::optional<Link> serviceGroupLinkOf(const Json& contact)
{
    const auto group = serviceGroupOf(field(contact, "serviceGroup"));
    if (!group)
        return std::nullopt;
    return Link{{kContact, {}, idOf(contact)},
                {kServiceGroup, group->key, group->remoteId},
                kServiceGroupRole};
}

int64_t accountIn(const Json& scope)
{
    if (!scope.contains("account"))
        throw muster::target::SettingError("scope.account",
                                           "the sync must name the account that it writes into");
    return scope["account"].get<int64_t>();
}

List contactsOf(int64_t account, const std::string& address)
{
    return {"contacts.find", {}, {{"companyId", account}, {"search", address}, {"state", "any"}}};
}

List groupsOf(int64_t account)
{
    return {"groups.list", {{"account", std::to_string(account)}}};
}

List accountsTagged(const std::string& tag)
{
    return {"accounts.find", {}, {{"tags", Json::array({tag})}}};
}

std::string keyOf(const Change& change)
{
    return change.kind == kGroup ? muster::nameKey(groupName(change))
                                 : muster::addressKey(change.key);
}

Json newContact(const Change& change, int64_t account)
{
    // The site wants both names to be there; a person may lack one.
    Json body{{"companyId", account}, {"email", change.key}, {"firstName", ""}, {"lastName", ""}};
    for (const auto* name : kContactFields)
        if (const auto value = change.fields.value(name, Json()); value.is_string() && value != "")
            body[name] = value;
    return body;
}

Json changedContact(const Change& change)
{
    Json body = Json::object();
    for (const auto* name : kContactFields)
        if (const auto value = change.fields.find(name); value != change.fields.end())
        {
            const auto isOptional = std::string(name) == "title" || std::string(name) == "phone";
            body[name] = value->is_null() && !isOptional ? Json("") : *value;
        }
    return body;
}

Json serviceGroupChange(const Change& change)
{
    if (change.action == Action::Unlink)
        return {{"serviceGroup", nullptr}};
    // The site's ids are numbers; one that is none is sent as it came.
    auto id = Json::parse(change.to.remoteId, nullptr, false);
    return {{"serviceGroup", {{"id", id.is_number_integer() ? id : Json(change.to.remoteId)}}}};
}

std::string groupName(const Change& change)
{
    const auto name = change.fields.value("name", Json());
    return name.is_string()      ? name.get<std::string>()
           : change.name.empty() ? change.key
                                 : change.name;
}

} // namespace deskdirector
