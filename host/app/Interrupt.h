#pragma once

#include "runtime/Cancellation.h"

namespace muster::app {

/// While it lives, the first SIGINT or SIGTERM asks the work to end cleanly, and the second one
/// ends the process at once. One at a time.
class Interrupt
{
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    const runtime::Cancellation& cancellation() const { return _cancellation; }

private:
    runtime::Cancellation _cancellation;
};

} // namespace muster::app
