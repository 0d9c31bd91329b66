#include "Service.h"

#include <stdexcept>
#include <utility>

namespace scim {

using muster::target::escaped;
using muster::target::RetryError;

namespace {

constexpr size_t kPage = 100;
constexpr int kTries = 3;
const char* const kType = "application/scim+json";

} // namespace

Request Service::get(const std::string& path)
{
    Request request{"GET", path};
    request.headers["Accept"] = kType;
    return request;
}

Request Service::write(const std::string& method, const std::string& path, const Json& body)
{
    Request request{method, path};
    request.headers = {{"Accept", kType}, {"Content-Type", kType}};
    request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    return request;
}

Request Service::search(const Change& change)
{
    const auto isUser = change.kind == "contact";
    const auto filter = (isUser ? "userName eq " : "displayName eq ") + Json(change.key).dump();
    return get((isUser ? "/Users?filter=" : "/Groups?filter=") + escaped(filter));
}

Service::Found Service::found(const Change& change, const Answer& answer)
{
    const auto body = answer.json();
    if (!body.is_object() || !body.contains("totalResults"))
        return {.isUnclear = true};
    const auto resources = body.value("Resources", Json::array());
    for (const auto& resource : resources)
    {
        // A service may find more than it was asked for: it compares without case.
        const auto name = change.kind == "contact"
                              ? muster::addressKey(textIn(resource, "userName"))
                              : muster::nameKey(textIn(resource, "displayName"));
        if (name == change.key && !textIn(resource, "id").empty())
            return {.resource = resource};
    }
    // What was not asked for, and not all of it: the service does not heed the filter.
    return {.isUnclear = body["totalResults"] != resources.size()};
}

std::vector<Record> Service::list(const std::string& path, Listing::Convert convert) const
{
    for (int tries = 1;; ++tries)
    {
        Listing listing(path, convert);
        auto step = Listing::Step::More;
        while (step == Listing::Step::More)
        {
            const auto answer = page(path, listing.start(), kPage);
            const auto endsHere = answer.status == 400 || answer.status == 404;
            if (listing.looksWhole() && endsHere)
                return std::move(listing.records()); // some refuse places behind the end
            if (!answer.isSuccess())
                _failures.fail("reading " + path, answer);
            step = listing.take(answer.json());
        }
        if (step == Listing::Step::Repeated)
            requirePlaces(path, listing.records());
        if (step != Listing::Step::Changed)
            return std::move(listing.records());
        if (tries == kTries)
            throw RetryError("reading " + path + ": the list changed while it was read, " +
                             std::to_string(kTries) + " times over; it is read again next time");
    }
}

Answer Service::page(const std::string& path, size_t start, size_t count) const
{
    return _host.send(
        get(path + "startIndex=" + std::to_string(start) + "&count=" + std::to_string(count)));
}

/// A page that is as large as it was asked for came twice. It is all when the service gives its
/// last page for places behind the end, and not when it gives its first page for any place.
void Service::requirePlaces(const std::string& path, const std::vector<Record>& records) const
{
    if (records.size() != kPage)
        return;
    const auto answer = page(path, 2, 1);
    if (!answer.isSuccess())
        _failures.fail("reading " + path, answer);
    const auto body = answer.json();
    const auto resources = body.is_object() ? body.value("Resources", Json()) : Json();
    if (!resources.is_array() || resources.empty() ||
        textIn(resources[0], "id") != records[1].remoteId)
        throw std::runtime_error("reading " + path + ": the SCIM service ignores startIndex, so " +
                                 "there may be more than the " + std::to_string(kPage) +
                                 " resources that it shows; ask its vendor for paging as in RFC "
                                 "7644, 3.4.2.4");
}

} // namespace scim
