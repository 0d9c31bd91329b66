#include "plugins/PluginRequests.h"

#include "runtime/Errors.h"

#include <array>
#include <stdexcept>
#include <utility>

namespace muster::plugins {

using runner::Function;

namespace {

constexpr std::array<std::pair<TicketStatus, const char*>, 5> kStatuses{
    {{TicketStatus::Other, ""},
     {TicketStatus::Granted, "granted"},
     {TicketStatus::Declined, "declined"},
     {TicketStatus::InProgress, "in-progress"},
     {TicketStatus::Closed, "closed"}}};

std::string nameOf(TicketStatus status)
{
    for (const auto& [known, name] : kStatuses)
        if (known == status)
            return name;
    throw std::logic_error("no such status");
}

TicketStatus statusIn(const Json& value)
{
    const auto text = value.value("status", "");
    for (const auto& [status, name] : kStatuses)
        if (text == name)
            return status;
    throw std::invalid_argument("\"" + text + "\" is no status of a ticket");
}

void expect(const Line& line, const char* what)
{
    if (line.what != what)
        throw std::invalid_argument("\"" + line.what + "\" is no " + what);
}

std::string idIn(const Json& value)
{
    auto id = value.at("id").get<std::string>();
    if (id.empty())
        throw std::invalid_argument("\"id\" is empty");
    return id;
}

FormField fieldFrom(const Json& value)
{
    FormField field{.identifier = value.value("identifier", ""),
                    .name = value.value("name", ""),
                    .value = value.value("value", "")};
    for (const auto& choice : value.value("choices", Json::array()))
    {
        field.choices.push_back({choice.value("identifier", ""), choice.value("name", "")});
        if (choice.contains("selected"))
            field.choices.back().isSelected = choice["selected"].get<bool>();
    }
    return field;
}

Ticket ticketFrom(const Json& value)
{
    Ticket ticket{.id = idIn(value),
                  .status = statusIn(value),
                  .isClosed = value.value("isClosed", false),
                  .summary = value.value("summary", ""),
                  .contact = value.value("contact", "")};
    for (const auto& form : value.at("forms"))
    {
        auto& fields = ticket.forms.emplace_back();
        for (const auto& field : form.at("fields"))
            fields.push_back(fieldFrom(field));
    }
    if (value.contains("notes"))
        ticket.notes = value["notes"].get<std::vector<std::string>>();
    return ticket;
}

void requireRoom(size_t count)
{
    constexpr size_t kMost = 100'000;
    if (count >= kMost)
        throw std::invalid_argument("more than " + std::to_string(kMost) + " of them");
}

/// Of a call that says nothing but how it went.
void nothing(const Line& line)
{
    throw std::invalid_argument("\"" + line.what + "\" is not asked for");
}

} // namespace

std::vector<TicketEntry> PluginRequests::tickets(const runtime::Cancellation& cancellation)
{
    std::vector<TicketEntry> entries;
    _ask(
        Function::Tickets, {},
        [&](const Line& line) {
            expect(line, "ticket");
            requireRoom(entries.size());
            entries.push_back({idIn(line.value), statusIn(line.value)});
        },
        cancellation);
    return entries;
}

std::optional<Ticket> PluginRequests::ticket(const std::string& id,
                                             const runtime::Cancellation& cancellation)
{
    std::optional<Ticket> found;
    _ask(
        Function::Ticket, toLine("ticket", {{"id", id}}),
        [&](const Line& line) {
            expect(line, "ticket");
            found = ticketFrom(line.value);
        },
        cancellation);
    return found;
}

std::vector<ScopePlace> PluginRequests::places(const runtime::Cancellation& cancellation)
{
    std::vector<ScopePlace> places;
    _ask(
        Function::Places, {},
        [&](const Line& line) {
            expect(line, "place");
            requireRoom(places.size());
            places.push_back(
                {line.value.at("scope"), idIn(line.value), line.value.value("name", "")});
        },
        cancellation);
    return places;
}

void PluginRequests::setStatus(const std::string& ticket, TicketStatus status,
                               const runtime::Cancellation& cancellation)
{
    _ask(Function::SetStatus, toLine("status", {{"ticket", ticket}, {"name", nameOf(status)}}),
         &nothing, cancellation);
}

void PluginRequests::writeNote(const std::string& ticket, const std::string& text,
                               const runtime::Cancellation& cancellation)
{
    _ask(Function::WriteNote, toLine("note", {{"ticket", ticket}, {"text", text}}), &nothing,
         cancellation);
}

std::string PluginRequests::subscribe(const std::string& url,
                                      const runtime::Cancellation& cancellation)
{
    std::string id;
    _ask(
        Function::Subscribe, toLine("door", {{"url", url}}),
        [&](const Line& line) {
            expect(line, "subscription");
            id = line.value.value("id", "");
        },
        cancellation);
    return id;
}

void PluginRequests::unsubscribe(const std::string& subscription,
                                 const runtime::Cancellation& cancellation)
{
    _ask(Function::Unsubscribe, toLine("subscription", {{"id", subscription}}), &nothing,
         cancellation);
}

} // namespace muster::plugins
