#pragma once

#include "app/Host.h"
#include "web/Server.h"

#include <string>

namespace muster::app {

/// What `muster serve` is started with, from the configuration of the machine.
struct DaemonOptions
{
    std::string dataDirectory;
    std::string listen; ///< of the HTTP API; empty: the socket alone
};

/// Used by one thread. The service: the API on its socket and on loopback, and the schedule.
class Daemon
{
public:
    /// Listens. Throws ConfigError.
    Daemon(Host& host, const DaemonOptions& options);

    /// Of the HTTP API; 0 when there is none.
    uint16_t port() const { return _server.port(); }

    /// Ends the work under way; false when some of it did not end in time.
    bool stop();

    /// The socket of a data directory's service.
    static std::string socketFile(const std::string& dataDirectory);

private:
    web::ServerParts parts();
    std::string notReady();

    Host& _host;
    web::Server _server;
};

} // namespace muster::app
