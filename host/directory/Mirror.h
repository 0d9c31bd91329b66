#pragma once

#include "runtime/Clock.h"
#include "store/Database.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::directory {

enum class Role
{
    Member = 0,
    Owner = 1
};

/// The change of one object, in the order Graph told it. attributes: a JSON object text of the
/// selected properties that were present (null: cleared; left out: as before).
struct ObjectChange
{
    enum class What
    {
        Present,
        Deleted,
        Gone
    };
    std::string id; ///< Entra object id, GUID text
    What what = What::Present;
    std::string attributes = "{}";
};

/// The change of one membership or ownership.
struct MembershipChange
{
    std::string group;
    std::string member;
    std::string memberKind; ///< "user", "group", "device", "servicePrincipal", … or empty: not told
    Role role = Role::Member;
    bool removed = false;
};

/// One page of a delta chain.
struct Page
{
    std::string kind; ///< of the objects: "group", "user" or "device"
    std::vector<ObjectChange> objects = {};
    std::vector<MembershipChange> memberships = {};
};

/// Where a resource's delta stands.
struct Cursor
{
    std::string link = {};     ///< nextLink or deltaLink, verbatim; empty: from the start
    bool complete = false;     ///< link is a deltaLink
    bool mirrored = false;     ///< a whole chain was applied at least once
    std::string selected = {}; ///< the $select it was made with
    int64_t startedAt = 0;     ///< of the chain, milliseconds
    int64_t savedAt = 0;       ///< milliseconds
};

/// Used by one thread. The write side of a tenant's mirror. Each call is one transaction: pages are
/// applied in the order they come, idempotently; the cursor is saved with its data. A changed
/// object, membership or state touches the groups it concerns, and their ancestors.
class Mirror
{
public:
    /// Live is what everything else reads. Staged is a second copy that a resync fills.
    enum class Copy
    {
        Live,
        Staged
    };

    Mirror(store::Database& database, int64_t tenantId, const runtime::Clock& clock);

    std::optional<Cursor> cursor(Copy copy, const std::string& resource);

    /// Applies the page and saves the cursor that follows it.
    void apply(Copy copy, const Page& page, const std::string& resource, const Cursor& next);

    /// Saves a cursor alone: at the start of a chain, or to begin again.
    void saveCursor(Copy copy, const std::string& resource, const Cursor& cursor);

    /// Empties the staged copy of a resource, before a resync fills it.
    void beginResync(const std::string& resource);

    /// The staged copy of the resource is whole: what differs is brought into the live copy, what
    /// it lacks is deleted there (a device: gone; of others Graph does not say whether they can be
    /// restored), and `next` becomes the live cursor; the staged copy is emptied.
    /// Hidden-membership groups keep the members they have while the app may not read them.
    void finishResync(const std::string& resource, const Cursor& next);

    /// What a direct look at a group found: these are its members (or owners) now, all of them
    /// but service principals, which /members of v1.0 does not list, and restorable people: those
    /// it has stay.
    /// What changed since `settled` stands: the list may be older than the delta that told it.
    void replaceMembers(const std::string& group, Role role,
                        const std::vector<std::pair<std::string, std::string>>& idsAndKinds,
                        runtime::Instant settled);

    /// Whether the app may read the members of hidden-membership groups (Member.Read.Hidden).
    void setReadsHidden(bool readsHidden);

    /// Living groups whose members the app may not read.
    int64_t hiddenGroups();

    /// Groups whose verification is the longest ago, before `before`, at most `limit`; ids. A new
    /// group counts as verified; one that came back after a removal as verified in 1970.
    std::vector<std::string> dueForVerification(runtime::Instant before, size_t limit);
    void markVerified(const std::string& group);

private:
    store::Database& _database;
    int64_t _tenantId;
    const runtime::Clock& _clock;
};

} // namespace muster::directory
