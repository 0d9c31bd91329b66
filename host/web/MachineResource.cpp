#include "estate/Documents.h"
#include "estate/EstateStore.h"
#include "plugins/Health.h"
#include "runner/Landlock.h"
#include "runtime/Errors.h"
#include "web/DocumentCall.h"
#include "web/Resources.h"
#include "web/Tokens.h"

namespace muster::web {

namespace {

/// Targets whose plugin crashed, and what it printed last.
Json targetHealth(ApiParts& parts)
{
    auto database = parts.store.connect();
    auto list = Json::array();
    for (const auto& target : estate::EstateStore(database).targets())
    {
        const auto health = parts.catalog.health(target.name);
        const auto crashes = health->crashes();
        if (crashes.empty())
            continue;
        const auto& last = crashes.back();
        list.push_back({{"target", target.name},
                        {"plugin", target.plugin},
                        {"state", health->isDisabled() ? "disabled" : "enabled"},
                        {"crashes", crashes.size()},
                        {"at", runtime::toText(last.at)},
                        {"reason", last.reason},
                        {"output", last.output}});
    }
    return list;
}

const char* isolationText(plugins::Catalog::Isolation isolation)
{
    using Isolation = plugins::Catalog::Isolation;
    return isolation == Isolation::User ? "user" : isolation == Isolation::Child ? "child" : "none";
}

ApiResponse plugins(ApiParts& parts)
{
    auto list = Json::array();
    for (const auto& entry : parts.catalog.list())
        list.push_back({{"family", entry.family},
                        {"id", entry.id},
                        {"name", entry.name},
                        {"version", entry.version},
                        {"file", entry.file},
                        {"problem", entry.problem}});
    return {.body = {{"plugins", std::move(list)},
                     {"isolation", isolationText(parts.catalog.isolation())},
                     {"landlock", runner::hasLandlock()},
                     {"targets", targetHealth(parts)}}};
}

ApiResponse trustPlugin(ApiParts& parts, const ApiCall& call)
{
    const auto& id = call.parameters.at("id");
    parts.catalog.trust(id);
    return {.body = {{"id", id}}};
}

ApiResponse enableTarget(ApiParts& parts, const ApiCall& call)
{
    const auto& name = call.parameters.at("name");
    auto database = parts.store.connect();
    estate::EstateStore(database).target(name);
    parts.catalog.health(name)->enable();
    return {.body = {{"target", name}}};
}

/// Notes `user` for each secret that a document of the estate refers to.
void collectUses(const Json& value, const std::string& user,
                 std::map<std::string, std::vector<std::string>>& uses)
{
    if (const auto reference = estate::secretReferenceFrom(value))
        uses[reference->secret].push_back(user);
    else if (value.is_structured())
        for (const auto& member : value)
            collectUses(member, user, uses);
}

ApiResponse secrets(ApiParts& parts)
{
    auto database = parts.store.connect();
    estate::EstateStore estate(database);
    std::map<std::string, std::vector<std::string>> uses;
    for (const auto& tenant : estate.tenants())
        collectUses(estate::documentOf(tenant), "tenant " + tenant.name, uses);
    for (const auto& target : estate.targets())
        collectUses(estate::documentOf(target), "target " + target.name, uses);
    uses[parts.reporter.settings().password.secret].push_back("smtp.password");
    auto list = Json::array();
    for (const auto& entry : parts.secrets.list())
        list.push_back({{"name", entry.name},
                        {"changedAt", runtime::toText(entry.changedAt)},
                        {"usedBy", uses[entry.name]}});
    return {.body = {{"secrets", std::move(list)}}};
}

ApiResponse setSecret(ApiParts& parts, const ApiCall& call)
{
    const auto& name = call.parameters.at("name");
    parts.secrets.set(name, call.text("value"));
    return {.body = {{"name", name}}};
}

ApiResponse removeSecret(ApiParts& parts, const ApiCall& call)
{
    const auto& name = call.parameters.at("name");
    if (!parts.secrets.remove(name))
        throw MissingError("there is no secret '" + name + "': see `muster secret list`");
    return {.body = {{"name", name}}};
}

ApiResponse tokens(ApiParts& parts)
{
    auto list = Json::array();
    for (const auto& entry : Tokens(parts.store, parts.clock).list())
        list.push_back({{"name", entry.caller.name},
                        {"role", toText(entry.caller.role)},
                        {"tenants", entry.caller.tenants},
                        {"groups", entry.caller.groups},
                        {"createdAt", runtime::toText(entry.createdAt)}});
    return {.body = {{"tokens", std::move(list)}}};
}

ApiResponse addToken(ApiParts& parts, const ApiCall& call)
{
    const auto given = call.text("role");
    const Caller caller{.name = call.text("name"),
                        .role = given.empty() ? Role::Administrator : roleFromText(given),
                        .tenants = call.texts("tenants"),
                        .groups = call.texts("groups")};
    auto database = parts.store.connect();
    for (const auto& tenant : caller.tenants)
        requireTenant(database, call.request.caller, tenant);
    return {.body = {{"name", caller.name},
                     {"role", toText(caller.role)},
                     {"tenants", caller.tenants},
                     {"groups", caller.groups},
                     {"token", Tokens(parts.store, parts.clock).add(caller)}}};
}

ApiResponse removeToken(ApiParts& parts, const ApiCall& call)
{
    const auto& name = call.parameters.at("name");
    if (!Tokens(parts.store, parts.clock).remove(name))
        throw MissingError("there is no token '" + name + "': see `muster token list`");
    return {.body = {{"name", name}}};
}

} // namespace

void addPlugins(Router& router, ApiParts& parts)
{
    router.add(
        {.pattern = "/plugins",
         .summary = "The modes and targets that can be used, and the targets whose plugin crashed.",
         .handler = [&](const ApiCall&) { return plugins(parts); }});
    router.add({.method = "POST",
                .pattern = "/plugins/{id}/trust",
                .summary = "Use the files of a plugin of plugins.path as they are now.",
                .right = Right::Administer,
                .handler = [&](const ApiCall& call) { return trustPlugin(parts, call); }});
    router.add({.method = "POST",
                .pattern = "/plugins/targets/{name}/enable",
                .summary = "Use a target again that was disabled because its plugin crashed.",
                .right = Right::Administer,
                .handler = [&](const ApiCall& call) { return enableTarget(parts, call); }});
}

void addSecrets(Router& router, ApiParts& parts)
{
    router.add({.pattern = "/secrets",
                .summary = "The names of the secrets, and what uses them.",
                .handler = [&](const ApiCall&) { return secrets(parts); }});
    router.add({.method = "PUT",
                .pattern = "/secrets/{name}",
                .summary = "Set a secret.",
                .body = {{"value"}},
                .handler = [&](const ApiCall& call) { return setSecret(parts, call); }});
    router.add({.method = "DELETE",
                .pattern = "/secrets/{name}",
                .summary = "Remove a secret.",
                .handler = [&](const ApiCall& call) { return removeSecret(parts, call); }});
}

void addTokens(Router& router, ApiParts& parts)
{
    router.add({.pattern = "/tokens",
                .summary = "The tokens by name, with what they may do, and for whom.",
                .right = Right::Administer,
                .handler = [&](const ApiCall&) { return tokens(parts); }});
    router.add({.method = "POST",
                .pattern = "/tokens",
                .summary = "Make a token, which is shown this once. The role is administrator, "
                           "manager, documents or reader; the tenants narrow the last two; the "
                           "groups are those that a document may be for.",
                .body = {{"name"}, {"role"}, {"tenants", "array"}, {"groups", "array"}},
                .right = Right::Administer,
                .handler = [&](const ApiCall& call) { return addToken(parts, call); }});
    router.add({.method = "DELETE",
                .pattern = "/tokens/{name}",
                .summary = "Remove a token.",
                .right = Right::Administer,
                .handler = [&](const ApiCall& call) { return removeToken(parts, call); }});
}

void addSchedule(Router& router, ApiParts& parts)
{
    router.add({.pattern = "/schedule",
                .summary = "What the scheduler does with each sync, and when.",
                .handler = [&](const ApiCall&) -> ApiResponse {
                    return {.body = {{"syncs", parts.extras.schedule ? parts.extras.schedule()
                                                                     : Json::array()}}};
                }});
}

void addRequests(Router& router, ApiParts& parts)
{
    constexpr size_t kRequestsShown = 50;
    router.add({.pattern = "/requests",
                .summary = "The latest syncs that were asked for through tickets.",
                .query = {{"limit", "integer"}},
                .handler = [&](const ApiCall& call) -> ApiResponse {
                    return {.body = {{"requests", parts.extras.requests
                                                      ? parts.extras.requests(
                                                            call.number("limit", kRequestsShown))
                                                      : Json::array()}}};
                }});
}

} // namespace muster::web
