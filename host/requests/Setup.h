#pragma once

#include "estate/Estate.h"

#include <chrono>
#include <optional>
#include <string>

namespace muster::requests {

/// What the settings of a target say of requests, as far as it is the host's to know: see sdk
/// target.h, struct muster_requests.
struct Setup
{
    estate::Target target;
    std::chrono::milliseconds poll = std::chrono::seconds(30);
    bool isApprovalRequired = false;
    std::string accountField = {}; ///< identifiers; empty: found by name
    std::string modeField = {};
    std::string event = {};     ///< empty: none
    std::string publicUrl = {}; ///< no slash at its end
};

/// Nothing when the target's settings say nothing of requests.
std::optional<Setup> setupOf(const estate::Target& target);

} // namespace muster::requests
