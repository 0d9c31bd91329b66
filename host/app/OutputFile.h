#pragma once

#include "app/Command.h"

#include <functional>
#include <ostream>
#include <string>

namespace muster::app {

/// Writes a file that a user named: whole, or not at all, when `write` throws. Throws ConfigError
/// when it cannot be written.
void writeFile(const std::string& path, const std::function<void(std::ostream&)>& write);

/// Writes what answers a request into a file, and says so. Returns the exit code.
int writeAnswer(Session& session, const ApiRequest& request, const std::string& path);

} // namespace muster::app
