#pragma once

#include "plugins/RequestChannel.h"
#include "requests/Setup.h"

#include <optional>
#include <string>
#include <vector>

namespace muster::requests {

/// What somebody chose in a field.
struct Chosen
{
    std::string identifier = {};
    std::string name = {};
    bool isOther = false;   ///< "Other": it is not in the list
    bool isSeveral = false; ///< more than one choice
};

/// What the form says that is a request for a sync.
struct Answers
{
    bool isRequest = false; ///< there is a field for the sync mode
    std::optional<Chosen> account = {};
    std::optional<Chosen> mode = {};

    /// The same for the same answers.
    std::string text() const;
};

/// From the latest result that has the fields (contract deskdirector.md, Part 2, section 7).
Answers answersOf(const std::vector<std::vector<plugins::FormField>>& forms, const Setup& setup);

} // namespace muster::requests
