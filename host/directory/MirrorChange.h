#pragma once

#include "directory/Mirror.h"
#include "store/Database.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace muster::directory {

/// Used by one thread. One transaction that changes a copy of a tenant's mirror, as sets of rows in
/// temporary tables. What changes nothing leaves no trace; the rest carries the next number of the
/// directory's sequence.
class MirrorChange
{
public:
    /// `copy` is the number of the copy: 0 the live one, else a staged one.
    MirrorChange(store::Database& database, int64_t tenantId, int64_t copy, int64_t now);

    int64_t directory() const { return _directory; }

    void applyObjects(const std::string& kind, const std::vector<ObjectChange>& objects);

    void applyMemberships(const std::vector<MembershipChange>& changes);

    /// The members of the group in that role become those; service principals and restorable
    /// members stay, and the members of hidden groups that may not be read.
    /// What changed since `settled`, in milliseconds, stands.
    void replaceMembers(const std::string& group, Role role,
                        const std::vector<std::pair<std::string, std::string>>& idsAndKinds,
                        int64_t settled);

    /// Brings what differs in the staged copy `staged` into this one.
    void takeOver(const std::string& kind, int64_t staged);

    void saveCursor(const std::string& resource, const Cursor& cursor);

    /// Touches the groups with hidden membership, whose members can be read now, or no longer.
    void touchHidden();

    /// Empties a copy, by the id of its directory.
    void clear(int64_t directory);

    /// Touches the groups that the changes concern, and their ancestors, and ends the transaction.
    void commit();

private:
    /// Entra id → kind; a kind that is not told is empty. Views of what the caller holds.
    using Kinds = std::unordered_map<std::string_view, std::string_view>;
    using Ids = std::unordered_map<std::string_view, int64_t>;
    struct Link
    {
        int64_t group;
        int64_t role;
        int64_t member;
        bool removed;

        bool operator<(const Link& other) const
        {
            return std::tie(group, role, member) < std::tie(other.group, other.role, other.member);
        }
    };

    void emptyTables();
    /// Makes rows for what is only referred to so far.
    void nameObjects(const Kinds& kinds);
    Ids find(const Kinds& kinds);
    void takeOverObjects(const std::string& kind, int64_t staged);
    void takeOverMemberships(int64_t staged);
    void keepHiddenMembers();
    void applyLinks();
    void closeLinksOfGone();
    void touchConcerned();

    store::Database& _database;
    store::Transaction _transaction;
    int64_t _directory = 0;
    int64_t _sequence = 0; ///< of this change
    int64_t _now;
    bool _isLive;
    bool _readsHidden = true;
    bool _changed = false;
};

/// Marks groups as touched by the next number of the directory's sequence; within a transaction.
void touchGroups(store::Database& database, int64_t directory, const std::vector<int64_t>& groups);

/// The number of a tenant's live directory; nothing when it was never mirrored.
std::optional<int64_t> liveDirectory(store::Database& database, int64_t tenantId);

/// SQL that is true for a group whose membership is hidden; `group` is the object's alias.
std::string isHidden(const std::string& group);

} // namespace muster::directory
