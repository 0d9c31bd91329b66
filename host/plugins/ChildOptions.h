#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace muster::plugins {

/// How target plugins run in children.
struct ChildOptions
{
    std::string runner;      ///< the program muster-target-runner
    std::string socket = {}; ///< of systemd, which starts it instead; empty: there is none

    /// How long a plugin may take between two signs of life: a line, a log message, a request to
    /// its host. What the host takes to answer it does not count.
    std::chrono::milliseconds deadline{60'000};
    uint64_t memoryBytes = 1u << 30;
};

} // namespace muster::plugins
