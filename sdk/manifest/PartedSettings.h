#pragma once

#include "manifest/Manifest.h"

#include <string>
#include <vector>

namespace muster::plugins {

/// Settings of a target, parted: what a plugin may see, and what it may not.
struct PartedSettings
{
    nlohmann::json open;
    std::vector<std::string> secrets;
};

/// A setting is secret when the manifest lists it under "credentials" or its schema says
/// "writeOnly": true.
PartedSettings partSettings(const TargetManifest& manifest, const nlohmann::json& settings);

} // namespace muster::plugins
