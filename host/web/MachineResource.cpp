#include "estate/Documents.h"
#include "estate/EstateStore.h"
#include "runtime/Errors.h"
#include "web/Resources.h"
#include "web/Tokens.h"

namespace muster::web {

namespace {

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
    return {.body = {{"plugins", std::move(list)}}};
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
        throw UsageError("there is no secret '" + name + "': see `muster secret list`");
    return {.body = {{"name", name}}};
}

ApiResponse tokens(ApiParts& parts)
{
    auto list = Json::array();
    for (const auto& entry : Tokens(parts.store, parts.clock).list())
        list.push_back({{"name", entry.name},
                        {"role", toText(entry.role)},
                        {"createdAt", runtime::toText(entry.createdAt)}});
    return {.body = {{"tokens", std::move(list)}}};
}

ApiResponse addToken(ApiParts& parts, const ApiCall& call)
{
    call.takes({"name", "role"});
    const auto name = call.text("name");
    const auto given = call.text("role");
    const auto role = given.empty() ? Role::Administrator : roleFromText(given);
    return {.body = {{"name", name},
                     {"role", toText(role)},
                     {"token", Tokens(parts.store, parts.clock).add(name, role)}}};
}

ApiResponse removeToken(ApiParts& parts, const ApiCall& call)
{
    const auto& name = call.parameters.at("name");
    if (!Tokens(parts.store, parts.clock).remove(name))
        throw UsageError("there is no token '" + name + "': see `muster token list`");
    return {.body = {{"name", name}}};
}

} // namespace

void addPlugins(Router& router, ApiParts& parts)
{
    router.add("GET", "/plugins", "The modes and targets that can be used.",
               [&](const ApiCall&) { return plugins(parts); });
}

void addSecrets(Router& router, ApiParts& parts)
{
    router.add("GET", "/secrets", "The names of the secrets, and what uses them.",
               [&](const ApiCall&) { return secrets(parts); });
    router.add("PUT", "/secrets/{name}", "Set a secret: {value}.",
               [&](const ApiCall& call) { return setSecret(parts, call); });
    router.add("DELETE", "/secrets/{name}", "Remove a secret.",
               [&](const ApiCall& call) { return removeSecret(parts, call); });
}

void addTokens(Router& router, ApiParts& parts)
{
    router.add(
        "GET", "/tokens", "The names of the tokens, and their roles.",
        [&](const ApiCall&) { return tokens(parts); }, Right::Administer);
    router.add(
        "POST", "/tokens",
        "Make a token: {name, role}; role is administrator, manager, documents or reader. It is "
        "shown this once.",
        [&](const ApiCall& call) { return addToken(parts, call); }, Right::Administer);
    router.add(
        "DELETE", "/tokens/{name}", "Remove a token.",
        [&](const ApiCall& call) { return removeToken(parts, call); }, Right::Administer);
}

void addSchedule(Router& router, ApiParts& parts)
{
    router.add("GET", "/schedule", "What the scheduler does with each sync, and when.",
               [&](const ApiCall&) -> ApiResponse {
                   return {.body = {{"syncs", parts.extras.schedule ? parts.extras.schedule()
                                                                    : Json::array()}}};
               });
}

void addRequests(Router& router, ApiParts& parts)
{
    constexpr size_t kRequestsShown = 50;
    router.add("GET", "/requests",
               "The latest syncs that were asked for through tickets; ?limit= narrows it.",
               [&](const ApiCall& call) -> ApiResponse {
                   return {.body = {{"requests", parts.extras.requests
                                                     ? parts.extras.requests(
                                                           call.number("limit", kRequestsShown))
                                                     : Json::array()}}};
               });
}

} // namespace muster::web
