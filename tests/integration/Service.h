#pragma once

#include "Installation.h"
#include "support/Child.h"

#include <chrono>
#include <optional>
#include <string>

namespace muster::integration {

/// A `muster serve` of an installation, in a process of its own, from when it answers until this is
/// destroyed, which kills it if need be.
class Service
{
public:
    /// `properties` are more lines of its configuration; it listens on a free port.
    explicit Service(const Installation& host, const std::string& properties = {});

    /// http://127.0.0.1:PORT
    std::string url() const;

    void signal(int number) const { _process->signal(number); }

    /// Waits for its end; gives the exit code, or -1 when a signal ended it. Fails the test when it
    /// takes longer.
    int wait(std::chrono::seconds deadline = std::chrono::seconds(15));

    /// What it wrote to stderr until now.
    std::string log() const;

    /// Waits until the log holds the text. Fails the test when it never does.
    void waitForLog(const std::string& text) const;

    const std::string& configuration() const { return _configuration; }

private:
    std::string _configuration;
    std::string _log;
    std::optional<tests::Child> _process;
};

} // namespace muster::integration
