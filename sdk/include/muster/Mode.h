#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

/// What a sync mode is made of. A mode looks at one group of a tenant and says what a target should
/// hold because of it. It does no I/O, knows no clock, and keeps no state: the same group, records
/// and settings give the same claims.
///
/// Modes are C++ classes in shared libraries, loaded with Poco::ClassLoader. The inline namespace
/// is raised with each change of this header, so that a mode built for another one is refused.
namespace muster {
inline namespace v5 {

/// A person of a group, as Entra has them.
struct Person
{
    std::string id;      ///< Entra object id, lower-case GUID text
    std::string address; ///< the address by the house rule, lower case; empty: none is usable
    std::vector<std::string> addresses; ///< all known, lower case, `address` first
    std::string displayName;
    std::string givenName;
    std::string surname;
    std::string userPrincipalName;
    std::string jobTitle;
    std::string phone;
    bool isEnabled = true;
    bool isGuest = false;
    bool isMember = false; ///< of the group looked at
    bool isOwner = false;  ///< of the group looked at
};

struct Device
{
    std::string id; ///< Entra object id, lower-case GUID text
    std::string name;
};

/// A group that is a member of the one looked at.
struct NestedGroup
{
    std::string id; ///< Entra object id, lower-case GUID text
    std::string name;
    std::string type; ///< as of Group
};

struct Group
{
    std::string id; ///< Entra object id, lower-case GUID text
    std::string name;
    std::string description;
    std::string mail;
    std::string type; ///< microsoft365, security, mail-enabled-security, distribution
    bool isDynamic = false;
    std::vector<Person> people; ///< members and owners, each once, in the order of their ids

    // Of a mode that documents groups only:
    std::string tenant;          ///< the directory's id
    std::string tenantName;      ///< as the estate names the tenant
    std::string domain;          ///< of its address, else of most people's user names; may be empty
    std::string updated;         ///< RFC 3339, UTC: when it last changed, as far as was seen
    std::vector<Device> devices; ///< members, in the order of their ids
    std::vector<NestedGroup> nested; ///< members, in the order of their ids
};

/// A record of the target that only people make, as a mode sees it.
struct SeenRecord
{
    std::string remoteId;
    std::string name;
    std::string owner = {}; ///< Entra object id of the person of the tenant, in the group or not,
                            ///< who has one of its addresses; empty: nobody
};

/// The records of the sync's scope, of the kinds that the mode's plugin.json lists under "sees", as
/// the target had them when it was last read. Used by one thread.
class Records
{
public:
    virtual ~Records() = default;

    /// Those that have this alias, in the order of their remote ids; a target says what the aliases
    /// of a kind are (target.h). Without case and white space around it; a blank one is nobody's.
    virtual std::vector<SeenRecord> find(const std::string& kind, const std::string& alias) = 0;
};

/// The kind and key of a claimed record.
struct RecordName
{
    std::string kind;
    std::string key;
};

/// A thing in a target: what it is, how it is found, and what it should say.
///
/// A record is ensured or, of a kind that the mode's plugin.json lists under "expects", expected:
/// only people make it, and Muster neither creates nor changes nor retires it. While it is missing,
/// that is a finding, and its links and the records within it wait.
struct RecordClaim
{
    std::string kind;
    std::string key;     ///< see Keys.h
    std::string subject; ///< Entra object id of the person or group it stands for: survives renames
    std::string name;    ///< for people to read
    nlohmann::json fields = nlohmann::json::object(); ///< blank ones are left out

    /// The fields are all that the record says: what is left out is emptied.
    bool isWhole = false;

    /// What a new record says beside its fields; nothing is changed over it in one that exists.
    nlohmann::json initial = nlohmann::json::object();

    /// Of an expected record: what a person must do to have it there ("create the service group
    /// "Sales" in DeskDirector, with exactly this name").
    std::string expected = {};

    /// The expected record that this one is a part of (a contact of an account), where that is not
    /// the sync's scope. Its key has no '/' in it, and links are for records in the scope only.
    std::optional<RecordName> within = {};
};

/// A relation between two claimed records, with a role.
struct LinkClaim
{
    std::string fromKind;
    std::string fromKey;
    std::string toKind;
    std::string toKey;
    std::string role;
};

/// Something a person should know about the group: a member without an address, say.
struct Note
{
    std::string code;
    std::string message;
    std::string key;
};

struct Claims
{
    std::vector<RecordClaim> records;
    std::vector<LinkClaim> links;
    std::vector<Note> notes;
};

/// Thread-safe: derive() is called from several threads.
class Mode
{
public:
    virtual ~Mode() = default;

    /// `settings` holds the sync's settings, validated against the mode's plugin.json. `nested` and
    /// disabled people are dealt with by the host before: `group.people` are those who count. A
    /// mode that documents groups is shown disabled people too.
    virtual Claims derive(const Group& group, Records& records,
                          const nlohmann::json& settings) const = 0;
};

} // namespace v5
} // namespace muster
