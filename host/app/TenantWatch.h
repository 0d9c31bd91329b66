#pragma once

#include "directory/Source.h"
#include "estate/Estate.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "store/Store.h"

#include <cstdint>
#include <functional>
#include <map>

namespace muster::app {

/// Used by one thread. Looks once a day at what each tenant offers and whether its credentials
/// expire, and brings the table of its groups up to date, also where no sync does. All that it is
/// given outlives it.
class TenantWatch
{
public:
    using Refresh = std::function<void(const estate::Tenant&, const runtime::Cancellation&)>;

    TenantWatch(const store::Store& store, runtime::Clock& clock, directory::Source& source,
                Refresh refresh);

    /// Looks at those that are due. One that cannot be reached is tried again after an hour.
    void look(const runtime::Cancellation& cancellation);

private:
    const store::Store& _store;
    runtime::Clock& _clock;
    directory::Source& _source;
    Refresh _refresh;
    std::map<int64_t, runtime::Instant> _triedAt; ///< by tenant
};

} // namespace muster::app
