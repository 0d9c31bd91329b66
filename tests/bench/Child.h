#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace muster::bench {

/// What a child process used from its start to its end.
struct Usage
{
    double wall = 0; ///< seconds
    double cpu = 0;  ///< seconds, of the user and the system
    uint64_t peakBytes = 0;
};

/// Used by one thread. A child process. Linux counts the memory of the process that starts one as
/// the child's own peak, so the bench itself stays small.
class Child
{
public:
    /// Starts a program; its stdout and stderr go to `outputFile`.
    Child(const std::vector<std::string>& command, const std::string& outputFile);

    /// Kills it when it was not waited for.
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Waits for its end; throws when it ended by a signal.
    Usage wait();

    bool isRunning();
    int exitCode() const { return _exitCode; }

private:
    void end(int status);

    pid_t _process = -1;
    double _startedAt;
    int _exitCode = -1;
    int _signal = 0;
};

/// Seconds on a clock that never steps.
double now();

} // namespace muster::bench
