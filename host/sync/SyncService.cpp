#include "sync/SyncService.h"

#include "directory/Directory.h"
#include "estate/EstateStore.h"
#include "runtime/Errors.h"
#include "sync/Journal.h"
#include "sync/Leavings.h"
#include "sync/PlanStore.h"
#include "sync/Preparation.h"
#include "sync/Refresher.h"
#include "sync/Runner.h"
#include "sync/Trace.h"

#include <algorithm>
#include <map>

namespace muster::sync {

class SyncService::Implementation
{
public:
    explicit Implementation(SyncParts parts)
        : _parts(std::move(parts)),
          _database(_parts.store.connect()),
          _durable(_parts.store.connect(store::Durability::Durable)),
          _estate(_database),
          _plans(_database),
          _preparation(_database, _parts.clock),
          _journal(_durable, _parts.clock),
          _refresher(_database, _parts.source),
          _keeper(_parts.keeper ? _parts.keeper(_database) : nullptr)
    {}

    /// What a request is about, and how it is watched and stopped.
    struct Request
    {
        const SyncOptions& options;
        runtime::Progress& progress;
        const runtime::Cancellation& cancellation;
    };

    std::vector<Plan> plan(const std::vector<std::string>& names, const Request& request)
    {
        _refresher.forget();
        std::vector<Plan> plans;
        for (const auto& sync : chosen(names))
        {
            const auto alone = enter(sync, request);
            plans.push_back(planOne(sync, request));
        }
        return plans;
    }

    Plan planUndo(int64_t id, const Request& request)
    {
        const auto run = _plans.run(id);
        if (run.state == RunState::Running)
            throw UsageError("run " + std::to_string(id) +
                             " is under way: wait for its end, or stop it, before you undo it");
        const auto syncs = _estate.syncs();
        const auto found = std::find_if(syncs.begin(), syncs.end(), [&](const estate::Sync& sync) {
            return sync.name == run.sync;
        });
        if (found == syncs.end())
            throw UsageError("run " + std::to_string(id) + " is of the sync " + run.sync +
                             ", which is not declared any more: declare it again with muster "
                             "apply, then undo the run");
        const auto& sync = *found;
        const auto alone = enter(sync, request);
        _journal.recover(sync.id);
        return _plans.plan(_preparation.prepareUndo(open(sync, _estate.tenant(sync.tenant), true),
                                                    id, request.progress, request.cancellation));
    }

    std::vector<Run> run(const std::vector<std::string>& names, const Request& request)
    {
        _refresher.forget();
        std::vector<Run> runs;
        for (const auto& sync :
             request.options.plan ? ofPlan(*request.options.plan, names) : chosen(names))
        {
            runs.push_back(runOne(sync, request));
            if (request.options.plan || !isOutdated(sync, runs.back()))
                continue;
            runs.push_back(runOne(sync, request));
            (runs.end() - 2)->findings = runs.back().findings;
        }
        if (!request.options.plan)
            for (const auto& leaving : Leavings(_database, _parts.clock).all())
                if (leaving.isTargetDeclared && (names.empty() || isUsed(leaving.sync.target)))
                    if (auto run = leave(leaving.sync, request))
                        runs.push_back(std::move(*run));
        return runs;
    }

    bool hasNews(const std::string& name, const Request& request)
    {
        _refresher.forget();
        const auto tenant = _estate.tenant(name);
        refresh(tenant, request);
        const auto sequence = directory::Directory(_database, tenant.id).sequence();
        return _database
            .value<int64_t>("SELECT 1 FROM sync WHERE tenant = $1 AND removed_at IS NULL AND "
                            "derived_seq < $2 LIMIT 1",
                            {tenant.id, sequence})
            .has_value();
    }

    std::vector<Run> runs(const std::optional<std::string>& sync, size_t limit)
    {
        return _plans.runs(sync ? std::optional(_estate.sync(*sync).id) : std::nullopt, limit);
    }

    PlanStore& plans() { return _plans; }
    store::Database& database() { return _database; }

private:
    /// What a run came to so far.
    struct Progressed
    {
        int64_t plan = 0;
        Trouble trouble = Trouble::None;
        std::string message = {};
        bool isRefused = false; ///< by a guard, before anything was done
        bool isFault = false;   ///< the plugin ended it in the middle of changes
    };

    std::vector<estate::Sync> chosen(const std::vector<std::string>& names)
    {
        if (names.empty())
            return _estate.syncs();
        std::vector<estate::Sync> syncs;
        for (const auto& name : names)
            syncs.push_back(_estate.sync(name));
        return syncs;
    }

    std::vector<estate::Sync> ofPlan(int64_t plan, const std::vector<std::string>& names)
    {
        const auto sync = _plans.plan(plan).sync;
        if (!names.empty() && names != std::vector{sync})
            throw UsageError("plan " + std::to_string(plan) + " is of the sync " + sync +
                             ": name that one, or none");
        return {_estate.sync(sync)};
    }

    /// Held while one works; the scope is left first.
    struct Place
    {
        std::shared_ptr<void> tenant;
        std::shared_ptr<void> scope;
    };

    Place enter(const estate::Sync& sync, const Request& request)
    {
        auto tenant = _parts.enter ? _parts.enter(sync.tenant, request.cancellation) : nullptr;
        auto scope =
            _parts.enterScope ? _parts.enterScope(sync.scopeId, request.cancellation) : nullptr;
        return {std::move(tenant), std::move(scope)};
    }

    /// A run met with what people did in the target since it was read: that is taken up at once.
    bool isOutdated(const estate::Sync& sync, const Run& run)
    {
        return run.plan != 0 && run.trouble == Trouble::None &&
               _parts.catalog.mode(sync.mode).isDocumenting &&
               !_database.value<int64_t>("SELECT 1 FROM coverage WHERE scope = $1 LIMIT 1",
                                         {sync.scopeId});
    }

    static Verify verify(const Request& request)
    {
        return request.options.verify ? Verify::Now : Verify::WhenDue;
    }

    directory::RefreshOutcome refresh(const estate::Tenant& tenant, const Request& request)
    {
        return _refresher.refresh(tenant,
                                  request.options.verify ? Refresher::Look::AtSelectedGroupsToo
                                                         : Refresher::Look::AtChanges,
                                  request.progress, request.cancellation);
    }

    Work open(const estate::Sync& sync, const estate::Tenant& tenant, bool complete)
    {
        const auto target = _estate.target(sync.target);
        const auto& mode = _parts.catalog.mode(sync.mode);
        const auto& manifest = _parts.catalog.target(target.plugin);
        const auto misfit = plugins::misfit(mode, manifest);
        if (!misfit.empty())
            throw ConfigError("sync " + sync.name + ": " + misfit);
        return {sync,           tenant,
                mode,           _parts.catalog.loadMode(mode.id),
                manifest,       channelOf(target),
                target.protect, complete,
                _keeper.get()};
    }

    plugins::TargetChannel& channelOf(const estate::Target& target)
    {
        auto channel = _channels.find(target.id);
        if (channel == _channels.end())
        {
            auto opened = _parts.openTarget(target);
            const auto before = opened->requests(); // others may have used it
            channel = _channels.emplace(target.id, Channel{std::move(opened), before}).first;
        }
        return *channel->second.channel;
    }

    Plan planOne(const estate::Sync& sync, const Request& request)
    {
        const auto refused = [&](Trouble trouble, const char* rule, const std::exception& error) {
            return Plan{.sync = sync.name,
                        .verdict = Verdict::Refused,
                        .guards = {{rule, error.what()}},
                        .trouble = trouble};
        };
        try
        {
            _journal.recover(sync.id);
            const auto tenant = _estate.tenant(sync.tenant);
            const auto complete = refresh(tenant, request).complete;
            return _plans.plan(_preparation.prepare(open(sync, tenant, complete), verify(request),
                                                    request.progress, request.cancellation));
        }
        catch (const CancelledError&)
        {
            throw;
        }
        catch (const RetryError& error)
        {
            return refused(Trouble::Unreachable, "unreachable", error);
        }
        catch (const ConfigError& error)
        {
            return refused(Trouble::Configuration, "configuration", error);
        }
        catch (const std::exception& error)
        {
            return refused(Trouble::Refused, "refused-by-target", error);
        }
    }

    /// One of the syncs that were run writes into the target.
    bool isUsed(const std::string& target)
    {
        return _channels.count(_estate.target(target).id) > 0;
    }

    /// Says in a target that documents which no sync keeps any more are not kept. Nothing: there
    /// are none left.
    std::optional<Run> leave(const estate::Sync& sync, const Request& request)
    {
        const auto alone = enter(sync, request);
        _journal.recover(sync.id);
        Leavings leavings(_database, _parts.clock);
        const auto plan = leavings.plan(sync);
        if (plan == 0)
            return std::nullopt;
        auto run = runOnce(sync, [&](int64_t id, Progressed& progressed) {
            carryOut({sync, _parts.catalog.target(_estate.target(sync.target).plugin),
                      channelOf(_estate.target(sync.target))},
                     plan, id, request, progressed);
        });
        leavings.giveUpUndone(plan);
        return run;
    }

    Run runOne(const estate::Sync& sync, const Request& request)
    {
        const auto alone = enter(sync, request);
        _journal.recover(sync.id);
        return runOnce(sync, [&](int64_t id, Progressed& progressed) {
            attempt(sync, id, request, progressed);
        });
    }

    using Attempt = std::function<void(int64_t run, Progressed& progressed)>;

    Run runOnce(const estate::Sync& sync, const Attempt& carry)
    {
        const auto id = _journal.begin(sync.id);
        const auto before = targetRequests(sync);
        const auto refreshed = _refresher.requests();
        Progressed progressed;
        std::exception_ptr cancelled;
        try
        {
            carry(id, progressed);
        }
        catch (const RetryError& error)
        {
            progressed.trouble = Trouble::Unreachable;
            progressed.message = error.what();
        }
        catch (const ConfigError& error)
        {
            progressed.trouble = Trouble::Configuration;
            progressed.message = error.what();
        }
        catch (const CancelledError& error)
        {
            progressed.message = error.what();
            cancelled = std::current_exception();
        }
        catch (const std::exception& error)
        {
            progressed.trouble = Trouble::Refused;
            progressed.message = error.what();
        }
        _durable.execute("UPDATE run SET source_requests = $1, target_requests = $2 WHERE id = $3",
                         {static_cast<int64_t>(_refresher.requests() - refreshed),
                          static_cast<int64_t>(targetRequests(sync) - before), id});
        auto run = finish(id, progressed);
        if (_parts.ended)
            _parts.ended(run);
        if (cancelled)
            std::rethrow_exception(cancelled);
        return run;
    }

    void attempt(const estate::Sync& sync, int64_t id, const Request& request,
                 Progressed& progressed)
    {
        const auto tenant = _estate.tenant(sync.tenant);
        if (request.options.plan)
        {
            const auto work = open(sync, tenant, true);
            progressed.message = _preparation.staleness(work, *request.options.plan,
                                                        request.progress, request.cancellation);
            progressed.isRefused = !progressed.message.empty();
            if (!progressed.isRefused)
                carryOut(destinationOf(work), *request.options.plan, id, request, progressed);
            return;
        }
        const auto refreshed = refresh(tenant, request);
        const auto work = open(sync, tenant, refreshed.complete);
        const auto plan =
            _preparation.prepare(work, verify(request), request.progress, request.cancellation);
        carryOut(destinationOf(work), plan, id, request, progressed);
        if (refreshed.complete || !progressed.message.empty())
            return;
        progressed.trouble = Trouble::Unreachable;
        progressed.message =
            "the directory of " + tenant.name +
            " was not read to its end, so nothing was removed: " + refreshed.problem;
    }

    /// Where the changes of a plan go.
    struct Destination
    {
        const estate::Sync& sync;
        const plugins::TargetManifest& target;
        plugins::TargetChannel& channel;
    };

    static Destination destinationOf(const Work& work)
    {
        return {work.sync, work.target, work.channel};
    }

    void carryOut(const Destination& to, int64_t plan, int64_t run, const Request& request,
                  Progressed& progressed)
    {
        progressed.plan = plan;
        _journal.attach(run, plan, request.options.approve);
        auto stopped =
            Runner(_durable, to.channel, _parts.clock)
                .execute({to.sync, to.target, plan, run}, request.progress, request.cancellation);
        progressed.isFault = stopped.isFault;
        progressed.message = std::move(stopped.why);
        if (!progressed.message.empty())
            progressed.trouble = stopped.isFault ? Trouble::Refused : Trouble::Unreachable;
    }

    Run finish(int64_t id, const Progressed& progressed)
    {
        _journal.settleRest(id, progressed.plan);
        const auto counted = _plans.run(id);
        auto message = progressed.message;
        auto state = RunState::Succeeded;
        if (progressed.isRefused)
            state = RunState::Held;
        else if (progressed.plan == 0 ||
                 (!message.empty() && counted.applied == 0 && !progressed.isFault))
            state = RunState::Failed;
        else if (counted.failed > 0 || !message.empty())
            state = RunState::Partial;
        else if (counted.held > 0)
            state = RunState::Held;
        if (message.empty() && state == RunState::Partial)
            message = std::to_string(counted.failed) + " changes were not done: see `muster run " +
                      std::to_string(id) + "`; the next sync tries them again";
        if (message.empty() && state == RunState::Held)
            for (const auto& guard : counted.guards)
                message += (message.empty() ? "" : "\n") + guard.message;
        _journal.end(id, toText(state), message);
        auto run = _plans.run(id);
        run.trouble = progressed.trouble;
        return run;
    }

    uint64_t targetRequests(const estate::Sync& sync)
    {
        const auto channel = _channels.find(sync.targetId);
        return channel == _channels.end()
                   ? 0
                   : channel->second.channel->requests() - channel->second.before;
    }

    SyncParts _parts;
    store::Database _database;
    store::Database _durable;
    estate::EstateStore _estate;
    PlanStore _plans;
    Preparation _preparation;
    Journal _journal;
    Refresher _refresher;
    std::unique_ptr<Keeper> _keeper;
    struct Channel
    {
        std::shared_ptr<plugins::TargetChannel> channel;
        uint64_t before = 0; ///< requests when this service took it up
    };
    std::map<int64_t, Channel> _channels;
};

SyncService::SyncService(SyncParts parts)
    : _implementation(std::make_unique<Implementation>(std::move(parts)))
{}

SyncService::~SyncService() = default;

std::vector<Plan> SyncService::plan(const std::vector<std::string>& syncs,
                                    const SyncOptions& options, runtime::Progress& progress,
                                    const runtime::Cancellation& cancellation)
{
    return _implementation->plan(syncs, {options, progress, cancellation});
}

Plan SyncService::planUndo(int64_t run, runtime::Progress& progress,
                           const runtime::Cancellation& cancellation)
{
    return _implementation->planUndo(run, {SyncOptions(), progress, cancellation});
}

std::vector<Run> SyncService::run(const std::vector<std::string>& syncs, const SyncOptions& options,
                                  runtime::Progress& progress,
                                  const runtime::Cancellation& cancellation)
{
    return _implementation->run(syncs, {options, progress, cancellation});
}

bool SyncService::hasNews(const std::string& tenant, runtime::Progress& progress,
                          const runtime::Cancellation& cancellation)
{
    return _implementation->hasNews(tenant, {SyncOptions(), progress, cancellation});
}

std::vector<Run> SyncService::runs(const std::optional<std::string>& sync, size_t limit)
{
    return _implementation->runs(sync, limit);
}

Run SyncService::run(int64_t id)
{
    return _implementation->plans().run(id);
}

void SyncService::eachPlanned(int64_t plan, size_t limit, const OnChange& change)
{
    _implementation->plans().eachPlanned(plan, limit, change);
}

void SyncService::eachDone(int64_t run, size_t limit, const OnChange& change)
{
    _implementation->plans().eachDone(run, limit, change);
}

nlohmann::json SyncService::why(const std::string& target, const std::string& key)
{
    return Trace(_implementation->database()).explain(target, key);
}

} // namespace muster::sync
