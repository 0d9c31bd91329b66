#include "DeskDirector.h"

#include "DeskPage.h"
#include "World.h"

#include <algorithm>
#include <stdexcept>

namespace muster::sandbox {

namespace {

/// The site's searches are fuzzy: a part of the name or of the address will do.
bool matchesText(const std::string& search, std::initializer_list<std::string> texts)
{
    if (search.empty())
        return true;
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
        return lowerCase(text).find(search) != std::string::npos;
    });
}

} // namespace

DeskDirector::DeskDirector(const Settings& settings, const RequestLog& log, std::string apiKey)
    : _settings(settings), _log(log), _apiKey(std::move(apiKey))
{}

Response DeskDirector::answer(const Request& request, const Answer& run)
{
    if (request.header("Authorization") != "DdApi " + _apiKey)
        return Response::json(401, {{"message", "The API key is not valid."}});
    const std::lock_guard lock(_mutex);
    Response response;
    try
    {
        response = run(request);
    }
    catch (const DeskError& error)
    {
        response = Response::json(error.status, {{"message", error.message}});
    }
    catch (const nlohmann::json::exception& error)
    {
        response =
            Response::json(400, {{"message", std::string("The body is wrong: ") + error.what()}});
    }
    recordWrite(request, response.status);
    return response;
}

void DeskDirector::recordWrite(const Request& request, int status)
{
    const bool isFind =
        request.path.size() > 5 && request.path.compare(request.path.size() - 5, 5, "/find") == 0;
    if (request.method == "GET" || isFind)
        return;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    _writes.push_back({std::chrono::duration_cast<std::chrono::milliseconds>(now), request.method,
                       request.path, status});
}

Json DeskDirector::writesJson() const
{
    Json json = Json::array();
    for (const auto& write : _writes)
        json.push_back({{"at", timeText(write.at)},
                        {"method", write.method},
                        {"path", write.path},
                        {"status", write.status}});
    return json;
}

Response DeskDirector::listAccounts(const Request& request)
{
    return DeskPage::ofQuery(request).answer(
        _records.accounts(), [](const auto&) { return true; },
        [](const auto& entry) {
            return Json{{"id", entry.first}, {"name", entry.second.name}};
        });
}

Response DeskDirector::findAccounts(const Request& request)
{
    const Json body = bodyOf(request);
    const std::string search = lowerCase(body.value("search", ""));
    const auto tags = body.value("tags", std::vector<std::string>{});
    return DeskPage::ofBody(body).answer(
        _records.accounts(),
        [&](const auto& entry) {
            const auto& has = entry.second.tags;
            return matchesText(search, {entry.second.name}) &&
                   std::all_of(tags.begin(), tags.end(), [&](const std::string& tag) {
                       return std::find(has.begin(), has.end(), tag) != has.end();
                   });
        },
        [](const auto& entry) {
            const DeskAccount& account = entry.second;
            return Json{{"id", account.id},
                        {"name", account.name},
                        {"tags", account.tags},
                        {"active", account.active}};
        });
}

Response DeskDirector::getAccount(int id) const
{
    const DeskAccount& account = _records.account(id);
    return Response::json(200, {{"id", account.id},
                                {"name", account.name},
                                {"tags", account.tags},
                                {"active", account.active}});
}

/// Within one account "active" is the contact's own flag; over all it counts with the account's.
Response DeskDirector::findContacts(const Request& request)
{
    const Json body = bodyOf(request);
    std::optional<int> account;
    if (body.contains("companyId") && !body["companyId"].is_null())
        account = _records.account(body["companyId"].get<int>()).id;
    const std::string search = lowerCase(body.value("search", ""));
    const std::string state = body.value("state", "any");
    if (state != "any" && state != "active" && state != "inactive")
        throw DeskError{400, "The field 'state' must be any, active or inactive."};
    _records.beginSearch(_settings.values());
    return DeskPage::ofBody(body).answer(
        _records.contacts(account),
        [&](const DeskContact* contact) {
            const bool isActive =
                account ? contact->active : _records.isEffectivelyActive(*contact);
            return (state == "any" || isActive == (state == "active")) &&
                   _records.sees(contact->birth) &&
                   (search.empty() ||
                    matchesText(search,
                                {contact->email, contact->firstName + ' ' + contact->lastName}));
        },
        [&](const DeskContact* contact) { return _records.contactJson(*contact); });
}

Response DeskDirector::createContact(const Request& request)
{
    const Json body = bodyOf(request);
    if (!body.value("companyId", Json()).is_number_integer())
        throw DeskError{400, "The field 'companyId' is required."};
    if (!body.value("email", Json()).is_string())
        throw DeskError{400, "The field 'email' is required."};
    DeskContact& contact =
        _records.createContact(body["companyId"].get<int>(), body["email"].get<std::string>());
    Json rest = body;
    rest.erase("email");
    try
    {
        _records.patchContact(contact, rest);
    }
    catch (const DeskError&)
    {
        _records.eraseContact(contact.id);
        throw;
    }
    return Response::json(200, _records.contactJson(contact));
}

Response DeskDirector::patchContact(const Request& request, int id)
{
    DeskContact& contact = _records.contact(id);
    _records.patchContact(contact, bodyOf(request));
    return Response::json(200, _records.contactJson(contact));
}

Response DeskDirector::setActive(int id, bool active)
{
    DeskContact& contact = _records.contact(id);
    contact.active = active;
    return Response::json(200, _records.contactJson(contact));
}

Response DeskDirector::listGroups(const Request& request, int account)
{
    _records.account(account);
    _records.beginSearch(_settings.values());
    return DeskPage::ofQuery(request).answer(
        _records.groups(account),
        [&](const DeskGroup* group) { return _records.sees(group->birth); },
        [](const DeskGroup* group) {
            return Json{{"id", group->id}, {"name", group->name}};
        });
}

Response DeskDirector::createGroup(const Request& request, int account)
{
    const DeskGroup& group = _records.createGroup(account, bodyOf(request).value("name", ""));
    return Response::json(200, {{"id", group.id}, {"name", group.name}});
}

Response DeskDirector::patchGroup(const Request& request, const std::string& id)
{
    DeskGroup& group = _records.group(id);
    const Json body = bodyOf(request);
    if (body.contains("name"))
        _records.renameGroup(group,
                             body["name"].is_string() ? body["name"].get<std::string>() : "");
    return Response::json(200, {{"id", group.id}, {"name", group.name}});
}

Response DeskDirector::listMembers(const Request& request, const std::string& id)
{
    const DeskGroup& group = _records.group(id);
    _records.beginSearch(_settings.values());
    return DeskPage::ofQuery(request).answer(
        group.members,
        [&](const auto& member) { return _records.sees(_records.contact(member.first).birth); },
        [&](const auto& member) {
            const Json contact = _records.contactJson(_records.contact(member.first));
            return Json{
                {"contact",
                 {{"id", contact["id"]}, {"name", contact["name"]}, {"email", contact["email"]}}},
                {"role", member.second}};
        });
}

Response DeskDirector::putMember(const Request& request, const std::string& id, int contact)
{
    DeskGroup& group = _records.group(id);
    _records.putMember(group, contact, bodyOf(request).value("role", ""));
    return Response::json(200, Json::object());
}

Response DeskDirector::deleteMember(const std::string& id, int contact)
{
    _records.eraseMember(_records.group(id), contact);
    return {.status = 204};
}

Response DeskDirector::listNames(const Request& request, const std::string& list)
{
    const auto board = request.parameter("boardId");
    if (list == "statuses" && !board)
        throw DeskError{400, "The parameter 'boardId' is required."};
    return DeskPage::ofQuery(request).answer(
        _records.names(list),
        [&](const auto& entry) {
            return list != "statuses" || entry.second.value("boardId", 0) == idOf(*board);
        },
        [](const auto& entry) {
            return Json{{"id", entry.first}, {"name", entry.second.at("name")}};
        });
}

Response DeskDirector::findTickets(const Request& request)
{
    const Json body = bodyOf(request);
    const std::string state = body.value("state", "any");
    const auto matches = [&](const Json& ticket, const char* field) {
        return !body.contains(field) || body[field].is_null() ||
               ticket.value(field, 0) == body[field];
    };
    return DeskPage::ofBody(body).answer(
        _records.tickets(),
        [&](const auto& entry) {
            const bool isClosed = ticketJson(entry.second).at("isClosed").template get<bool>();
            return matches(entry.second, "boardId") && matches(entry.second, "statusId") &&
                   matches(entry.second, "requestTypeId") &&
                   (state == "any" || isClosed == (state == "closed"));
        },
        [&](const auto& entry) { return ticketJson(entry.second); });
}

Response DeskDirector::patchTicket(const Request& request, int id)
{
    Json& ticket = _records.ticket(id);
    const Json body = bodyOf(request);
    if (body.contains("statusId"))
    {
        const int status = body["statusId"].get<int>();
        if (_records.reference("statuses", status).is_null())
            throw DeskError{400, "There is no status " + std::to_string(status) + "."};
        ticket["statusId"] = status;
        ticket["statuses"].push_back(status);
    }
    return Response::json(200, ticketJson(ticket));
}

Response DeskDirector::addComment(const Request& request, int id)
{
    Json& ticket = _records.ticket(id);
    const Json body = bodyOf(request);
    if (!body.value("note", Json()).is_string())
        throw DeskError{400, "The field 'note' is required."};
    const int comment = _records.newId();
    ticket["comments"].push_back(
        {{"id", comment}, {"note", body["note"]}, {"isInternal", body.value("isInternal", false)}});
    return Response::json(200, {{"id", comment}});
}

Json DeskDirector::ticketJson(const Json& ticket) const
{
    const auto reference = [&](const char* list, const char* field) {
        return _records.reference(list, ticket.value(field, 0));
    };
    Json contact;
    Json account;
    if (const int id = ticket.value("contactId", 0); id != 0)
    {
        const Json full = _records.contactJson(_records.contact(id));
        contact = {{"id", id}, {"name", full["name"]}, {"email", full["email"]}};
        account = full["company"];
    }
    bool isClosed = ticket.value("isClosed", false);
    const Json status = reference("statuses", "statusId");
    if (!status.is_null())
        isClosed = lowerCase(status["name"].get<std::string>()).find("closed") != std::string::npos;
    Json json{{"id", ticket.at("id")},
              {"summary", ticket.value("summary", "")},
              {"status", status},
              {"queue", reference("boards", "boardId")},
              {"contact", contact},
              {"account", account},
              {"requestType", reference("requestTypes", "requestTypeId")},
              {"createdOn", ticket.value("createdOn", "2024-01-31T00:00:00Z")},
              {"isClosed", isClosed}};
    if (_settings.values().ticketsShowNotes)
        json["notes"] = ticket.value("comments", Json::array());
    return json;
}

Json DeskDirector::state() const
{
    const std::lock_guard lock(_mutex);
    Json state = _records.json();
    state["writes"] = writesJson();
    state["subscriptions"] = _subscriptions;
    const Json load = _log.service(name());
    for (const auto& [key, value] : load.items())
        state[key] = value;
    return state;
}

} // namespace muster::sandbox
