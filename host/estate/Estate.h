#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace muster::estate {

using Json = nlohmann::json;

/// Where a secret value stands: one of the three is set.
struct SecretReference
{
    std::string secret = {};      ///< a name of `muster secret`
    std::string environment = {}; ///< a variable
    std::string file = {};        ///< a path; the trailing line break is not part of it
    bool isSet() const { return !secret.empty() || !environment.empty() || !file.empty(); }
};

/// How Muster signs in to a tenant: a secret, or a certificate with its key.
struct DirectorySettings
{
    std::string tenant; ///< tenant id or domain
    std::string clientId;
    SecretReference clientSecret = {};
    std::string certificateFile = {};
    std::string certificateKeyFile = {};
    std::string
        authority; ///< https://login.microsoftonline.com, by cloud or override; no slash at its end
    std::string graph; ///< https://graph.microsoft.com, by cloud or override; no slash at its end
    std::string scope; ///< https://graph.microsoft.com/.default, by cloud
    std::string caFile = {};
};

/// Which groups are selected for a target unless someone switched one by hand.
struct SelectionRule
{
    std::string target; ///< its name
    bool all = false;
    std::vector<std::string> patterns = {}; ///< ids or name patterns (* and ?, without case)
};

struct Tenant
{
    int64_t id = 0;
    std::string name;
    std::string displayName;
    DirectorySettings directory;
    std::vector<SelectionRule> groups = {};
};

struct Target
{
    int64_t id = 0;
    std::string name;
    std::string plugin;
    Json settings; ///< as declared; secrets as references {"secret": NAME} …
    /// Records that are never touched: patterns of their keys or names (* and ?, without case), or
    /// "tag:" and the pattern of a tag.
    std::vector<std::string> protect = {};
};

enum class ContactRemoval
{
    Keep,
    Deactivate
};
enum class LinkRemoval
{
    Managed,
    All
};
enum class GroupRemoval
{
    Keep,
    Retire
};
enum class Additions
{
    Run,
    Wait
};

struct RemovalPolicy
{
    ContactRemoval contacts = ContactRemoval::Keep;
    LinkRemoval links = LinkRemoval::All;
    GroupRemoval groups = GroupRemoval::Keep;
};

/// Removals over `percent` of a kind in a sync, and at least `count`, are held for approval.
struct GuardLimits
{
    int64_t percent = 20;
    int64_t count = 5;
    Additions additions = Additions::Run; ///< what the rest of a held plan does
};

struct Sync
{
    int64_t id = 0;
    std::string name;
    int64_t tenantId = 0;
    int64_t targetId = 0;
    int64_t scopeId = 0;
    std::string tenant;
    std::string target;
    std::string mode; ///< the mode's id, also where the estate gave its number
    Json scope;
    Json schedule; ///< {"every": "15m"}, {"daily": "02:30", "zone": Z}, or "manual"
    RemovalPolicy removal;
    GuardLimits guard;
    Json settings = Json::object();
    bool expandsNested = false; ///< settings.nested: expand
    bool includesGuests = true; ///< settings.guests: include
};

} // namespace muster::estate
