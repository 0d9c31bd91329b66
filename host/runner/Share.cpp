#include "runner/Share.h"

#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>

namespace muster::runner {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

void Share::allow(std::chrono::seconds time)
{
    _time = time;
    if (!_isCalled)
    {
        _isCalled = true;
        _usedBefore = used();
        _calledAt = steady_clock::now();
        ::kill(_process, SIGCONT);
    }
    const auto until = std::chrono::duration_cast<std::chrono::seconds>(used()) + time;
    // The hard limit could not be raised again. The process itself cannot set the soft one.
    const rlimit bound{static_cast<rlim_t>(until.count()), RLIM_INFINITY};
    ::prlimit(_process, RLIMIT_CPU, &bound, nullptr);
}

void Share::rest()
{
    _isCalled = false;
    ::kill(_process, SIGSTOP);
}

std::string Share::excess()
{
    if (!_isCalled)
        return {};
    const auto now = steady_clock::now();
    constexpr auto kLookEvery = 200ms;
    if (now - _lookedAt < kLookEvery)
        return {};
    _lookedAt = now;
    // Who has several threads, shows that it lives, or ignores the signal is not stopped by that
    // bound.
    if (used() - _usedBefore > _time + (now - _calledAt) / 2)
        return "used more than half a processor";
    return threads() > kMostThreads
               ? "started more than " + std::to_string(kMostThreads) + " threads"
               : std::string();
}

std::chrono::nanoseconds Share::used() const
{
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(_process, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
        return {};
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

int64_t Share::threads() const
{
    std::ifstream status("/proc/" + std::to_string(_process) + "/status");
    const std::string name = "Threads:";
    for (std::string line; std::getline(status, line);)
        if (line.rfind(name, 0) == 0)
            return std::strtoll(line.c_str() + name.size(), nullptr, 10);
    return 0;
}

} // namespace muster::runner
