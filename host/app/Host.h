#pragma once

#include "app/ServiceStarts.h"
#include "estate/SecretResolver.h"
#include "graph/GraphSource.h"
#include "plugins/Catalog.h"
#include "report/Reporter.h"
#include "runtime/Clock.h"
#include "schedule/Lanes.h"
#include "store/Secrets.h"
#include "store/Store.h"
#include "sync/SyncService.h"
#include "web/Api.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace muster::app {

/// What a host is started with.
struct HostOptions
{
    std::string dataDirectory;
    std::vector<std::string> pluginDirectories;
    std::optional<plugins::ChildOptions> children = {}; ///< none: targets run in this process
    bool isService = false;
    report::MailSettings mail = {};
};

/// What a running service adds to syncs; each may be empty.
struct SyncHooks
{
    sync::SyncParts::Enter enter = {};
    std::function<void(const sync::Run&)> ended = {};
};

/// Thread-safe. What Muster is made of, from the bottom up; the API is how anything is asked of it.
/// Holds the lock of the data directory.
class Host
{
public:
    explicit Host(const HostOptions& options);

    /// Each is used by one thread: what is asked for side by side has one each. The host outlives
    /// them.
    std::unique_ptr<sync::SyncService> syncs(const SyncHooks& hooks = {});
    std::shared_ptr<web::Api> api(web::ApiExtras extras = {}, const SyncHooks& hooks = {});

    store::Store& store() { return _store; }
    runtime::Clock& clock() { return _clock; }
    directory::Source& source() { return _source; }
    plugins::Catalog& catalog() { return _catalog; }
    report::Reporter& reporter() { return _reporter; }

    /// The service ends by itself, and did not crash.
    void end();

    /// One channel to a target serves all, so that its pace is kept whoever asks.
    std::shared_ptr<plugins::TargetChannel> openTarget(const estate::Target& target);

private:
    struct Channel
    {
        std::mutex mutex; ///< guards what follows: a target that is slow to open holds up no other
        plugins::Json settings;
        std::shared_ptr<plugins::TargetChannel> channel;
    };

    runtime::SystemClock _clock;
    store::DataDirectoryLock _lock;
    store::Store _store;
    store::Secrets _secrets;
    estate::SecretResolver _resolver;
    std::optional<ServiceStarts> _starts; ///< of a service
    plugins::Catalog _catalog;
    graph::GraphSource _source;
    schedule::Lanes _scopes; ///< one at a time writes into each
    report::Reporter _reporter;
    std::mutex _channelsMutex;            ///< guards _channels
    std::map<int64_t, Channel> _channels; ///< by target; they stay
};

} // namespace muster::app
