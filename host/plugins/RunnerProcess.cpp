#include "plugins/RunnerProcess.h"

#include "runner/Attendance.h"
#include "runner/Frames.h"
#include "runner/Share.h"
#include "runtime/Errors.h"
#include "runtime/FileDescriptor.h"
#include "runtime/UnixSocket.h"

#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

namespace muster::plugins {

namespace {

using namespace std::chrono_literals;
using runtime::FileDescriptor;
using std::chrono::milliseconds;

constexpr char kWasKilled[] = "was ended";

/// Sanitizers in a runner are told what those of the host are told; else there is no variable.
std::vector<std::string> variables()
{
    std::vector<std::string> result;
    for (const char* const name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"})
        if (const char* const value = std::getenv(name))
            result.push_back(std::string(name) + "=" + value);
    return result;
}

/// What a child starts with; freed in the end.
class Start
{
public:
    explicit Start(const RunnerFiles& files)
    {
        ::posix_spawn_file_actions_init(&_files);
        ::posix_spawn_file_actions_adddup2(&_files, files.protocol, runner::kProtocolDescriptor);
        ::posix_spawn_file_actions_adddup2(&_files, files.printed, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&_files, files.printed, STDERR_FILENO);
        ::posix_spawn_file_actions_adddup2(&_files, files.cancel, runner::kCancelDescriptor);
        ::posix_spawn_file_actions_addclosefrom_np(&_files, runner::kCancelDescriptor + 1);
        ::posix_spawnattr_init(&_attributes);
        sigset_t signals;
        ::sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&_attributes, &signals);
        ::sigfillset(&signals);
        ::posix_spawnattr_setsigdefault(&_attributes, &signals);
        ::posix_spawnattr_setpgroup(&_attributes, 0);
        ::posix_spawnattr_setflags(&_attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                     POSIX_SPAWN_SETPGROUP);
    }
    ~Start()
    {
        ::posix_spawnattr_destroy(&_attributes);
        ::posix_spawn_file_actions_destroy(&_files);
    }
    Start(const Start&) = delete;
    Start& operator=(const Start&) = delete;

    int run(const std::string& program, pid_t& process) const
    {
        auto texts = variables();
        std::vector<char*> environment;
        for (auto& text : texts)
            environment.push_back(text.data());
        environment.push_back(nullptr);
        std::string name = program;
        std::array<char*, 2> arguments{name.data(), nullptr};
        return ::posix_spawn(&process, program.c_str(), &_files, &_attributes, arguments.data(),
                             environment.data());
    }

private:
    posix_spawn_file_actions_t _files;
    posix_spawnattr_t _attributes;
};

std::string textOf(int status)
{
    if (WIFEXITED(status))
        return "ended itself (exit code " + std::to_string(WEXITSTATUS(status)) + ")";
    const auto number = WTERMSIG(status);
    const char* const description = ::sigdescr_np(number);
    return "crashed (signal " + std::to_string(number) +
           (description ? std::string(", ") + description : std::string()) + ")";
}

bool isReadable(int descriptor, milliseconds patience)
{
    pollfd place{descriptor, POLLIN, 0};
    return ::poll(&place, 1, static_cast<int>(patience.count())) == 1 && place.revents != 0;
}

/// A child of this process, in a process group of its own.
class SpawnedRunner final : public RunnerProcess
{
public:
    SpawnedRunner(Spawner& spawner, const std::string& program, const RunnerFiles& files)
    {
        int error = 0;
        spawner.run([&] { error = Start(files).run(program, _process); });
        if (error != 0)
            throw ConfigError(
                "the program " + program +
                " that runs target plugins cannot be started: " + std::strerror(error) +
                ": install Muster whole, or see plugins.isolation in "
                "muster.properties");
        _share.emplace(_process);
    }

    ~SpawnedRunner() override { end(0ms); }
    SpawnedRunner(const SpawnedRunner&) = delete;
    SpawnedRunner& operator=(const SpawnedRunner&) = delete;

    void allow(std::chrono::seconds time) override { _share->allow(time); }
    void rest() override { _share->rest(); }
    std::string excess() override { return _share->excess(); }

    std::string end(milliseconds patience) override
    {
        if (_process < 0)
            return kWasKilled;
        const FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, _process, 0)));
        const bool endsItself = patience > 0ms && isReadable(handle.number(), patience);
        ::killpg(_process, SIGKILL);
        int status = 0;
        while (::waitpid(_process, &status, 0) < 0 && errno == EINTR)
            ;
        _process = -1;
        return endsItself ? textOf(status) : kWasKilled;
    }

private:
    pid_t _process = -1;
    std::optional<runner::Share> _share;
};

/// What systemd starts for a connection, as a user of its own: runner/Attendance.h.
class SocketRunner final : public RunnerProcess
{
public:
    SocketRunner(const std::string& socket, const RunnerFiles& files)
        : _connection(runtime::connectTo(socket))
    {
        if (!_connection.isOpen() ||
            !runner::sendFiles(_connection.number(), {files.protocol, files.cancel, files.printed}))
            throw ConfigError(
                "the socket " + socket +
                " starts no process for a target plugin: " + std::strerror(errno) +
                ": see `systemctl status muster-targets.socket`, or plugins.socket in "
                "muster.properties");
    }

    void allow(std::chrono::seconds time) override { tell(time.count()); }
    void rest() override { tell(0); }
    /// Who attends it ends it.
    std::string excess() override { return {}; }

    std::string end(milliseconds patience) override
    {
        const bool endsItself = patience > 0ms && isReadable(_connection.number(), patience);
        ::shutdown(_connection.number(), SHUT_WR);
        int32_t status = 0;
        constexpr auto kLongest = 5s;
        if (!isReadable(_connection.number(), kLongest) ||
            ::recv(_connection.number(), &status, sizeof status, MSG_WAITALL) != sizeof status)
            return "was not started, or ended with what started it (see `journalctl -u "
                   "'muster-targets@*'`)";
        return endsItself ? textOf(status) : kWasKilled;
    }

private:
    void tell(int64_t seconds) const
    {
        // When it is gone its connection says so.
        ::send(_connection.number(), &seconds, sizeof seconds, MSG_NOSIGNAL | MSG_DONTWAIT);
    }

    FileDescriptor _connection; ///< whose end is that of the process
};

} // namespace

std::unique_ptr<RunnerProcess> startRunner(Spawner& spawner, const ChildOptions& options,
                                           const RunnerFiles& files)
{
    if (!options.socket.empty())
        return std::make_unique<SocketRunner>(options.socket, files);
    return std::make_unique<SpawnedRunner>(spawner, options.runner, files);
}

} // namespace muster::plugins
