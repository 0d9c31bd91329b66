#include "FakeDesk.h"

#include "estate/EstateStore.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <algorithm>

namespace muster::requests {

using plugins::TicketStatus;

void FakeTickets::called(const std::string& call)
{
    calls.push_back(call);
    fault(call);
}

size_t FakeTickets::count(const std::string& call) const
{
    return static_cast<size_t>(std::count(calls.begin(), calls.end(), call));
}

std::vector<plugins::TicketEntry> FakeTickets::tickets(const runtime::Cancellation&)
{
    const std::lock_guard lock(_mutex);
    called("tickets");
    std::vector<plugins::TicketEntry> entries;
    for (const auto& [id, ticket] : held)
        if (isOpen(ticket) && !isSearchBlind)
            entries.push_back({id, ticket.status});
    return entries;
}

std::optional<plugins::Ticket> FakeTickets::ticket(const std::string& id,
                                                   const runtime::Cancellation&)
{
    const std::lock_guard lock(_mutex);
    called("ticket");
    const auto found = held.find(id);
    if (found == held.end())
        return std::nullopt;
    plugins::Ticket ticket{.id = id,
                           .status = found->second.status,
                           .isClosed = found->second.isClosed,
                           .summary = "Sync User Group",
                           .contact = "Tec Hnician",
                           .forms = found->second.forms};
    if (showsNotes)
        ticket.notes = found->second.notes;
    return ticket;
}

std::vector<plugins::ScopePlace> FakeTickets::places(const runtime::Cancellation&)
{
    const std::lock_guard lock(_mutex);
    called("places");
    return accounts;
}

void FakeTickets::setStatus(const std::string& ticket, TicketStatus status,
                            const runtime::Cancellation&)
{
    const std::lock_guard lock(_mutex);
    called("status");
    auto& changed = held.at(ticket);
    changed.status = status;
    changed.statuses.push_back(status);
    changed.isClosed = status == TicketStatus::Closed;
    fault("status done");
}

void FakeTickets::writeNote(const std::string& ticket, const std::string& text,
                            const runtime::Cancellation&)
{
    const std::lock_guard lock(_mutex);
    called("note");
    held.at(ticket).notes.push_back(text);
    fault("note done");
}

std::string FakeTickets::subscribe(const std::string& url, const runtime::Cancellation&)
{
    const std::lock_guard lock(_mutex);
    called("subscribe");
    urls.push_back(url);
    return "a" + std::to_string(urls.size());
}

void FakeTickets::unsubscribe(const std::string&, const runtime::Cancellation&)
{
    const std::lock_guard lock(_mutex);
    called("unsubscribe");
}

std::vector<runtime::Finding> FakeTickets::check(const std::vector<plugins::Json>&,
                                                 const runtime::Cancellation&)
{
    return {};
}

void FakeTickets::read(const plugins::ReadRequest&, const OnRecord&, const OnLink&,
                       const runtime::Cancellation&)
{}

void FakeTickets::apply(const plugins::Json&, const std::vector<plugins::ChangeRequest>&,
                        const std::function<void(plugins::Outcome)>&, const runtime::Cancellation&)
{}

FakeDesk::FakeDesk() : catalog({MUSTER_BINARY_DIR "/lib/muster"}, clock)
{
    database.execute("INSERT INTO target(id, name, document) VALUES(7, 'desk', '{}')");
    set({{"boardId", 3}, {"inProgressStatusId", 12}, {"closedStatusId", 14}});
    declareTenant("contoso", "Contoso Ltd");
}

void FakeDesk::set(const estate::Json& requests)
{
    const estate::Target target{
        .name = "desk",
        .plugin = "deskdirector",
        .settings = {{"site", "https://acme.example/x"}, {"requests", requests}}};
    database.execute("UPDATE target SET document = $1 WHERE id = 7",
                     {estate::documentOf(target).dump()});
}

void FakeDesk::declareTenant(const std::string& name, const std::string& displayName)
{
    estate::Tenant tenant;
    tenant.name = name;
    tenant.displayName = displayName;
    database.execute("INSERT INTO tenant(name, document) VALUES($1, $2)",
                     {name, estate::documentOf(tenant).dump()});
}

void FakeDesk::declareSync(const std::string& name, const std::string& tenant,
                           const std::string& mode, const estate::Json& scope)
{
    estate::Sync sync;
    sync.name = name;
    sync.tenant = tenant;
    sync.target = "desk";
    sync.mode = mode;
    sync.scope = scope;
    sync.schedule = "manual";
    database.execute("INSERT INTO scope(target, document) VALUES(7, $1) ON CONFLICT DO NOTHING",
                     {scope.dump()});
    database.execute("INSERT INTO sync(name, tenant, target, scope, position, document) SELECT $1, "
                     "t.id, 7, s.id, 1, $2 FROM tenant t, scope s WHERE t.name = $3 AND s.document "
                     "= $4",
                     {name, estate::documentOf(sync).dump(), tenant, scope.dump()});
}

Parts FakeDesk::parts()
{
    return {
        .store = store,
        .clock = clock,
        .catalog = catalog,
        .openTarget = [this](const estate::Target&) { return site; },
        .run = [this](const std::string& name, const runtime::Cancellation&) { return run(name); },
        .findRun = [this](int64_t id) { return stored(id); },
        .declare =
            [this](const std::string&, const estate::Json& sync) {
                const std::lock_guard lock(_mutex);
                declared.push_back(sync.at("name"));
                declareSync(sync.at("name"), sync.at("tenant"), sync.at("mode"),
                            sync.value("scope", estate::Json::object()));
            },
        .lacks = [this](const estate::Tenant&) { return lacks; },
        .look = [this](const estate::Tenant&, const runtime::Cancellation&) { look(); }};
}

Setup FakeDesk::setup()
{
    return setupOf(estate::EstateStore(database).target("desk")).value();
}

sync::Run FakeDesk::run(const std::string& name)
{
    const std::lock_guard lock(_mutex);
    if (!database.value<int64_t>("SELECT 1 FROM sync WHERE name = $1 AND removed_at IS NULL",
                                 {name}))
        throw UsageError("there is no sync " + name);
    runs.push_back(name);
    database.execute("INSERT INTO plan(sync, made_at, verdict, guards, complete) SELECT id, 0, "
                     "'clear', '[]', 1 FROM sync WHERE name = $1",
                     {name});
    database.execute("INSERT INTO run(sync, plan, state, started_at) SELECT s.id, (SELECT max(id) "
                     "FROM plan), 'succeeded', 0 FROM sync s WHERE s.name = $1",
                     {name});
    sync::Run run{.id = database.value<int64_t>("SELECT max(id) FROM run").value(),
                  .sync = name,
                  .state = sync::RunState::Succeeded,
                  .planned = 3,
                  .applied = 3,
                  .byAction = {{"create", 1}, {"link", 2}}};
    run.findings = {{"address-missing", runtime::Severity::Warning, "Bo has no address"}};
    _done[run.id] = run;
    outcome(run);
    database.execute("UPDATE run SET state = $1 WHERE id = $2", {sync::toText(run.state), run.id});
    _done[run.id] = run;
    return run;
}

sync::Run FakeDesk::stored(int64_t id)
{
    const std::lock_guard lock(_mutex);
    return _done.at(id);
}

void FakeDesk::poll(const std::vector<std::string>& announced)
{
    const auto parts_ = parts();
    const auto setup_ = setup();
    Clerk clerk(parts_, setup_, _deciding);
    clerk.keepDoor([](const std::string&) {}, *stop);
    clerk.poll(announced, *stop);
}

void FakeDesk::workOn(const Request& request)
{
    const auto parts_ = parts();
    const auto setup_ = setup();
    Clerk(parts_, setup_, _deciding).work(request, *stop);
}

void FakeDesk::workAll()
{
    RequestStore requests(store);
    for (int rounds = 0; rounds < 20; ++rounds)
    {
        const auto due = requests.due(clock.now());
        if (due.empty())
            return;
        for (const auto& request : due)
            workOn(request);
    }
    CPPUNIT_FAIL("it never comes to rest");
}

void FakeDesk::pass()
{
    poll();
    workAll();
}

Request FakeDesk::only()
{
    const auto all = RequestStore(store).list(0);
    CPPUNIT_ASSERT_EQUAL(size_t(1), all.size());
    return all.front();
}

std::vector<plugins::FormField> FakeDesk::form(const std::string& account, const std::string& mode)
{
    return {{"acc", "Account", {}, {{account, account}}}, {"mod", "Sync mode", {}, {{mode, mode}}}};
}

void FakeDesk::submit(const std::string& ticket, const std::string& account,
                      const std::string& mode)
{
    site->held[ticket].forms = {form(account, mode)};
}

std::string FakeDesk::notesOf(const std::string& ticket)
{
    std::string text;
    for (const auto& note : site->held.at(ticket).notes)
        text += note + "\n---\n";
    return text;
}

} // namespace muster::requests
