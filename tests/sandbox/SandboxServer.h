#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace muster::sandbox {

using Json = nlohmann::ordered_json;

/// What a sandbox starts with; everything but the listener can be changed later.
struct SandboxOptions
{
    enum class Transport
    {
        Plain,
        Tls
    };

    std::uint16_t port = 0; ///< 0: any free port
    Transport transport = Transport::Plain;

    std::string clientId = "9a1b0000-0000-4000-8000-000000000002";
    std::string clientSecret = "sandbox-secret";
    std::vector<std::string> certificates; ///< PEM texts that client assertions may be signed with

    std::string deskDirectorKey = "sandbox-key";
    std::vector<std::pair<int, std::string>> accounts{{42, "Contoso"}}; ///< DeskDirector: id, name

    std::string glueKey = "sandbox-glue-key";
    std::vector<std::pair<int, std::string>> organizations{{7, "Contoso"}}; ///< IT Glue: id, name
};

/// A made-up tenant for benchmarks; the same sizes and seed give the same tenant.
struct GeneratedSize
{
    std::size_t people = 1000;
    std::size_t groups = 100;
    std::size_t memberships = 10000;
    std::size_t devices = 0;
    std::uint64_t seed = 1;
};

/// Microsoft Graph, the Entra token endpoint, DeskDirector and IT Glue as contracts/graph.md,
/// contracts/deskdirector.md and contracts/itglue.md say, on one loopback port. Listens from
/// construction to destruction.
///
/// Thread-safe. The methods are what the control API under /sandbox/ does, without HTTP. They throw
/// std::invalid_argument with a sentence when what they are given makes no sense. Times are UTC in
/// ISO 8601, ids are the outside's own. The formats are described in README.md beside this file.
class SandboxServer
{
public:
    explicit SandboxServer(const SandboxOptions& options = {});
    ~SandboxServer();
    SandboxServer(const SandboxServer&) = delete;
    SandboxServer& operator=(const SandboxServer&) = delete;

    std::uint16_t port() const;
    /// "http://127.0.0.1:PORT", or "https://localhost:PORT" with TLS. The estate's authority,
    /// graph, DeskDirector site and IT Glue are all this.
    std::string baseUrl() const;
    /// The CA that signed the server's certificate, as PEM; empty without TLS.
    std::string caPem() const;

    /// Adds the tenant of a world file and applies its first `lines` event lines; gives its id.
    std::string addWorld(const std::string& file, std::size_t lines = 1);
    /// Adds an empty tenant, to be filled by ops().
    void addTenant(const std::string& id, const std::string& name, const std::string& domain);
    /// Adds a generated tenant; gives its id.
    std::string addGenerated(const GeneratedSize& size);

    /// [{"tenant","name","domain","groups","users","devices"}], the last three as numbers.
    Json tenants() const;

    /// Applies the next event lines of the tenant's world file.
    /// Gives {"applied": lines, "ops": n, "at": time of the last line, "left": lines}.
    Json advance(const std::string& tenant, std::size_t steps = 1);
    /// The same up to and including the lines at that time.
    Json advanceUntil(const std::string& tenant, const std::string& time);
    /// Applies ops in the world files' format, e.g. [["member+", group, user]].
    Json ops(const std::string& tenant, const Json& ops);
    /// The tenant as it is now: {"groups":[{"id",…,"members":[id],"owners":[id]}],"users":[…],
    /// "devices":[…],"deleted":{"users":[…],"groups":[…]}}. Members that are deleted are left out.
    Json world(const std::string& tenant) const;

    /// Merges into the settings: roles, token lifetime, page sizes, what delta does, throttling.
    void configure(const Json& settings);
    Json settings() const;
    /// Moves the clock that tokens age by.
    void advanceClock(std::int64_t seconds);

    /// The mails that Graph took: [{"tenant","from","message"}], the last as it was sent.
    Json mails() const;

    /// {"total","services":{"graph":n,…},"routes":{"graph.groups.delta":n,…},"batchItems":{…}}
    Json requests() const;
    void clearRequests();

    /// {"accounts","serviceGroups","contacts","groups":[{…,"members":[{"contact","email","role"}]}],
    /// "tickets","writes":[{"at","method","path","status"}],"maxConcurrent","maxPerSecond",…}
    Json deskDirector() const;
    /// Creates records, or edits those named by id, as a person would do by hand.
    void seedDeskDirector(const Json& records);

    /// {"organizations","contacts","configurations","types":[{…,"fields"}],"assets":[{…,"traits"}],
    /// "attachments","relatedItems","logs","writes":[{"at","method","path","status"}],
    /// "maxConcurrent",…}
    Json glue() const;
    /// Creates, edits or deletes records as a person would do by hand.
    void seedGlue(const Json& records);

    /// Adds one rule or an array of rules.
    void addFault(const Json& rules);
    Json faults() const;
    void clearFaults();

    /// Returns when somebody asked the sandbox to end by POST /sandbox/quit, or called quit().
    void waitForQuit();
    void quit();

private:
    class Impl;
    std::unique_ptr<Impl> _impl;
};

} // namespace muster::sandbox
