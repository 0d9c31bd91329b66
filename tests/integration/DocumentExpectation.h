#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string>

namespace muster::integration {

using Json = nlohmann::ordered_json;

/// A document of a group, without the ids that IT Glue gave: by the titles of its fields what they
/// say. A tag says the address of a contact, the name of a configuration, the Entra id of a group.
struct DocumentState
{
    std::string type; ///< "microsoft365" or "security"
    bool isArchived = false;
    std::map<std::string, std::set<std::string>> fields = {}; ///< those that say something

    bool operator==(const DocumentState&) const = default;
};
using Documents = std::map<std::string, DocumentState>; ///< by the Entra id of the group

/// The documents of an organization as the sandbox has them, but for those made by hand. Fails the
/// test when a group is documented twice.
Documents documentsIn(const Json& glue, int organization);

/// What differs, for people; empty: nothing.
std::string difference(const Documents& expected, const Documents& actual);

/// What is documented when each state of a tenant that it was shown has been synced with all groups
/// switched on. Worked out from the tenant alone, and from nothing of the host's.
class DocumentExpectation
{
public:
    /// The tenant's domain, the addresses of the organization's contacts and the names of its
    /// configurations, lower case.
    DocumentExpectation(std::string domain, std::set<std::string> contacts,
                        std::set<std::string> configurations)
        : _domain(std::move(domain)),
          _contacts(std::move(contacts)),
          _configurations(std::move(configurations))
    {}

    /// Takes the tenant as SandboxServer::world() gives it.
    void follow(const Json& world);

    const Documents& documents() const { return _documents; }

private:
    void addMember(DocumentState& document, const Json& world, const std::string& id) const;

    std::string _domain;
    std::set<std::string> _contacts;
    std::set<std::string> _configurations;
    Documents _documents;
};

} // namespace muster::integration
