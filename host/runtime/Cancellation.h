#pragma once

#include "runtime/Errors.h"

#include <atomic>

namespace muster::runtime {

/// Thread-safe. A flag that long work looks at between its steps; whoever started the work owns it.
/// request() may be called from a signal handler.
class Cancellation
{
public:
    void request() noexcept { _requested.store(true, std::memory_order_relaxed); }
    bool isRequested() const noexcept { return _requested.load(std::memory_order_relaxed); }

    /// Throws CancelledError when cancellation was requested.
    void check() const
    {
        if (isRequested())
            throw CancelledError();
    }

private:
    std::atomic<bool> _requested{false};
};

} // namespace muster::runtime
