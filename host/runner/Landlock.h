#pragma once

#include <string>

namespace muster::runner {

/// Whether the kernel can bound which files a process reads.
bool hasLandlock();

/// Lets this process read the system's libraries and `pluginFile`, and touch no other
/// file, nor signal other processes (landlock(7)). Does what the kernel can: without Landlock it
/// does nothing, and the system calls alone are bounded.
void restrictFiles(const std::string& pluginFile);

} // namespace muster::runner
