#pragma once

#include "app/Command.h"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace muster::app {

/// What may stand before and after any command.
struct GlobalOptions
{
    std::string data;
    std::string config;
    bool json = false;
    bool verbose = false;
};

/// Used by one thread, once. The command line: which command, with which options.
class CommandLine
{
public:
    CommandLine();

    /// What the arguments (without the program's name) come to: a command to run, or, when help was
    /// asked for or they make no sense, what was printed and the exit code.
    struct Parsed
    {
        Command* command = nullptr; ///< owned by the command line
        int exitCode = 0;
    };
    Parsed parse(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

    const GlobalOptions& options() const { return _options; }

private:
    Command* chosen() const;
    std::string complaint(const CLI::ParseError& error) const;
    void printManual(const Command& command, std::ostream& out) const;
    void printOverview(std::ostream& out) const;

    CLI::App _app;
    GlobalOptions _options;
    std::vector<std::unique_ptr<Command>> _commands;
};

} // namespace muster::app
