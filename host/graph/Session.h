#pragma once

#include "graph/GraphClient.h"
#include "graph/Token.h"
#include "http/HttpClient.h"

#include <mutex>
#include <string>

namespace muster::graph {

/// Used by one thread at a time, who holds `mutex`. A tenant's connections, token and throttle,
/// kept from one refresh to the next.
struct Session
{
    Session(const estate::DirectorySettings& directory, runtime::Clock& clock,
            const RequestPolicy& policy)
        : settings(directory),
          http({.caFile = directory.caFile, .userAgent = "Muster/0.1 (directory mirror)"}),
          token(settings, http, clock, policy),
          client(settings, http, token, clock, policy)
    {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    std::mutex mutex;
    const estate::DirectorySettings settings;
    http::HttpClient http;
    Token token;
    GraphClient client;
};

} // namespace muster::graph
