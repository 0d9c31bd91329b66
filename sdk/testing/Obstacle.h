#pragma once

#include <muster/testing/ContractSuite.h>

#include <chrono>
#include <optional>
#include <string>

namespace muster::testing {

/// Why a plugin cannot be tried, whatever it does about the rules.
struct Obstacle
{
    enum class Remedy
    {
        Mend, ///< a file, a setting or the scope
        Wait  ///< the same thing may work later
    };
    Remedy remedy = Remedy::Mend;
    std::string text; ///< what is wrong and what to do
};

/// Loads the library in a process of its own, and of a system that lives elsewhere asks the
/// plugin's own check whether it can be worked with.
std::optional<Obstacle> obstacleTo(const Subject& subject, std::chrono::milliseconds patience);

} // namespace muster::testing
