#pragma once

#include "directory/ManualClock.h"
#include "estate/Documents.h"
#include "graph/GraphSource.h"
#include "report/Assembly.h"
#include "report/Reporter.h"
#include "store/Store.h"
#include "support/TemporaryDirectory.h"

#include <string>

namespace muster::testing {

/// An estate of one tenant with a sync in a store of its own, and a reporter over it.
struct ReportFixture
{
    ReportFixture()
    {
        database.execute("INSERT INTO tenant(id, name, document) VALUES(1, 'contoso', $1)",
                         {estate::documentOf(tenant()).dump()});
        database.execute("INSERT INTO target(id, name, document) VALUES(7, 'desk', $1)",
                         {estate::documentOf(estate::Target{.name = "desk",
                                                            .plugin = "deskdirector",
                                                            .settings = estate::Json::object()})
                              .dump()});
        database.execute("INSERT INTO scope(id, target, document) VALUES(8, 7, '{}')");
        addSync(1, "contoso-groups", {{"every", "15m"}});
    }

    static estate::Tenant tenant()
    {
        estate::Tenant tenant;
        tenant.id = 1;
        tenant.name = "contoso";
        tenant.displayName = "Contoso Ltd";
        return tenant;
    }

    void addSync(int64_t id, const std::string& name, const estate::Json& schedule)
    {
        estate::Sync sync;
        sync.name = name;
        sync.tenant = "contoso";
        sync.target = "desk";
        sync.mode = "contact-groups";
        sync.scope = estate::Json::object();
        sync.schedule = schedule;
        database.execute("INSERT INTO sync(id, name, tenant, target, scope, position, document) "
                         "VALUES($1, $2, 1, 7, 8, $1, $3)",
                         {id, name, estate::documentOf(sync).dump()});
    }

    /// A run with a plan of its own number, now.
    void addRun(int64_t id, int64_t sync, const std::string& state, const std::string& message = {})
    {
        const auto now = runtime::toMilliseconds(clock.now());
        database.execute("INSERT INTO plan(id, sync, made_at, verdict, guards, complete) "
                         "VALUES($1, $2, $3, 'clear', '[]', 1)",
                         {id, sync, now});
        database.execute("INSERT INTO run(id, sync, plan, state, started_at, ended_at, message) "
                         "VALUES($1, $2, $1, $3, $4, $4, $5)",
                         {id, sync, state, now, message});
    }
    void addChanges(int64_t run, int count, const std::string& action, const std::string& state,
                    const std::string& message = {})
    {
        const auto now = runtime::toMilliseconds(clock.now());
        for (int index = 0; index < count; ++index)
            database.execute(
                "INSERT INTO change(plan, phase, action, document, reason, state, message, run, "
                "at) VALUES($1, 1, $2, '{}', '', $3, $4, $5, $6)",
                {run, action, state, message,
                 state == "held" ? store::Value(std::nullopt) : store::Value(run), now});
    }
    void addFinding(int64_t sync, const std::string& origin, const std::string& code,
                    const std::string& severity, const std::string& message)
    {
        database.execute("INSERT INTO finding(sync, origin, code, severity, message, key) "
                         "VALUES($1, $2, $3, $4, $5, '')",
                         {sync, origin, code, severity, message});
    }

    report::Report assemble()
    {
        return report::Assembly(database).assemble(clock.now() - std::chrono::hours(24),
                                                   clock.now(), "UTC");
    }

    tests::TemporaryDirectory directory;
    ManualClock clock;
    store::Store store{directory.path()};
    store::Database database = store.connect();
    runtime::Cancellation cancellation;
    std::string secret = "sandbox-secret";
    graph::GraphSource graph{
        store, clock, [this](const estate::SecretReference&) { return secret; }, {}};
    report::Reporter reporter{
        {store, clock, graph, [this](const estate::SecretReference&) { return secret; }}, {}};
};

} // namespace muster::testing
