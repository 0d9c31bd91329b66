#pragma once

#include "estate/Estate.h"
#include "runtime/Clock.h"
#include "store/Store.h"

#include <optional>
#include <string>
#include <vector>

namespace muster::estate {

/// Used by one thread. The estate as it was last applied.
class EstateStore
{
public:
    explicit EstateStore(store::Database& database);

    std::vector<Tenant> tenants();
    std::vector<Target> targets();
    std::vector<Sync> syncs(); ///< in the order of their declaration

    /// Throw MissingError, naming those there are, when there is none of that name.
    Tenant tenant(const std::string& name);
    Target target(const std::string& name);
    Sync sync(const std::string& name);

private:
    store::Database& _database;
};

} // namespace muster::estate
