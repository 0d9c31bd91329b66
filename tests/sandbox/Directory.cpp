#include "Directory.h"

#include "Http.h"
#include "WorldOps.h"

namespace muster::sandbox {

namespace {

using Kind = World::Kind;
using Life = World::Life;

Json attributesOf(const World& world, const World::Object& object)
{
    Json json{{"id", object.id.toString()}};
    for (const auto& property : object.properties)
        json[world.propertyName(property.name)] = Json::parse(property.json);
    return json;
}

Json idsOf(const World& world, const std::vector<World::Link>& links)
{
    Json ids = Json::array();
    for (const auto& link : links)
    {
        const auto& target = world.object(link.target);
        if (link.present != 0 && target.life == Life::Live)
            ids.push_back(target.id.toString());
    }
    return ids;
}

} // namespace

std::string Directory::addFile(const std::string& path, std::size_t lines)
{
    WorldFile file(path);
    World world = file.emptyWorld();
    applyRules(world);
    for (; lines > 0 && file.left() > 0; --lines)
        file.applyNext(world);
    const std::string tenant = add(std::move(world));
    const std::unique_lock lock(_mutex);
    require(tenant).file = std::move(file);
    return tenant;
}

std::string Directory::add(World world)
{
    std::string tenant = world.tenant().toString();
    const std::unique_lock lock(_mutex);
    const bool isNew =
        _tenants.emplace(tenant, std::make_unique<Tenant>(Tenant{std::move(world), {}})).second;
    if (!isNew)
        throw std::invalid_argument("there is a tenant " + tenant + " already");
    return tenant;
}

Json Directory::advance(const std::string& tenant, std::size_t steps)
{
    return applyLines(tenant, [&](const WorldFile&) { return steps > 0 && steps-- > 0; });
}

Json Directory::advanceUntil(const std::string& tenant, const std::string& time)
{
    const auto until = timeFromText(time);
    return applyLines(
        tenant, [&](const WorldFile& file) { return timeFromText(file.nextTime()) <= until; });
}

template <typename Wanted>
Json Directory::applyLines(const std::string& tenant, Wanted wanted)
{
    const std::unique_lock lock(_mutex);
    Tenant& found = require(tenant);
    if (!found.file)
        throw std::invalid_argument("tenant " + tenant + " has no world file to advance");
    applyRules(found.world);
    std::size_t applied = 0;
    std::size_t ops = 0;
    std::string at;
    while (found.file->left() > 0 && wanted(*found.file))
    {
        at = found.file->nextTime();
        ops += found.file->applyNext(found.world);
        ++applied;
    }
    return {{"applied", applied}, {"ops", ops}, {"at", at}, {"left", found.file->left()}};
}

Json Directory::ops(const std::string& tenant, const Json& ops)
{
    const std::unique_lock lock(_mutex);
    Tenant& found = require(tenant);
    applyRules(found.world);
    found.world.setTime(_clock.now());
    return {{"applied", applyOps(found.world, ops)}};
}

void Directory::restoreDeleted(const std::string& tenant, World::Kind kind, const Guid& id)
{
    const std::unique_lock lock(_mutex);
    World& world = require(tenant).world;
    applyRules(world);
    world.restore(kind, id);
}

Json Directory::state(const std::string& tenant) const
{
    const std::shared_lock lock(_mutex);
    const World& world = require(tenant).world;
    Json state{{"tenant", tenant},
               {"name", world.name()},
               {"domain", world.domain()},
               {"groups", Json::array()},
               {"users", Json::array()},
               {"devices", Json::array()},
               {"others", Json::array()},
               {"deleted", {{"users", Json::array()}, {"groups", Json::array()}}}};
    for (const auto& object : world.objects())
    {
        if (object.life == Life::Purged)
            continue;
        Json json = attributesOf(world, object);
        if (object.kind == Kind::Group)
        {
            json["members"] = idsOf(world, object.members);
            json["owners"] = idsOf(world, object.owners);
        }
        const bool isOther = object.kind > Kind::Device;
        if (isOther)
            json["type"] = kindName(object.kind);
        const std::string list = isOther ? "others" : std::string(kindName(object.kind)) + "s";
        (object.life == Life::Live ? state : state["deleted"])[list].push_back(std::move(json));
    }
    return state;
}

Json Directory::tenants() const
{
    const std::shared_lock lock(_mutex);
    Json json = Json::array();
    for (const auto& [id, tenant] : _tenants)
    {
        const World& world = tenant->world;
        json.push_back({{"tenant", id},
                        {"name", world.name()},
                        {"domain", world.domain()},
                        {"groups", world.liveCount(Kind::Group)},
                        {"users", world.liveCount(Kind::User)},
                        {"devices", world.liveCount(Kind::Device)}});
    }
    return json;
}

std::optional<std::string> Directory::resolve(const std::string& idOrDomain) const
{
    const std::shared_lock lock(_mutex);
    for (const auto& [id, tenant] : _tenants)
    {
        if (equalsWithoutCase(id, idOrDomain) ||
            equalsWithoutCase(tenant->world.domain(), idOrDomain))
            return id;
    }
    return std::nullopt;
}

std::string Directory::displayName(const std::string& tenant) const
{
    return read(tenant, [](const World& world) { return world.name(); });
}

const Directory::Tenant& Directory::require(const std::string& tenant) const
{
    const auto found = _tenants.find(lowerCase(tenant));
    if (found == _tenants.end())
        throw std::invalid_argument("there is no tenant \"" + tenant + "\"");
    return *found->second;
}

Directory::Tenant& Directory::require(const std::string& tenant)
{
    return const_cast<Tenant&>(std::as_const(*this).require(tenant));
}

void Directory::applyRules(World& world) const
{
    const auto values = _settings.values();
    world.rules.restoredGroupListsMembers = values.restoredGroupListsMembers;
    world.rules.purgedMembersReported = values.purgedMembersReported;
}

} // namespace muster::sandbox
