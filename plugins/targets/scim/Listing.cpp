#include "Listing.h"

#include <stdexcept>

namespace scim {

using muster::target::RetryError;

Listing::Step Listing::take(const Json& page)
{
    const auto number = page.is_object() ? page.value("totalResults", Json()) : Json();
    auto resources = page.is_object() ? page.value("Resources", Json()) : Json();
    if (resources.is_null())
        resources = Json::array();
    if (!number.is_number_unsigned() || !resources.is_array())
        throw RetryError("reading " + _what + ": the answer is no list");
    const auto total = number.get<size_t>();
    const auto isFirst = !_total;
    if (isFirst)
        _total = total;
    if (resources.empty())
        return takeEmpty(total);
    const auto countsPage = total == resources.size();
    const auto fresh = add(resources);
    if (fresh == 0 && _mayCountPages && countsPage)
        return Step::Repeated;
    _mayCountPages = countsPage && (isFirst || _mayCountPages);
    if (_mayCountPages)
        return Step::More;
    if (total != *_total)
        return Step::Changed;
    if (fresh == 0)
        throw std::runtime_error("reading " + _what +
                                 ": the SCIM service gives the same page again and again, so it "
                                 "ignores startIndex and the rest of its list cannot be read; ask "
                                 "its vendor for paging as in RFC 7644, 3.4.2.4");
    if (_start <= total)
        return Step::More;
    return _seen.size() == total ? Step::Done : Step::Changed;
}

Listing::Step Listing::takeEmpty(size_t total) const
{
    if (_mayCountPages)
        return total == 0 || total == *_total ? Step::Done : Step::Changed;
    if (total != *_total)
        return Step::Changed;
    if (_seen.size() < total)
        throw RetryError("reading " + _what + ": the list ends before its " +
                         std::to_string(total) + " resources");
    return Step::Done;
}

/// Gives how many of them are new.
size_t Listing::add(const Json& resources)
{
    size_t fresh = 0;
    for (const auto& one : resources)
        if (_seen.insert(textIn(one, "id")).second)
        {
            _records.push_back(_convert(one));
            ++fresh;
        }
    _start += resources.size();
    return fresh;
}

} // namespace scim
