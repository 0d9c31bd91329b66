#pragma once

#include "web/Api.h"
#include "web/Hooks.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace muster::web {

struct ServerOptions
{
    std::string socketFile; ///< of this machine's commands; its folder is only the service's
    std::string listen;     ///< "127.0.0.1:8484", on loopback; port 0: any free one; empty: none
};

/// What the server works with; called from several threads, and outlives the server.
struct ServerParts
{
    /// The API of the calling thread's request.
    std::function<std::shared_ptr<Api>()> api;
    /// Nothing when it is no token.
    std::function<std::optional<Caller>(const std::string& token)> callerOf;
    /// What keeps the host from being ready; empty when nothing does.
    std::function<std::string()> notReady;
    /// In Prometheus' text format.
    std::function<std::string()> metrics;
    HookParts hooks = {};
};

/// Thread-safe. Serves the API under /api/v1 on a Unix socket, where no token is needed, and on
/// loopback, where each request carries one; beside it /healthz, /readyz, /metrics,
/// /api/v1/openapi.json and what is below /hooks/, which need none.
///
/// A request that accepts application/x-ndjson is answered with lines of JSON while it works
/// ({"progress":{"what","done","total"}}), then a line {"answer":{"status","exitCode"}}, then the
/// document. Whoever hangs up cancels the work.
class Server
{
public:
    /// Listens. Throws ConfigError when it cannot.
    Server(ServerParts parts, const ServerOptions& options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Of `listen`; 0 when there is none.
    uint16_t port() const;

    /// Takes no more requests, cancels those under way, and waits for them; false when some are
    /// not done by then.
    bool stop(std::chrono::milliseconds patience);

private:
    class Implementation;
    std::unique_ptr<Implementation> _implementation;
};

} // namespace muster::web
