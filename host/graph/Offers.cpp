#include "graph/Offers.h"

#include <map>

namespace muster::graph {

namespace {

constexpr std::chrono::hours kLookAgainAfter{24};

} // namespace

const std::vector<std::string>& offerNames()
{
    static const std::vector<std::string> kNames = {"read-groups", "read-groups-and-members",
                                                    "update-groups-table"};
    return kNames;
}

Offers::Offers(store::Database& database) : _database(database)
{}

std::vector<Offer> Offers::of(int64_t tenant)
{
    std::map<std::string, std::string> stored;
    _database.query<std::string, std::string>(
        "SELECT name, missing FROM tenant_offer WHERE tenant = $1", {tenant},
        [&](const auto& name, const auto& missing) { stored[name] = missing; });
    std::vector<Offer> offers;
    for (const auto& name : offerNames())
    {
        const auto found = stored.find(name);
        offers.push_back({.name = name,
                          .missing = found == stored.end()
                                         ? "not looked at yet: run `muster tenants --refresh`"
                                         : found->second});
    }
    return offers;
}

std::optional<runtime::Instant> Offers::lookedAt(int64_t tenant)
{
    const auto at = _database.value<int64_t>(
        "SELECT MAX(looked_at) FROM tenant_offer WHERE tenant = $1", {tenant});
    return at ? std::optional(runtime::fromMilliseconds(*at)) : std::nullopt;
}

bool Offers::isDue(int64_t tenant, runtime::Instant now)
{
    const auto at = lookedAt(tenant);
    // A look in the future was before the clock was set back.
    return !at || now - *at >= kLookAgainAfter || *at > now;
}

void Offers::write(int64_t tenant, const std::vector<Offer>& offers, runtime::Instant now)
{
    _database.execute("DELETE FROM tenant_offer WHERE tenant = $1", {tenant});
    for (const auto& offer : offers)
        _database.execute("INSERT INTO tenant_offer(tenant, name, missing, looked_at) "
                          "VALUES($1, $2, $3, $4)",
                          {tenant, offer.name, offer.missing, runtime::toMilliseconds(now)});
}

} // namespace muster::graph
