#include "Tickets.h"

#include <array>
#include <map>
#include <stdexcept>
#include <utility>

namespace deskdirector {

using muster::target::Answer;
using muster::target::Finding;
using muster::target::Output;
using muster::target::Place;
using muster::target::Severity;
using muster::target::Ticket;

namespace {

/// The first that fits counts.
constexpr std::array<std::pair<const char*, const char*>, 4> kStatuses{
    {{"granted", "grantedStatusId"},
     {"declined", "declinedStatusId"},
     {"in-progress", "inProgressStatusId"},
     {"closed", "closedStatusId"}}};

std::string textIn(const Json& object, const char* name)
{
    const auto value = field(object, name);
    if (value.is_string())
        return value.get<std::string>();
    return value.is_null() || value.is_structured() ? std::string() : value.dump();
}

Json choicesIn(const Json& formField)
{
    auto choices = Json::array();
    for (const auto& choice : field(formField, "choices"))
    {
        choices.push_back(
            {{"identifier", textIn(choice, "identifier")}, {"name", textIn(choice, "name")}});
        if (const auto selected = field(choice, "selected"); selected.is_boolean())
            choices.back()["selected"] = selected;
    }
    return choices;
}

/// The fields of a form's result, wherever they stand in it: some sites put them in sections.
void collectFields(const Json& value, Json& fields)
{
    if (value.is_array())
        for (const auto& item : value)
            collectFields(item, fields);
    if (!value.is_object())
        return;
    if (const auto own = field(value, "fields"); own.is_array())
        for (const auto& one : own)
            fields.push_back({{"identifier", textIn(one, "identifier")},
                              {"name", textIn(one, "name")},
                              {"value", textIn(one, "value")},
                              {"choices", choicesIn(one)}});
    for (const auto* inner : {"result", "form", "sections"})
        collectFields(field(value, inner), fields);
}

Json formsIn(const Json& body)
{
    auto forms = Json::array();
    const auto results = body.is_array() ? body : field(body, "results");
    for (const auto& result : results)
    {
        auto fields = Json::array();
        collectFields(result, fields);
        forms.push_back({{"fields", std::move(fields)}});
    }
    return forms;
}

std::optional<std::vector<std::string>> notesIn(const Json& ticket)
{
    const auto notes = field(ticket, "notes");
    if (!notes.is_array())
        return std::nullopt;
    std::vector<std::string> texts;
    for (const auto& note : notes)
        texts.push_back(note.is_string() ? note.get<std::string>() : textIn(note, "note"));
    return texts;
}

} // namespace

/// A list of the site, and the settings that name one of its entries each.
struct Tickets::Naming
{
    std::string what;
    List list;
    std::vector<const char*> keys;
};

Tickets::Tickets(const Site& site, const Json& settings)
    : _site(site), _settings(settings.is_object() ? settings : Json::object())
{}

Answer Tickets::askFor(const std::string& what, const std::string& call,
                       const Profile::Places& places, const Json& body) const
{
    auto answer = _site.host().send(_site.profile().request(call, places, body));
    if (!answer.isSuccess() && answer.status != 404)
        fail(what, answer);
    return answer;
}

bool Tickets::isOnBoard(const Json& ticket) const
{
    const auto isOther = [&](const char* reference, const char* key) {
        const auto id = idOf(field(ticket, reference));
        return setting(key) != 0 && !id.empty() && id != std::to_string(setting(key));
    };
    return !isOther("queue", "boardId") && !isOther("requestType", "requestTypeId");
}

std::string Tickets::statusOf(const Json& ticket) const
{
    const auto id = idOf(field(ticket, "status"));
    for (const auto& [name, key] : kStatuses)
        if (setting(key) != 0 && id == std::to_string(setting(key)))
            return name;
    return {};
}

std::vector<Ticket> Tickets::open() const
{
    std::vector<Ticket> tickets;
    if (setting("boardId") == 0)
        return tickets;
    Json body{{"boardId", setting("boardId")}, {"state", "open"}};
    if (setting("requestTypeId") != 0)
        body["requestTypeId"] = setting("requestTypeId");
    const auto failure =
        _site
            .readAll({List{"tickets.find", {}, body}},
                     [&](size_t, const Json& item) {
                         if (const auto id = idOf(item); !id.empty() && isOnBoard(item))
                             tickets.push_back({id, statusOf(item)});
                     })
            .front();
    if (failure)
        fail("look for tickets on board " + std::to_string(setting("boardId")), *failure);
    return tickets;
}

std::optional<Ticket> Tickets::find(const std::string& id) const
{
    const auto what = "read ticket " + id;
    const auto answer = askFor(what, "tickets.get", {{"ticket", id}});
    const auto ticket = answer.json();
    if (answer.status == 404)
        return std::nullopt;
    if (idOf(ticket) != id)
        throw muster::target::RetryError(what + ": the site's answer is not this ticket");
    if (setting("boardId") == 0 || !isOnBoard(ticket))
        return std::nullopt;
    const auto status = statusOf(ticket);
    Ticket found{.id = id,
                 .status = status,
                 .isClosed = field(ticket, "isClosed") == Json(true) || status == "closed",
                 .summary = textIn(ticket, "summary"),
                 .contact = textIn(field(ticket, "contact"), "name"),
                 .notes = notesIn(ticket)};
    const auto forms = askFor("read the form of ticket " + id, "tickets.form", {{"ticket", id}});
    if (forms.isSuccess())
    {
        const auto body = forms.json();
        if (!body.is_array() && !field(body, "results").is_array())
            throw muster::target::RetryError("read the form of ticket " + id +
                                             ": the site's answer is no list of form results");
        found.forms = formsIn(body);
    }
    return found;
}

std::vector<Place> Tickets::accounts() const
{
    std::vector<Place> places;
    const auto failure =
        _site
            .readAll({List{"accounts.list"}},
                     [&](size_t, const Json& item) {
                         const auto id = idOf(item);
                         const auto number = Json::parse(id, nullptr, false);
                         if (number.is_number_integer())
                             places.push_back({{{"account", number}}, id, textIn(item, "name")});
                     })
            .front();
    if (failure)
        fail("list the accounts", *failure);
    return places;
}

void Tickets::setStatus(const std::string& ticket, const std::string& status) const
{
    for (const auto& [name, key] : kStatuses)
        if (status == name && setting(key) != 0)
        {
            const auto what = "set ticket " + ticket + " to status " +
                              std::to_string(setting(key)) + " (requests." + key + ")";
            const auto answer =
                askFor(what, "tickets.patch", {{"ticket", ticket}}, {{"statusId", setting(key)}});
            if (!answer.isSuccess())
                fail(what, answer);
            return;
        }
    throw std::runtime_error("there is no status " + status + " in the setting requests");
}

void Tickets::comment(const std::string& ticket, const std::string& text) const
{
    const auto what = "write a note in ticket " + ticket;
    const auto answer = askFor(what, "tickets.comment", {{"ticket", ticket}},
                               {{"note", text}, {"isInternal", true}});
    if (!answer.isSuccess())
        fail(what, answer);
}

std::string Tickets::subscribe(const std::string& url) const
{
    const auto event = _settings.value("eventId", "");
    const auto what = "subscribe to event " + event + " (requests.eventId)";
    const auto answer = askFor(what, "event.subscribe", {{"event", event}},
                               {{"url", url}, {"parameters", Json::object()}});
    if (!answer.isSuccess())
        fail(what, answer);
    return idOf(answer.json());
}

void Tickets::unsubscribe(const std::string& subscription) const
{
    askFor("end the subscription " + subscription, "event.unsubscribe",
           {{"event", _settings.value("eventId", "")}, {"action", subscription}});
}

void Tickets::check(const Output& output) const
{
    if (setting("boardId") == 0)
        return;
    checkNames({"board", {"boards"}, {"boardId"}}, output);
    checkNames({"status",
                {"statuses", {{"board", std::to_string(setting("boardId"))}}},
                {"inProgressStatusId", "closedStatusId", "grantedStatusId", "declinedStatusId"}},
               output);
    if (setting("requestTypeId") != 0)
        checkNames({"request type", {"requestTypes"}, {"requestTypeId"}}, output);
}

void Tickets::checkNames(const Naming& naming, const Output& output) const
{
    std::map<std::string, std::string> names;
    const auto failure =
        _site
            .readAll({naming.list},
                     [&](size_t, const Json& item) { names[idOf(item)] = textIn(item, "name"); })
            .front();
    if (failure)
    {
        output.say(Finding{
            "requests-unknown", Severity::Warning,
            sentence(describe("look up the names for requests." + std::string(naming.keys.front()),
                              *failure)) +
                " Whether the ids are right is not known."});
        return;
    }
    std::string known;
    for (const auto& [id, name] : names)
        known += (known.empty() ? "" : ", ") + id + " " + name;
    for (const auto* key : naming.keys)
    {
        if (setting(key) == 0)
            continue;
        const auto id = std::to_string(setting(key));
        const auto found = names.find(id);
        const auto path = std::string("requests.") + key;
        if (found != names.end())
            output.say(Finding{"requests-found", Severity::Info,
                               path + ": " + naming.what + " " + id + " is " + found->second});
        else
            output.say(Finding{"requests-missing", Severity::Error,
                               path + ": the site knows no " + naming.what + " " + id +
                                   "; there are: " + (known.empty() ? "none" : known)});
    }
}

} // namespace deskdirector
