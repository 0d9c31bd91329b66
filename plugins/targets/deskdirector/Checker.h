#pragma once

#include "Site.h"

#include <muster/Target.hpp>

#include <vector>

namespace deskdirector {

/// Proves key and accounts, and holds the profile against what the site says of its own calls.
/// Sends nothing but GET. False when there is no connection.
bool check(const Site& site, const std::vector<Json>& scopes, const muster::target::Output& output);

} // namespace deskdirector
