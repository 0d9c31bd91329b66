#pragma once

#include "manifest/Manifest.h"

#include <muster/testing/FakeHost.h>

#include <map>
#include <string>

namespace muster::testing {

/// Answers requests as the host does, by sending them to a real server: `urls` by the setting that
/// the plugin names as origin, "" for all others. It adds the credentials of `settings` that
/// `manifest` says go with each request, and tries each request once.
FakeHost::Handler httpSandbox(const std::map<std::string, std::string>& urls,
                              const plugins::TargetManifest& manifest, const Json& settings);

/// Empty when a server answers there, with whatever status; else why not.
std::string unreachable(const std::string& url);

} // namespace muster::testing
