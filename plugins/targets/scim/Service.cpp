#include "Service.h"

#include <set>

namespace scim {

using muster::target::escaped;
using muster::target::RetryError;

namespace {

constexpr size_t kPage = 100;
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

void Service::list(const std::string& path, const std::function<void(const Json&)>& resource) const
{
    // Pages are counted by places in the list (RFC 7644, 3.4.2.4), which move when it changes.
    std::set<std::string> seen;
    for (size_t start = 1;;)
    {
        const auto answer = _host.send(
            get(path + "startIndex=" + std::to_string(start) + "&count=" + std::to_string(kPage)));
        if (!answer.isSuccess())
            _failures.fail("reading " + path, answer);
        const auto page = answer.json();
        const auto total = page.is_object() ? page.value("totalResults", Json()) : Json();
        const auto resources = page.is_object() ? page.value("Resources", Json::array()) : Json();
        if (!total.is_number_unsigned() || !resources.is_array())
            throw RetryError("reading " + path + ": the answer is no list");
        for (const auto& one : resources)
            if (seen.insert(textIn(one, "id")).second)
                resource(one);
        start += resources.size();
        if (start > total.get<size_t>())
        {
            if (seen.size() < total.get<size_t>())
                throw RetryError("reading " + path + ": the list changed while it was read");
            return;
        }
        if (resources.empty())
            throw RetryError("reading " + path + ": the list ends before its " + total.dump() +
                             " resources");
    }
}

} // namespace scim
