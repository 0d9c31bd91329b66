#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace muster::graph {

/// A text member of a JSON object; empty where it is absent or no text.
inline std::string textAt(const nlohmann::json& object, const char* name)
{
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

} // namespace muster::graph
