#pragma once

#include "runtime/Clock.h"
#include "store/Database.h"

#include <muster/Mode.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace muster::directory {

/// A group as the list of groups shows it.
struct GroupSummary
{
    int64_t id = 0; ///< ours
    std::string entraId;
    std::string name;
    std::string type;       ///< microsoft365, security, mail-enabled-security, distribution
    std::string membership; ///< assigned, dynamic
    int64_t members = 0;
    int64_t owners = 0;
};

/// How people of a group are counted in.
struct PeopleOptions
{
    bool expandNested = false;
    bool includeGuests = true;
    bool isWhole = false; ///< as a document shows a group: disabled people, devices and groups too
};

/// Used by one thread. The read side of a tenant's mirror: live objects only.
class Directory
{
public:
    Directory(store::Database& database, int64_t tenantId);

    /// The sequence number of the latest change; 0 when nothing was ever mirrored.
    int64_t sequence();

    /// Ids (ours) of the groups touched after `sequence`, living or not, in the order of their ids.
    std::vector<int64_t> groupsTouchedAfter(int64_t sequence);

    /// The group with its people: enabled ones only unless it is to be whole, each once. Nothing
    /// when the group does not live. Members whom users/delta has not told yet are counted in
    /// `unknownMembers`.
    struct GroupView
    {
        Group group;
        int64_t unknownMembers = 0;
        bool membersKnown = true; ///< false: hidden membership that the app may not read
    };
    std::optional<GroupView> view(int64_t groupId, const PeopleOptions& options);

    void eachGroup(const std::function<void(const GroupSummary&)>& group);

    /// All people that live, as they are whatever their groups.
    void eachPerson(const std::function<void(const Person&)>& person);

    /// Our id of the living or former group with that Entra id.
    std::optional<int64_t> findGroup(const std::string& entraId);

    /// Marks groups as touched, so that every sync derives them again.
    void touch(const std::vector<int64_t>& groupIds);

private:
    void complete(Group& group, int64_t groupId);
    std::string defaultDomain();

    store::Database& _database;
    int64_t _tenantId;
    std::optional<std::string> _domain; ///< defaultDomain(), once it was asked for
};

/// The address of a person by the house rule: mail, else the primary proxy address (SMTP:), else
/// the first smtp:, else the user principal name with #EXT# decoded; trimmed, lower case. Empty
/// when none has the form of an address.
std::string addressOf(const nlohmann::json& attributes);

/// All addresses of a person, addressOf() first, each once, lower case.
std::vector<std::string> addressesOf(const nlohmann::json& attributes);

/// microsoft365, security, mail-enabled-security or distribution, from Graph's three properties.
std::string groupTypeOf(const nlohmann::json& attributes);

} // namespace muster::directory
