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

std::string lowerCase(std::string text);
/// A member that is a text, without white space around it; empty when there is none.
std::string textIn(const Json& object, const char* name);
/// mail, else the primary proxy address, else the first other one, else the principal name.
std::string addressIn(const Json& user);
bool isEnabled(const Json& user);

/// The account as the sandbox has it. Fails the test when a contact or a contact group is there
/// twice.
DeskState deskState(const Json& deskDirector, int account = 42);

/// What differs but for this: whom DeskDirector has in 50 groups it takes into no other.
std::string beyondTheLimit(DeskState expected, const DeskState& actual);

/// The names of the site's service groups, lower case.
std::set<std::string> serviceGroupsOf(const Json& deskDirector);

/// A name without accents as a tag.
std::string tagOf(const std::string& name);

enum class Mode
{
    Contacts,
    ContactGroups,
    OwnersAndMembers,
    ServiceGroups
};

/// What a sync takes away (removal of its estate entry); those that are not named are kept.
struct Removal
{
    bool deactivatesContacts = false;
    bool removesStrangers = true;
    bool retiresGroups = false;
};

/// What an account must hold when each state of a tenant that it was shown has been synced into it
/// with all groups switched on. Worked out from the tenant alone by the rules of DESIGN.md, section
/// 5, and from nothing of the host's.
class Expectation
{
public:
    explicit Expectation(Mode mode, const Removal& removal = {}) : _mode(mode), _removal(removal) {}

    /// People put somebody who is in no tenant into a group, or gave him a service group.
    void putStranger(const std::string& address, const std::string& group);

    /// Takes the tenant as SandboxServer::world() gives it, and the names, lower case, of the
    /// service groups that the site has.
    void follow(const Json& world, const std::set<std::string>& serviceGroups = {});

    const DeskState& state() const { return _state; }

private:
    using Claims = std::map<std::string, std::set<std::string>>; ///< addresses by group name
    void followServiceGroups(const Claims& claims, const std::set<std::string>& there);
    void keepContact(const std::string& id, const Json& user, const std::string& address);
    bool isStranger(const std::string& address) const { return _strangers.count(address) > 0; }
    void nameGroup(const std::string& id, const std::string& name,
                   const std::map<std::string, std::string>& names);

    Mode _mode;
    Removal _removal;
    DeskState _state;
    std::set<std::string> _strangers;              ///< addresses
    std::set<std::string> _fresh;                  ///< those of them who came since the last state
    std::set<std::string> _gone;                   ///< groups that there were
    std::set<std::string> _claimed;                ///< addresses of those whom a group has now
    std::map<std::string, std::string> _addresses; ///< of the contacts made, by object id
    std::map<std::string, std::string> _names;     ///< of the contact groups made, by object id
};

} // namespace muster::integration
