#pragma once

#include "app/Activity.h"
#include "app/Host.h"
#include "app/Rounds.h"
#include "app/TenantWatch.h"
#include "report/DailyReport.h"
#include "requests/Desk.h"
#include "schedule/Lanes.h"
#include "schedule/Scheduler.h"
#include "web/Server.h"

#include <string>

namespace muster::app {

/// What `muster serve` is started with, from the configuration of the machine.
struct DaemonOptions
{
    std::string dataDirectory;
    std::string listen; ///< of the HTTP API; empty: the socket alone
    schedule::SchedulerOptions schedule = {};
};

/// Used by one thread. The service: the API on its socket and on loopback, the schedule, the
/// requests of tickets, and what is looked after daily.
class Daemon
{
public:
    /// Listens, and begins what is due. Throws ConfigError.
    Daemon(Host& host, const DaemonOptions& options);

    /// Of the HTTP API; 0 when there is none.
    uint16_t port() const { return _server.port(); }

    /// Ends the work under way; false when some of it did not end in time.
    bool stop();

    /// The socket of a data directory's service.
    static std::string socketFile(const std::string& dataDirectory);

private:
    web::ServerParts serverParts();
    schedule::SchedulerParts schedulerParts();
    requests::Parts requestParts();
    std::string lacksOf(const estate::Tenant& tenant);
    void refreshGroups(const estate::Tenant& tenant, const runtime::Cancellation& cancellation);
    web::HookParts hookParts();
    SyncHooks syncHooks();
    std::shared_ptr<web::Api> api();
    std::string notReady();
    web::Json status() const;

    Host& _host;
    Activity _activity;
    schedule::Lanes _lanes;
    schedule::Scheduler _scheduler;
    TenantWatch _tenants;
    Rounds _tenantRounds;
    report::DailyReport _daily;
    Rounds _reportRounds;
    requests::Desk _desk;
    web::Server _server;
};

} // namespace muster::app
