#pragma once

#include "plugins/ChildOptions.h"

#include <muster/target.h>

#include <optional>
#include <string>

namespace muster::tests {

/// How the cases run plugins: in children when MUSTER_TEST_CHILDREN is set, else in this process.
std::optional<plugins::ChildOptions> childrenAsked();

/// A plugin whose instances are in children: for the contract suite it is like any other that was
/// loaded. It lives for good; loading another library changes what instances are made of.
const struct muster_plugin& loadChildPlugin(const std::string& library);

} // namespace muster::tests
