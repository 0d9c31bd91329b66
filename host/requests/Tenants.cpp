#include "requests/Tenants.h"

#include <muster/Keys.h>

#include <algorithm>

namespace muster::requests {

using estate::Json;
using estate::Tenant;

namespace {

constexpr size_t kLongestIdentifier = 50; ///< contract deskdirector.md, Part 2, section 3, limits

bool isSame(const std::string& left, const std::string& right)
{
    const auto key = nameKeyNoCase(left);
    return !key.empty() && key == nameKeyNoCase(right);
}

/// The scope has the id as one of its values: {"account": 42}.
bool hasId(const Json& scope, const std::string& id)
{
    return std::any_of(scope.begin(), scope.end(), [&](const Json& value) {
        return (value.is_string() ? value.get<std::string>() : value.dump()) == id;
    });
}

} // namespace

Tenants::Tenants(std::vector<Tenant> tenants, std::vector<estate::Sync> syncs,
                 const estate::Target& target, std::vector<plugins::ScopePlace> places)
    : _tenants(std::move(tenants)), _syncs(std::move(syncs)), _places(std::move(places))
{
    std::erase_if(_syncs, [&](const auto& sync) { return sync.target != target.name; });
}

std::string Tenants::identifierOf(const Tenant& tenant)
{
    return tenant.name.size() <= kLongestIdentifier ? tenant.name : "#" + std::to_string(tenant.id);
}

std::vector<const Tenant*> Tenants::named(const std::string& text) const
{
    for (const auto& tenant : _tenants)
        if (isSame(text, tenant.name) || isSame(text, identifierOf(tenant)))
            return {&tenant};
    auto found = ofPlace(trimmed(text), text);
    for (const auto& tenant : _tenants)
        if (isSame(text, tenant.displayName) &&
            std::find(found.begin(), found.end(), &tenant) == found.end())
            found.push_back(&tenant);
    return found;
}

std::vector<const Tenant*> Tenants::ofPlace(const std::string& id, const std::string& name) const
{
    std::vector<const Tenant*> found;
    for (const auto& tenant : _tenants)
    {
        const auto scopes = scopesOf(tenant);
        const auto isHere = std::any_of(scopes.begin(), scopes.end(), [&](const Json& scope) {
            const auto* const place = findPlace(scope);
            return (!id.empty() && hasId(scope, id)) || (place && isSame(place->name, name));
        });
        if (isHere || (id.empty() && isSame(tenant.displayName, name)))
            found.push_back(&tenant);
    }
    return found;
}

std::vector<Json> Tenants::scopesOf(const Tenant& tenant) const
{
    std::vector<Json> scopes;
    const auto add = [&](const Json& scope) {
        if (!scope.empty() && std::find(scopes.begin(), scopes.end(), scope) == scopes.end())
            scopes.push_back(scope);
    };
    for (const auto& sync : _syncs)
        if (sync.tenant == tenant.name)
            add(sync.scope);
    if (!scopes.empty())
        return scopes;
    for (const auto& place : _places)
        if (isSame(place.name, tenant.displayName))
            add(place.scope);
    return scopes;
}

std::string Tenants::titleOf(const Json& scope) const
{
    const auto* const place = findPlace(scope);
    return place ? place->id + " " + place->name : scope.dump();
}

const plugins::ScopePlace* Tenants::findPlace(const Json& scope) const
{
    for (const auto& place : _places)
        if (place.scope == scope)
            return &place;
    return nullptr;
}

} // namespace muster::requests
