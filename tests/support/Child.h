#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace muster::tests {

/// What a child process used from its start to its end.
struct Usage
{
    double wall = 0; ///< seconds
    double cpu = 0;  ///< seconds, of the user and the system
    uint64_t peakBytes = 0;
};

/// Used by one thread. A child process, which has none of its parent's open files. Linux counts the
/// memory of the process that starts one as the child's own peak: who measures it stays small.
class Child
{
public:
    /// Starts a program; its stdout and stderr go to `outputFile`. The variables are set beside
    /// those of this process.
    Child(const std::vector<std::string>& command, const std::string& outputFile,
          const std::map<std::string, std::string>& variables = {});

    /// Kills it when it was not waited for.
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Waits for its end; throws when it ended by a signal.
    Usage wait();

    bool isRunning();
    void signal(int number) const;

    /// What it ended with; -1 when a signal ended it.
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

/// What a file holds; nothing when there is none.
std::string readFile(const std::string& path);

} // namespace muster::tests
