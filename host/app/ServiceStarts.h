#pragma once

#include "runtime/Clock.h"
#include "store/Store.h"

#include <chrono>
#include <cstddef>

namespace muster::app {

/// Used by one thread. The starts of the service; one that no end followed was a crash, which is
/// seen at the next.
class ServiceStarts
{
public:
    static constexpr size_t kMostCrashes = 3;
    static constexpr std::chrono::minutes kWindow{10};

    /// Notes a start.
    ServiceStarts(store::Store& store, runtime::Clock& clock);

    /// Notes that it ended by itself: what was before is forgotten.
    void end();

    /// It crashed so often that this start is to be a careful one.
    bool isSafeMode() const { return _crashes >= kMostCrashes; }

private:
    store::Store& _store;
    size_t _crashes = 0; ///< within the window before this start
};

} // namespace muster::app
