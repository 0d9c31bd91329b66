#include "FaultAnswers.h"

#include "GraphCall.h"

#include <algorithm>
#include <vector>

namespace muster::sandbox {

namespace {

constexpr const char* kHtml =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad "
    "Gateway</h1></center>\r\n<hr><center>Microsoft-Azure-Application-Gateway/v2</center>\r\n"
    "</body>\r\n</html>\r\n";

std::string codeOf(int status)
{
    switch (status)
    {
    case 401:
        return "InvalidAuthenticationToken";
    case 403:
        return "Authorization_RequestDenied";
    case 404:
        return "Request_ResourceNotFound";
    case 429:
        return "TooManyRequests";
    case 500:
        return "InternalServerError";
    case 502:
        return "BadGateway";
    case 503:
        return "ServiceUnavailable";
    case 504:
        return "GatewayTimeout";
    default:
        return "UnknownError";
    }
}

/// An error in the shape that the service gives its errors.
Response errorOf(const std::string& service, const Request& request, int status)
{
    const std::string text = "The sandbox was told to answer " + std::to_string(status) + '.';
    if (service == "graph")
        return GraphError(status, codeOf(status), text).response(request);
    if (service == "token")
        return Response::json(status, {{"error", "temporarily_unavailable"},
                                       {"error_description", "AADSTS90033: " + text},
                                       {"error_codes", {90033}}});
    if (service == "itglue")
        return Response::json(status, {{"errors", {{{"status", status}, {"title", text}}}}});
    return Response::json(status, {{"message", text}});
}

std::string textOf(const Json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    return value.dump();
}

Response statusOf(const std::string& service, const Request& request, const Json& fields)
{
    Response response = errorOf(service, request, fields.value("status", 503));
    if (fields.contains("body"))
    {
        response.body = textOf(fields["body"]);
        if (fields["body"].is_string())
            response.contentType = fields.value("contentType", "text/plain");
    }
    const Json headers = fields.value("headers", Json::object());
    for (const auto& [name, value] : headers.items())
        response.headers.emplace_back(name, textOf(value));
    if (fields.contains("retryAfter"))
        response.headers.emplace_back("Retry-After", textOf(fields["retryAfter"]));
    return response;
}

/// The links of a page to others: Graph's own members, IT Glue's in "links".
std::vector<Json*> linksOf(Json& page)
{
    std::vector<Json*> links;
    for (const char* const name : {"@odata.nextLink", "@odata.deltaLink"})
    {
        if (page.contains(name))
            links.push_back(&page[name]);
    }
    if (page.contains("links"))
    {
        for (auto& link : page["links"])
        {
            if (link.is_string())
                links.push_back(&link);
        }
    }
    return links;
}

void loopPage(Json& page, const Request& request)
{
    const std::string self =
        request.baseUrl + request.path + (request.rawQuery.empty() ? "" : "?" + request.rawQuery);
    if (page.contains("meta"))
    {
        page["meta"]["next-page"] = page["meta"]["current-page"];
        page["links"]["next"] = self;
        return;
    }
    page.erase("@odata.deltaLink");
    page["@odata.nextLink"] = self;
}

void spoilPage(Response& response, const Request& request, const Fault& fault)
{
    Json page = Json::parse(response.body, nullptr, false);
    const char* const list = page.is_object() && page.contains("value") ? "value" : "data";
    if (!page.is_object() || !page.contains(list) || !page[list].is_array())
        return;
    auto& values = page[list];
    const Json once = values;
    if (fault.kind == "repeat")
        values.insert(values.end(), once.begin(), once.end());
    else if (fault.kind == "reorder")
        std::reverse(values.begin(), values.end());
    else if (fault.kind == "missing" && !values.empty())
        values.erase(values.size() - 1);
    else if (fault.kind == "loop")
        loopPage(page, request);
    else if (fault.kind == "wrongHostLink")
    {
        for (Json* const link : linksOf(page))
            *link = fault.fields.value("host", "https://graph.attacker.example") +
                    link->get<std::string>().substr(request.baseUrl.size());
    }
    response.body = page.dump();
}

} // namespace

std::optional<Dispatcher::Answer> answerInstead(const std::string& service, const Request& request,
                                                const Fault& fault)
{
    Dispatcher::Answer answer;
    if (fault.kind == "status")
        answer.response = statusOf(service, request, fault.fields);
    else if (fault.kind == "throttle")
    {
        Json fields = fault.fields;
        fields["status"] = 429;
        if (!fields.contains("retryAfter"))
            fields["retryAfter"] = "0.05";
        answer.response = statusOf(service, request, fields);
    }
    else if (fault.kind == "htmlError")
        answer.response = {
            .status = fault.fields.value("status", 502), .contentType = "text/html", .body = kHtml};
    else if (fault.kind == "garbage")
        answer.response = {.status = fault.fields.value("status", 200),
                           .body = fault.fields.value("body", "{\"value\":[{\"id\":\"")};
    else if (fault.kind == "unauthorizedOnce")
        answer.response = errorOf(service, request, 401);
    else if (fault.kind == "drop")
        answer.delivery.kind = Delivery::Kind::Drop;
    else
        return std::nullopt;
    return answer;
}

void tweak(Request& request, const Fault& fault)
{
    if (fault.kind == "expireCursor")
        request.tweak.cursor = fault.fields.value("status", 410) == 410 ? Tweak::Cursor::Gone
                                                                        : Tweak::Cursor::NotFound;
    else if (fault.kind == "emptyPage")
        request.tweak.emptyPage = true;
    else if (fault.kind == "tokenError")
        request.tweak.entraError = fault.fields.value("code", 7000222);
}

void spoil(Dispatcher::Answer& answer, const Request& request, const Fault& fault)
{
    Delivery& delivery = answer.delivery;
    if (fault.kind == "cut" || fault.kind == "cutChunked")
    {
        delivery.kind = fault.kind == "cut" ? Delivery::Kind::Cut : Delivery::Kind::CutChunked;
        delivery.bytes = fault.fields.value("bytes", -1L);
    }
    else if (fault.kind == "slow" || fault.kind == "dribble")
    {
        const bool isDribble = fault.kind == "dribble";
        delivery.kind = isDribble ? Delivery::Kind::Dribble : Delivery::Kind::Whole;
        delivery.bytes = fault.fields.value("bytes", 16L);
        delivery.delayMilliseconds = fault.fields.value("delay", 100L);
    }
    else if (fault.kind == "repeat" || fault.kind == "reorder" || fault.kind == "loop" ||
             fault.kind == "wrongHostLink" || fault.kind == "missing")
    {
        spoilPage(answer.response, request, fault);
    }
}

} // namespace muster::sandbox
