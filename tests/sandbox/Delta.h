#pragma once

#include "Settings.h"
#include "World.h"

#include <optional>
#include <string>
#include <vector>

namespace muster::sandbox {

/// Where a client stands in a delta: what a $skiptoken or $deltatoken carries. To the client it is
/// opaque text.
struct DeltaCursor
{
    enum class Round
    {
        Initial,
        Changes
    };

    Guid tenant{};
    World::Kind kind = World::Kind::Group;
    Round round = Round::Initial;
    std::vector<std::string> select{}; ///< as the client asked; empty: the defaults
    std::vector<std::string> ids{};    ///< of $filter; empty: all
    std::int64_t issued = 0;           ///< by the sandbox's clock

    std::uint32_t since = 0; ///< the last change that the client has, in a round of changes
    std::uint32_t until = 0; ///< the last change of this round
    /// Where the next page begins: in a round of changes the last change shown, else the object.
    std::uint32_t position = 0;
    std::uint32_t pass = 0;     ///< of an initial round: 1 gives the links that the first left out
    std::uint32_t relation = 0; ///< the object's links that are still to be shown
    std::uint32_t link = 0;

    std::string encode() const;
    static std::optional<DeltaCursor> decode(const std::string& text);
};

/// Builds the pages of /groups/delta, /users/delta and /devices/delta (contracts/graph.md section
/// 3). Used by one thread, while the world stands still.
class DeltaReader
{
public:
    struct Options
    {
        bool minimal = false;          ///< Prefer: return=minimal
        bool hiddenMembership = false; ///< the app may see members of HiddenMembership groups
    };

    struct Page
    {
        std::string values{}; ///< the objects, separated by commas
        DeltaCursor next{};
        bool isLast = false; ///< next is for a deltaLink, not for a nextLink
    };

    DeltaReader(const World& world, const SettingsValues& settings, Options options,
                DeltaCursor cursor);

    Page read();

private:
    struct Selected
    {
        std::string name;
        std::uint16_t id;
    };
    struct Slot
    {
        World::Index object = 0;
        std::string links[2]; ///< by relation: the entries of its rel@delta
    };

    void readSelect();
    void readInitial();
    bool isShownInitially(const World::Object& object) const;
    bool hasLinksLeft(const World::Object& object) const;
    bool showInitial(World::Index index);
    bool isLinkShown(const World::Link& link) const;
    void readChanges();
    bool isSurfaced(const World::Change& change, std::uint32_t sequence) const;
    const World::Link* changedLink(const World::Change& change) const;
    Slot* slotFor(World::Index object);
    void finish();

    bool matchesFilter(const World::Object& object) const;
    bool showsMembers(const World::Object& object) const;
    void appendLink(std::string& text, const World::Link& link) const;
    void appendSlot(const Slot& slot);

    const World& _world;
    const SettingsValues& _settings;
    Options _options;
    DeltaCursor _cursor;
    std::vector<Selected> _select;
    bool _relations[2] = {false, false};
    std::vector<Guid> _ids;
    std::vector<Slot> _slots;
    std::unordered_map<World::Index, std::size_t> _slotOf;
    std::size_t _links = 0;
    Page _page;
};

} // namespace muster::sandbox
