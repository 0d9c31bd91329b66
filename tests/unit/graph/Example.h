#pragma once

#include <nlohmann/json.hpp>

#include <fstream>
#include <stdexcept>
#include <string>

namespace muster::testing {

/// The body of a recorded or documented answer, from the folder examples/.
inline std::string exampleBody(const std::string& name)
{
    std::ifstream file(std::string(MUSTER_SOURCE_DIR) + "/tests/unit/graph/examples/" + name +
                       ".json");
    if (!file)
        throw std::runtime_error("no example " + name);
    const auto document = nlohmann::json::parse(file);
    return document.contains("body") ? document["body"].dump() : document.dump();
}

} // namespace muster::testing
