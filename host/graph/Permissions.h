#pragma once

#include "graph/Token.h"

#include <optional>
#include <string>
#include <vector>

namespace muster::graph {

/// An application permission and what it is for (contracts/graph.md, section 7).
struct Permission
{
    std::string name;                 ///< the least one
    std::vector<std::string> instead; ///< each of which grants it too
    std::string purpose;

    /// True where the roles grant it; nothing when the token is opaque.
    std::optional<bool> isGranted(const std::optional<TokenClaims>& claims) const;

    /// What to do where it lacks, as a part of a sentence.
    std::string remedy() const;
};

/// What reading a resource needs.
const Permission& permissionFor(const std::string& resource);

/// What seeing when an application's secret expires needs.
const Permission& applicationsPermission();

/// What sending mail needs.
const Permission& mailPermission();

/// What reading the members of hidden-membership groups needs beside that.
const Permission& hiddenMembersPermission();

} // namespace muster::graph
