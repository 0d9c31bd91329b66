#include "estate/Documents.h"

#include "estate/Entries.h"
#include "estate/SecretResolver.h"

#include <algorithm>

namespace muster::estate {

namespace {

template <typename Enumeration>
const std::string& textOf(const std::vector<std::string>& texts, Enumeration value)
{
    return texts[static_cast<size_t>(value)];
}

template <typename Enumeration>
Enumeration valueOf(const std::vector<std::string>& texts, const std::string& text)
{
    const auto found = std::find(texts.begin(), texts.end(), text);
    return static_cast<Enumeration>((found == texts.end() ? texts.begin() : found) - texts.begin());
}

} // namespace

Json documentOf(const Tenant& tenant)
{
    const auto& directory = tenant.directory;
    auto groups = Json::array();
    for (const auto& rule : tenant.groups)
        groups.push_back({{"target", rule.target}, {"all", rule.all}, {"patterns", rule.patterns}});
    return {{"displayName", tenant.displayName},
            {"directory",
             {{"tenant", directory.tenant},
              {"clientId", directory.clientId},
              {"clientSecret", toJson(directory.clientSecret)},
              {"certificate",
               {{"file", directory.certificateFile}, {"key", directory.certificateKeyFile}}},
              {"authority", directory.authority},
              {"graph", directory.graph},
              {"scope", directory.scope},
              {"caFile", directory.caFile}}},
            {"groups", groups}};
}

Json documentOf(const Target& target)
{
    return {{"plugin", target.plugin}, {"settings", target.settings}, {"protect", target.protect}};
}

Json documentOf(const Sync& sync)
{
    return {{"tenant", sync.tenant},
            {"target", sync.target},
            {"mode", sync.mode},
            {"scope", sync.scope},
            {"schedule", sync.schedule},
            {"removal",
             {{"contacts", textOf(kContactRemovals, sync.removal.contacts)},
              {"links", textOf(kLinkRemovals, sync.removal.links)},
              {"groups", textOf(kGroupRemovals, sync.removal.groups)}}},
            {"guard",
             {{"percent", sync.guard.percent},
              {"count", sync.guard.count},
              {"additions", textOf(kAdditions, sync.guard.additions)}}},
            {"settings", sync.settings},
            {"nested", sync.expandsNested ? "expand" : "direct"},
            {"guests", sync.includesGuests ? "include" : "exclude"}};
}

Tenant tenantFrom(const std::string& name, const Json& document)
{
    Tenant tenant;
    tenant.name = name;
    tenant.displayName = document.at("displayName");
    const auto& directory = document.at("directory");
    tenant.directory = {
        .tenant = directory.at("tenant"),
        .clientId = directory.at("clientId"),
        .clientSecret =
            secretReferenceFrom(directory.at("clientSecret")).value_or(SecretReference()),
        .certificateFile = directory.at("certificate").at("file"),
        .certificateKeyFile = directory.at("certificate").at("key"),
        .authority = directory.at("authority"),
        .graph = directory.at("graph"),
        .scope = directory.at("scope"),
        .caFile = directory.at("caFile"),
    };
    for (const auto& rule : document.at("groups"))
        tenant.groups.push_back(
            {.target = rule.at("target"), .all = rule.at("all"), .patterns = rule.at("patterns")});
    return tenant;
}

Target targetFrom(const std::string& name, const Json& document)
{
    return {.name = name,
            .plugin = document.at("plugin"),
            .settings = document.at("settings"),
            .protect = document.value("protect", std::vector<std::string>())};
}

Sync syncFrom(const std::string& name, const Json& document)
{
    const auto& removal = document.at("removal");
    const auto& guard = document.at("guard");
    Sync sync;
    sync.name = name;
    sync.tenant = document.at("tenant");
    sync.target = document.at("target");
    sync.mode = document.at("mode");
    sync.scope = document.at("scope");
    sync.schedule = document.at("schedule");
    sync.removal = {.contacts = valueOf<ContactRemoval>(kContactRemovals, removal.at("contacts")),
                    .links = valueOf<LinkRemoval>(kLinkRemovals, removal.at("links")),
                    .groups = valueOf<GroupRemoval>(kGroupRemovals, removal.at("groups"))};
    sync.guard = {.percent = guard.at("percent"),
                  .count = guard.at("count"),
                  .additions = valueOf<Additions>(kAdditions, guard.at("additions"))};
    sync.settings = document.at("settings");
    sync.expandsNested = document.at("nested") == "expand";
    sync.includesGuests = document.at("guests") == "include";
    return sync;
}

std::vector<std::string> changedKeys(const Json& before, const Json& after)
{
    std::vector<std::string> keys;
    for (const auto& change : Json::diff(before, after))
    {
        // A JSON pointer; an item of a list is shown as the list.
        std::string key;
        for (auto token = Json::json_pointer(change.at("path").get<std::string>()); !token.empty();
             token.pop_back())
        {
            const auto& word = token.back();
            const bool isIndex = word == "-" || std::all_of(word.begin(), word.end(), [](char c) {
                                     return c >= '0' && c <= '9';
                                 });
            if (isIndex)
                key.clear();
            else
                key = key.empty() ? word : word + "." + key;
        }
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
            keys.push_back(key);
    }
    return keys;
}

} // namespace muster::estate
