#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace muster::runner {

/// Used by one thread at a time. What a runner may use of the machine. Between calls that is
/// nothing. In a call it is so many threads and, once it has used the time that it is allowed, half
/// a processor on average.
class Share
{
public:
    static constexpr int64_t kMostThreads = 64;

    /// A process of this user, which is not called yet.
    explicit Share(pid_t process) : _process(process) {}

    /// A call begins, or goes on and showed a sign of life: the kernel ends the process when it
    /// then uses the processor for so long and does not catch that.
    void allow(std::chrono::seconds time);

    /// The call is over: the process, with what threads it left behind, stops.
    void rest();

    /// What it uses too much of; empty while it keeps to its share. Looks a few times a second,
    /// however often it is asked.
    std::string excess();

private:
    std::chrono::nanoseconds used() const;
    int64_t threads() const;

    pid_t _process;
    bool _isCalled = false;
    std::chrono::nanoseconds _usedBefore{0}; ///< before the call
    std::chrono::steady_clock::time_point _calledAt = {};
    std::chrono::steady_clock::time_point _lookedAt = {};
    std::chrono::seconds _time{0};
};

} // namespace muster::runner
