#pragma once

#include "directory/Source.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "store/Store.h"

#include <cstdint>
#include <map>

namespace muster::app {

/// Used by one thread. Looks once a day at what each tenant offers and whether its credentials
/// expire, also where nothing refreshes it. All that it is given outlives it.
class TenantWatch
{
public:
    TenantWatch(const store::Store& store, runtime::Clock& clock, directory::Source& source);

    /// Looks at those that are due. One that cannot be reached is tried again after an hour.
    void look(const runtime::Cancellation& cancellation);

private:
    const store::Store& _store;
    runtime::Clock& _clock;
    directory::Source& _source;
    std::map<int64_t, runtime::Instant> _triedAt; ///< by tenant
};

} // namespace muster::app
