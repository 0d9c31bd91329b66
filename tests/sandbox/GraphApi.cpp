#include "GraphApi.h"

#include "Base64.h"
#include "GraphTypes.h"

#include <algorithm>
#include <set>

namespace muster::sandbox {

namespace {

using Kind = World::Kind;
using Relation = World::Relation;

constexpr std::size_t kMaxBatch = 20;

// Contract section 7; the ReadWrite roles include reading.
const std::vector<std::string> kMemberRoles{"GroupMember.ReadBasic.All", "GroupMember.Read.All",
                                            "Group.Read.All", "Group.ReadWrite.All",
                                            "Directory.Read.All"};
const std::vector<std::string> kOwnerRoles{"GroupMember.Read.All", "Group.Read.All",
                                           "Group.ReadWrite.All", "Directory.Read.All"};
const std::vector<std::string> kUsersDeltaRoles{"User.Read.All", "User.ReadWrite.All",
                                                "Directory.Read.All"};
const std::vector<std::string> kDevicesDeltaRoles{"Device.Read.All"};
const std::vector<std::string> kOrganizationRoles{"Organization.Read.All", "User.Read.All",
                                                  "Directory.Read.All"};
const std::vector<std::string> kApplicationRoles{"Application.Read.All",
                                                 "Application.ReadWrite.All", "Directory.Read.All"};
const std::vector<std::string> kMailRoles{"Mail.Send"};
const std::vector<std::string> kByIdsRoles{"Directory.Read.All"};
const std::vector<std::string> kDeletedGroupsRoles{"Group.Read.All", "Group.ReadWrite.All",
                                                   "Directory.Read.All"};
const std::vector<std::string> kRestoreRoles{"User.ReadWrite.All", "Group.ReadWrite.All"};

GraphError denied()
{
    return {403, "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation."};
}

GraphError badBatch(const std::string& why)
{
    return {400, "BadRequest", "Invalid batch payload format: " + why};
}

const std::vector<std::string>& deltaRoles(Kind kind)
{
    if (kind == Kind::Group)
        return readRoles(kind);
    return kind == Kind::User ? kUsersDeltaRoles : kDevicesDeltaRoles;
}

} // namespace

GraphApi::GraphApi(Directory& directory, const Settings& settings, const Clock& clock,
                   const AccessTokens& tokens, AnswerItem answerItem)
    : _settings(settings),
      _tokens(tokens),
      _answerItem(std::move(answerItem)),
      _delta(directory, clock),
      _lists(directory)
{}

Route GraphApi::route(const Request& request)
{
    Operation operation = find(request);
    std::string name = operation.name;
    return {std::move(name), [&request, operation = std::move(operation), this] {
                return answer(request, operation);
            }};
}

GraphApi::Operation GraphApi::find(const Request& request)
{
    auto path = segments(request.path);
    path.erase(path.begin());
    const bool isPost = request.method == "POST";
    if (isPost && path == std::vector<std::string>{"$batch"})
        return {"graph.batch", 1, {}, [this](const GraphCall& call) { return batch(call); }};
    if (isPost && path == std::vector<std::string>{"directoryObjects", "getByIds"})
        return {"graph.getByIds", request.parameter("$select") ? 3U : 5U, kByIdsRoles,
                [this](const GraphCall& call) { return _lists.getByIds(call); }};
    if (isPost && path.size() == 3 && path[0] == "users" && path[2] == "sendMail")
        return {"graph.sendMail", 1, kMailRoles, [mailbox = path[1], this](const GraphCall& call) {
                    return sendMail(call, mailbox);
                }};
    if (path.size() >= 3 && path[0] == "directory" && path[1] == "deletedItems" &&
        isPost == (path.size() == 4))
        return findInDirectory(path);
    if (request.method == "GET" && !path.empty())
    {
        if (path[0] == "organization" && path.size() == 1)
            return {"graph.organization", 1, kOrganizationRoles,
                    [this](const GraphCall& call) { return _lists.organization(call); }};
        if ((path[0] == "applications" || path[0] == "servicePrincipals") && path.size() == 1)
            return {"graph." + path[0], 1, kApplicationRoles,
                    [collection = path[0], this](const GraphCall& call) {
                        return _lists.applications(call, collection);
                    }};
        for (const Kind kind : {Kind::User, Kind::Group, Kind::Device})
        {
            if (path[0] == graphType(kind).collection)
                return findCollection(path, kind);
        }
    }
    return {"graph.unknown", 1, {}, [path](const GraphCall&) -> Response {
                throw GraphError(400, "BadRequest",
                                 "Resource not found for the segment '" +
                                     (path.empty() ? "" : path.back()) + "'.");
            }};
}

GraphApi::Operation GraphApi::findCollection(const std::vector<std::string>& path, Kind kind) const
{
    const std::string prefix = "graph." + path[0] + '.';
    const std::size_t units = kind == Kind::User ? 2 : 1;
    if (path.size() == 1)
        return {prefix + "list", units, readRoles(kind),
                [kind, this](const GraphCall& call) { return _lists.list(call, kind); }};
    if (path.size() == 2 && path[1] == "delta")
        return {prefix + "delta", 1, deltaRoles(kind),
                [kind, this](const GraphCall& call) { return _delta.answer(call, kind); }};
    if (path.size() == 2 && path[1] == "$count")
        return {prefix + "count", units, readRoles(kind),
                [kind, this](const GraphCall& call) { return _lists.count(call, kind); }};
    if (path.size() == 2)
        return {prefix + "get", 1, readRoles(kind),
                [kind, id = path[1], this](const GraphCall& call) {
                    return _lists.get(call, kind, id);
                }};
    if (kind == Kind::Group && path.size() <= 4)
        return findInGroup(path);
    return {"graph.unknown", 1, {}, [path](const GraphCall&) -> Response {
                throw GraphError(400, "BadRequest",
                                 "Resource not found for the segment '" + path[2] + "'.");
            }};
}

GraphApi::Operation GraphApi::findInGroup(const std::vector<std::string>& path) const
{
    const std::string rest = path.size() == 4 ? path[3] : "";
    if (path[2] == "members" || path[2] == "owners")
    {
        const Relation relation = path[2] == "owners" ? Relation::Owners : Relation::Members;
        return {"graph.groups." + path[2], 3,
                relation == Relation::Owners ? kOwnerRoles : kMemberRoles,
                [id = path[1], relation, rest, this](const GraphCall& call) {
                    return _lists.links(call, id, relation, rest);
                }};
    }
    if (path[2] == "transitiveMembers")
        return {"graph.groups.transitiveMembers", 5, kMemberRoles,
                [id = path[1], rest, this](const GraphCall& call) {
                    return _lists.transitiveMembers(call, id, rest);
                }};
    return {"graph.unknown", 1, {}, [segment = path[2]](const GraphCall&) -> Response {
                throw GraphError(400, "BadRequest",
                                 "Resource not found for the segment '" + segment + "'.");
            }};
}

GraphApi::Operation GraphApi::findInDirectory(const std::vector<std::string>& path) const
{
    if (path.size() == 4)
        return {"graph.restore", 1, kRestoreRoles,
                [id = path[2], this](const GraphCall& call) { return _lists.restore(call, id); }};
    const Kind kind = path[2] == "microsoft.graph.user" ? Kind::User : Kind::Group;
    return {"graph.deletedItems", 1, kind == Kind::User ? kUsersDeltaRoles : kDeletedGroupsRoles,
            [kind, cast = path[2], this](const GraphCall& call) -> Response {
                if (cast != "microsoft.graph.user" && cast != "microsoft.graph.group")
                    throw GraphError(400, "Request_BadRequest",
                                     "Deleted items of the type '" + cast + "' cannot be listed.");
                return _lists.deletedItems(call, kind);
            }};
}

Response GraphApi::answer(const Request& request, const Operation& operation)
{
    Response response;
    Fields extra;
    try
    {
        const std::string authorization = request.header("Authorization");
        const bool isBearer = authorization.rfind("Bearer ", 0) == 0;
        const auto claims = _tokens.read(isBearer ? authorization.substr(7) : "");
        if (!claims)
            throw GraphError(401, "InvalidAuthenticationToken",
                             isBearer ? "Access token has expired or is not yet valid."
                                      : "Access token is empty.",
                             {{"WWW-Authenticate", "Bearer realm=\"\""}});
        const GraphCall call{request, *claims, _settings.values()};
        auto verdict = _throttle.book(claims->clientId, claims->tenant,
                                      Throttle::cost(request, operation.units), call.settings);
        extra = std::move(verdict.headers);
        if (verdict.isThrottled)
            throw GraphError(429, "TooManyRequests", "Please retry again later.");
        if (!operation.roles.empty() && !claims->hasAny(operation.roles))
            throw denied();
        response = operation.answer(call);
    }
    catch (const GraphError& error)
    {
        response = error.response(request);
    }
    if (response.contentType == "application/json")
        response.contentType = "application/json;odata.metadata=minimal;charset=utf-8";
    response.headers.insert(response.headers.end(), extra.begin(), extra.end());
    response.headers.emplace_back("request-id", request.id);
    const std::string client = request.header("client-request-id");
    response.headers.emplace_back("client-request-id", client.empty() ? request.id : client);
    return response;
}

/// Contract section 6: taken is not delivered, and the answer is empty.
Response GraphApi::sendMail(const GraphCall& call, const std::string& mailbox)
{
    const Json body = Json::parse(call.request.body, nullptr, false);
    const Json message = body.is_object() ? body.value("message", Json()) : Json();
    if (!message.is_object() || !message.value("toRecipients", Json()).is_array() ||
        message["toRecipients"].empty())
        throw GraphError(400, "ErrorInvalidRecipients", "At least one recipient is needed.");
    const std::lock_guard lock(_mailsMutex);
    _mails.push_back({{"tenant", call.app.tenant}, {"from", mailbox}, {"message", message}});
    Response response;
    response.status = 202;
    return response;
}

Json GraphApi::mails() const
{
    const std::lock_guard lock(_mailsMutex);
    return _mails;
}

/// Contract section 4.3. The answers come in another order than the requests, as they may.
Response GraphApi::batch(const GraphCall& call) const
{
    const Json body = Json::parse(call.request.body, nullptr, false);
    if (!body.is_object() || !body.value("requests", Json()).is_array())
        throw badBatch("there is no array of requests.");
    if (body["requests"].size() > kMaxBatch)
        throw badBatch("the number of requests exceeds the limit of 20.");
    std::set<std::string> ids;
    std::set<std::string> failed;
    Json responses = Json::array();
    for (const auto& item : body["requests"])
    {
        if (!item.is_object() || !item.value("id", Json()).is_string() ||
            !item.value("method", Json()).is_string() || !item.value("url", Json()).is_string())
            throw badBatch("a request needs an id, a method and a url.");
        const auto id = item["id"].get<std::string>();
        if (!ids.insert(lowerCase(id)).second)
            throw badBatch("the id '" + id + "' is not unique.");
        const Json needed = item.value("dependsOn", Json::array());
        const bool isBlocked = std::any_of(needed.begin(), needed.end(), [&](const Json& other) {
            return failed.count(lowerCase(other.get<std::string>())) > 0;
        });
        Json answer = isBlocked ? Json{{"id", id},
                                       {"status", 424},
                                       {"headers", Json::object()},
                                       {"body",
                                        {{"error",
                                          {{"code", "FailedDependency"},
                                           {"message", "A request that it depends on failed."}}}}}}
                                : batchItem(call, item);
        if (answer["status"].get<int>() >= 400)
            failed.insert(lowerCase(id));
        responses.insert(responses.begin(), std::move(answer));
    }
    return Response::json(200, {{"responses", std::move(responses)}});
}

Json GraphApi::batchItem(const GraphCall& call, const Json& item) const
{
    auto url = item["url"].get<std::string>();
    if (url.rfind(call.request.baseUrl, 0) == 0)
        url.erase(0, call.request.baseUrl.size());
    if (url.rfind('/', 0) != 0)
        url.insert(0, 1, '/');
    Request request{.method = item["method"].get<std::string>(),
                    .baseUrl = call.request.baseUrl,
                    .id = Guid::random().toString()};
    request.setTarget(url.rfind("/v1.0/", 0) == 0 ? url : "/v1.0" + url);
    const Json headers = item.value("headers", Json::object());
    for (const auto& [name, value] : headers.items())
        request.headers.emplace_back(name, value.get<std::string>());
    request.headers.emplace_back("Authorization", call.request.header("Authorization"));
    if (item.contains("body"))
        request.body = item["body"].dump();
    if (request.path == "/v1.0/$batch")
        throw badBatch("a batch cannot hold a batch.");

    const Response response = _answerItem(request);
    Json answer{{"id", item["id"]},
                {"status", response.status},
                {"headers", {{"Content-Type", response.contentType}}}};
    for (const auto& [name, value] : response.headers)
        answer["headers"][name] = value;
    const Json body = Json::parse(response.body, nullptr, false);
    answer["body"] = body.is_discarded() ? Json(base64Url(response.body)) : body;
    return answer;
}

} // namespace muster::sandbox
