#pragma once

#include "runtime/Clock.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster::documents {

/// Which of the vendor's two types a document is of.
enum class Type
{
    Microsoft365,
    Security
};

/// How the syncing of a document stands (contracts/itglue.md, section 3.4).
enum class Status
{
    Enabled,
    Orphaned, ///< its group was deleted in Entra, or it is archived
    Disabled  ///< switched off for this group or its type, its tenant removed, or made by hand
};

/// "microsoft365" and "Microsoft 365: Groups"; "enabled" and "Enabled". The texts of DESIGN.md,
/// section 8, and those for people to read.
std::string toText(Type type);
std::string titleOf(Type type);
std::string toText(Status status);
std::string titleOf(Status status);

/// Throw UsageError, naming those there are.
Type typeFromText(const std::string& text);
Status statusFromText(const std::string& text);

/// Something that a document leads to: a contact or configuration of a target, or a document.
struct Reference
{
    std::string id; ///< in the target; of a document the one it is found by here
    std::string name;
};

/// Who may read a document: all who have the organization, or those named.
struct Access
{
    bool isForEveryone = true;
    std::vector<std::string> groups = {};
    std::vector<std::string> people = {};

    bool operator==(const Access&) const = default;
};

/// Lists that may be long. A list is sorted by name.
struct Lists
{
    std::vector<Reference> members = {};       ///< matched to a contact
    std::vector<std::string> membersText = {}; ///< matched to none: "Ann Bo <ann@contoso.com>"
    std::vector<Reference> devices = {};       ///< matched to a configuration
    std::vector<std::string> devicesText = {};
    std::vector<std::string> owners = {};
    std::vector<Reference> nested = {};   ///< documents of the groups nested in this one
    std::vector<Reference> nestedIn = {}; ///< documents of the groups that this one is nested in
};

/// How long they are, which a list of documents shows.
struct Counts
{
    int64_t members = 0;
    int64_t membersText = 0;
    int64_t devices = 0;
    int64_t devicesText = 0;
    int64_t owners = 0;
    int64_t nested = 0;
};

/// A documented group as a page shows it. Texts are those of Entra, of any script and with any
/// character in them; nothing is escaped. A text that is not known is empty.
struct Document
{
    std::string id =
        {}; ///< the group's Entra object id; of one made by hand an id of the same form
    Type type = Type::Security;
    std::string name = {};
    std::string description = {};
    std::string mail = {};
    std::string domain = {};
    std::string membership = {}; ///< Assigned, Dynamic
    std::string updated = {};    ///< RFC 3339, UTC: when Entra last changed the group

    std::string tenant = {};       ///< its name in the estate; "Managed by integration" shows it
    std::string tenantName = {};   ///< for people to read
    std::string organization = {}; ///< the id in IT Glue, else the tenant's display name
    std::string entraTenant = {};  ///< the id of the Entra tenant
    std::string manageUrl = {}; ///< the group's page in the Entra admin center; empty: it has none

    Status status = Status::Enabled;
    std::string reason =
        {}; ///< why it is not enabled, a sentence without a full stop; empty: it is
    bool isArchived = false;
    std::optional<runtime::Instant> archivedAt = {};
    std::string archivedBy = {};
    bool isMadeByHand = false; ///< never synced, either way

    Counts counts = {};
    Lists lists = {}; ///< empty in a list of documents, unless they are asked for
    std::map<std::string, std::string> ownFields = {}; ///< what people wrote: names and texts
    Access access = {};
};

} // namespace muster::documents
