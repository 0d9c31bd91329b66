#pragma once

#include <muster/testing/ContractSuite.h>

#include <vector>

namespace muster::testing {

/// What a target with the extension MUSTER_REQUESTS must do; `subject` has tickets.
std::vector<Case> ticketCases(const Subject& subject);

} // namespace muster::testing
