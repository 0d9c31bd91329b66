#pragma once

#include "Resources.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scim {

/// Used for one reading of a list. Puts its pages together and says when that is all of it: pages
/// are counted by places in the list (RFC 7644, 3.4.2.4), which move when somebody changes it.
class Listing
{
public:
    enum class Step
    {
        More,     ///< the page from start() on is still to be read
        Done,     ///< records() are all there are
        Repeated, ///< the same page came again, and its total says that it is all
        Changed   ///< pages do not fit together: read it from the start
    };

    using Convert = Record (*)(const Json& resource);

    /// `what` is read, for messages.
    Listing(std::string what, Convert convert) : _what(std::move(what)), _convert(convert) {}

    /// Throws when no later page can be of use.
    Step take(const Json& page);

    /// The place that the next page begins with.
    size_t start() const { return _start; }

    /// The pages so far may be all: what comes behind them is asked for to be sure.
    bool looksWhole() const { return _mayCountPages && _start > 1; }

    std::vector<Record>& records() { return _records; }

private:
    Step takeEmpty(size_t total) const;
    size_t add(const Json& resources);

    std::string _what;
    Convert _convert;
    std::vector<Record> _records;
    std::set<std::string> _seen;
    std::optional<size_t> _total; ///< as the first page says
    size_t _start = 1;
    bool _mayCountPages = false; ///< each total so far is the number of resources in its page
};

} // namespace scim
