#pragma once

#include <string>

namespace muster::testing {

/// The table of settings that a plugin's README has, from the text of its plugin.json: a line for
/// each setting, in the order of the file. Throws std::runtime_error when the text is no manifest.
std::string settingsTable(const std::string& manifest);

/// A README with this table in the place of the first one under "## Settings", or behind that
/// heading when it has none. Throws std::runtime_error when there is no such heading.
std::string withSettingsTable(const std::string& readme, const std::string& table);

} // namespace muster::testing
