#pragma once

#include <cstdint>
#include <string>

namespace muster::runner {

struct WallOptions
{
    std::string pluginFile; ///< its folder may be read while it is loaded, and nothing beside
    uint64_t memoryBytes = 0;
};

/// Takes from this process what a target plugin needs not: privileges, children, the network,
/// signals to others, files but those of libraries, and memory and files without bound. Called
/// before the plugin is loaded, while there is one thread; there is no way back. A refused system
/// call fails with EPERM and is told on stderr, once each. Throws std::runtime_error when the
/// kernel cannot do it. In a build with a sanitizer, which needs what is taken, it does little.
void raiseWall(const WallOptions& options);

/// The second part, once the plugin is loaded: from here on no file can be opened at all.
void closeFiles();

} // namespace muster::runner
