#pragma once

#include "graph/DeltaChain.h"

#include <string>
#include <vector>

namespace muster::graph {

/// Used by one thread. Looks at groups directly, by /members and /owners, for what their delta did
/// not tell (contracts/graph.md, section 3.4).
class Verification
{
public:
    /// `settled`: what the delta told since then stands, for a list may lag behind it.
    Verification(const RefreshContext& context, runtime::Instant settled);

    /// Looks at each group, and marks it as verified. A group that is not there is passed over.
    /// Throws RetryError, RejectedError or CancelledError.
    void run(const std::vector<std::string>& groups);

    /// True when Graph refused to list members: the application lacks a permission.
    bool isForbidden() const { return _isForbidden; }

private:
    bool look(const std::string& group, directory::Role role);

    const RefreshContext& _context;
    runtime::Instant _settled;
    PageParser _parser;
    bool _isForbidden = false;
};

} // namespace muster::graph
