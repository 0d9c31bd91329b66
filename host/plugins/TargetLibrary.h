#pragma once

#include "plugins/Manifest.h"

#include <muster/target.h>

#include <string>

namespace muster::plugins {

/// Why a plugin built for that version of target.h cannot be used; empty when it can.
std::string abiProblem(uint64_t major, uint64_t minor);

/// Loads a target plugin; it stays in the process for good, since code that left threads or
/// destructors behind cannot be taken out again. Throws ConfigError when it is not what its
/// manifest says or was built for another host.
const struct muster_plugin& loadTarget(const std::string& file, const TargetManifest& manifest);

} // namespace muster::plugins
