#pragma once

#include "plugins/Catalog.h"
#include "requests/Decision.h"
#include "requests/RequestStore.h"
#include "requests/Setup.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "store/Store.h"
#include "sync/Plan.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace muster::requests {

/// What requests are worked off with; all of it outlives them. The functions are called from
/// several threads.
struct Parts
{
    store::Store& store;
    runtime::Clock& clock;
    plugins::Catalog& catalog;

    /// Opens the channel to a target of the estate.
    std::function<std::shared_ptr<plugins::TargetChannel>(const estate::Target&)> openTarget;

    /// Runs a sync as `muster sync` does, in the lane of its tenant. Throws UsageError when there
    /// is none of that name.
    std::function<sync::Run(const std::string& sync, const runtime::Cancellation&)> run;

    /// A run of the past.
    std::function<sync::Run(int64_t id)> findRun;

    /// Declares a sync of the estate as `muster apply` does. `origin` stands for the file's name.
    /// Throws ConfigError.
    std::function<void(const std::string& origin, const estate::Json& sync)> declare;

    /// By what was seen when it was last looked at.
    Lacks lacks;

    /// Looks now at what a tenant lacks. Throws RetryError when it cannot be reached.
    std::function<void(const estate::Tenant&, const runtime::Cancellation&)> look;
};

/// Used by one thread. Works off the requests of one target, one step after the other: each is
/// stored before and after, so that whoever comes after a crash knows where to go on.
class Clerk
{
public:
    /// `deciding` keeps two clerks from declaring one sync twice. All outlive the clerk. Throws
    /// ConfigError when the target's plugin knows no tickets.
    Clerk(const Parts& parts, const Setup& setup, std::mutex& deciding);

    /// Looks for tickets that are new or of which the target tells something new. `announced` are
    /// ids that may be tickets.
    void poll(const std::vector<std::string>& announced, const runtime::Cancellation& cancellation);

    /// Asks the target to announce new tickets, unless it does. `opened` is told of the secret in
    /// the address, before anybody can come with it.
    void keepDoor(const std::function<void(const std::string& digest)>& opened,
                  const runtime::Cancellation& cancellation);

    std::vector<plugins::ScopePlace> places(const runtime::Cancellation& cancellation);

    /// Works on a request until it waits for something; before its run too, unless it begins with
    /// that. What fails is stored with it, and tried again later.
    void work(Request request, const runtime::Cancellation& cancellation);

private:
    enum class Step
    {
        Next,
        Wait
    };

    void advance(Request& request, const runtime::Cancellation& cancellation);
    Step step(Request& request, const runtime::Cancellation& cancellation);
    Step resume(Request& request, const runtime::Cancellation& cancellation);
    Step rest(Request& request, State state);
    Step look(Request& request, const runtime::Cancellation& cancellation);
    Step decide(Request& request, const plugins::Ticket& ticket, const Answers& answers,
                const runtime::Cancellation& cancellation);
    Decision consider(const Answers& answers, const std::vector<plugins::ScopePlace>& places,
                      const Lacks& lacks);
    void declare(Request& request, const Answers& answers,
                 const std::vector<plugins::ScopePlace>& places);
    Step setUnclear(Request& request, const Answers& answers, const std::string& problem);
    Step run(Request& request, const runtime::Cancellation& cancellation);
    Step settleRun(Request& request, const sync::Run& run);
    Step fail(Request& request, const std::string& why);
    Step writeNote(Request& request, const runtime::Cancellation& cancellation);
    Step setStatus(Request& request, plugins::TicketStatus status, State next,
                   const runtime::Cancellation& cancellation);
    Step setForeign(Request& request);
    void postpone(Request& request, const std::string& why);
    void enter(Request& request, State state);
    void note(Request& request, const std::string& text);
    void wakeIfNews(const Request& request, const plugins::TicketEntry* entry);
    bool isForUs(const std::string& ticket, const runtime::Cancellation& cancellation);

    const Parts& _parts;
    const Setup& _setup;
    std::mutex& _deciding;
    std::shared_ptr<plugins::TargetChannel> _channel;
    plugins::RequestChannel& _tickets;
    RequestStore _store;
};

} // namespace muster::requests
