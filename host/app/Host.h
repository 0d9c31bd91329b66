#pragma once

#include "estate/SecretResolver.h"
#include "graph/GraphSource.h"
#include "plugins/Catalog.h"
#include "runtime/Clock.h"
#include "store/Secrets.h"
#include "store/Store.h"
#include "sync/SyncService.h"
#include "web/Api.h"

#include <string>
#include <vector>

namespace muster::app {

/// What a host is started with.
struct HostOptions
{
    std::string dataDirectory;
    std::vector<std::string> pluginDirectories;
};

/// Used by one thread. What Muster is made of, from the bottom up; the API is how anything is asked
/// of it. Holds the lock of the data directory.
class Host
{
public:
    explicit Host(const HostOptions& options);

    web::Api& api() { return _api; }

private:
    std::unique_ptr<plugins::TargetChannel> openTarget(const estate::Target& target);

    runtime::SystemClock _clock;
    store::DataDirectoryLock _lock;
    store::Store _store;
    store::Secrets _secrets;
    estate::SecretResolver _resolver;
    plugins::Catalog _catalog;
    graph::GraphSource _source;
    sync::SyncService _syncs;
    web::Api _api;
};

} // namespace muster::app
