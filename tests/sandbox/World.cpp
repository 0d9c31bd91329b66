#include "World.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/DateTimeParser.h>

#include <algorithm>
#include <stdexcept>

namespace muster::sandbox {

const World::Property* World::Object::property(std::optional<std::uint16_t> name) const
{
    if (!name)
        return nullptr;
    const auto found = std::find_if(properties.begin(), properties.end(),
                                    [&](const Property& p) { return p.name == *name; });
    return found == properties.end() ? nullptr : &*found;
}

World::World(const Guid& tenant, std::string name, std::string domain)
    : _tenant(tenant), _name(std::move(name)), _domain(std::move(domain))
{}

void World::put(Kind kind, const Guid& id, const Json& attributes)
{
    const auto found = find(id);
    if (!found)
    {
        const Index index = create(kind, id);
        const std::uint32_t sequence = log(index);
        _objects[index].bornAt = sequence;
        Json all = attributes;
        if (_time != 0 && !all.contains("createdDateTime") &&
            (kind == Kind::User || kind == Kind::Group))
            all["createdDateTime"] = timeText(_time);
        set(_objects[index], all, sequence);
        return;
    }
    Object& object = _objects[*found];
    if (object.kind != kind)
        throw std::invalid_argument(id.toString() + " is a " + kindName(object.kind) + ", not a " +
                                    kindName(kind));
    if (object.life == Life::SoftDeleted)
        restore(kind, id);
    if (object.life == Life::Purged)
    {
        object.life = Life::Live;
        object.properties.clear();
        object.bornAt = sequence() + 1;
    }
    set(object, attributes, log(*found));
}

void World::change(Kind kind, const Guid& id, const Json& attributes)
{
    Object& object = require(kind, id, Life::Live);
    set(object, attributes, log(static_cast<Index>(&object - _objects.data())));
}

void World::softDelete(Kind kind, const Guid& id)
{
    Object& object = require(kind, id, Life::Live);
    object.life = Life::SoftDeleted;
    object.deletedAt = _time;
    log(static_cast<Index>(&object - _objects.data()));
}

void World::restore(Kind kind, const Guid& id)
{
    Object& object = require(kind, id, Life::SoftDeleted);
    object.life = Life::Live;
    object.deletedAt = 0;
    const auto index = static_cast<Index>(&object - _objects.data());
    const std::uint32_t sequence = log(index);
    object.bornAt = sequence;
    for (auto& property : object.properties)
        property.changedAt = sequence;
    if (rules.restoredGroupListsMembers)
        relogLinks(index);
}

void World::purge(Kind kind, const Guid& id)
{
    const auto found = find(id);
    if (!found || _objects[*found].kind != kind || _objects[*found].life == Life::Purged)
        throw std::invalid_argument("there is no " + std::string(kindName(kind)) + " " +
                                    id.toString() + " to delete");
    Object& object = _objects[*found];
    object.life = Life::Purged;
    object.members.clear();
    object.owners.clear();
    log(*found);
    dropLinksTo(*found);
}

void World::setLink(const Guid& group, Relation relation, const Guid& target, bool present)
{
    const auto from = find(group);
    if (!from || _objects[*from].kind != Kind::Group || _objects[*from].life == Life::Purged)
        throw std::invalid_argument("there is no group " + group.toString());
    const auto to = find(target);
    if (!to || _objects[*to].life == Life::Purged)
        throw std::invalid_argument("there is no object " + target.toString() + " to be in group " +
                                    group.toString());
    auto& links = _objects[*from].links(relation);
    auto link = std::find_if(links.begin(), links.end(),
                             [&](const Link& candidate) { return candidate.target == *to; });
    if (link == links.end())
    {
        if (!present)
            return;
        link = links.insert(links.end(), Link{.target = *to});
    }
    if (link->present == (present ? 1U : 0U))
        return;
    link->present = present ? 1U : 0U;
    link->changedAt = log(*from, *to, relation) & 0x7fffffffU;
}

World::Index World::addBulk(Kind kind, const Guid& id)
{
    return create(kind, id);
}

void World::setBulk(Index object, std::string_view name, std::string json)
{
    _objects[object].properties.push_back({.name = nameId(name), .json = std::move(json)});
}

void World::reserveLinks(Index group, Relation relation, std::size_t count)
{
    _objects[group].links(relation).reserve(count);
}

void World::linkBulk(Index group, Relation relation, Index target)
{
    _objects[group].links(relation).push_back({.target = target, .changedAt = 0, .present = 1});
}

std::optional<World::Index> World::find(const Guid& id) const
{
    const auto found = _index.find(id);
    return found == _index.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint16_t> World::propertyId(std::string_view name) const
{
    const auto found = _nameIds.find(name);
    return found == _nameIds.end() ? std::nullopt : std::optional(found->second);
}

std::size_t World::liveCount(Kind kind) const
{
    return static_cast<std::size_t>(
        std::count_if(_objects.begin(), _objects.end(), [&](const Object& object) {
            return object.kind == kind && object.life == Life::Live;
        }));
}

World::Object& World::require(Kind kind, const Guid& id, Life life)
{
    const auto found = find(id);
    if (!found || _objects[*found].kind != kind || _objects[*found].life != life)
        throw std::invalid_argument("there is no " +
                                    std::string(life == Life::Live ? "live " : "deleted ") +
                                    kindName(kind) + " " + id.toString());
    return _objects[*found];
}

World::Index World::create(Kind kind, const Guid& id)
{
    const auto index = static_cast<Index>(_objects.size());
    if (!_index.emplace(id, index).second)
        throw std::invalid_argument("there are two objects " + id.toString());
    _objects.push_back({.id = id, .kind = kind});
    return index;
}

std::uint32_t World::log(Index object, Index target, Relation relation)
{
    if (!_logging)
        return 0;
    _log.push_back({object, target, relation});
    return sequence();
}

void World::set(Object& object, const Json& attributes, std::uint32_t sequence)
{
    if (!attributes.is_object())
        throw std::invalid_argument("the attributes of " + object.id.toString() +
                                    " are not an object");
    for (const auto& [name, value] : attributes.items())
    {
        const std::uint16_t id = nameId(name);
        auto property = std::find_if(object.properties.begin(), object.properties.end(),
                                     [&](const Property& p) { return p.name == id; });
        if (property == object.properties.end())
            property = object.properties.insert(object.properties.end(), Property{.name = id});
        std::string json = value.dump();
        if (property->json == json)
            continue;
        property->json = std::move(json);
        property->changedAt = sequence;
    }
}

void World::relogLinks(Index index)
{
    for (const Relation relation : {Relation::Members, Relation::Owners})
    {
        for (auto& link : _objects[index].links(relation))
        {
            if (link.present != 0)
                link.changedAt = log(index, link.target, relation) & 0x7fffffffU;
        }
    }
}

void World::dropLinksTo(Index target)
{
    for (Index index = 0; index < _objects.size(); ++index)
    {
        for (const Relation relation : {Relation::Members, Relation::Owners})
        {
            for (auto& link : _objects[index].links(relation))
            {
                if (link.target != target || link.present == 0)
                    continue;
                link.present = 0;
                if (rules.purgedMembersReported)
                    link.changedAt = log(index, target, relation) & 0x7fffffffU;
            }
        }
    }
}

std::uint16_t World::nameId(std::string_view name)
{
    if (const auto id = propertyId(name))
        return *id;
    const auto id = static_cast<std::uint16_t>(_names.size());
    _names.emplace_back(name);
    _nameIds.emplace(_names.back(), id);
    return id;
}

const char* kindName(World::Kind kind)
{
    switch (kind)
    {
    case World::Kind::User:
        return "user";
    case World::Kind::Group:
        return "group";
    case World::Kind::Device:
        return "device";
    case World::Kind::ServicePrincipal:
        return "servicePrincipal";
    case World::Kind::OrgContact:
        return "orgContact";
    }
    return "";
}

std::string timeText(std::int64_t seconds)
{
    return Poco::DateTimeFormatter::format(Poco::Timestamp::fromEpochTime(seconds),
                                           Poco::DateTimeFormat::ISO8601_FORMAT);
}

std::string timeText(std::chrono::milliseconds sinceEpoch)
{
    return Poco::DateTimeFormatter::format(Poco::Timestamp(sinceEpoch.count() * 1000),
                                           "%Y-%m-%dT%H:%M:%S.%iZ");
}

std::int64_t timeFromText(const std::string& text)
{
    int zone = 0;
    Poco::DateTime time;
    if (!Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::ISO8601_FORMAT, text, time, zone))
        throw std::invalid_argument("\"" + text + "\" is no time such as 2024-01-27T02:56:34Z");
    return time.timestamp().epochTime() - zone;
}

} // namespace muster::sandbox
