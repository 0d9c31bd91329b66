#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace muster::sandbox {

/// What the site answers to GET schema/dynamic-types/{typeId}; null for a type that it has not.
nlohmann::ordered_json deskSchema(const std::string& typeId);

} // namespace muster::sandbox
