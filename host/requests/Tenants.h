#pragma once

#include "estate/Estate.h"
#include "plugins/RequestChannel.h"

#include <string>
#include <vector>

namespace muster::requests {

/// A value. The tenants of an estate as a target's people know them: by the accounts there.
class Tenants
{
public:
    /// `places` are what the target has; empty where they are not known.
    Tenants(std::vector<estate::Tenant> tenants, std::vector<estate::Sync> syncs,
            const estate::Target& target, std::vector<plugins::ScopePlace> places);

    /// Those that a text may mean: the identifier of a choice, an account's id or name, the
    /// tenant's name or display name; trimmed, without case.
    std::vector<const estate::Tenant*> named(const std::string& text) const;

    /// Those of the account with the id, or with the name.
    std::vector<const estate::Tenant*> ofPlace(const std::string& id,
                                               const std::string& name) const;

    /// The scopes that a tenant's syncs into the target have; without any, those of the target
    /// whose name is the tenant's display name.
    std::vector<estate::Json> scopesOf(const estate::Tenant& tenant) const;

    /// What a person may call the scope.
    std::string titleOf(const estate::Json& scope) const;

    /// The identifier of the tenant's choice: its name, if that is short enough.
    static std::string identifierOf(const estate::Tenant& tenant);

    const std::vector<estate::Tenant>& all() const { return _tenants; }
    const std::vector<estate::Sync>& syncs() const { return _syncs; } ///< into the target

private:
    const plugins::ScopePlace* findPlace(const estate::Json& scope) const;

    std::vector<estate::Tenant> _tenants;
    std::vector<estate::Sync> _syncs;
    std::vector<plugins::ScopePlace> _places;
};

} // namespace muster::requests
