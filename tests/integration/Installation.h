#pragma once

#include "Process.h"

#include <SandboxServer.h>
#include <support/TemporaryDirectory.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster::integration {

/// The estate file that most tests apply: one tenant of the sandbox, its DeskDirector, and syncs.
/// Members are pieces of YAML, so that a test changes the one it is about.
struct EstateText
{
    struct Sync
    {
        std::string name = "contoso-groups";
        std::string mode = "contact-groups";
        std::optional<int> account = 42; ///< none: no scope
        std::string more = {};           ///< further keys: "    removal: {links: managed}\n"
        std::string target = "desk";     ///< or "docs", an IT Glue account
        std::optional<int> organization = {};
    };

    std::string tenant; ///< the directory's id
    std::string url;    ///< of the sandbox
    std::string credential = "clientSecret: {env: GRAPH_SECRET}";
    std::string directory = {}; ///< further keys: "      caFile: PATH\n"
    std::string groups = "all"; ///< the selection for the targets
    std::string apiKey = "{env: DESK_KEY}";
    std::string target = {}; ///< further settings: "      profile: {}\n"
    std::string pace = "{perSecond: 1000, parallel: 8}";
    std::string docs = {}; ///< settings of the IT Glue account; empty: there is none
    std::vector<Sync> syncs = {Sync{}};

    std::string text() const;

    /// The tenant alone: no target, no sync.
    std::string tenantText() const;

    /// One sync that documents the groups of a tenant in IT Glue's organization 7.
    static EstateText documenting(const std::string& tenant, const std::string& url);
};

/// The program under test with a data directory of its own.
class Installation
{
public:
    using Environment = std::map<std::string, std::string>;

    /// Runs `muster --data DIR ARGUMENTS`; `more` comes over the environment.
    Finished muster(const std::vector<std::string>& arguments, const std::string& input = {},
                    const Environment& more = {}) const;

    /// The same, which must end with that exit code; gives the document on stdout.
    Json json(std::vector<std::string> arguments, int exitCode = 0) const;

    /// Writes the estate file and applies it, which must work.
    void apply(const EstateText& estate) const;

    /// Writes a file beside the estate's; gives its path.
    std::string write(const std::string& name, const std::string& text) const;

    std::string data() const { return _directory / "data"; }
    const tests::TemporaryDirectory& directory() const { return _directory; }

    /// What the children get beside the test's own environment.
    Environment environment = {{"GRAPH_SECRET", "sandbox-secret"},
                               {"DESK_KEY", "sandbox-key"},
                               {"GLUE_KEY", "sandbox-glue-key"}};

private:
    tests::TemporaryDirectory _directory;
};

/// The run of a `muster sync --json` with a single sync.
Json onlyRun(const Json& document);

/// The plan of a `muster plan --json` with a single sync.
Json onlyPlan(const Json& document);

} // namespace muster::integration
