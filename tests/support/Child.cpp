#include "Child.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace muster::tests {

namespace {

constexpr int kNotStarted = 127;

double seconds(const timeval& time)
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

[[noreturn]] void become(std::vector<std::string> command, const std::string& outputFile,
                         const std::map<std::string, std::string>& variables)
{
    const int output = ::open(outputFile.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    // The parent's sockets are the parent's: closing one there must end it.
    ::syscall(SYS_close_range, STDERR_FILENO + 1U, ~0U, 0U);
    for (const auto& [name, value] : variables)
        ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> arguments;
    for (auto& argument : command)
        arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    ::execv(arguments.front(), arguments.data());
    ::_exit(kNotStarted);
}

} // namespace

double now()
{
    using Seconds = std::chrono::duration<double>;
    return Seconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string readFile(const std::string& path)
{
    // Of /proc, a file may end with its process while it is read.
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
}

Child::Child(const std::vector<std::string>& command, const std::string& outputFile,
             const std::map<std::string, std::string>& variables)
    : _process(::fork()), _startedAt(now())
{
    if (_process == 0)
        become(command, outputFile, variables);
    if (_process < 0)
        throw std::runtime_error("cannot start " + command.front());
}

Child::~Child()
{
    if (_process < 0)
        return;
    ::kill(_process, SIGKILL);
    ::waitpid(_process, nullptr, 0);
}

bool Child::isRunning()
{
    int status = 0;
    if (_process >= 0 && ::waitpid(_process, &status, WNOHANG) == _process)
        end(status);
    return _process >= 0;
}

void Child::signal(int number) const
{
    if (_process >= 0)
        ::kill(_process, number);
}

Usage Child::wait()
{
    int status = 0;
    rusage used{};
    while (::wait4(_process, &status, 0, &used) < 0)
    {
        if (errno != EINTR)
            throw std::runtime_error("a child process was waited for twice");
    }
    end(status);
    if (_signal != 0)
        throw std::runtime_error("a child process was ended by signal " + std::to_string(_signal));
    return {.wall = now() - _startedAt,
            .cpu = seconds(used.ru_utime) + seconds(used.ru_stime),
            .peakBytes = static_cast<uint64_t>(used.ru_maxrss) * 1024};
}

void Child::end(int status)
{
    _process = -1;
    _exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    _signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

} // namespace muster::tests
