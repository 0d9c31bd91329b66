#pragma once

#include <muster/testing/ContractSuite.h>

#include <chrono>
#include <string>

namespace muster::testing {

/// How a case ended.
struct Verdict
{
    std::string problem = {}; ///< empty: the rule is kept
    std::string rule = {};    ///< where it is written

    bool isKept() const { return problem.empty(); }
};

/// Runs a case in this process.
Verdict runHere(const Case& one);

/// Runs a case in a child process, which is killed after `patience`. What the plugin writes to
/// stdout breaks a rule. Called while this process has one thread. Throws std::system_error when
/// no child can be made.
Verdict runIsolated(const Case& one, std::chrono::milliseconds patience);

} // namespace muster::testing
