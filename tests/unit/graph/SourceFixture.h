#pragma once

#include "directory/MirrorFixture.h"
#include "graph/GraphSource.h"
#include "runtime/Errors.h"
#include "sandbox/SandboxServer.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace muster::testing {

using sandbox::Json;

/// A tenant in the sandbox, and a source that mirrors it. Waiting takes no time.
struct SourceFixture : MirrorFixture
{
    SourceFixture()
    {
        clock.advance(std::chrono::duration_cast<std::chrono::milliseconds>(
            runtime::SystemClock().now() - clock.now()));
        use(kTenant);
        server.addTenant(kTenant, "Contoso", "contoso.example");
    }

    /// The sandbox's tenant that the estate's one is.
    void use(const std::string& id)
    {
        tenant.id = 1;
        tenant.name = "contoso";
        auto& settings = tenant.directory;
        settings.tenant = id;
        settings.clientId = "9a1b0000-0000-4000-8000-000000000002";
        settings.clientSecret.secret = "contoso-graph";
        settings.authority = server.baseUrl();
        settings.graph = server.baseUrl();
        settings.scope = "https://graph.microsoft.com/.default";
    }

    Json addUser(int number, const std::string& more = "{}")
    {
        Json attributes = {
            {"displayName", "User " + std::to_string(number)},
            {"mail", "user" + std::to_string(number) + "@contoso.example"},
            {"userPrincipalName", "user" + std::to_string(number) + "@contoso.example"},
            {"accountEnabled", true},
            {"userType", "Member"}};
        attributes.update(Json::parse(more));
        return {"user+", guid(number), attributes};
    }
    Json addGroup(int number, const std::string& more = "{}")
    {
        Json attributes = {{"displayName", "Group " + std::to_string(number)},
                           {"mailEnabled", false},
                           {"securityEnabled", true},
                           {"groupTypes", Json::array()}};
        attributes.update(Json::parse(more));
        return {"group+", guid(number), attributes};
    }
    Json op(const std::string& name, int first, int second = 0)
    {
        return second == 0 ? Json{name, guid(first)} : Json{name, guid(first), guid(second)};
    }
    void ops(const std::vector<Json>& list) { server.ops(tenant.directory.tenant, Json(list)); }

    directory::RefreshOutcome refresh(const directory::Source::Options& options = {})
    {
        clock.advance(std::chrono::seconds(1));
        outcome = source.refresh(tenant, options, progress, cancellation);
        return outcome;
    }

    /// Requests by route since the last call, as "graph.users.delta 1, …" without the token's.
    std::map<std::string, int> requests()
    {
        std::map<std::string, int> counts;
        const auto counted = server.requests();
        for (const auto& [route, count] : counted["routes"].items())
            counts[route] = count.get<int>();
        server.clearRequests();
        return counts;
    }

    bool hasFinding(const std::string& code)
    {
        for (const auto& finding : outcome.findings)
        {
            if (finding.code == code)
                return true;
        }
        return false;
    }

    /// What differs between the sandbox's tenant and the mirror; empty when they agree.
    std::string difference()
    {
        const auto world = server.world(tenant.directory.tenant);
        std::set<std::string> enabled;
        for (const auto& user : world["users"])
        {
            if (user.value("accountEnabled", true))
                enabled.insert(user["id"].get<std::string>());
        }
        size_t groups = 0;
        for (const auto& theirs : world["groups"])
        {
            const auto groupId = read.findGroup(theirs["id"].get<std::string>());
            const auto ours = groupId ? read.view(*groupId, {}) : std::nullopt;
            if (!ours)
                return "the group " + theirs["id"].dump() + " is missing";
            if (ours->group.name != theirs.value("displayName", ""))
                return "a group is named " + ours->group.name + " instead of " +
                       theirs["displayName"].dump();
            if (ours->unknownMembers > 0)
                return ours->group.name + " has members who were never told";
            const auto wrong = peopleDiffer(*ours, theirs, enabled);
            if (!wrong.empty())
                return ours->group.name + ": " + wrong;
            ++groups;
        }
        size_t mirrored = 0;
        read.eachGroup([&](const directory::GroupSummary&) { ++mirrored; });
        return mirrored == groups
                   ? ""
                   : std::to_string(mirrored) + " groups instead of " + std::to_string(groups);
    }

    static constexpr const char* kTenant = "3f0c0e0e-0000-4000-8000-000000000001";
    sandbox::SandboxServer server;
    estate::Tenant tenant;
    runtime::SilentProgress progress;
    runtime::Cancellation cancellation;
    directory::RefreshOutcome outcome;
    graph::GraphSource source{
        store, clock, [](const estate::SecretReference&) { return "sandbox-secret"; }, {}};

private:
    static std::string peopleDiffer(const directory::Directory::GroupView& ours, const Json& theirs,
                                    const std::set<std::string>& enabled)
    {
        const auto expected = [&](const char* relation) {
            std::set<std::string> ids;
            for (const auto& one : theirs[relation])
            {
                if (enabled.count(one.get<std::string>()) > 0)
                    ids.insert(one.get<std::string>());
            }
            return ids;
        };
        std::set<std::string> members;
        std::set<std::string> owners;
        for (const auto& person : ours.group.people)
        {
            if (person.isMember)
                members.insert(person.id);
            if (person.isOwner)
                owners.insert(person.id);
        }
        if (members != expected("members"))
            return std::to_string(members.size()) + " members, not the " +
                   std::to_string(expected("members").size()) + " of Graph";
        return owners == expected("owners") ? "" : "other owners";
    }
};

} // namespace muster::testing
