#pragma once

#include "runtime/Clock.h"
#include "store/Database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace muster::graph {

/// Something that the application's permissions in a tenant allow, or would.
struct Offer
{
    std::string name;         ///< of those that offerNames() lists
    std::string missing = {}; ///< what to do so that the tenant offers it; empty: it does

    bool isOffered() const { return missing.empty(); }

    bool operator==(const Offer&) const = default;
};

/// In this order: read-groups; read-groups-and-members; update-groups-table, the mirror of the
/// groups that people select from.
const std::vector<std::string>& offerNames();

/// Used by one thread. What the tenants of the estate offer, as it was last looked at: whenever a
/// tenant is checked, and when it is refreshed a day or more after the last look.
class Offers
{
public:
    explicit Offers(store::Database& database);

    /// Each of offerNames(). A tenant that was not looked at yet offers nothing, and says so.
    std::vector<Offer> of(int64_t tenant);

    std::optional<runtime::Instant> lookedAt(int64_t tenant);

    /// Was not looked at for a day.
    bool isDue(int64_t tenant, runtime::Instant now);

    /// In the place of what was stored; to be called within a transaction.
    void write(int64_t tenant, const std::vector<Offer>& offers, runtime::Instant now);

private:
    store::Database& _database;
};

} // namespace muster::graph
