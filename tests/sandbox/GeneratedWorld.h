#pragma once

#include "SandboxServer.h"
#include "World.h"

namespace muster::sandbox {

/// Makes a tenant of a given size: a few big groups, many small ones, no user twice in a group, an
/// owner per group. The same sizes and seed give the same ids, names and memberships.
/// Throws std::invalid_argument when the memberships do not fit into groups times people.
World generateWorld(const GeneratedSize& size);

/// The id of a generated object, so that a test or benchmark can name it in ops.
Guid generatedId(World::Kind kind, std::size_t number, std::uint64_t seed);
Guid generatedTenant(std::uint64_t seed);

} // namespace muster::sandbox
