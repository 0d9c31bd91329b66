#pragma once

#include "support/Child.h"

#include <http/HttpClient.h>
#include <nlohmann/json.hpp>

#include <string>

namespace muster::bench {

using Json = nlohmann::json;

/// Used by one thread. A muster-sandbox with one generated tenant, in a process of its own.
class SandboxProcess
{
public:
    /// Returns when it listens. `options` are more of its command line; its files go to
    /// `directory`, which outlives it.
    SandboxProcess(const std::string& program, const std::string& directory,
                   const std::vector<std::string>& options);
    ~SandboxProcess();

    const std::string& url() const { return _url; }

    /// Requests to a service ("graph", "deskdirector", "token") since clearRequests().
    size_t requests(const std::string& service);
    void clearRequests() { control("DELETE", "requests"); }

    void ops(const std::string& tenant, const Json& ops);

    Json control(const std::string& method, const std::string& path, const Json& body = {});

private:
    std::string _readyFile;
    tests::Child _child;
    http::HttpClient _client{{}};
    std::string _url;
};

} // namespace muster::bench
