#pragma once

#include <nlohmann/json.hpp>

namespace muster::sync {

/// The fields of a claim ({"fields": {...}, "whole": true}) that differ from those that a record
/// has; blank ones overwrite nothing, and what a whole claim leaves out is emptied: null.
nlohmann::json difference(const nlohmann::json& claimed, const nlohmann::json& known);

} // namespace muster::sync
