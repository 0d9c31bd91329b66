#pragma once

#include "estate/Documents.h"
#include "schedule/Scheduler.h"
#include "support/TemporaryDirectory.h"
#include "support/TestClock.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace muster::schedule {

/// An estate in a store of its own, and a scheduler over it whose runs and polls are told what to
/// do. Not started: the tests step it, or start it.
class ScheduleFixture
{
public:
    ScheduleFixture()
    {
        clock.advance(std::chrono::minutes(5)); // off the grid of every schedule
        database.execute("INSERT INTO target(id, name, document) VALUES(7, 'desk', $1)",
                         {estate::documentOf(estate::Target{.name = "desk",
                                                            .plugin = "deskdirector",
                                                            .settings = estate::Json::object()})
                              .dump()});
        database.execute("INSERT INTO scope(id, target, document) VALUES(8, 7, '{}')");
    }

    void declareTenant(const std::string& name)
    {
        estate::Tenant tenant;
        tenant.name = name;
        database.execute("INSERT INTO tenant(name, document) VALUES($1, $2)",
                         {name, estate::documentOf(tenant).dump()});
    }
    void declareSync(const std::string& name, const std::string& tenant,
                     const estate::Json& schedule)
    {
        database.execute(
            "INSERT INTO sync(name, tenant, target, scope, position, document) SELECT $1, id, 7, "
            "8, 1, $2 FROM tenant WHERE name = $3 ON CONFLICT(name) DO UPDATE SET document = "
            "excluded.document, removed_at = NULL",
            {name, document(name, tenant, schedule), tenant});
    }
    void removeSync(const std::string& name)
    {
        database.execute("UPDATE sync SET removed_at = 1 WHERE name = $1", {name});
    }

    /// A scheduler that begins with what the store has, like a host that starts.
    Scheduler& restart()
    {
        scheduler.reset();
        scheduler = std::make_unique<Scheduler>(
            SchedulerParts{
                .store = store,
                .clock = clock,
                .lanes = lanes,
                .run = [this](const estate::Sync& sync,
                              const runtime::Cancellation& stop) { return run(sync, stop); },
                .poll = [this](const estate::Tenant& tenant,
                               const runtime::Cancellation& stop) { return poll(tenant, stop); }},
            options);
        return *scheduler;
    }

    /// Does all that is due now, then moves the clock; again until the time has passed.
    void pass(std::chrono::milliseconds duration,
              std::chrono::milliseconds pace = std::chrono::seconds(1))
    {
        for (const auto end = clock.now() + duration; clock.now() < end; clock.advance(pace))
            stepAll();
        stepAll();
    }
    void stepAll()
    {
        while (scheduler->step())
            ;
    }

    SyncStatus statusOf(const std::string& sync)
    {
        for (const auto& status : scheduler->status())
            if (status.sync == sync)
                return status;
        throw std::runtime_error("no status of " + sync);
    }
    int runsOf(const std::string& sync)
    {
        return static_cast<int>(std::count(runs.begin(), runs.end(), sync));
    }
    std::string findings()
    {
        std::string text;
        database.query<std::string, std::string, std::string>(
            "SELECT code, severity, message FROM finding", {},
            [&](const std::string& code, const std::string& severity, const std::string& message) {
                text += severity + " " + code + ": " + message + "\n";
            });
        return text;
    }

    tests::TemporaryDirectory folder;
    store::Store store{folder.path()};
    store::Database database{store.connect()};
    tests::TestClock clock;
    Lanes lanes;
    SchedulerOptions options;
    std::vector<std::string> runs; ///< noted by the default function, which succeeds
    std::atomic<int> polls{0};
    std::function<RunResult(const estate::Sync&, const runtime::Cancellation&)> run =
        [this](const estate::Sync& sync, const runtime::Cancellation&) {
            runs.push_back(sync.name);
            return RunResult{.end = RunEnd::Succeeded};
        };
    std::function<bool(const estate::Tenant&, const runtime::Cancellation&)> poll =
        [this](const estate::Tenant&, const runtime::Cancellation&) {
            ++polls;
            return false;
        };
    std::unique_ptr<Scheduler> scheduler;

private:
    static std::string document(const std::string& name, const std::string& tenant,
                                const estate::Json& schedule)
    {
        estate::Sync sync;
        sync.name = name;
        sync.tenant = tenant;
        sync.target = "desk";
        sync.mode = "contacts";
        sync.scope = estate::Json::object();
        sync.schedule = schedule;
        return estate::documentOf(sync).dump();
    }
};

} // namespace muster::schedule
