#include "runner/Attendance.h"

#include "runner/Frames.h"
#include "runner/Share.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace muster::runner {

namespace {

using Files = std::array<int, 3>;

constexpr int kLongestStart = 10'000; ///< milliseconds
constexpr int kExitUsage = 64;
constexpr int kExitSystem = 71;

/// One byte, and the descriptors that go with it.
struct Parcel
{
    Parcel()
    {
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
    }
    Parcel(const Parcel&) = delete;
    Parcel& operator=(const Parcel&) = delete;

    char byte = 0;
    iovec part{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(Files))> control{};
    msghdr message{};
};

bool receiveFiles(int connection, Files& files)
{
    pollfd place{connection, POLLIN, 0};
    if (::poll(&place, 1, kLongestStart) != 1)
        return false;
    Parcel parcel;
    if (::recvmsg(connection, &parcel.message, MSG_CMSG_CLOEXEC) != 1)
        return false;
    const auto* const header = CMSG_FIRSTHDR(&parcel.message);
    if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(Files)))
        return false;
    std::memcpy(files.data(), CMSG_DATA(header), sizeof(Files));
    return true;
}

/// In the new process.
void takePlaces(const Files& files)
{
    ::setpgid(0, 0);
    ::clearenv();
    // Those that came may stand in each other's places.
    constexpr int kOutOfTheWay = 10;
    Files away{};
    for (size_t i = 0; i < files.size(); ++i)
        away[i] = ::fcntl(files[i], F_DUPFD, kOutOfTheWay);
    const auto [protocol, cancel, printed] = away;
    ::dup2(protocol, kProtocolDescriptor);
    ::dup2(cancel, kCancelDescriptor);
    ::dup2(printed, STDOUT_FILENO);
    ::dup2(printed, STDERR_FILENO);
    ::syscall(SYS_close_range, kCancelDescriptor + 1, ~0u, 0);
}

/// Until the runner has ended or is to end.
void listen(int connection, int ended, pid_t process)
{
    constexpr int kLookEvery = 250; ///< milliseconds
    Share share(process);
    while (share.excess().empty())
    {
        std::array<pollfd, 2> places{{{ended, POLLIN, 0}, {connection, POLLIN, 0}}};
        if (::poll(places.data(), places.size(), kLookEvery) < 0 && errno != EINTR)
            return;
        if (places[0].revents != 0)
            return;
        if (places[1].revents == 0)
            continue;
        int64_t seconds = 0;
        if (::recv(connection, &seconds, sizeof seconds, MSG_WAITALL) != sizeof seconds)
            return;
        if (seconds > 0)
            share.allow(std::chrono::seconds(seconds));
        else
            share.rest();
    }
}

} // namespace

bool sendFiles(int connection, const Files& files)
{
    Parcel parcel;
    auto* const header = CMSG_FIRSTHDR(&parcel.message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(Files));
    std::memcpy(CMSG_DATA(header), files.data(), sizeof(Files));
    return ::sendmsg(connection, &parcel.message, MSG_NOSIGNAL) == 1;
}

std::optional<int> attend(int connection)
{
    Files files{};
    if (!receiveFiles(connection, files))
    {
        std::fputs("muster-target-runner --attend is for a socket of systemd that the host "
                   "connects to\n",
                   stderr);
        return kExitUsage;
    }
    const auto process = ::fork();
    if (process == 0)
    {
        takePlaces(files);
        return std::nullopt;
    }
    for (const int file : files)
        ::close(file);
    const auto ended = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
    if (process < 0 || ended < 0)
    {
        std::perror("muster-target-runner");
        if (process > 0)
            ::kill(process, SIGKILL);
        return kExitSystem;
    }
    listen(connection, ended, process);
    ::killpg(process, SIGKILL);
    ::kill(process, SIGKILL); // it may have no group yet
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR)
        ;
    const int32_t told = status;
    ::send(connection, &told, sizeof told, MSG_NOSIGNAL);
    return 0;
}

} // namespace muster::runner
