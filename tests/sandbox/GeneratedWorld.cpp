#include "GeneratedWorld.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace muster::sandbox {

namespace {

using Index = World::Index;
using Kind = World::Kind;
using Relation = World::Relation;

constexpr std::array kGivenNames{"Ada",   "Björn", "Chloé", "Dmitri", "Esi",   "Farah",
                                 "Goran", "Hana",  "Íñigo", "Jun",    "Keira", "Lwazi",
                                 "Maja",  "Noor",  "Olek",  "Priya"};
constexpr std::array kSurnames{"Abara",  "Brandão", "Castro",  "Dvořák",  "Eriksen",
                               "Fujita", "García",  "Horvath", "Ivanova", "Jensen",
                               "Kowal",  "Laurent", "Müller"};

/// splitmix64: a good 64-bit mix that is the same on every machine.
std::uint64_t mix(std::uint64_t value)
{
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

Guid guidFrom(std::uint64_t high, std::uint64_t low)
{
    Guid guid;
    for (std::size_t i = 0; i < 8; ++i)
    {
        guid.bytes[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
        guid.bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
    }
    guid.bytes[6] = static_cast<std::uint8_t>((guid.bytes[6] & 0x0fU) | 0x40U);
    guid.bytes[8] = static_cast<std::uint8_t>((guid.bytes[8] & 0x3fU) | 0x80U);
    return guid;
}

std::string quoted(const std::string& text)
{
    return '"' + text + '"';
}

void addPerson(World& world, std::size_t number, std::uint64_t seed)
{
    const Index user = world.addBulk(Kind::User, generatedId(Kind::User, number, seed));
    const std::uint64_t pick = mix(seed * 31 + number);
    const std::string given = kGivenNames[pick % kGivenNames.size()];
    const std::string family = kSurnames[(pick >> 20) % kSurnames.size()];
    const std::string address = "person" + std::to_string(number) + "@" + world.domain();
    world.setBulk(user, "displayName", quoted(given + " " + family));
    world.setBulk(user, "givenName", quoted(given));
    world.setBulk(user, "surname", quoted(family));
    world.setBulk(user, "userPrincipalName", quoted(address));
    world.setBulk(user, "mail", number % 50 == 49 ? "null" : quoted(address));
    world.setBulk(user, "userType", number % 40 == 39 ? "\"Guest\"" : "\"Member\"");
    world.setBulk(user, "accountEnabled", number % 100 == 99 ? "false" : "true");
    world.setBulk(user, "jobTitle", number % 3 == 0 ? "\"Engineer\"" : "null");
}

Index addGroup(World& world, std::size_t number, std::uint64_t seed)
{
    const Index group = world.addBulk(Kind::Group, generatedId(Kind::Group, number, seed));
    const bool isUnified = number % 3 == 0;
    const std::string nickname = "team-" + std::to_string(number);
    world.setBulk(group, "displayName", quoted("Team " + std::to_string(number)));
    world.setBulk(group, "description", quoted("People of team " + std::to_string(number)));
    world.setBulk(group, "groupTypes", isUnified ? "[\"Unified\"]" : "[]");
    world.setBulk(group, "securityEnabled", isUnified ? "false" : "true");
    world.setBulk(group, "mailEnabled", isUnified ? "true" : "false");
    world.setBulk(group, "mailNickname", quoted(nickname));
    world.setBulk(group, "mail", isUnified ? quoted(nickname + "@" + world.domain()) : "null");
    return group;
}

void addDevice(World& world, std::size_t number, std::uint64_t seed)
{
    const Guid id = generatedId(Kind::Device, number, seed);
    const Index device = world.addBulk(Kind::Device, id);
    world.setBulk(device, "displayName", quoted("PC-" + std::to_string(number)));
    world.setBulk(device, "accountEnabled", "true");
    world.setBulk(device, "operatingSystem", quoted("Windows"));
    world.setBulk(device, "operatingSystemVersion", quoted("10.0.22631"));
    world.setBulk(device, "deviceId", quoted(guidFrom(mix(seed + number), mix(number)).toString()));
}

/// Group sizes that fall off like 1/sqrt(rank), none larger than `people`, with the wanted sum.
std::vector<std::size_t> groupSizes(const GeneratedSize& size)
{
    std::vector<std::size_t> sizes(size.groups, 0);
    if (size.groups == 0)
        return sizes;
    double weight = 0;
    for (std::size_t i = 0; i < size.groups; ++i)
        weight += 1 / std::sqrt(static_cast<double>(i + 1));
    const double unit = static_cast<double>(size.memberships) / weight;
    std::size_t sum = 0;
    for (std::size_t i = 0; i < size.groups; ++i)
    {
        const auto wanted = static_cast<std::size_t>(unit / std::sqrt(static_cast<double>(i + 1)));
        sizes[i] = std::min({wanted, size.people, size.memberships - sum});
        sum += sizes[i];
    }
    for (std::size_t i = 0; sum < size.memberships; i = (i + 1) % size.groups)
    {
        if (sizes[i] < size.people)
        {
            ++sizes[i];
            ++sum;
        }
    }
    return sizes;
}

/// Steps through the people by a stride that has no divisor in common with their number, so that
/// nobody comes twice.
void fillGroup(World& world, Index group, std::size_t members, std::uint64_t pick,
               std::size_t people)
{
    std::size_t stride = 1 + static_cast<std::size_t>(pick % people);
    while (std::gcd(stride, people) != 1)
        ++stride;
    std::size_t person = static_cast<std::size_t>((pick >> 24) % people);
    world.linkBulk(group, Relation::Owners, static_cast<Index>(person));
    world.reserveLinks(group, Relation::Members, members);
    for (std::size_t i = 0; i < members; ++i)
    {
        world.linkBulk(group, Relation::Members, static_cast<Index>(person));
        person = (person + stride) % people;
    }
}

} // namespace

Guid generatedId(World::Kind kind, std::size_t number, std::uint64_t seed)
{
    const std::uint64_t base = mix(seed * 8 + static_cast<std::uint64_t>(kind));
    return guidFrom(mix(base ^ number), mix(base + number * 3 + 1));
}

Guid generatedTenant(std::uint64_t seed)
{
    return guidFrom(mix(seed + 7777), mix(seed + 8888));
}

World generateWorld(const GeneratedSize& size)
{
    if (size.memberships > size.groups * size.people)
        throw std::invalid_argument("there are more memberships than groups times people");
    World world(generatedTenant(size.seed), "generated", "generated.example");
    world.stopLog();
    for (std::size_t i = 0; i < size.people; ++i)
        addPerson(world, i, size.seed);
    const auto sizes = groupSizes(size);
    for (std::size_t i = 0; i < size.groups; ++i)
    {
        const Index group = addGroup(world, i, size.seed);
        if (size.people > 0)
            fillGroup(world, group, sizes[i], mix(size.seed * 17 + i), size.people);
    }
    for (std::size_t i = 0; i < size.devices; ++i)
        addDevice(world, i, size.seed);
    world.startLog();
    return world;
}

} // namespace muster::sandbox
