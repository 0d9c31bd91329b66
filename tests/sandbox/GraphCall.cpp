#include "GraphCall.h"

#include <chrono>

namespace muster::sandbox {

Response GraphError::response(const Request& request) const
{
    std::string date = timeText(std::chrono::duration_cast<std::chrono::seconds>(
                                    std::chrono::system_clock::now().time_since_epoch())
                                    .count());
    date.pop_back();
    const std::string client = request.header("client-request-id");
    Response response = Response::json(
        _status, {{"error",
                   {{"code", _code},
                    {"message", _message},
                    {"innerError",
                     {{"date", date},
                      {"request-id", request.id},
                      {"client-request-id", client.empty() ? request.id : client}}}}}});
    response.headers = _headers;
    return response;
}

std::vector<std::string> GraphCall::select() const
{
    std::vector<std::string> names;
    std::string_view rest;
    const auto text = request.parameter("$select");
    if (text)
        rest = *text;
    while (!rest.empty())
    {
        const auto end = std::min(rest.find(','), rest.size());
        auto name = rest.substr(0, end);
        while (!name.empty() && name.front() == ' ')
            name.remove_prefix(1);
        while (!name.empty() && name.back() == ' ')
            name.remove_suffix(1);
        if (!name.empty())
            names.emplace_back(name);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return names;
}

void GraphCall::refuse(std::initializer_list<const char*> options) const
{
    for (const char* const option : options)
    {
        if (request.parameter(option))
            throw GraphError(400, "Request_UnsupportedQuery",
                             std::string("The query option '") + option +
                                 "' is not supported for this resource.");
    }
}

Guid GraphCall::id(const std::string& text) const
{
    if (const auto guid = Guid::parse(text))
        return *guid;
    throw GraphError(404, "Request_ResourceNotFound",
                     "Resource '" + text +
                         "' does not exist or one of its queried reference-property objects are "
                         "not present.");
}

const std::vector<std::string>& readRoles(World::Kind kind)
{
    static const std::vector<std::string> users{"User.ReadBasic.All", "User.Read.All",
                                                "User.ReadWrite.All", "Directory.Read.All"};
    static const std::vector<std::string> groups{"Group.ReadBasic.All", "GroupMember.Read.All",
                                                 "Group.Read.All", "Group.ReadWrite.All",
                                                 "Directory.Read.All"};
    static const std::vector<std::string> devices{"Device.Read.All", "Directory.Read.All"};
    static const std::vector<std::string> principals{"Application.Read.All", "Directory.Read.All"};
    static const std::vector<std::string> contacts{"OrgContact.Read.All", "Directory.Read.All"};
    switch (kind)
    {
    case World::Kind::User:
        return users;
    case World::Kind::Group:
        return groups;
    case World::Kind::Device:
        return devices;
    case World::Kind::ServicePrincipal:
        return principals;
    case World::Kind::OrgContact:
        break;
    }
    return contacts;
}

std::string contextOf(const Request& request, const std::string& collection,
                      const std::vector<std::string>& select)
{
    std::string context = request.baseUrl + "/v1.0/$metadata#" + collection;
    for (std::size_t i = 0; i < select.size(); ++i)
        context += (i == 0 ? '(' : ',') + select[i];
    return select.empty() ? context : context + ')';
}

} // namespace muster::sandbox
