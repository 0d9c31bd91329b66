#include "plugins/ChildProcess.h"

#include "runtime/Errors.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <utility>
#include <vector>

namespace muster::plugins {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kMostKept = 2 * runner::kMaxFrame; ///< of what it says while we talk
constexpr size_t kLines = 50;
constexpr size_t kLineBytes = 500;
/// A child that closed its connection ends at once, or is ended.
constexpr int kEndMilliseconds = 500;

/// A descriptor that is closed in the end.
class Descriptor
{
public:
    explicit Descriptor(int number = -1) : _number(number) {}
    ~Descriptor()
    {
        if (_number >= 0)
            ::close(_number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return _number; }
    int release() { return std::exchange(_number, -1); }

    /// Out of the way of those that a child starts with, and closed in every child.
    void set(int number)
    {
        constexpr int kOutOfTheWay = 10;
        _number = ::fcntl(number, F_DUPFD_CLOEXEC, kOutOfTheWay);
        ::close(number);
    }

private:
    int _number;
};

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
    Start(int protocol, int cancel, int printed)
    {
        ::posix_spawn_file_actions_init(&_files);
        ::posix_spawn_file_actions_adddup2(&_files, protocol, runner::kProtocolDescriptor);
        ::posix_spawn_file_actions_adddup2(&_files, printed, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&_files, printed, STDERR_FILENO);
        ::posix_spawn_file_actions_adddup2(&_files, cancel, runner::kCancelDescriptor);
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

void setNonBlocking(int descriptor)
{
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

} // namespace

ChildProcess::ChildProcess(Spawner& spawner, const std::string& program)
{
    std::array<int, 2> pair{-1, -1};
    std::array<int, 2> output{-1, -1};
    const auto fail = [&](int error) {
        throw ConfigError("the program " + program +
                          " that runs target plugins cannot be started: " + std::strerror(error) +
                          ": install Muster whole, or see plugins.isolation in muster.properties");
    };
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
        fail(errno);
    Descriptor ours;
    Descriptor theirs;
    ours.set(pair[0]);
    theirs.set(pair[1]);
    if (::pipe2(output.data(), O_CLOEXEC) != 0)
        fail(errno);
    Descriptor reading;
    Descriptor writing;
    reading.set(output[0]);
    writing.set(output[1]);
    Descriptor page;
    page.set(::memfd_create("muster-cancel", MFD_CLOEXEC));
    if (page.number() < 0 || ::ftruncate(page.number(), sizeof(uint32_t)) != 0)
        fail(errno);
    void* const memory =
        ::mmap(nullptr, sizeof(uint32_t), PROT_READ | PROT_WRITE, MAP_SHARED, page.number(), 0);
    if (memory == MAP_FAILED)
        fail(errno);
    _cancelled = static_cast<uint32_t*>(memory);

    int error = 0;
    spawner.run([&] {
        error = Start(theirs.number(), page.number(), writing.number()).run(program, _process);
    });
    if (error != 0)
    {
        ::munmap(_cancelled, sizeof(uint32_t));
        fail(error);
    }
    _connection = ours.release();
    _printed = reading.release();
    setNonBlocking(_connection);
    setNonBlocking(_printed);
}

ChildProcess::~ChildProcess()
{
    end();
    ::close(_connection);
    ::close(_printed);
    ::munmap(_cancelled, sizeof(uint32_t));
}

void ChildProcess::setCancelled(bool isCancelled)
{
    __atomic_store_n(_cancelled, isCancelled ? 1u : 0u, __ATOMIC_RELAXED);
}

bool ChildProcess::send(runner::FrameKind kind, int32_t value, std::string_view text,
                        milliseconds patience)
{
    runner::FrameHeader header{static_cast<uint32_t>(kind), value, text.size()};
    auto until = steady_clock::now() + patience;
    const auto total = sizeof header + text.size();
    for (size_t sent = 0; sent < total;)
    {
        std::array<iovec, 2> parts{};
        const auto ofHeader = std::min(sent, sizeof header);
        parts[0] = {reinterpret_cast<char*>(&header) + ofHeader, sizeof header - ofHeader};
        const auto ofText = sent - ofHeader;
        parts[1] = {const_cast<char*>(text.data()) + ofText, text.size() - ofText};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const auto count = ::sendmsg(_connection, &message, MSG_NOSIGNAL);
        if (count > 0)
        {
            sent += static_cast<size_t>(count);
            until = steady_clock::now() + patience;
        }
        else if (errno == EAGAIN && steady_clock::now() < until && _frames.size() <= kMostKept)
            // It may be waiting for us to read, too.
            pump(POLLIN | POLLOUT, 50ms);
        else if (errno != EINTR)
        {
            _isConnected = _isConnected && errno == EAGAIN;
            return false;
        }
    }
    return true;
}

std::optional<runner::Frame> ChildProcess::receive(milliseconds wait)
{
    if (auto frame = _frames.next())
        return frame;
    if (_isConnected)
        pump(POLLIN, wait);
    return _frames.next();
}

void ChildProcess::pump(short events, milliseconds wait)
{
    std::array<pollfd, 2> places{{{_connection, events, 0}, {_printed, POLLIN, 0}}};
    if (::poll(places.data(), places.size(), static_cast<int>(wait.count())) <= 0)
        return;
    if ((places[1].revents & (POLLIN | POLLHUP)) != 0)
        readOutput();
    if ((places[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        readFrames();
}

void ChildProcess::readFrames()
{
    std::array<char, 65536> buffer;
    const auto count = ::recv(_connection, buffer.data(), buffer.size(), 0);
    if (count > 0)
        _frames.add(buffer.data(), static_cast<size_t>(count));
    else if (count == 0 || (errno != EAGAIN && errno != EINTR))
        _isConnected = false;
}

void ChildProcess::readOutput()
{
    std::array<char, 65536> buffer;
    const auto count = ::read(_printed, buffer.data(), buffer.size());
    if (count > 0)
        keepOutput({buffer.data(), static_cast<size_t>(count)});
    else if (count == 0)
    {
        // It closed what it prints to: nothing to look at any more.
        ::close(_printed);
        _printed = -1;
    }
}

void ChildProcess::keepOutput(std::string_view text)
{
    while (!text.empty())
    {
        const auto end = std::min(text.find('\n'), text.size());
        const auto room = kLineBytes - std::min(kLineBytes, _line.size());
        _line.append(text.substr(0, std::min(end, room)));
        if (end < text.size())
        {
            _lines.push_back(std::move(_line));
            _line.clear();
            if (_lines.size() > kLines)
                _lines.pop_front();
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void ChildProcess::allowProcessor(std::chrono::seconds time)
{
    clockid_t clock{};
    timespec used{};
    if (::clock_getcpuclockid(_process, &clock) != 0 || ::clock_gettime(clock, &used) != 0)
        return;
    // The hard limit could not be raised again. The child cannot set the soft one.
    const rlimit bound{static_cast<rlim_t>(used.tv_sec + time.count()), RLIM_INFINITY};
    ::prlimit(_process, RLIMIT_CPU, &bound, nullptr);
}

std::string ChildProcess::end()
{
    if (!_ended.empty() || _process < 0)
        return _ended;
    const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, _process, 0)));
    pollfd place{handle.number(), POLLIN, 0};
    const bool endsItself =
        !_isConnected && ::poll(&place, 1, kEndMilliseconds) == 1 && place.revents != 0;
    ::killpg(_process, SIGKILL);
    int status = 0;
    while (::waitpid(_process, &status, 0) < 0 && errno == EINTR)
        ;
    constexpr int kMostReads = 100; // an heir of the pipe could write for ever
    for (int i = 0; i < kMostReads && _printed >= 0; ++i)
    {
        pollfd printed{_printed, POLLIN, 0};
        if (::poll(&printed, 1, 0) <= 0)
            break;
        readOutput();
    }
    _ended = endsItself ? textOf(status) : "was ended";
    return _ended;
}

std::string ChildProcess::output() const
{
    std::string text;
    for (const auto& line : _lines)
        text += line + "\n";
    return text + _line;
}

} // namespace muster::plugins
