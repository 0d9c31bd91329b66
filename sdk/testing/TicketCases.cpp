#include "TicketCases.h"

#include "Trial.h"

namespace muster::testing {

namespace {

/// The same subject in a world with a ticket.
Subject withTickets(Subject subject)
{
    subject.world = [tickets = *subject.tickets] {
        auto world = tickets.world();
        world.settings.merge_patch(tickets.settings);
        return world;
    };
    return subject;
}

Json onlyTicket(const Result& result, const std::string& id)
{
    const auto tickets = result.all("ticket");
    require(result.status == MUSTER_OK && result.trouble.empty() && tickets.size() == 1 &&
                tickets[0].value("id", "") == id,
            "it says not the one ticket " + id + ": status " + std::to_string(result.status) + " " +
                result.trouble + result.message,
            "target.h, struct muster_requests");
    return tickets[0];
}

void saysTheTicketThatIsThere(const Subject& subject)
{
    Trial trial(withTickets(subject));
    const auto& id = subject.tickets->id;
    require(onlyTicket(trial.instance().tickets(), id).value("status", "") == "granted",
            "the list does not say that ticket " + id + " was granted", "target.h, tickets");
    const auto ticket = onlyTicket(trial.instance().ticket(id), id);
    require(ticket.value("status", "") == "granted" && !ticket.value("isClosed", false),
            "the ticket is " + ticket.dump(), "target.h, ticket");
    bool isFound = false;
    for (const auto& form : ticket.at("forms"))
        for (const auto& field : form.at("fields"))
            isFound = isFound || field.at("identifier") == subject.tickets->field;
    require(isFound, "the field " + subject.tickets->field + " is not in " + ticket.dump(),
            "target.h, ticket");
    const auto other = trial.instance().ticket("999999");
    require(other.status == MUSTER_OK && other.lines.empty(), "there is a ticket 999999",
            "target.h, ticket: nothing when it is not there");
}

void saysPlacesThatAreScopes(const Subject& subject)
{
    Trial trial(withTickets(subject));
    bool isFound = false;
    for (const auto& place : trial.instance().places().all("place"))
        isFound = isFound || place.at("scope") == subject.scope;
    require(isFound, "the scope " + subject.scope.dump() + " is not among its places",
            "target.h, places");
}

void changesATicketAsItIsTold(const Subject& subject)
{
    Trial trial(withTickets(subject));
    auto& instance = trial.instance();
    const auto& id = subject.tickets->id;
    for (int i = 0; i < 2; ++i)
        require(instance.setStatus(id, "in-progress").status == MUSTER_OK,
                "the status could not be set twice", "target.h, set_status");
    require(onlyTicket(instance.ticket(id), id).value("status", "") == "in-progress",
            "the status is not what was set", "target.h, set_status");
    require(instance.writeNote(id, "a *note*").status == MUSTER_OK, "no note could be written",
            "target.h, write_note");
    require(instance.setStatus(id, "closed").status == MUSTER_OK, "it could not be closed",
            "target.h, set_status");
    require(instance.tickets().all("ticket").empty(), "a closed ticket is said to be open",
            "target.h, tickets");
    require(instance.setStatus("999999", "closed").status == MUSTER_REJECTED,
            "a ticket that is not there was closed", "target.h, MUSTER_REJECTED");
}

void triesTicketsAgainLaterAfterServerErrors(const Subject& subject)
{
    Trial trial(withTickets(subject));
    auto& instance = trial.instance();
    const auto& id = subject.tickets->id;
    trial.host().answerWith(always({503, "{}"}));
    for (const auto& result : {instance.tickets(), instance.ticket(id), instance.places(),
                               instance.setStatus(id, "closed"), instance.writeNote(id, "note")})
        require(result.status == MUSTER_RETRY && result.lines.empty(),
                "503 gave status " + std::to_string(result.status), "target.h, MUSTER_RETRY");
    trial.host().answerWith(always({200, "<html>"}));
    for (const auto& result : {instance.tickets(), instance.ticket(id), instance.places()})
        require(result.status != MUSTER_OK && result.lines.empty(),
                "a page that is no JSON gave status " + std::to_string(result.status),
                "target.h, struct muster_requests");
}

} // namespace

std::vector<Case> ticketCases(const Subject& subject)
{
    std::vector<Case> cases;
    const auto add = [&](const char* name, void (*run)(const Subject&)) {
        cases.push_back({name, [subject, run] { run(subject); }});
    };
    add("saysTheTicketThatIsThere", &saysTheTicketThatIsThere);
    add("saysPlacesThatAreScopes", &saysPlacesThatAreScopes);
    add("changesATicketAsItIsTold", &changesATicketAsItIsTold);
    add("triesTicketsAgainLaterAfterServerErrors", &triesTicketsAgainLaterAfterServerErrors);
    return cases;
}

} // namespace muster::testing
