#pragma once

#include "World.h"

namespace muster::sandbox {

/// Applies one op of the world files, e.g. ["member+", GROUP, USER]; README.md lists them.
/// Throws std::invalid_argument that names the op and what is wrong with it.
void applyOp(World& world, const Json& op);

/// Applies the ops in order and gives their number; those before a wrong one stay applied.
std::size_t applyOps(World& world, const Json& ops);

} // namespace muster::sandbox
