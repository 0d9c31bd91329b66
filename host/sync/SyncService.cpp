#include "sync/SyncService.h"

#include "directory/Directory.h"
#include "directory/Selection.h"
#include "estate/EstateStore.h"
#include "runtime/Errors.h"
#include "sync/Deriver.h"
#include "sync/Guards.h"
#include "sync/Journal.h"
#include "sync/Ledger.h"
#include "sync/PlanStore.h"
#include "sync/Planner.h"
#include "sync/Runner.h"
#include "sync/Trace.h"

#include <algorithm>
#include <map>
#include <set>

namespace muster::sync {

namespace {

/// How old the ledger may be before the target is read again.
constexpr int64_t kVerifyAfter = 24 * 60 * 60 * 1000;

/// What a tenant's refresh came to, for all its syncs of one call.
struct Refreshed
{
    directory::RefreshOutcome outcome = {};
    std::exception_ptr failure = {};
};

std::string fingerprintOf(const estate::Sync& sync, const plugins::ModeManifest& mode)
{
    return mode.id + " " + mode.version + " " + sync.settings.dump() + " " +
           std::to_string(sync.scopeId) + (sync.expandsNested ? " nested" : "") +
           (sync.includesGuests ? "" : " no-guests");
}

} // namespace

class SyncService::Implementation
{
public:
    explicit Implementation(SyncParts parts)
        : _parts(std::move(parts)),
          _database(_parts.store.connect()),
          _durable(_parts.store.connect(store::Durability::Durable)),
          _estate(_database),
          _plans(_database),
          _journal(_durable, _parts.clock)
    {}

    /// The work on one sync, once its tenant's mirror is up to date.
    struct Work
    {
        estate::Sync sync;
        const plugins::ModeManifest& mode;
        const plugins::TargetManifest& target;
        plugins::TargetChannel& channel;
        bool complete = false;
    };

    std::vector<Plan> plan(const std::vector<std::string>& names, const SyncOptions& options,
                           runtime::Progress& progress, const runtime::Cancellation& cancellation)
    {
        std::vector<Plan> plans;
        for (const auto& sync : chosen(names))
        {
            _journal.recover(sync.id);
            const auto& refreshed = refresh(sync, options, progress, cancellation);
            if (refreshed.failure)
                std::rethrow_exception(refreshed.failure);
            auto work = open(sync, refreshed.outcome.complete);
            plans.push_back(_plans.plan(prepare(work, options, progress, cancellation)));
        }
        return plans;
    }

    std::vector<Run> run(const std::vector<std::string>& names, const SyncOptions& options,
                         runtime::Progress& progress, const runtime::Cancellation& cancellation)
    {
        std::vector<Run> runs;
        if (options.plan)
        {
            const auto reviewed = _plans.plan(*options.plan);
            if (!names.empty() && names != std::vector{reviewed.sync})
                throw UsageError("plan " + std::to_string(*options.plan) + " is of the sync " +
                                 reviewed.sync);
            runs.push_back(runOne(_estate.sync(reviewed.sync), options, progress, cancellation));
            return runs;
        }
        for (const auto& sync : chosen(names))
            runs.push_back(runOne(sync, options, progress, cancellation));
        return runs;
    }

    std::vector<Run> runs(const std::optional<std::string>& sync, size_t limit)
    {
        return _plans.runs(sync ? std::optional(_estate.sync(*sync).id) : std::nullopt, limit);
    }

    PlanStore& plans() { return _plans; }
    store::Database& database() { return _database; }

private:
    std::vector<estate::Sync> chosen(const std::vector<std::string>& names)
    {
        if (names.empty())
            return _estate.syncs();
        std::vector<estate::Sync> syncs;
        for (const auto& name : names)
            syncs.push_back(_estate.sync(name));
        return syncs;
    }

    /// Brings the tenant's mirror up to date, once for all its syncs of this call.
    const Refreshed& refresh(const estate::Sync& sync, const SyncOptions& options,
                             runtime::Progress& progress, const runtime::Cancellation& cancellation)
    {
        const auto known = _refreshed.find(sync.tenantId);
        if (known != _refreshed.end())
            return known->second;
        auto& refreshed = _refreshed[sync.tenantId];
        const auto tenant = _estate.tenant(sync.tenant);
        try
        {
            directory::Source::Options look;
            if (options.verify)
                look.verifyGroups = selectedGroups(sync.tenantId);
            refreshed.outcome = _parts.source.refresh(tenant, look, progress, cancellation);
            storeFindings(tenant.id, refreshed.outcome);
        }
        catch (const CancelledError&)
        {
            throw;
        }
        catch (const std::exception&)
        {
            refreshed.failure = std::current_exception();
        }
        return refreshed;
    }

    std::vector<std::string> selectedGroups(int64_t tenant)
    {
        std::vector<std::string> ids;
        _database.query<std::string>(
            "SELECT DISTINCT entra_text(g.entra) FROM selection c JOIN object g ON g.id = c.grp "
            "JOIN directory d ON d.id = g.directory WHERE d.tenant = $1 AND d.staged = 0 AND "
            "c.selected = 1 AND g.state = 'live'",
            {tenant}, [&](const std::string& id) { ids.push_back(id); });
        return ids;
    }

    void storeFindings(int64_t tenant, const directory::RefreshOutcome& outcome)
    {
        store::Transaction transaction(_database);
        _database.execute("DELETE FROM tenant_finding WHERE tenant = $1", {tenant});
        auto findings = outcome.findings;
        if (!outcome.complete)
            findings.push_back(
                {"directory-incomplete", runtime::Severity::Warning,
                 "nothing is removed until the directory was read to its end: " + outcome.problem});
        for (const auto& finding : findings)
            _database.execute(
                "INSERT INTO tenant_finding(tenant, code, severity, message, grp, key) "
                "VALUES($1, $2, $3, $4, $5, $6)",
                {tenant, finding.code, runtime::toText(finding.severity), finding.message,
                 finding.group, finding.key});
        transaction.commit();
    }

    Work open(const estate::Sync& sync, bool complete)
    {
        const auto target = _estate.target(sync.target);
        const auto& mode = _parts.catalog.mode(sync.mode);
        const auto& manifest = _parts.catalog.target(target.plugin);
        const auto misfit = plugins::misfit(mode, manifest);
        if (!misfit.empty())
            throw ConfigError("sync " + sync.name + ": " + misfit);
        auto& channel = _channels[target.id];
        if (!channel)
            channel = _parts.openTarget(target);
        return {sync, mode, manifest, *channel, complete};
    }

    /// Derives, reads what must be read, plans and guards; returns the plan's id.
    int64_t prepare(Work& work, const SyncOptions& options, runtime::Progress& progress,
                    const runtime::Cancellation& cancellation)
    {
        const auto& sync = work.sync;
        directory::Selection(_database, _parts.clock)
            .update(_estate.tenant(sync.tenant), sync.targetId, sync.target);
        Deriver(_database, _parts.clock)
            .derive(sync, _parts.catalog.loadMode(work.mode.id), fingerprintOf(sync, work.mode),
                    progress, cancellation);
        readTarget(work, options, progress, cancellation);
        const auto id = Planner(_database, _parts.clock)
                            .plan({sync, work.mode, work.target, work.complete}, cancellation);
        Guards(_database, _parts.clock).judge(sync, id);
        _plans.prune(sync.id);
        return id;
    }

    void readTarget(Work& work, const SyncOptions& options, runtime::Progress& progress,
                    const runtime::Cancellation& cancellation)
    {
        const auto& sync = work.sync;
        const auto now = runtime::toMilliseconds(_parts.clock.now());
        Ledger ledger(_database, sync.scopeId, _parts.clock);
        const auto readAt = ledger.readAt(work.mode.records);
        const bool isDue = options.verify || readAt <= now - kVerifyAfter;
        const bool isWanted = readAt > 0 || options.verify || hasWork(sync);
        if (isDue && isWanted)
        {
            progress.report(sync.name + ": reading " + sync.target, 0, 0);
            ledger.readRecords(work.channel, sync.scope, work.mode.records, sync.id, _parts.clock,
                               cancellation);
        }
        std::set<std::string> destinations;
        for (const auto& link : work.mode.links)
            destinations.insert(link.to);
        if (!destinations.empty())
            ledger.readLinks(work.channel, sync.scope, {destinations.begin(), destinations.end()},
                             isDue && isWanted ? now + 1 : 1, sync.id, cancellation);
    }

    bool hasWork(const estate::Sync& sync)
    {
        return _database
            .value<int64_t>("SELECT 1 FROM record WHERE scope = $1 AND dirty = 1 LIMIT 1",
                            {sync.scopeId})
            .has_value();
    }

    Run runOne(const estate::Sync& sync, const SyncOptions& options, runtime::Progress& progress,
               const runtime::Cancellation& cancellation)
    {
        _journal.recover(sync.id);
        const auto id = _journal.begin(sync.id);
        int64_t plan = 0;
        auto trouble = Trouble::None;
        std::string message;
        std::exception_ptr cancelled;
        const auto before = targetRequests(sync);
        bool touchedSource = false;
        try
        {
            bool complete = true;
            if (!options.plan)
            {
                touchedSource = _refreshed.find(sync.tenantId) == _refreshed.end();
                const auto& refreshed = refresh(sync, options, progress, cancellation);
                if (refreshed.failure)
                    std::rethrow_exception(refreshed.failure);
                complete = refreshed.outcome.complete;
            }
            auto work = open(sync, complete);
            if (options.plan)
                plan = reviewed(work, *options.plan, cancellation);
            else
                plan = prepare(work, options, progress, cancellation);
            attach(id, plan, options.approve);
            message = Runner(_durable, work.channel, _parts.clock)
                          .execute({sync, work.target, plan, id}, progress, cancellation);
            if (!message.empty())
                trouble = Trouble::Unreachable;
        }
        catch (const CancelledError&)
        {
            message = "cancelled";
            cancelled = std::current_exception();
        }
        catch (const RetryError& error)
        {
            trouble = Trouble::Unreachable;
            message = error.what();
        }
        catch (const ConfigError& error)
        {
            trouble = Trouble::Configuration;
            message = error.what();
        }
        catch (const StalePlan& error)
        {
            message = error.what();
        }
        catch (const RejectedError& error)
        {
            message = error.what();
        }
        const auto source = _refreshed.find(sync.tenantId);
        _durable.execute("UPDATE run SET source_requests = $1, target_requests = $2 WHERE id = $3",
                         {static_cast<int64_t>(touchedSource && source != _refreshed.end()
                                                   ? source->second.outcome.requests
                                                   : 0),
                          static_cast<int64_t>(targetRequests(sync) - before), id});
        auto run = finish(id, plan, trouble, message);
        if (cancelled)
            std::rethrow_exception(cancelled);
        return run;
    }

    /// A plan that no longer says what would be done.
    class StalePlan : public std::runtime_error
    {
    public:
        using std::runtime_error::runtime_error;
    };

    /// Makes sure that a stored plan's changes are all among those that are due now; returns its
    /// id.
    int64_t reviewed(Work& work, int64_t plan, const runtime::Cancellation& cancellation)
    {
        const auto tried =
            _database.value<int64_t>("SELECT 1 FROM run r WHERE r.plan = $1 LIMIT 1", {plan});
        const auto again = Planner(_database, _parts.clock)
                               .plan({work.sync, work.mode, work.target, true}, cancellation);
        const auto stale = _database.value<std::string>(
            "SELECT c.action || ' ' || COALESCE(r.key, s.key) FROM change c LEFT JOIN record r ON "
            "r.id = c.record LEFT JOIN link l ON l.id = c.link LEFT JOIN record s ON s.id = "
            "l.source WHERE c.plan = $1 AND c.state IN ('planned', 'held') AND NOT EXISTS (SELECT "
            "1 FROM change n WHERE n.plan = $2 AND n.action = c.action AND n.document = c.document "
            "AND n.record IS c.record AND n.link IS c.link) LIMIT 1",
            {plan, again});
        _database.execute("DELETE FROM change WHERE plan = $1", {again});
        _database.execute("DELETE FROM plan WHERE id = $1", {again});
        const auto left = _database.value<int64_t>("SELECT 1 FROM change WHERE plan = $1 AND state "
                                                   "IN ('planned', 'held') LIMIT 1",
                                                   {plan});
        if (stale)
            throw StalePlan("plan " + std::to_string(plan) + " is stale (" + *stale +
                            " is no longer due): make a new one with `muster plan " +
                            work.sync.name + "`");
        if (tried && !left)
            throw StalePlan("plan " + std::to_string(plan) +
                            " was done already: make a new one with `muster plan " +
                            work.sync.name + "`");
        return plan;
    }

    void attach(int64_t run, int64_t plan, bool approve)
    {
        store::Transaction transaction(_durable);
        _durable.execute("UPDATE run SET plan = $1, approved = $2 WHERE id = $3",
                         {plan, int64_t{approve ? 1 : 0}, run});
        if (approve)
            _durable.execute(
                "UPDATE change SET state = 'planned' WHERE plan = $1 AND state = 'held'", {plan});
        transaction.commit();
    }

    Run finish(int64_t id, int64_t plan, Trouble trouble, std::string message)
    {
        _journal.end(id, plan, "running", message);
        const auto counted = _plans.run(id);
        auto state = RunState::Succeeded;
        if (plan == 0 || (trouble != Trouble::None && counted.applied == 0))
            state = RunState::Failed;
        else if (counted.failed > 0 || !message.empty())
            state = RunState::Partial;
        else if (counted.held > 0)
            state = RunState::Held;
        if (message.empty() && state == RunState::Partial)
            message = std::to_string(counted.failed) + " changes were not done: see muster run " +
                      std::to_string(id);
        if (message.empty() && state == RunState::Held)
            for (const auto& guard : counted.guards)
                message += (message.empty() ? "" : "; ") + guard.message;
        _journal.end(id, plan, toText(state), message);
        auto run = _plans.run(id);
        run.trouble = trouble;
        return run;
    }

    uint64_t targetRequests(const estate::Sync& sync)
    {
        const auto channel = _channels.find(sync.targetId);
        return channel == _channels.end() ? 0 : channel->second->requests();
    }

    SyncParts _parts;
    store::Database _database;
    store::Database _durable;
    estate::EstateStore _estate;
    PlanStore _plans;
    Journal _journal;
    std::map<int64_t, std::unique_ptr<plugins::TargetChannel>> _channels;

public:
    void forgetRefreshes() { _refreshed.clear(); }

private:
    std::map<int64_t, Refreshed> _refreshed;
};

SyncService::SyncService(SyncParts parts)
    : _implementation(std::make_unique<Implementation>(std::move(parts)))
{}

SyncService::~SyncService() = default;

std::vector<Plan> SyncService::plan(const std::vector<std::string>& syncs,
                                    const SyncOptions& options, runtime::Progress& progress,
                                    const runtime::Cancellation& cancellation)
{
    _implementation->forgetRefreshes();
    return _implementation->plan(syncs, options, progress, cancellation);
}

std::vector<Run> SyncService::run(const std::vector<std::string>& syncs, const SyncOptions& options,
                                  runtime::Progress& progress,
                                  const runtime::Cancellation& cancellation)
{
    _implementation->forgetRefreshes();
    return _implementation->run(syncs, options, progress, cancellation);
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
