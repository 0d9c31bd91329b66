#pragma once

#include "plugins/Manifest.h"

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

/// Thread-safe. Takes secrets out of text on its way to a plugin, a log or a person: as they are,
/// and as JSON, URLs and Base64 write them. Secrets of less than four characters stay: there is no
/// telling them from other text.
class Redactor
{
public:
    explicit Redactor(const std::vector<std::string>& secrets);

    std::string operator()(std::string text) const;

private:
    std::vector<std::string> _forms; ///< longest first
};

} // namespace muster::plugins
