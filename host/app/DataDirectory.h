#pragma once

#include <string>

namespace muster::app {

/// The data directory: the one that was asked for, else /var/lib/muster for root and for whoever
/// may write there, else $XDG_STATE_HOME/muster, else ~/.local/state/muster. Throws ConfigError
/// when there is no home directory either.
std::string dataDirectory(const std::string& asked);

/// The folder of plugins that belongs to a program: lib/muster beside its folder
/// (build/bin/muster → build/lib/muster, /usr/bin/muster → /usr/lib/muster).
std::string pluginFolder(const std::string& program);

/// The program that holds target plugins, which lies beside a program.
std::string targetRunner(const std::string& program);

} // namespace muster::app
