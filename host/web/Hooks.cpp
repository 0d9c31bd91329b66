#include "web/Hooks.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>

namespace muster::web {

namespace {

constexpr int kMostASecond = 100;
constexpr size_t kMostTickets = 100; ///< in one event
constexpr size_t kLongestTicketId = 40;

HookAnswer failure(int status, const std::string& error, const std::string& description)
{
    return {status, {{"error", error}, {"errorDescription", description}}, {}};
}

HookAnswer nothingHere()
{
    return failure(404, "not_found", "there is nothing at this address");
}

std::string scalarText(const Json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    return value.is_number() ? value.dump() : std::string();
}

/// Of the query, and of a body that is JSON or a form.
std::map<std::string, std::string> fieldsOf(const HookRequest& request)
{
    auto fields = request.query;
    const auto body = Json::parse(request.body, nullptr, false);
    if (body.is_object())
        for (const auto& [name, value] : body.items())
            fields[name] = scalarText(value);
    else if (body.is_discarded() && !request.body.empty())
        try
        {
            Poco::URI form;
            form.setRawQuery(request.body);
            for (const auto& [name, value] : form.getQueryParameters())
                fields[name] = value;
        }
        catch (const Poco::Exception&)
        {} // it is neither, and says nothing
    return fields;
}

/// The id of the ticket in an event (contract deskdirector.md, Part 2, section 10, 8).
std::string ticketIn(const Json& event)
{
    if (!event.is_object())
        return {};
    const auto ticket = event.value("ticket", Json());
    for (const auto& [object, key] :
         {std::pair(&ticket, "id"), std::pair(&ticket, "entityId"), std::pair(&event, "ticketId"),
          std::pair(&event, "entityId"), std::pair(&event, "id")})
        if (object->is_object())
            if (auto id = scalarText(object->value(key, Json())); !id.empty())
                return id;
    return {};
}

bool isTicketId(const std::string& id)
{
    return !id.empty() && id.size() <= kLongestTicketId &&
           std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '-' || c == '_';
           });
}

} // namespace

HookAnswer Hooks::answer(const HookRequest& request)
{
    if (isFlooded())
    {
        auto answer = failure(429, "too_many_requests", "ask again in a second");
        answer.headers["Retry-After"] = "1";
        return answer;
    }
    if (request.body.size() > kLargestBody)
        return failure(413, "too_large", "the request is larger than 64 KiB");
    if (request.path.size() != 4)
        return nothingHere();
    if (request.path[2] == "choices" && _parts.choices)
        return choices(request);
    if (request.path[2] == "events" && _parts.announce)
        return announce(request);
    return nothingHere();
}

bool Hooks::isFlooded()
{
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(_mutex);
    if (now - _second >= std::chrono::seconds(1))
    {
        _second = now;
        _count = 0;
    }
    return ++_count > kMostASecond;
}

HookAnswer Hooks::choices(const HookRequest& request) const
{
    if (request.method != "GET" && request.method != "POST" && request.method != "OPTIONS")
        return failure(405, "method_not_allowed", "use GET or POST");
    auto fields = fieldsOf(request);
    const auto found = _parts.choices({request.path[0], request.path[1], request.path[3],
                                       fields["term"], fields["access_token"]});
    if (!found)
        return nothingHere();
    HookAnswer answer;
    if (!found->origin.empty())
        answer.headers = {{"Access-Control-Allow-Origin", found->origin}, {"Vary", "Origin"}};
    if (request.method == "OPTIONS")
    {
        answer.status = 204;
        answer.headers["Access-Control-Allow-Methods"] = "GET, POST";
        answer.headers["Access-Control-Allow-Headers"] = "Content-Type";
        return answer;
    }
    const auto ticket = Json::parse(fields["ticketId"], nullptr, false);
    answer.body = {
        {"value", found->items},
        {"request",
         {{"term", fields["term"]}, {"ticketId", ticket.is_number_integer() ? ticket : Json()}}}};
    return answer;
}

HookAnswer Hooks::announce(const HookRequest& request) const
{
    if (request.method != "POST")
        return failure(405, "method_not_allowed", "use POST");
    const auto body = Json::parse(request.body, nullptr, false);
    EventCall call{request.path[0], request.path[1], request.path[3], {}};
    for (const auto& event : body.is_array() ? body : Json::array({body}))
        if (const auto id = ticketIn(event); isTicketId(id) && call.tickets.size() < kMostTickets)
            call.tickets.push_back(id);
    // The answer is the same whatever the event says: only the address counts.
    return _parts.announce(call) ? HookAnswer{202, Json::object(), {}} : nothingHere();
}

} // namespace muster::web
