#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace muster::integration {

using Json = nlohmann::ordered_json;

/// How a child process ended, and what it said.
struct Finished
{
    std::string command; ///< as a user would type it
    int exitCode = -1;   ///< -1: a signal ended it
    int signal = 0;
    std::string output;
    std::string errors;

    /// The one JSON document on stdout. Fails the test when there is another or none.
    Json json() const;

    /// All of the above, for a failed assertion.
    std::string describe() const;
};

struct Command
{
    std::string program;
    std::vector<std::string> arguments;
    std::string input = {};
    std::map<std::string, std::string> environment = {}; ///< beside the test's own
    std::chrono::seconds deadline{100};                  ///< then it is killed and the test fails
};

/// Runs a child process to its end. It gets no descriptor of the test's: the connections of a
/// sandbox in the test end when the sandbox ends them.
Finished run(const Command& command);

} // namespace muster::integration
