#pragma once

#include "estate/Documents.h"
#include "plugins/Catalog.h"
#include "requests/Clerk.h"
#include "support/TemporaryDirectory.h"
#include "support/TestClock.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace muster::requests {

/// Thread-safe. A site with tickets in memory, whose calls fail on demand.
class FakeTickets : public plugins::TargetChannel, public plugins::RequestChannel
{
public:
    struct Held
    {
        plugins::TicketStatus status = plugins::TicketStatus::Other;
        std::vector<std::vector<plugins::FormField>> forms = {};
        std::vector<std::string> notes = {};
        std::vector<plugins::TicketStatus> statuses = {}; ///< that were set
        bool isClosed = false;
    };

    std::vector<plugins::TicketEntry> tickets(const runtime::Cancellation&) override;
    std::optional<plugins::Ticket> ticket(const std::string& id,
                                          const runtime::Cancellation&) override;
    std::vector<plugins::ScopePlace> places(const runtime::Cancellation&) override;
    void setStatus(const std::string& ticket, plugins::TicketStatus status,
                   const runtime::Cancellation&) override;
    void writeNote(const std::string& ticket, const std::string& text,
                   const runtime::Cancellation&) override;
    std::string subscribe(const std::string& url, const runtime::Cancellation&) override;
    void unsubscribe(const std::string& subscription, const runtime::Cancellation&) override;

    std::vector<runtime::Finding> check(const std::vector<plugins::Json>&,
                                        const runtime::Cancellation&) override;
    void read(const plugins::ReadRequest&, const OnRecord&, const OnLink&,
              const runtime::Cancellation&) override;
    void apply(const plugins::Json&, const std::vector<plugins::ChangeRequest>&,
               const std::function<void(plugins::Outcome)>&, const runtime::Cancellation&) override;
    uint64_t requests() const override { return calls.size(); }
    RequestChannel* tickets() override { return this; }

    /// Calls of a kind so far: "tickets", "ticket", "status", "note", "subscribe" ….
    size_t count(const std::string& call) const;

    std::map<std::string, Held> held;
    std::vector<plugins::ScopePlace> accounts = {{{{"account", 42}}, "42", "Contoso Ltd"}};
    bool showsNotes = true;
    bool isSearchBlind = false; ///< lists no tickets
    std::vector<std::string> calls;
    std::vector<std::string> urls; ///< that were subscribed
    /// Called before a call takes effect, and with " done" after; may throw.
    std::function<void(const std::string& call)> fault = [](const std::string&) {};

private:
    void called(const std::string& call);

    bool isOpen(const Held& ticket) const { return !ticket.isClosed; }

    std::recursive_mutex _mutex; ///< held in each call
};

/// An estate with the tenant contoso and the target desk, in a store of its own, and what works its
/// requests off.
class FakeDesk
{
public:
    FakeDesk();

    /// The settings under "requests".
    void set(const estate::Json& requests);
    void declareTenant(const std::string& name, const std::string& displayName);
    void declareSync(const std::string& name, const std::string& tenant, const std::string& mode,
                     const estate::Json& scope);

    Parts parts();
    Setup setup();

    /// Polls, then works on what is due until nothing is.
    void pass();
    void poll(const std::vector<std::string>& announced = {});
    void workAll();
    void workOn(const Request& request);

    Request only();

    static std::vector<plugins::FormField> form(const std::string& account,
                                                const std::string& mode);
    void submit(const std::string& ticket, const std::string& account, const std::string& mode);
    FakeTickets::Held& ticket(const std::string& id) { return site->held.at(id); }
    std::string notesOf(const std::string& ticket);

    tests::TemporaryDirectory folder;
    store::Store store{folder.path()};
    store::Database database{store.connect()};
    tests::TestClock clock;
    plugins::Catalog catalog;
    std::shared_ptr<FakeTickets> site = std::make_shared<FakeTickets>();
    std::unique_ptr<runtime::Cancellation> stop = std::make_unique<runtime::Cancellation>();
    std::vector<std::string> runs;     ///< syncs, in order
    std::vector<std::string> declared; ///< syncs, in order
    std::string lacks;                 ///< that tenants lack, as it is known
    std::function<void()> look = [] {};
    /// Makes the outcome of a run, after it is in the store.
    std::function<void(sync::Run&)> outcome = [](sync::Run&) {};

    sync::Run run(const std::string& name);

private:
    sync::Run stored(int64_t id);

    std::mutex _deciding;
    std::mutex _mutex; ///< guards what runs and declarations change
    std::map<int64_t, sync::Run> _done;
};

} // namespace muster::requests
