#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <string>

/// What people changed in a target, in words.
namespace muster::sync {

/// The end of a finding about drift, before and after the run that deals with it.
inline constexpr const char* kIsMended = "Muster puts it right";
inline constexpr const char* kWasMended = "Muster put it right";

/// For people: the title of a field, and of what a list of it names.
struct DriftWords
{
    std::function<std::string(const std::string& field)> titleOf = {};
    std::function<std::string(const std::string& field, const std::string& item)> itemOf = {};
};

/// `Group Name was "Mine" in place of "Team 1", Members had Bo too`: what is otherwise after than
/// before; empty when nothing is. Long texts and lists are cut.
std::string driftText(const nlohmann::json& before, const nlohmann::json& after,
                      const DriftWords& words = {});

} // namespace muster::sync
