#include "app/TenantWatch.h"

#include "estate/EstateStore.h"
#include "graph/Offers.h"

namespace muster::app {

namespace {

constexpr std::chrono::hours kBetweenTries{1};

} // namespace

TenantWatch::TenantWatch(const store::Store& store, runtime::Clock& clock,
                         directory::Source& source, Refresh refresh)
    : _store(store), _clock(clock), _source(source), _refresh(std::move(refresh))
{}

void TenantWatch::look(const runtime::Cancellation& cancellation)
{
    auto database = _store.connect();
    graph::Offers offers(database);
    for (const auto& tenant : estate::EstateStore(database).tenants())
    {
        const auto now = _clock.now();
        const auto tried = _triedAt.find(tenant.id);
        const bool isTooSoon =
            tried != _triedAt.end() && now >= tried->second && now - tried->second < kBetweenTries;
        if (isTooSoon || !offers.isDue(tenant.id, now))
            continue;
        _triedAt[tenant.id] = now;
        cancellation.check();
        _source.check(tenant, cancellation);
        _refresh(tenant, cancellation);
    }
}

} // namespace muster::app
