#pragma once

#include <muster/testing/ContractSuite.h>

#include <functional>
#include <vector>

namespace muster::testing {

/// What an author's check brings along; without it, it is the command muster-target-check.
struct CheckParts
{
    /// A new, empty system that answers requests. Without one, only what needs no system is tried,
    /// unless --sandbox says where one is.
    std::function<FakeHost::Handler()> sandbox = {};

    /// What the author wants to be true beside the contract.
    std::function<std::vector<Case>(const Subject&)> cases = {};
};

/// The main of a program that tries a target plugin and says which rules it breaks; --help tells
/// its options. Each case runs in a process of its own, so that a plugin that crashes, hangs or
/// ends the process breaks one case and not the check. Gives the exit code: 0 all rules are kept,
/// 1 some are broken, 2 wrong usage, 75 the sandbox does not answer, 78 a file is wrong.
int checkTarget(int argc, char** argv, const CheckParts& parts = {});

} // namespace muster::testing
