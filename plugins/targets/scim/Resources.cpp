#include "Resources.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace scim {

namespace {

const std::string kSchemas = "urn:ietf:params:scim:";

/// Attributes that are a text each; the rest needs more (RFC 7643, 4.1).
const std::map<std::string, std::string> kPlain{
    {"firstName", "name.givenName"}, {"lastName", "name.familyName"}, {"title", "title"}};

/// Attributes that are a list of values, of which one is kept.
const std::map<std::string, std::string> kLists{{"email", "emails"}, {"phone", "phoneNumbers"}};

Json listIn(const Json& resource, const std::string& attribute)
{
    const auto list = resource.is_object() ? resource.value(attribute, Json()) : Json();
    return list.is_array() ? list : Json::array();
}

/// The value that counts: the primary one, else the one for work, else the first; past the end:
/// there is none.
size_t chosen(const Json& list)
{
    for (size_t i = 0; i < list.size(); ++i)
        if (list[i].is_object() && list[i].value("primary", Json()) == true)
            return i;
    for (size_t i = 0; i < list.size(); ++i)
        if (textIn(list[i], "type") == "work")
            return i;
    return 0;
}

std::string valueIn(const Json& resource, const std::string& attribute)
{
    const auto list = listIn(resource, attribute);
    return list.empty() ? std::string() : textIn(list[chosen(list)], "value");
}

std::string keyOf(const Json& user)
{
    const auto email = muster::addressKey(valueIn(user, "emails"));
    return email.empty() ? muster::addressKey(textIn(user, "userName")) : email;
}

Json entry(const Json& value)
{
    return {{"value", value}, {"type", "work"}, {"primary", true}};
}

/// The list with another value in the place of the one that counts, or without it.
Json changed(Json list, const Json& value)
{
    const auto at = chosen(list);
    if (value.is_null() && at < list.size())
        list.erase(at);
    else if (!value.is_null() && at < list.size())
        list[at]["value"] = value;
    else if (!value.is_null())
        list.push_back(entry(value));
    return list;
}

enum class MemberType
{
    User,
    Group,
    Untold
};

MemberType typeOf(const Json& member)
{
    const auto type = muster::lowered(textIn(member, "type"));
    if (type == "user" || type == "group")
        return type == "user" ? MemberType::User : MemberType::Group;
    // "https://app.example.com/scim/v2/Users/2819c223" or "../Users/2819c223"
    const auto reference = muster::lowered(textIn(member, "$ref"));
    const auto folder = reference.substr(0, std::min(reference.rfind('/'), reference.size()));
    const auto name = folder.substr(folder.rfind('/') + 1);
    return name == "users"    ? MemberType::User
           : name == "groups" ? MemberType::Group
                              : MemberType::Untold;
}

Json operation(const std::string& path, const Json& value)
{
    if (value.is_null() || (value.is_array() && value.empty()))
        return {{"op", "remove"}, {"path", path}};
    return {{"op", "replace"}, {"path", path}, {"value", value}};
}

} // namespace

std::string textIn(const Json& resource, const std::string& attribute)
{
    const auto value = resource.is_object() ? resource.value(attribute, Json()) : Json();
    return value.is_string() ? value.get<std::string>() : std::string();
}

Record userRecord(const Json& user)
{
    Record record;
    record.kind = "contact";
    record.remoteId = textIn(user, "id");
    record.key = keyOf(user);
    const auto active = user.is_object() ? user.value("active", Json()) : Json();
    // Some write it as a text.
    record.active = active != false && muster::lowered(textIn(user, "active")) != "false";
    const auto name = user.is_object() ? user.value("name", Json()) : Json();
    const auto put = [&](const char* field, const std::string& value) {
        if (!value.empty())
            record.fields[field] = value;
    };
    put("email", valueIn(user, "emails"));
    put("firstName", textIn(name, "givenName"));
    put("lastName", textIn(name, "familyName"));
    put("title", textIn(user, "title"));
    put("phone", valueIn(user, "phoneNumbers"));
    record.name = textIn(user, "displayName");
    if (record.name.empty())
        record.name = record.key;
    return record;
}

Record groupRecord(const Json& group)
{
    Record record;
    record.kind = "contact-group";
    record.remoteId = textIn(group, "id");
    record.key = record.name = muster::nameKey(textIn(group, "displayName"));
    record.fields["name"] = record.name;
    return record;
}

Json newUser(const Change& change)
{
    Json user{{"schemas", {kSchemas + "schemas:core:2.0:User"}},
              {"userName", change.key},
              {"active", true}};
    if (!change.name.empty())
        user["displayName"] = change.name;
    for (const auto& [field, attribute] : kPlain)
        if (const auto value = change.fields.value(field, Json()); value.is_string())
        {
            const auto dot = attribute.find('.');
            (dot == attribute.npos ? user[attribute] : user["name"][attribute.substr(dot + 1)]) =
                value;
        }
    for (const auto& [field, attribute] : kLists)
        if (const auto value = change.fields.value(field, Json()); value.is_string())
            user[attribute] = Json::array({entry(value)});
    return user;
}

Json newGroup(const Change& change)
{
    return {{"schemas", {kSchemas + "schemas:core:2.0:Group"}}, {"displayName", change.key}};
}

Json userOperations(const Change& change, const Json& user)
{
    Json operations = Json::array();
    for (const auto& [field, value] : change.fields.items())
    {
        if (const auto plain = kPlain.find(field); plain != kPlain.end())
            operations.push_back(operation(plain->second, value));
        const auto list = kLists.find(field);
        if (list == kLists.end())
            continue;
        operations.push_back(operation(list->second, changed(listIn(user, list->second), value)));
        // People whom Muster made sign in with their address.
        const auto isName = muster::addressKey(textIn(user, "userName")) ==
                            muster::addressKey(valueIn(user, "emails"));
        if (field == "email" && value.is_string() && isName)
            operations.push_back(operation("userName", value));
    }
    return operations;
}

Json patchOf(Json operations)
{
    return {{"schemas", {kSchemas + "api:messages:2.0:PatchOp"}},
            {"Operations", std::move(operations)}};
}

bool listsMembers(const Json& group)
{
    if (!group.is_object() || !group.contains("members"))
        return false;
    return group["members"].is_array() || group["members"].is_null();
}

std::set<std::string> usersIn(const Json& group, const std::optional<std::set<std::string>>& users)
{
    std::set<std::string> ids;
    for (const auto& member : listIn(group, "members"))
    {
        const auto id = textIn(member, "value");
        const auto type = typeOf(member);
        const auto mayBeUser = type == MemberType::Untold && (!users || users->count(id));
        if (!id.empty() && (type == MemberType::User || mayBeUser))
            ids.insert(id);
    }
    return ids;
}

std::string versionOf(const Json& resource)
{
    const auto version =
        resource.is_object() ? textIn(resource.value("meta", Json()), "version") : std::string();
    // An entity tag and nothing else goes into a header (RFC 9110, 8.8.3).
    std::string_view tag = version;
    if (tag.substr(0, 2) == "W/")
        tag.remove_prefix(2);
    const auto isTag =
        tag.size() > 2 && tag.front() == '"' && tag.find('"', 1) == tag.size() - 1 &&
        std::all_of(tag.begin(), tag.end(), [](char c) { return c > ' ' && c < 0x7f; });
    return isTag ? version : std::string();
}

} // namespace scim
