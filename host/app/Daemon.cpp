#include "app/Daemon.h"

#include "web/Metrics.h"
#include "web/Tokens.h"

#include <chrono>

namespace muster::app {

namespace {

/// A service manager gives ten seconds; a change in flight has that long to end.
constexpr std::chrono::seconds kPatience{9};

} // namespace

Daemon::Daemon(Host& host, const DaemonOptions& options)
    : _host(host), _server(parts(), {socketFile(options.dataDirectory), options.listen})
{}

std::string Daemon::socketFile(const std::string& dataDirectory)
{
    return dataDirectory + "/muster.sock";
}

web::ServerParts Daemon::parts()
{
    return {.api = [this] { return _host.api(); },
            .isToken =
                [this](const std::string& token) {
                    return web::Tokens(_host.store(), _host.clock()).isValid(token);
                },
            .notReady = [this] { return notReady(); },
            .metrics = [this] { return web::metrics(_host.store()); }};
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
    return _server.stop(kPatience);
}

} // namespace muster::app
