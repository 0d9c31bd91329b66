#pragma once

#include <muster/target.h>

#include <cstdint>
#include <string>

namespace muster::runner {

/// Why a plugin built for that version of target.h cannot be used; empty when it can.
std::string abiProblem(uint64_t major, uint64_t minor);

/// Why a file cannot be loaded on this machine, found without running code of it; empty when it
/// can: a shared library in ELF form for the processor that this program was built for.
std::string libraryProblem(const std::string& file);

/// A target plugin as its plugin.json describes it.
struct Described
{
    std::string file;
    std::string id;
    std::string version;
};

/// Loads a target plugin; it stays in the process for good, since code that left threads or
/// destructors behind cannot be taken out again. Throws ConfigError when it is not what is
/// described or was built for another host.
const struct muster_plugin& loadTarget(const Described& described);

} // namespace muster::runner
