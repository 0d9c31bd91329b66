#pragma once

#include "plugins/Catalog.h"
#include "requests/Answers.h"

#include <string>
#include <vector>

namespace muster::requests {

/// A mode as people choose it in a form.
struct ModeChoice
{
    int number = 0;
    std::string id;    ///< of the mode
    std::string title; ///< the vendor's
};

/// The vendor's modes that this host has and that the target can hold, by number.
std::vector<ModeChoice> modesFor(const plugins::Catalog& catalog,
                                 const plugins::TargetManifest& target);

/// The one that was chosen, by number, id or title; null when it is none of them.
const ModeChoice* findMode(const std::vector<ModeChoice>& modes, const Chosen& chosen);

} // namespace muster::requests
