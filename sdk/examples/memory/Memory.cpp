#include <muster/Target.hpp>

#include <map>
#include <string>
#include <utility>

namespace {

using namespace muster::target;

struct Room
{
    std::map<std::string, Record> records;                            ///< by remote id
    std::map<std::pair<std::string, std::string>, std::string> links; ///< (from, to): role
};

/// A target that sends nothing: it keeps what it is told as long as it lives. memory.c and memory.rs
/// are the same in C and in Rust.
class Memory : public Target
{
public:
    Memory(Host& host, const Json& settings) : _host(host), _size(settings.value("size", 1000))
    {
        if (_size < 1)
            throw SettingError("size", "it must be at least 1: a room that holds nothing is none");
    }

    void check(const std::vector<Json>& scopes, Output& output) override
    {
        for (const auto& scope : scopes)
            output.say(Finding{"room-ready", Severity::Info,
                               "the room " + scope.at("room").get<std::string>() + " is ready"});
    }

    void read(const ReadRequest& request, Output& output) override
    {
        const auto& room = roomOf(request.scope);
        for (const auto& kind : request.kinds)
            for (const auto& [id, record] : room.records)
                if (record.kind == kind)
                    output.say(record);
        for (const auto& into : request.linksInto)
            for (const auto& [ends, role] : room.links)
                if (ends.second == into.remoteId)
                    output.say(Link{{"person", "", ends.first}, {"team", "", ends.second}, role});
    }

    void apply(const Json& scope, const std::vector<Change>& changes, Output& output) override
    {
        for (const auto& change : changes)
            output.say(_host.isCancelled() ? Outcome{change.id, State::Retry, "cancelled"}
                                           : make(roomOf(scope), change));
    }

private:
    Room& roomOf(const Json& scope) { return _rooms[scope.at("room").get<std::string>()]; }

    Outcome make(Room& room, const Change& change) const
    {
        if (change.action == Action::Link)
            return link(room, change);
        if (change.action == Action::Unlink)
            return {change.id, room.links.erase({change.from.remoteId, change.to.remoteId}) > 0
                                   ? State::Applied
                                   : State::Unchanged};
        if (change.action == Action::Create && (change.kind == "person" || change.kind == "team"))
            return create(room, change);
        const auto found = room.records.find(change.remoteId);
        if (change.kind != "person" || found == room.records.end())
            return {change.id, State::Rejected, "there is no person " + change.remoteId};
        auto& record = found->second;
        if (change.action == Action::Update)
            record.fields.merge_patch(change.fields);
        else
            record.active = change.action == Action::Activate;
        return {change.id, State::Applied, {}, record};
    }

    static Outcome link(Room& room, const Change& change)
    {
        if (!room.records.count(change.from.remoteId) || !room.records.count(change.to.remoteId))
            return {change.id, State::Rejected, "one end of the link is not there"};
        room.links[{change.from.remoteId, change.to.remoteId}] = change.role;
        return {change.id, State::Applied};
    }

    Outcome create(Room& room, const Change& change) const
    {
        for (const auto& [id, record] : room.records)
            if (record.kind == change.kind && record.key == change.key)
                return {change.id, State::Applied, {}, record, true};
        if (room.records.size() >= static_cast<size_t>(_size))
            return {change.id, State::Rejected, "the room is full: raise the setting size"};
        const Record record{change.kind, change.key, std::to_string(room.records.size() + 1),
                            change.name, true,       change.fields};
        room.records[record.remoteId] = record;
        return {change.id, State::Applied, {}, record};
    }

    Host& _host;
    std::map<std::string, Room> _rooms;
    int _size;
};

} // namespace

MUSTER_TARGET(Memory, "memory", "1.0.0");
