#pragma once

#include <string>
#include <vector>

namespace muster::testing {

/// The names that a shared library exports. Throws std::runtime_error when it is no ELF library.
std::vector<std::string> exportsOf(const std::string& library);

} // namespace muster::testing
