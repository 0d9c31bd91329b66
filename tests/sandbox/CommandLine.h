#pragma once

#include "SandboxServer.h"

#include <optional>
#include <string>
#include <vector>

namespace muster::sandbox {

/// The arguments of muster-sandbox. Used by one thread.
class CommandLine
{
public:
    /// Reads the arguments; prints help or what is wrong with them. Throws std::invalid_argument
    /// for a value that makes no sense.
    CommandLine(int argc, char** argv);

    /// Set when the program has nothing more to do.
    std::optional<int> exitCode() const { return _exitCode; }
    const SandboxOptions& options() const { return _options; }

    /// Adds the worlds, faults, settings and records that the arguments name.
    void fill(SandboxServer& server) const;
    /// Tells the port: one JSON line on stdout, and the files that were asked for.
    void announce(const SandboxServer& server) const;

private:
    struct WorldArgument
    {
        std::string file;
        std::size_t lines = 1;
    };

    void readWorld(const std::string& text);
    void readSize(const std::string& text);

    SandboxOptions _options;
    std::vector<WorldArgument> _worlds;
    std::vector<GeneratedSize> _generated;
    std::string _faults;
    std::string _settings;
    std::string _records;
    std::string _glueRecords;
    std::string _caOut;
    std::string _portFile;
    std::string _readyFile;
    std::optional<int> _exitCode;
};

} // namespace muster::sandbox
