#include "plugins/ChildProcess.h"

#include "runtime/Errors.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace muster::plugins {

namespace {

using namespace std::chrono_literals;
using runtime::FileDescriptor;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kMostKept = 2 * runner::kMaxFrame; ///< of what it says while we talk
constexpr size_t kLines = 50;
constexpr size_t kLineBytes = 500;
/// A child that closed its connection ends at once, or is ended.
constexpr auto kEnd = 500ms;

/// Out of the way of those that a child starts with, and closed in every child.
FileDescriptor outOfTheWay(int number)
{
    constexpr int kOutOfTheWay = 10;
    const FileDescriptor low(number);
    return FileDescriptor(::fcntl(number, F_DUPFD_CLOEXEC, kOutOfTheWay));
}

void setNonBlocking(int descriptor)
{
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

} // namespace

ChildProcess::ChildProcess(Spawner& spawner, const ChildOptions& options)
{
    std::array<int, 2> pair{-1, -1};
    std::array<int, 2> output{-1, -1};
    const auto require = [](bool isDone) {
        if (!isDone)
            throw ConfigError(std::string("no process for a target plugin can be started: ") +
                              std::strerror(errno));
    };
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) == 0);
    _connection = outOfTheWay(pair[0]);
    const auto theirs = outOfTheWay(pair[1]);
    require(::pipe2(output.data(), O_CLOEXEC) == 0);
    _printed = outOfTheWay(output[0]);
    const auto writing = outOfTheWay(output[1]);
    const auto page = outOfTheWay(::memfd_create("muster-cancel", MFD_CLOEXEC));
    require(page.isOpen() && ::ftruncate(page.number(), sizeof(uint32_t)) == 0);
    void* const memory =
        ::mmap(nullptr, sizeof(uint32_t), PROT_READ | PROT_WRITE, MAP_SHARED, page.number(), 0);
    require(memory != MAP_FAILED);
    _cancelled.reset(static_cast<uint32_t*>(memory));
    _runner = startRunner(spawner, options, {theirs.number(), page.number(), writing.number()});
    setNonBlocking(_connection.number());
    setNonBlocking(_printed.number());
}

ChildProcess::~ChildProcess() = default;

void ChildProcess::Unmap::operator()(uint32_t* page) const
{
    ::munmap(page, sizeof(uint32_t));
}

void ChildProcess::setCancelled(bool isCancelled)
{
    __atomic_store_n(_cancelled.get(), isCancelled ? 1u : 0u, __ATOMIC_RELAXED);
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
        const auto count = ::sendmsg(_connection.number(), &message, MSG_NOSIGNAL);
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
    std::array<pollfd, 2> places{
        {{_connection.number(), events, 0}, {_printed.number(), POLLIN, 0}}};
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
    const auto count = ::recv(_connection.number(), buffer.data(), buffer.size(), 0);
    if (count > 0)
        _frames.add(buffer.data(), static_cast<size_t>(count));
    else if (count == 0 || (errno != EAGAIN && errno != EINTR))
        _isConnected = false;
}

void ChildProcess::readOutput()
{
    std::array<char, 65536> buffer;
    const auto count = ::read(_printed.number(), buffer.data(), buffer.size());
    if (count > 0)
        keepOutput({buffer.data(), static_cast<size_t>(count)});
    else if (count == 0)
        _printed.reset(); // it closed what it prints to
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

void ChildProcess::allow(std::chrono::seconds time)
{
    if (_ended.empty())
        _runner->allow(time);
}

void ChildProcess::rest()
{
    if (_ended.empty())
        _runner->rest();
}

std::string ChildProcess::excess()
{
    return _ended.empty() ? _runner->excess() : std::string();
}

std::string ChildProcess::end()
{
    if (!_ended.empty())
        return _ended;
    _ended = _runner->end(_isConnected ? 0ms : kEnd);
    constexpr int kMostReads = 100; // an heir of the pipe could write for ever
    for (int i = 0; i < kMostReads && _printed.isOpen(); ++i)
    {
        pollfd printed{_printed.number(), POLLIN, 0};
        if (::poll(&printed, 1, 0) <= 0)
            break;
        readOutput();
    }
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
