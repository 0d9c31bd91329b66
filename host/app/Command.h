#pragma once

#include "app/Console.h"
#include "web/Api.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace muster::app {

using web::ApiRequest;
using web::ApiResponse;
using web::Json;

/// What `muster NAME --help` says beside the options.
struct Manual
{
    std::string name;
    std::string summary;                        ///< half a line
    std::string synopsis = {};                  ///< what follows the name
    std::string description;                    ///< paragraphs, separated by an empty line
    std::map<int, std::string> exitStatus = {}; ///< beside those that every command has
    std::vector<std::string> examples = {};
};

/// Where a command runs: what answers it, and what it writes on.
struct Session
{
    web::Answerer& api;
    Console& console;
    bool json = false;
    runtime::Progress& progress;
    const runtime::Cancellation& cancellation;
    std::function<void()> clearProgress;

    /// The answer; throws Problem when it is one.
    ApiResponse ask(const ApiRequest& request);

    /// Prints the document of --json.
    int printJson(const ApiResponse& response);
};

/// An answer that says what went wrong.
struct Problem
{
    ApiResponse response;
};

/// A command of the command line: turns arguments into requests and shows the answers.
class Command
{
public:
    virtual ~Command() = default;
    virtual Manual manual() const = 0;

    /// Adds options and positional arguments that set members of this command.
    virtual void declare(CLI::App& app) = 0;

    /// True for the service, which the program is while it lasts: run() is not called then.
    virtual bool serves() const { return false; }

    /// Returns the exit code. Throws Problem and the errors of runtime/Errors.h.
    virtual int run(Session& session) = 0;
};

std::unique_ptr<Command> serveCommand();
std::unique_ptr<Command> applyCommand();
std::unique_ptr<Command> checkCommand();
std::unique_ptr<Command> groupsCommand();
std::unique_ptr<Command> planCommand();
std::unique_ptr<Command> syncCommand();
std::unique_ptr<Command> runsCommand();
std::unique_ptr<Command> runCommand();
std::unique_ptr<Command> undoCommand();
std::unique_ptr<Command> whyCommand();
std::unique_ptr<Command> tenantsCommand();
std::unique_ptr<Command> pluginsCommand();
std::unique_ptr<Command> reportCommand();
std::unique_ptr<Command> documentsCommand();
std::unique_ptr<Command> documentCommand();
std::unique_ptr<Command> activityCommand();
std::unique_ptr<Command> secretCommand();
std::unique_ptr<Command> tokenCommand();

/// "/runs/7" from "/runs/" and what the user typed, percent-encoded.
std::string pathOf(const std::string& prefix, const std::string& typed);

/// Who works on this machine, for logs of what people did.
std::string userName();

/// "3 groups", "1 group".
std::string counted(int64_t number, const std::string& noun);

} // namespace muster::app
