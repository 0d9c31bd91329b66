#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string>

namespace muster::integration {

using Json = nlohmann::ordered_json;

/// What one DeskDirector account holds, without the ids that DeskDirector gave: two accounts are
/// the same to people when this is the same.
struct DeskState
{
    struct Contact
    {
        std::string firstName;
        std::string lastName;
        std::string title;
        std::string serviceGroup = {}; ///< its name, lower case; empty: none
        bool active = true;

        bool operator==(const Contact&) const = default;
    };
    using Roles = std::map<std::string, std::string>; ///< by address

    std::map<std::string, Contact> contacts = {}; ///< by address, lower case
    std::map<std::string, Roles> groups = {};     ///< by name

    bool operator==(const DeskState&) const = default;

    /// What differs, for people; empty: nothing.
    std::string difference(const DeskState& other) const;
};

/// The account as the sandbox has it. Fails the test when a contact or a contact group is there
/// twice.
DeskState deskState(const Json& deskDirector, int account = 42);

/// The names of the site's service groups, lower case.
std::set<std::string> serviceGroupsOf(const Json& deskDirector);

enum class Mode
{
    Contacts,
    ContactGroups,
    OwnersAndMembers,
    ServiceGroups
};

/// What an account must hold when each state of a tenant that it was shown has been synced into it
/// with all groups switched on. Worked out from the tenant alone by the rules of DESIGN.md, section
/// 5, and from nothing of the host's.
class Expectation
{
public:
    explicit Expectation(Mode mode) : _mode(mode) {}

    /// Takes the tenant as SandboxServer::world() gives it, and the names, lower case, of the
    /// service groups that the site has.
    void follow(const Json& world, const std::set<std::string>& serviceGroups = {});

    const DeskState& state() const { return _state; }

private:
    using Claims = std::map<std::string, std::set<std::string>>; ///< addresses by group name
    void followServiceGroups(const Claims& claims, const std::set<std::string>& there);
    void keepContact(const std::string& id, const Json& user, const std::string& address);
    void nameGroup(const std::string& id, const std::string& name,
                   const std::map<std::string, std::string>& names);

    Mode _mode;
    DeskState _state;
    std::map<std::string, std::string> _addresses; ///< of the contacts made, by object id
    std::map<std::string, std::string> _names;     ///< of the contact groups made, by object id
};

} // namespace muster::integration
