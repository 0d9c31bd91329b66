#include "requests/Clerk.h"

#include "estate/EstateStore.h"
#include "requests/Doors.h"
#include "requests/Notes.h"
#include "runtime/Errors.h"
#include "runtime/Trouble.h"
#include "store/GivenSecret.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <map>

namespace muster::requests {

using namespace std::chrono;
using plugins::TicketStatus;
using runtime::Cancellation;

namespace {

const std::string kUnnamed = "-"; ///< a subscription of which the target says no id
constexpr seconds kFirstWait{15};
constexpr seconds kLongestWait = minutes(15);
constexpr int64_t kMostRuns = 8;    ///< tries of a run that cannot reach the outside: half an hour
constexpr int64_t kMostForeign = 4; ///< looks for a form that may come after its ticket
constexpr size_t kMostAnnounced = 10; ///< tickets that are looked at because somebody named them
constexpr int kPartOfAge = 10;        ///< an unclear one is looked at after this part of its age

seconds waitAfter(int64_t attempts)
{
    constexpr int64_t kDoublings = 6;
    const auto factor = 1LL << std::clamp<int64_t>(attempts - 1, 0, kDoublings);
    return std::min<seconds>(kFirstWait * factor, kLongestWait);
}

plugins::RequestChannel& ticketsOf(plugins::TargetChannel& channel, const Setup& setup)
{
    if (auto* const tickets = channel.tickets())
        return *tickets;
    throw ConfigError("target " + setup.target.name + ": its plugin " + setup.target.plugin +
                      " knows no tickets: remove the setting requests");
}

std::string named(const Setup& setup, const Request& request)
{
    return "target " + setup.target.name + ", ticket " + request.ticket;
}

Poco::Logger& logger()
{
    return Poco::Logger::get("requests");
}

} // namespace

Clerk::Clerk(const Parts& parts, const Setup& setup, std::mutex& deciding)
    : _parts(parts),
      _setup(setup),
      _deciding(deciding),
      _channel(parts.openTarget(setup.target)),
      _tickets(ticketsOf(*_channel, setup)),
      _store(parts.store)
{}

void Clerk::poll(const std::vector<std::string>& announced, const Cancellation& cancellation)
{
    const auto entries = _tickets.tickets(cancellation);
    std::map<std::string, const plugins::TicketEntry*> open;
    for (const auto& entry : entries)
        open[entry.id] = &entry;
    for (const auto& request : _store.open(_setup.target.id))
    {
        const auto found = open.find(request.ticket);
        wakeIfNews(request, found == open.end() ? nullptr : found->second);
        const bool isNamed =
            std::find(announced.begin(), announced.end(), request.ticket) != announced.end();
        if (isNamed && (request.state == State::Waiting || request.state == State::Unclear ||
                        request.state == State::Foreign))
            _store.wake(request.id, _parts.clock.now());
    }
    const auto known = _store.tickets(_setup.target.id);
    for (const auto& entry : entries)
        if (!known.count(entry.id))
            _store.add(_setup.target.id, entry.id, _parts.clock.now());
    // A search right after a write can miss it; and what was announced may be anything.
    size_t asked = 0;
    for (const auto& id : announced)
        if (!open.count(id) && !known.count(id) && ++asked <= kMostAnnounced &&
            isForUs(id, cancellation))
            _store.add(_setup.target.id, id, _parts.clock.now());
}

bool Clerk::isForUs(const std::string& ticket, const Cancellation& cancellation)
{
    const auto found = _tickets.ticket(ticket, cancellation);
    return found && !found->isClosed;
}

/// `entry` is null when the ticket is not among the open ones.
void Clerk::wakeIfNews(const Request& request, const plugins::TicketEntry* entry)
{
    const auto is = [&](TicketStatus status) { return entry && entry->status == status; };
    bool isNews = false;
    if (request.state == State::Waiting)
        isNews = !entry || is(TicketStatus::Granted) || is(TicketStatus::Declined) ||
                 !_setup.isApprovalRequired;
    else if (request.state == State::Unclear)
        isNews = !entry || is(TicketStatus::Declined);
    else if (request.state == State::Withdrawn)
        isNews = entry != nullptr;
    if (isNews)
        _store.wake(request.id, _parts.clock.now());
}

void Clerk::keepDoor(const std::function<void(const std::string& digest)>& opened,
                     const Cancellation& cancellation)
{
    if (_setup.event.empty() || _setup.publicUrl.empty())
        return;
    const auto kept = _store.door(_setup.target.id);
    if (kept && kept->event == _setup.event && kept->url == _setup.publicUrl &&
        !kept->subscription.empty())
        return;
    if (kept && !kept->subscription.empty() && kept->event == _setup.event)
        _tickets.unsubscribe(kept->subscription, cancellation);
    const auto secret = newDoorSecret();
    DoorKey door{_setup.event, _setup.publicUrl, store::digestOf(secret), {}};
    // The first event may come before the answer.
    _store.keepDoor(_setup.target.id, door);
    opened(door.digest);
    door.subscription = _tickets.subscribe(
        _setup.publicUrl + eventPath(_setup.target.plugin, _setup.target.name) + secret,
        cancellation);
    if (door.subscription.empty())
        door.subscription = kUnnamed;
    _store.keepDoor(_setup.target.id, door);
}

std::vector<plugins::ScopePlace> Clerk::places(const Cancellation& cancellation)
{
    return _tickets.places(cancellation);
}

void Clerk::work(Request request, const Cancellation& cancellation)
{
    const auto trouble = runtime::troubleOf([&] {
        try
        {
            advance(request, cancellation);
        }
        catch (const CancelledError&)
        {} // it is as it was stored last
    });
    if (trouble)
        postpone(request, *trouble);
}

void Clerk::advance(Request& request, const Cancellation& cancellation)
{
    const bool beginsWithRun = request.state == State::Running && request.note.empty();
    // An earlier try may have come further than what was stored.
    if (request.state == State::Accepted || request.state == State::Closing)
        if (resume(request, cancellation) == Step::Wait)
            return;
    auto next = Step::Next;
    for (bool isFirst = true; next == Step::Next && !cancellation.isRequested(); isFirst = false)
    {
        const bool isRun = request.state == State::Running && request.note.empty();
        if (isRun && !(beginsWithRun && isFirst))
            return;
        next = step(request, cancellation);
    }
}

Clerk::Step Clerk::step(Request& request, const Cancellation& cancellation)
{
    if (!request.note.empty())
        return writeNote(request, cancellation);
    switch (request.state)
    {
    case State::New:
    case State::Waiting:
    case State::Unclear:
    case State::Foreign:
    case State::Withdrawn:
        return look(request, cancellation);
    case State::Accepted:
        return setStatus(request, TicketStatus::InProgress, State::Running, cancellation);
    case State::Running:
        return run(request, cancellation);
    case State::Closing:
        return setStatus(request, TicketStatus::Closed, State::Done, cancellation);
    case State::Done:
    case State::Failed:
    case State::Declined:
        break;
    }
    return rest(request, request.state);
}

/// Looks whether the ticket has the status already that it is to get.
Clerk::Step Clerk::resume(Request& request, const Cancellation& cancellation)
{
    const auto ticket = _tickets.ticket(request.ticket, cancellation);
    const bool isClosed = !ticket || ticket->isClosed;
    if (request.state == State::Accepted && isClosed)
        return rest(request, State::Withdrawn);
    if (request.state == State::Closing && request.note.empty() && isClosed)
        return rest(request, State::Done);
    if (request.state == State::Accepted && ticket->status == TicketStatus::InProgress)
        enter(request, State::Running);
    _store.save(request);
    return Step::Next;
}

/// Nothing more is done about it until something new is told.
Clerk::Step Clerk::rest(Request& request, State state)
{
    enter(request, state);
    request.dueAt.reset();
    _store.save(request);
    return Step::Wait;
}

Clerk::Step Clerk::look(Request& request, const Cancellation& cancellation)
{
    const auto ticket = _tickets.ticket(request.ticket, cancellation);
    const bool isDeclined = ticket && ticket->status == TicketStatus::Declined;
    if (!ticket || (ticket->isClosed && !isDeclined))
        return rest(request, State::Withdrawn);
    request.summary = ticket->summary;
    request.contact = ticket->contact;
    const auto answers = answersOf(ticket->forms, _setup);
    if (!answers.isRequest)
        return setForeign(request);
    if (isDeclined)
    {
        enter(request, State::Declined);
        request.message = "declined";
        note(request, noteOfDecline(request));
        return Step::Next;
    }
    return decide(request, *ticket, answers, cancellation);
}

Clerk::Step Clerk::setForeign(Request& request)
{
    // A form may come a moment after its ticket.
    ++request.attempts;
    request.dueAt = request.attempts < kMostForeign
                        ? std::optional(_parts.clock.now() + waitAfter(request.attempts))
                        : std::nullopt;
    enter(request, State::Foreign);
    _store.save(request);
    return Step::Wait;
}

Clerk::Step Clerk::decide(Request& request, const plugins::Ticket& ticket, const Answers& answers,
                          const Cancellation& cancellation)
{
    const auto places = _tickets.places(cancellation);
    const auto decision = consider(answers, places, [&](const estate::Tenant& tenant) {
        auto lacks = _parts.lacks(tenant);
        if (lacks.empty())
            return lacks;
        // What is known may be a day old, or nothing.
        _parts.look(tenant, cancellation);
        return _parts.lacks(tenant);
    });
    request.tenant = decision.tenant;
    request.mode = decision.mode;
    if (!decision.problem.empty())
        return setUnclear(request, answers, decision.problem);
    request.answers = answers.text();
    request.sync = decision.sync;
    request.message.clear();
    if (_setup.isApprovalRequired && ticket.status != TicketStatus::Granted)
        return rest(request, State::Waiting);
    if (!decision.entry.is_null())
        declare(request, answers, places);
    request.baseline = _store.lastRun(request.sync);
    enter(request, State::Accepted);
    request.dueAt = _parts.clock.now();
    _store.save(request);
    poco_information(logger(), named(_setup, request) + ": the sync " + request.sync +
                                   " was asked for" +
                                   (request.contact.empty() ? "" : " by " + request.contact));
    return Step::Next;
}

Decision Clerk::consider(const Answers& answers, const std::vector<plugins::ScopePlace>& places,
                         const Lacks& lacks)
{
    auto database = _parts.store.connect();
    estate::EstateStore estate(database);
    const Tenants tenants(estate.tenants(), estate.syncs(), _setup.target, places);
    return Decider(database, _parts.catalog, _setup, tenants, lacks).decide(answers);
}

/// Declares the sync, unless somebody did in the meantime.
void Clerk::declare(Request& request, const Answers& answers,
                    const std::vector<plugins::ScopePlace>& places)
{
    const std::lock_guard lock(_deciding);
    const auto decision =
        consider(answers, places, [](const estate::Tenant&) { return std::string(); });
    request.sync = decision.sync;
    if (!decision.entry.is_null())
        _parts.declare(named(_setup, request), decision.entry);
}

Clerk::Step Clerk::setUnclear(Request& request, const Answers& answers, const std::string& problem)
{
    const auto now = _parts.clock.now();
    const bool isTold = request.state == State::Unclear && request.answers == answers.text();
    const auto age = now - (isTold ? request.changedAt : now);
    request.dueAt = now + std::max<milliseconds>(_setup.poll, age / kPartOfAge);
    request.answers = answers.text();
    request.message = problem;
    request.attempts = 0;
    if (isTold)
    {
        _store.save(request);
        return Step::Wait;
    }
    enter(request, State::Unclear);
    request.changedAt = now;
    note(request, noteOfProblem(problem));
    return Step::Next;
}

Clerk::Step Clerk::run(Request& request, const Cancellation& cancellation)
{
    // A run that began after the request was accepted did what was asked for, whoever began it: it
    // may be this request's own, before the host was killed.
    if (const auto done = _store.runAfter(request.sync, request.baseline))
        return settleRun(request, _parts.findRun(*done));
    try
    {
        return settleRun(request, _parts.run(request.sync, cancellation));
    }
    catch (const UsageError&)
    {
        // The sync was removed from the estate: what was asked for is decided anew.
        enter(request, State::New);
        _store.save(request);
        return Step::Next;
    }
}

Clerk::Step Clerk::settleRun(Request& request, const sync::Run& run)
{
    if (run.trouble == sync::Trouble::Unreachable && request.attempts + 1 < kMostRuns)
    {
        request.baseline = run.id; // what it left undone is not done
        postpone(request, run.message);
        return Step::Wait;
    }
    request.run = run.id;
    if (run.state == sync::RunState::Failed || run.state == sync::RunState::Interrupted)
        return fail(request, run.message);
    enter(request, State::Closing);
    request.message = "run " + std::to_string(run.id) + " " + sync::toText(run.state);
    note(request, noteOfRun(request, run));
    return Step::Next;
}

Clerk::Step Clerk::fail(Request& request, const std::string& why)
{
    enter(request, State::Failed);
    request.message = why;
    note(request, noteOfFailure(request, why));
    return Step::Next;
}

Clerk::Step Clerk::writeNote(Request& request, const Cancellation& cancellation)
{
    bool isThere = false;
    try
    {
        if (request.isNoteTried)
        {
            const auto ticket = _tickets.ticket(request.ticket, cancellation);
            isThere = ticket && ticket->notes && isAmong(request, *ticket->notes);
        }
        request.isNoteTried = true;
        _store.save(request);
        if (!isThere)
            _tickets.writeNote(request.ticket, signedNote(request), cancellation);
    }
    catch (const RejectedError& error)
    {
        // A failed note never fails the sync (contract deskdirector.md, Part 2, section 10, 5).
        poco_warning(logger(), named(_setup, request) + ": its note was refused: " + error.what());
    }
    request.note.clear();
    request.isNoteTried = false;
    request.attempts = 0;
    _store.save(request);
    return request.state == State::Unclear ? Step::Wait : Step::Next;
}

Clerk::Step Clerk::setStatus(Request& request, TicketStatus status, State next,
                             const Cancellation& cancellation)
{
    try
    {
        _tickets.setStatus(request.ticket, status, cancellation);
    }
    catch (const RejectedError& error)
    {
        request.message = error.what();
        poco_warning(logger(),
                     named(_setup, request) + ": its status was not changed: " + error.what());
    }
    enter(request, next);
    request.attempts = 0;
    request.dueAt = next == State::Done ? std::nullopt : std::optional(_parts.clock.now());
    _store.save(request);
    return next == State::Done ? Step::Wait : Step::Next;
}

void Clerk::postpone(Request& request, const std::string& why)
{
    ++request.attempts;
    request.message = why;
    request.dueAt = _parts.clock.now() + waitAfter(request.attempts);
    _store.save(request);
    poco_warning(logger(), named(_setup, request) + ": " + why);
}

void Clerk::enter(Request& request, State state)
{
    if (request.state == state)
        return;
    request.state = state;
    request.changedAt = _parts.clock.now();
    if (state != State::Foreign)
        request.attempts = 0;
}

/// Stores the request with a note to be written next.
void Clerk::note(Request& request, const std::string& text)
{
    ++request.notes;
    request.note = text;
    request.isNoteTried = false;
    if (request.state != State::Unclear)
        request.dueAt = _parts.clock.now();
    _store.save(request);
}

} // namespace muster::requests
