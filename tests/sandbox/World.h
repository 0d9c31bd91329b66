#pragma once

#include "Guid.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace muster::sandbox {

using Json = nlohmann::ordered_json;

/// One tenant's directory as it is now, with the log of its changes that delta answers come from.
/// Made for a million memberships: ids are 16 bytes, a link is 8, a property's value is its JSON
/// text.
///
/// Used by one thread at a time; Directory guards it. Methods that change it throw
/// std::invalid_argument when an op names what is not there.
class World
{
public:
    enum class Kind : std::uint8_t
    {
        User,
        Group,
        Device,
        ServicePrincipal,
        OrgContact
    };
    enum class Life : std::uint8_t
    {
        Live,
        SoftDeleted,
        Purged
    };
    enum class Relation : std::uint8_t
    {
        Members,
        Owners
    };

    using Index = std::uint32_t;
    static constexpr Index kNone = std::numeric_limits<Index>::max();

    struct Property
    {
        std::uint16_t name = 0; ///< see propertyName()
        std::uint32_t changedAt = 0;
        std::string json{};
    };

    /// A link stays in its place when it is removed, so that a page can go on where the last ended.
    struct Link
    {
        Index target = 0;
        std::uint32_t changedAt : 31 = 0;
        std::uint32_t present : 1 = 0;
    };

    struct Object
    {
        Guid id{};
        Kind kind = Kind::User;
        Life life = Life::Live;
        std::uint32_t bornAt = 0;   ///< the change that created or restored it
        std::int64_t deletedAt = 0; ///< seconds since 1970, when soft-deleted
        std::vector<Property> properties{};
        std::vector<Link> members{}; ///< of a group
        std::vector<Link> owners{};

        const std::vector<Link>& links(Relation relation) const
        {
            return relation == Relation::Members ? members : owners;
        }
        std::vector<Link>& links(Relation relation)
        {
            return relation == Relation::Members ? members : owners;
        }
        const Property* property(std::optional<std::uint16_t> name) const;
    };

    /// What happened at a sequence number: the object itself changed, or one of its links.
    struct Change
    {
        Index object = 0;
        Index target = kNone; ///< the link's other end; kNone: the object itself
        Relation relation = Relation::Members;
    };

    /// Where the documentation leaves open what delta shows.
    struct Rules
    {
        bool restoredGroupListsMembers = true; ///< a restored group shows all its links again
        bool purgedMembersReported = false; ///< groups/delta shows hard-deleted members as removed
    };

    World(const Guid& tenant, std::string name, std::string domain);

    const Guid& tenant() const { return _tenant; }
    const std::string& name() const { return _name; }
    const std::string& domain() const { return _domain; }
    Rules rules;

    /// Creates the object, or restores a soft-deleted one, and sets the attributes.
    void put(Kind kind, const Guid& id, const Json& attributes);
    /// Sets attributes of a live object; null stays as a null.
    void change(Kind kind, const Guid& id, const Json& attributes);
    void softDelete(Kind kind, const Guid& id);
    void restore(Kind kind, const Guid& id);
    void purge(Kind kind, const Guid& id);
    /// Adds or removes a link; without effect when it is so already.
    void setLink(const Guid& group, Relation relation, const Guid& target, bool present);

    /// The time of the next changes, for createdDateTime and deletedDateTime; seconds since 1970.
    void setTime(std::int64_t time) { _time = time; }

    /// For bulk loading: what is added before does not stand in the log.
    void startLog() { _logging = true; }
    void stopLog() { _logging = false; }
    Index addBulk(Kind kind, const Guid& id);
    void setBulk(Index object, std::string_view name, std::string json);
    void reserveLinks(Index group, Relation relation, std::size_t count);
    void linkBulk(Index group, Relation relation, Index target);

    /// The number of the last change. Changes are numbered from 1.
    std::uint32_t sequence() const { return static_cast<std::uint32_t>(_log.size()); }
    const Change& changeAt(std::uint32_t sequence) const { return _log[sequence - 1]; }
    const std::vector<Object>& objects() const { return _objects; }
    const Object& object(Index index) const { return _objects[index]; }
    std::optional<Index> find(const Guid& id) const;
    std::optional<std::uint16_t> propertyId(std::string_view name) const;
    const std::string& propertyName(std::uint16_t id) const { return _names[id]; }
    std::size_t liveCount(Kind kind) const;

private:
    Object& require(Kind kind, const Guid& id, Life life);
    Index create(Kind kind, const Guid& id);
    std::uint32_t log(Index object, Index target = kNone, Relation relation = Relation::Members);
    void set(Object& object, const Json& attributes, std::uint32_t sequence);
    void relogLinks(Index index);
    void dropLinksTo(Index target);
    std::uint16_t nameId(std::string_view name);

    Guid _tenant;
    std::string _name;
    std::string _domain;
    std::int64_t _time = 0;
    bool _logging = true;
    std::vector<Object> _objects;
    std::unordered_map<Guid, Index, GuidHash> _index;
    std::vector<Change> _log;
    std::vector<std::string> _names;
    std::map<std::string, std::uint16_t, std::less<>> _nameIds;
};

/// "user", "group", "device", "servicePrincipal", "orgContact": as in the world files and
/// @odata.type.
const char* kindName(World::Kind kind);
/// Seconds since 1970 as "2024-01-27T02:56:34Z", and back. Throws std::invalid_argument.
std::string timeText(std::int64_t seconds);
/// The same with milliseconds.
std::string timeText(std::chrono::milliseconds sinceEpoch);
std::int64_t timeFromText(const std::string& text);

} // namespace muster::sandbox
