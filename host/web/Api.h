#pragma once

#include "directory/Source.h"
#include "estate/SecretResolver.h"
#include "plugins/Catalog.h"
#include "report/Reporter.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "runtime/Progress.h"
#include "store/Secrets.h"
#include "store/Store.h"
#include "sync/SyncService.h"
#include "web/Role.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>

namespace muster::web {

using Json = nlohmann::json;

/// A request as the HTTP API under /api/v1 takes it.
struct ApiRequest
{
    std::string method = "GET";
    std::string path; ///< below /api/v1, percent-encoded: "/tenants/contoso/groups"
    std::map<std::string, std::string> query = {}; ///< decoded
    Json body = {};
    Caller caller = {};
};

/// The answer to a request: a JSON document, held or written piece by piece, or a file.
struct ApiResponse
{
    int status = 200;
    int exitCode = 0; ///< what a command that asked ends with (DESIGN.md, section 8)
    Json body = {};
    std::function<void(std::ostream&)> stream = {}; ///< in the place of `body`; called once
    std::string type = {};     ///< of a stream that is a file of another type than JSON
    std::string fileName = {}; ///< what a browser saves that as

    bool isProblem() const { return status >= 400; }
    void write(std::ostream& out) const;

    /// The document as a value, also of a streamed answer: ask for few changes then.
    Json document() const;
};

/// The problem that the exception being handled is. To be called in a catch block.
ApiResponse problemInFlight();

/// Whoever answers requests: the API in this process, or that of a running `muster serve`.
class Answerer
{
public:
    virtual ~Answerer() = default;

    virtual ApiResponse handle(const ApiRequest& request, runtime::Progress& progress,
                               const runtime::Cancellation& cancellation) = 0;
};

/// What a running service adds to the API; each may be empty.
struct ApiExtras
{
    /// Waits until nobody else works on the tenant, and keeps others away while the answer lives.
    sync::SyncParts::Enter enter = {};
    std::function<void()> estateChanged = {};  ///< called when it was
    std::function<Json()> schedule = {};       ///< what the scheduler does with each sync
    std::function<Json(size_t)> requests = {}; ///< the latest requests, at most so many
};

/// What the API works with; all of it outlives the API.
struct ApiParts
{
    store::Store& store;
    runtime::Clock& clock;
    store::Secrets& secrets;
    const estate::SecretResolver& resolver;
    plugins::Catalog& catalog;
    directory::Source& source;
    sync::SyncService& syncs;
    report::Reporter& reporter;

    /// Opens a channel to a target of the estate, its secrets resolved.
    std::function<std::shared_ptr<plugins::TargetChannel>(const estate::Target&)> openTarget;

    ApiExtras extras = {};
};

/// Used by one thread. Everything that commands and the HTTP server ask for. Errors come as problem
/// details (RFC 9457) with the exit code as the member "exitCode"; nothing is thrown but what a
/// streamed answer meets while it is written.
class Api : public Answerer
{
public:
    explicit Api(ApiParts parts);
    ~Api() override;

    ApiResponse handle(const ApiRequest& request, runtime::Progress& progress,
                       const runtime::Cancellation& cancellation) override;

    /// What is asked of it and how, for the OpenAPI document: {"paths": …}.
    Json paths() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> _implementation;
};

} // namespace muster::web
