#include "app/Daemon.h"

#include "documents/Register.h"
#include "graph/Offers.h"
#include "runtime/Errors.h"
#include "web/Metrics.h"
#include "web/Tokens.h"

#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <chrono>

namespace muster::app {

namespace {

/// A service manager gives ten seconds; a change in flight has that long to end.
constexpr std::chrono::seconds kPatience{9};

/// Every mode reads who is in the groups.
const std::string kNeededOffer = "read-groups-and-members";

schedule::RunResult resultOf(const sync::Run& run)
{
    using schedule::RunEnd;
    const auto end = run.state == sync::RunState::Succeeded      ? RunEnd::Succeeded
                     : run.state == sync::RunState::Partial      ? RunEnd::Partial
                     : run.state == sync::RunState::Held         ? RunEnd::Held
                     : run.trouble == sync::Trouble::Unreachable ? RunEnd::Unreachable
                                                                 : RunEnd::Failed;
    return {end, run.message};
}

/// For the log: what ended, and in fields of its own which sync and how.
void tellEnd(const std::string& tenant, const sync::Run& run)
{
    const auto state = sync::toText(run.state);
    Poco::Message message("schedule",
                          run.sync + ": run " + std::to_string(run.id) + " " + state +
                              (run.message.empty() ? "" : ": " + run.message),
                          run.state == sync::RunState::Succeeded ? Poco::Message::PRIO_INFORMATION
                                                                 : Poco::Message::PRIO_WARNING);
    message.set("sync", run.sync);
    message.set("tenant", tenant);
    message.set("run", std::to_string(run.id));
    message.set("state", state);
    Poco::Logger::get("schedule").log(message);
}

} // namespace

Daemon::Daemon(Host& host, const DaemonOptions& options)
    : _host(host),
      _scheduler(schedulerParts(), options.schedule),
      _tenants(_host.store(), _host.clock(), _host.source(),
               [this](const auto& tenant, const auto& cancellation) {
                   refreshGroups(tenant, cancellation);
               }),
      _tenantRounds("tenants", [this](const auto& cancellation) { _tenants.look(cancellation); }),
      _daily(_host.store(), _host.clock(), _host.reporter()),
      _reportRounds("report", [this](const auto& cancellation) { _daily.sendIfDue(cancellation); }),
      _desk(requestParts()),
      _server(serverParts(), {socketFile(options.dataDirectory), options.listen})
{
    _scheduler.start();
    _desk.start();
}

std::string Daemon::socketFile(const std::string& dataDirectory)
{
    return dataDirectory + "/muster.sock";
}

schedule::SchedulerParts Daemon::schedulerParts()
{
    return {.store = _host.store(),
            .clock = _host.clock(),
            .lanes = _lanes,
            .run =
                [this](const estate::Sync& sync, const runtime::Cancellation& cancellation) {
                    Activity::Watch progress(_activity, sync.name);
                    const auto runs = _host.syncs()->run({sync.name}, {}, progress, cancellation);
                    const auto& run = runs.at(0);
                    tellEnd(sync.tenant, run);
                    return resultOf(run);
                },
            .poll =
                [this](const estate::Tenant& tenant, const runtime::Cancellation& cancellation) {
                    runtime::SilentProgress progress;
                    return _host.syncs()->hasNews(tenant.name, progress, cancellation);
                }};
}

requests::Parts Daemon::requestParts()
{
    return {.store = _host.store(),
            .clock = _host.clock(),
            .catalog = _host.catalog(),
            .openTarget = [this](const estate::Target& target) { return _host.openTarget(target); },
            .run =
                [this](const std::string& sync, const runtime::Cancellation& cancellation) {
                    Activity::Watch progress(_activity, sync);
                    return _host.syncs(syncHooks())->run({sync}, {}, progress, cancellation).at(0);
                },
            .findRun = [this](int64_t id) { return _host.syncs()->run(id); },
            .declare =
                [this](const std::string& origin, const estate::Json& sync) {
                    const web::Json files = {
                        {{"name", origin}, {"text", web::Json{{"syncs", {sync}}}.dump()}}};
                    runtime::SilentProgress progress;
                    const auto answer = api()->handle(
                        {.method = "POST", .path = "/estate", .body = {{"files", files}}}, progress,
                        runtime::Cancellation());
                    if (answer.isProblem())
                        throw ConfigError(answer.body.at("detail").get<std::string>());
                },
            .lacks = [this](const estate::Tenant& tenant) { return lacksOf(tenant); },
            .look =
                [this](const estate::Tenant& tenant, const runtime::Cancellation& cancellation) {
                    for (const auto& finding : _host.source().check(tenant, cancellation))
                        if (finding.code == "directory-unreachable")
                            throw RetryError(finding.message);
                }};
}

/// What keeps each mode from syncing the tenant.
std::string Daemon::lacksOf(const estate::Tenant& tenant)
{
    auto database = _host.store().connect();
    for (const auto& offer : graph::Offers(database).of(tenant.id))
        if (offer.name == kNeededOffer)
            return offer.missing;
    return {};
}

/// As `muster groups TENANT --refresh` does; and keeps its documents, so that those of groups that
/// go say what was true last.
void Daemon::refreshGroups(const estate::Tenant& tenant, const runtime::Cancellation& cancellation)
{
    runtime::SilentProgress progress;
    const auto answer = api()->handle(
        {.method = "POST", .path = "/tenants/" + tenant.name + "/refresh"}, progress, cancellation);
    if (answer.isProblem())
        Poco::Logger::get("tenants").warning(tenant.name + ": " +
                                             answer.body.at("detail").get<std::string>());
    auto database = _host.store().connect();
    documents::Register(database, _host.catalog(), _host.clock())
        .update(tenant, progress, cancellation);
}

web::HookParts Daemon::hookParts()
{
    return {
        .choices = [this](const web::ChoiceCall& call) -> std::optional<web::ChoiceAnswer> {
            const auto found =
                _desk.choices({call.plugin, call.target, call.list, call.term, call.accessToken});
            if (!found)
                return std::nullopt;
            web::ChoiceAnswer answer{.origin = found->origin};
            for (const auto& choice : found->items)
                answer.items.push_back({{"name", choice.name}, {"identifier", choice.identifier}});
            return answer;
        },
        .announce =
            [this](const web::EventCall& call) {
                return _desk.announce(call.plugin, call.target, call.secret, call.tickets);
            }};
}

web::ServerParts Daemon::serverParts()
{
    return {.api = [this] { return api(); },
            .callerOf =
                [this](const std::string& token) {
                    return web::Tokens(_host.store(), _host.clock()).callerOf(token);
                },
            .notReady = [this] { return notReady(); },
            .metrics = [this] { return web::metrics(_host.store()); },
            .hooks = hookParts()};
}

std::shared_ptr<web::Api> Daemon::api()
{
    const auto hooks = syncHooks();
    const web::ApiExtras extras{.enter = hooks.enter,
                                .estateChanged =
                                    [this] {
                                        _scheduler.changed();
                                        _tenantRounds.hurry();
                                        _desk.changed();
                                    },
                                .schedule = [this] { return status(); }};
    return _host.api(extras, hooks);
}

/// Of a sync that somebody asked for: it waits for its tenant's lane, and the schedule hears of it.
SyncHooks Daemon::syncHooks()
{
    return {
        .enter =
            [this](const std::string& tenant, const runtime::Cancellation& cancellation) {
                return std::make_shared<schedule::Lanes::Hold>(_lanes.enter(tenant, cancellation));
            },
        .ended = [this](const sync::Run& run) { _scheduler.ranByHand(run.sync, resultOf(run)); }};
}

web::Json Daemon::status() const
{
    const auto at = [](const std::optional<runtime::Instant>& instant) {
        return instant ? web::Json(runtime::toText(*instant)) : web::Json();
    };
    const auto progress = [this](const std::string& sync) {
        const auto state = _activity.of(sync);
        return state ? web::Json{{"what", state->what},
                                 {"done", state->done},
                                 {"total", state->total}}
                     : web::Json();
    };
    auto list = web::Json::array();
    for (const auto& sync : _scheduler.status())
        list.push_back({{"sync", sync.sync},
                        {"tenant", sync.tenant},
                        {"next", at(sync.next)},
                        {"last", at(sync.last)},
                        {"failures", sync.failures},
                        {"quarantinedAt", at(sync.quarantinedAt)},
                        {"reason", sync.reason},
                        {"runningSince", at(sync.runningSince)},
                        {"progress", progress(sync.sync)}});
    return list;
}

std::string Daemon::notReady()
{
    try
    {
        _host.store().connect().value<int64_t>("SELECT count(*) FROM tenant");
        return {};
    }
    catch (const std::exception& error)
    {
        return error.what();
    }
}

bool Daemon::stop()
{
    const auto until = std::chrono::steady_clock::now() + kPatience;
    const auto left = [&] {
        return std::max(std::chrono::milliseconds(0),
                        std::chrono::duration_cast<std::chrono::milliseconds>(
                            until - std::chrono::steady_clock::now()));
    };
    const bool areRequestsDone = _server.stop(std::chrono::milliseconds(0));
    for (auto* rounds : {&_tenantRounds, &_reportRounds})
        rounds->stop(std::chrono::milliseconds(0));
    _desk.stop(std::chrono::milliseconds(0));
    const bool isScheduleDone = _scheduler.stop(left());
    const bool isDeskDone = _desk.stop(left());
    return isScheduleDone && isDeskDone && _tenantRounds.stop(left()) &&
           _reportRounds.stop(left()) && (areRequestsDone || _server.stop(left()));
}

} // namespace muster::app
