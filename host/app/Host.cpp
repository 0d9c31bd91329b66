#include "app/Host.h"

#include "documents/Register.h"
#include "estate/EstateStore.h"
#include "requests/RequestStore.h"
#include "runtime/Errors.h"
#include "sync/Journal.h"

#include <Poco/Logger.h>

namespace muster::app {

namespace {

const char* const kSafeMode =
    "safe mode: the service crashed three times in ten minutes, so it runs without the plugins of "
    "plugins.path: find out why (its log, `muster plugins`), then restart the service";

web::Json requestsJson(const store::Store& store, size_t limit)
{
    auto database = store.connect();
    std::map<int64_t, std::string> targets;
    for (const auto& target : estate::EstateStore(database).targets())
        targets[target.id] = target.name;
    auto list = web::Json::array();
    for (const auto& request : requests::RequestStore(store).list(limit))
        list.push_back({{"id", request.id},
                        {"target", targets[request.target]},
                        {"ticket", request.ticket},
                        {"summary", request.summary},
                        {"contact", request.contact},
                        {"state", requests::toText(request.state)},
                        {"tenant", request.tenant},
                        {"mode", request.mode},
                        {"sync", request.sync},
                        {"run", request.run == 0 ? web::Json() : web::Json(request.run)},
                        {"message", request.message},
                        {"seenAt", runtime::toText(request.seenAt)},
                        {"changedAt", runtime::toText(request.changedAt)}});
    return list;
}

} // namespace

Host::Host(const HostOptions& options)
    : _lock(options.dataDirectory),
      _store(options.dataDirectory),
      _secrets(_store, _clock),
      _resolver(_secrets),
      _starts(options.isService ? std::optional<ServiceStarts>(std::in_place, _store, _clock)
                                : std::nullopt),
      _catalog(options.pluginDirectories, _clock,
               {.children = options.children,
                .store = &_store,
                .safeMode = _starts && _starts->isSafeMode() ? kSafeMode : ""}),
      _source(_store, _clock,
              [this](const estate::SecretReference& reference) {
                  return _resolver.resolve(reference);
              }),
      _reporter({_store, _clock, _source,
                 [this](const estate::SecretReference& reference) {
                     return _resolver.resolve(reference);
                 }},
                options.mail)
{
    auto database = _store.connect(store::Durability::Durable);
    sync::Journal(database, _clock).recoverAll();
    if (_starts && _starts->isSafeMode() && options.pluginDirectories.size() > 1)
        Poco::Logger::get("plugins").error(kSafeMode);
}

void Host::end()
{
    if (_starts)
        _starts->end();
}

std::unique_ptr<sync::SyncService> Host::syncs(const SyncHooks& hooks)
{
    return std::make_unique<sync::SyncService>(sync::SyncParts{
        .store = _store,
        .catalog = _catalog,
        .source = _source,
        .clock = _clock,
        .openTarget = [this](const estate::Target& target) { return openTarget(target); },
        .enter = hooks.enter,
        .enterScope =
            [this](int64_t scope, const runtime::Cancellation& cancellation) {
                return std::make_shared<schedule::Lanes::Hold>(
                    _scopes.enter(std::to_string(scope), cancellation));
            },
        .keeper =
            [this](store::Database& database) {
                return std::make_unique<documents::Register>(database, _catalog, _clock);
            },
        .ended = hooks.ended});
}

std::shared_ptr<web::Api> Host::api(web::ApiExtras extras, const SyncHooks& hooks)
{
    extras.requests = [this](size_t limit) { return requestsJson(_store, limit); };
    struct Desk
    {
        std::unique_ptr<sync::SyncService> syncs;
        web::Api api;
    };
    auto service = syncs(hooks);
    auto& used = *service;
    const std::shared_ptr<Desk> desk(new Desk{
        std::move(service),
        web::Api({_store, _clock, _secrets, _resolver, _catalog, _source, used, _reporter,
                  [this](const estate::Target& target) { return openTarget(target); }, extras})});
    return {desk, &desk->api};
}

std::shared_ptr<plugins::TargetChannel> Host::openTarget(const estate::Target& target)
{
    auto& [mutex, settings, channel] = [&]() -> Channel& {
        const std::lock_guard lock(_channelsMutex);
        return _channels[target.id];
    }();
    const std::lock_guard lock(mutex);
    try
    {
        plugins::ChannelOptions options{.target = target.name,
                                        .settings = _resolver.resolve(target.settings)};
        if (channel && settings == options.settings)
            return channel;
        channel.reset();
        settings = options.settings;
        // Extra trust is the host's: the plugin opens no connection.
        options.caFile = options.settings.value("caFile", "");
        options.settings.erase("caFile");
        channel = _catalog.openTarget(target.plugin, options);
        return channel;
    }
    catch (const ConfigError& error)
    {
        const std::string what = error.what();
        const auto named = "target " + target.name;
        throw what.rfind(named, 0) == 0 ? error : ConfigError(named + ": " + what);
    }
}

} // namespace muster::app
