/// Which call of DeskDirector a request is: the table of contracts/deskdirector.md Part 1.
#include "DeskDirector.h"
#include "DeskPage.h"
#include "DeskSchemas.h"

namespace muster::sandbox {

namespace {

constexpr std::string_view kConnector = "/api/v2/automate/connector";
constexpr std::string_view kV4 = "/api/v4";

bool startsWith(const std::string& text, std::string_view start)
{
    return text.compare(0, start.size(), start) == 0;
}

} // namespace

bool DeskDirector::owns(const std::string& path) const
{
    return startsWith(path, kConnector) || startsWith(path, kV4);
}

Route DeskDirector::route(const Request& request)
{
    Call call = find(request);
    return {call.name,
            [&request, run = std::move(call.answer), this] { return answer(request, run); }};
}

DeskDirector::Call DeskDirector::find(const Request& request)
{
    const bool isConnector = startsWith(request.path, kConnector);
    const auto path = segments(
        std::string_view(request.path).substr(isConnector ? kConnector.size() : kV4.size()));
    Call call =
        isConnector ? findInConnector(request.method, path) : findInV4(request.method, path);
    if (call.answer)
        return call;
    return {"deskdirector.unknown", [](const Request& unknown) -> Response {
                throw DeskError{404, "There is no call " + unknown.method + ' ' + unknown.path};
            }};
}

DeskDirector::Call DeskDirector::findInConnector(const std::string& method, const Path& path)
{
    const bool isGet = method == "GET";
    const bool isPost = method == "POST";
    const std::size_t size = path.size();
    if (isGet && path == Path{"connections", "test"})
        return {"test", [](const Request&) { return Response::json(200, Json::object()); }};
    if (size >= 1 && path[0] == "companies")
    {
        if (isGet && size == 1)
            return {"accounts.list", [this](const Request& r) { return listAccounts(r); }};
        if (isPost && size == 2 && path[1] == "find")
            return {"accounts.find", [this](const Request& r) { return findAccounts(r); }};
        if (isGet && size == 2)
            return {"accounts.get",
                    [this, path](const Request&) { return getAccount(idOf(path[1])); }};
        if (isGet && size == 3 && path[2] == "teams")
            return {"groups.list",
                    [this, path](const Request& r) { return listGroups(r, idOf(path[1])); }};
    }
    if (isPost && path == Path{"contacts", "find"})
        return {"contacts.find", [this](const Request& r) { return findContacts(r); }};
    if (isPost && path == Path{"contacts"})
        return {"contacts.create", [this](const Request& r) { return createContact(r); }};
    if (size >= 2 && path[0] == "tickets")
        return findTicket(method, path);
    return findList(method, path);
}

DeskDirector::Call DeskDirector::findList(const std::string& method, const Path& path)
{
    const bool isGet = method == "GET";
    if (isGet && path == Path{"service", "boards"})
        return {"boards", [this](const Request& r) { return listNames(r, "boards"); }};
    if (isGet && path == Path{"service", "statuses"})
        return {"statuses", [this](const Request& r) { return listNames(r, "statuses"); }};
    if (isGet && path == Path{"service", "request-types"})
        return {"requestTypes", [this](const Request& r) { return listNames(r, "requestTypes"); }};
    if (isGet && path.size() == 3 && path[0] == "schema" && path[1] == "dynamic-types")
        return {"schema", [path](const Request&) {
                    const Json schema = deskSchema(path[2]);
                    if (schema.is_null())
                        throw DeskError{404, "There is no type '" + path[2] + "'."};
                    return Response::json(200, schema);
                }};
    if (method == "POST" && path.size() == 3 && path[0] == "workflows" && path[2] == "actions")
        return {"event.subscribe", [this, path](const Request& r) {
                    const std::string id = "a" + std::to_string(_records.newId());
                    _subscriptions[path[1] + '/' + id] = bodyOf(r);
                    return Response::json(200, {{"id", id}});
                }};
    if (method == "DELETE" && path.size() == 4 && path[0] == "workflows" && path[2] == "actions")
        return {"event.unsubscribe", [this, path](const Request&) {
                    if (_subscriptions.erase(path[1] + '/' + path[3]) == 0)
                        throw DeskError{404, "There is no such subscription."};
                    return Response{.status = 204};
                }};
    return {};
}

DeskDirector::Call DeskDirector::findTicket(const std::string& method, const Path& path)
{
    if (method == "POST" && path == Path{"tickets", "find"})
        return {"tickets.find", [this](const Request& r) { return findTickets(r); }};
    if (path.size() != 2)
        return {};
    if (method == "GET")
        return {"tickets.get", [this, path](const Request&) {
                    return Response::json(200, ticketJson(_records.ticket(idOf(path[1]))));
                }};
    if (method == "PATCH")
        return {"tickets.patch",
                [this, path](const Request& r) { return patchTicket(r, idOf(path[1])); }};
    return {};
}

DeskDirector::Call DeskDirector::findInV4(const std::string& method, const Path& path)
{
    const std::size_t size = path.size();
    if (size >= 2 && path[0] == "contacts")
    {
        if (method == "PATCH" && size == 2)
            return {"contacts.patch",
                    [this, path](const Request& r) { return patchContact(r, idOf(path[1])); }};
        if (method == "POST" && size == 3 && path[2] == "$deactivate")
            return {"contacts.deactivate",
                    [this, path](const Request&) { return setActive(idOf(path[1]), false); }};
        if (method == "POST" && size == 3 && path[2] == "$reactivate")
            return {"contacts.reactivate",
                    [this, path](const Request&) { return setActive(idOf(path[1]), true); }};
    }
    if (method == "POST" && size == 3 && path[0] == "accounts" && path[2] == "contact_groups")
        return {"groups.create",
                [this, path](const Request& r) { return createGroup(r, idOf(path[1])); }};
    if (size >= 2 && path[0] == "contact_groups")
        return findMember(method, path);
    if (method == "GET" && path == Path{"service_groups"})
        return {"servicegroups.list",
                [this](const Request& r) { return listNames(r, "serviceGroups"); }};
    if (method == "POST" && size == 3 && path[0] == "tickets" && path[2] == "comments")
        return {"tickets.comment",
                [this, path](const Request& r) { return addComment(r, idOf(path[1])); }};
    if (method == "GET" && size == 3 && path[0] == "tickets" && path[2] == "form_results")
        return {"tickets.form", [this, path](const Request&) {
                    return Response::json(
                        200, _records.ticket(idOf(path[1])).value("form", Json::array()));
                }};
    return {};
}

DeskDirector::Call DeskDirector::findMember(const std::string& method, const Path& path)
{
    const std::size_t size = path.size();
    if (method == "PATCH" && size == 2)
        return {"groups.patch", [this, path](const Request& r) { return patchGroup(r, path[1]); }};
    if (size < 3 || path[2] != "contacts")
        return {};
    if (method == "GET" && size == 3)
        return {"members.list", [this, path](const Request& r) { return listMembers(r, path[1]); }};
    if (method == "PUT" && size == 4)
        return {"members.put",
                [this, path](const Request& r) { return putMember(r, path[1], idOf(path[3])); }};
    if (method == "DELETE" && size == 4)
        return {"members.delete",
                [this, path](const Request&) { return deleteMember(path[1], idOf(path[3])); }};
    return {};
}

} // namespace muster::sandbox
