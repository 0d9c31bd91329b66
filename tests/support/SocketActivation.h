#pragma once

#include "support/Child.h"
#include "support/TemporaryDirectory.h"

#include <string>
#include <vector>

namespace muster::tests {

/// Used by one thread. A socket that starts a muster-target-runner for each connection, as systemd
/// does with config/muster-targets.socket. Ends with all that it started.
class SocketActivation
{
public:
    /// The runner is a copy in a folder of its own, for other users may not come to the build's.
    /// `before` is put before the command, as in {"setpriv", "--reuid=nobody"}. Throws Skipped when
    /// systemd's program for it is missing.
    explicit SocketActivation(const std::vector<std::string>& before = {});

    std::string socket() const { return _directory.path() + "/targets.sock"; }

    /// What the processes printed before they were a runner.
    std::string log() const { return readFile(_directory.path() + "/log"); }

private:
    std::vector<std::string> prepare(const std::vector<std::string>& before) const;

    TemporaryDirectory _directory;
    Child _activator;
};

} // namespace muster::tests
