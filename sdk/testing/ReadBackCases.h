#pragma once

#include "Trial.h"

#include <muster/testing/ContractSuite.h>

#include <vector>

namespace muster::testing {

/// Each of these creates is there once: nothing was made twice, nothing is missing. `rule` is where
/// that is written.
void requireEachOnce(Trial& trial, const std::vector<Json>& creates, const std::string& rule);

/// What apply has made, changed and linked, read says: those cases that `manifest` offers.
std::vector<Case> readBackCases(const Subject& subject, const plugins::TargetManifest& manifest);

} // namespace muster::testing
