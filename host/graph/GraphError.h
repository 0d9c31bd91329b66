#pragma once

#include <string>
#include <vector>

namespace muster::graph {

/// What the body of an error answer says (contracts/graph.md, section 4.2).
struct GraphError
{
    std::string code;
    std::string message;
    std::vector<std::string> codes = {}; ///< that and the nested ones, lower case

    /// True when one of the codes is that, which is given in lower case.
    bool has(const std::string& lowerCaseCode) const;

    /// "Authorization_RequestDenied: Insufficient privileges…", at most a few hundred characters.
    std::string text() const;
};

/// Empty where the body is not that of an error.
GraphError graphErrorFrom(const std::string& body);

/// A text of the outside for people: one line without control characters, cut to `limit` bytes.
std::string oneLine(const std::string& text, size_t limit = 300);

} // namespace muster::graph
