#include "DocumentExpectation.h"

#include "Expectation.h"
#include "support/FreshTest.h"

#include <sstream>

namespace muster::integration {

namespace {

const std::string kMembers = "Members (Matched To A Contact)";
const std::string kOtherMembers = "Members (Not Matched To A Contact)";
const std::string kDevices = "Devices (Matched To A Configuration)";
const std::string kOtherDevices = "Devices (Not Matched To A Configuration)";

std::string replaced(std::string text, const std::string& what, const std::string& with)
{
    for (size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
        text.replace(at, what.size(), with);
    return text;
}

/// The lines of a Textbox as people see them.
std::set<std::string> linesOf(const std::string& html)
{
    std::set<std::string> lines;
    std::istringstream in(replaced(html, "<br>", "\n"));
    for (std::string line; std::getline(in, line);)
    {
        const std::pair<const char*, const char*> kEntities[] = {
            {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
        for (const auto& [entity, character] : kEntities)
            line = replaced(line, entity, character);
        if (!line.empty())
            lines.insert(line);
    }
    return lines;
}

/// What a tagged record is known by, by kind and id.
std::map<std::string, std::string> namesOf(const Json& glue)
{
    std::map<std::string, std::string> names;
    for (const auto& contact : glue.at("contacts"))
        names["Contacts " + contact.at("id").dump()] =
            lowerCase(contact.at("contact-emails").at(0).at("value"));
    for (const auto& configuration : glue.at("configurations"))
        names["Configurations " + configuration.at("id").dump()] =
            lowerCase(configuration.at("name"));
    return names;
}

/// The Entra id of each document, by the asset's id.
std::map<std::string, std::string> groupsOf(const Json& glue, const Json& keys)
{
    std::map<std::string, std::string> groups;
    for (const auto& asset : glue.at("assets"))
    {
        const auto& fields = keys.at(asset.at("flexible-asset-type-id").dump());
        for (const auto& [key, trait] : asset.at("traits").items())
            if (fields.at(key).at("name") == "Entra Object ID")
                groups[asset.at("id").dump()] = trait;
    }
    return groups;
}

std::string personText(const Json& user)
{
    return textIn(user, "displayName") + " <" + addressIn(user) + ">" +
           (isEnabled(user) ? "" : " (disabled)");
}

std::string difference(const std::string& group, const DocumentState& expected,
                       const DocumentState& actual)
{
    const auto text = [](const DocumentState& state) {
        return Json{{"type", state.type}, {"archived", state.isArchived}, {"fields", state.fields}}
            .dump();
    };
    return expected == actual
               ? ""
               : group + " is\n  " + text(actual) + ", should be\n  " + text(expected) + "\n";
}

} // namespace

Documents documentsIn(const Json& glue, int organization)
{
    Json keys = Json::object(); ///< the fields by type and name-key
    std::map<std::string, std::string> types;
    for (const auto& type : glue.at("types"))
    {
        const auto id = type.at("id").dump();
        types[id] = type.at("name").get<std::string>().find("Security") == std::string::npos
                        ? "microsoft365"
                        : "security";
        keys[id] = Json::object();
        for (const auto& field : type.at("fields"))
            keys[id][field.at("name-key").get<std::string>()] = field;
    }
    const auto names = namesOf(glue);
    const auto groups = groupsOf(glue, keys);
    Documents documents;
    for (const auto& asset : glue.at("assets"))
    {
        const auto group = groups.find(asset.at("id").dump());
        if (group == groups.end() || asset.at("organization-id") != organization)
            continue;
        const auto type = asset.at("flexible-asset-type-id").dump();
        DocumentState state{types.at(type), asset.at("archived")};
        for (const auto& [key, trait] : asset.at("traits").items())
        {
            const auto& field = keys.at(type).at(key);
            const auto kind = field.value("kind", "");
            auto& said = state.fields[field.at("name")];
            if (kind == "Tag")
            {
                const auto tag = field.at("tag-type").get<std::string>();
                for (const auto& id : trait.is_array() ? trait : Json::array({trait}))
                    said.insert(tag.rfind("FlexibleAssetType", 0) == 0
                                    ? groups.at(id.dump())
                                    : names.at(tag + " " + id.dump()));
            }
            else if (kind == "Textbox")
                said = linesOf(trait);
            else
                said.insert(trait.get<std::string>());
        }
        CPPUNIT_ASSERT_MESSAGE("documented twice: " + group->second,
                               documents.emplace(group->second, std::move(state)).second);
    }
    // What only IT Glue is told, and the times.
    for (auto& [id, state] : documents)
        for (const auto* field : {"Updated", "Last Synchronized", "Entra Tenant ID", "Remarks",
                                  "Managed By Integration", "Synchronization Details"})
            state.fields.erase(field);
    return documents;
}

std::string difference(const Documents& expected, const Documents& actual)
{
    std::string text;
    for (const auto& [group, state] : expected)
        if (const auto found = actual.find(group); found == actual.end())
            text += group + " is not documented\n";
        else
            text += difference(group, state, found->second);
    for (const auto& [group, state] : actual)
        if (expected.count(group) == 0)
            text += group + " should not be documented\n";
    return text;
}

void DocumentExpectation::follow(const Json& world)
{
    std::set<std::string> live;
    for (const auto& group : world.at("groups"))
    {
        const bool isUnified =
            group.value("groupTypes", Json::array()).dump().find("Unified") != std::string::npos;
        if (!isUnified && group.value("mailEnabled", false))
            continue;
        const std::string id = group.at("id");
        live.insert(id);
        DocumentState state{isUnified ? "microsoft365" : "security"};
        auto& fields = state.fields;
        const auto put = [&](const std::string& title, const std::string& text) {
            if (!text.empty())
                fields[title] = {text};
        };
        const auto mail = lowerCase(textIn(group, "mail"));
        put("Entra Object ID", id);
        put("Group Name", textIn(group, "displayName"));
        put("Group Email Address", mail);
        put("Domain", mail.empty() ? _domain : mail.substr(mail.rfind('@') + 1));
        if (const auto description = textIn(group, "description"); !description.empty())
            fields["Group Description"] = linesOf(description);
        put("Membership Type", "Assigned");
        put("Sync Status", "Enabled");
        for (const auto& member : group.at("members"))
            addMember(state, world, member);
        for (const auto& owner : group.at("owners"))
            for (const auto& user : world.at("users"))
                if (user.at("id") == owner)
                    fields["Owners"].insert(personText(user));
        _documents[id] = std::move(state);
    }
    for (auto& [id, state] : _documents)
        if (live.count(id) == 0)
            state.fields["Sync Status"] = {"Orphaned"};
}

void DocumentExpectation::addMember(DocumentState& document, const Json& world,
                                    const std::string& id) const
{
    for (const auto& user : world.at("users"))
    {
        if (user.at("id") != id)
            continue;
        const auto address = addressIn(user);
        if (_contacts.count(address) > 0)
            document.fields[kMembers].insert(address);
        else
            document.fields[kOtherMembers].insert(personText(user));
    }
    for (const auto& device : world.at("devices"))
    {
        if (device.at("id") != id)
            continue;
        const auto name = textIn(device, "displayName");
        if (_configurations.count(lowerCase(name)) > 0)
            document.fields[kDevices].insert(lowerCase(name));
        else
            document.fields[kOtherDevices].insert(name);
    }
    for (const auto& group : world.at("groups"))
        if (group.at("id") == id)
        {
            const bool isUnified =
                group.value("groupTypes", Json::array()).dump().find("Unified") !=
                std::string::npos;
            const bool isOther = isUnified != (document.type == "microsoft365");
            document
                .fields[!isOther    ? "Nested Groups"
                        : isUnified ? "Nested Microsoft 365 Groups"
                                    : "Nested Security Groups"]
                .insert(id);
        }
}

} // namespace muster::integration
