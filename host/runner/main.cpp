#include "runner/Attendance.h"
#include "runner/Frames.h"
#include "runner/Session.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>

/// Holds one target plugin for the host, which starts it, by a socket of systemd (--attend) or
/// itself. What to load comes over the descriptors of Frames.h, and no variable says anything.
int main(int count, char** arguments)
{
    using namespace muster::runner;
    if (count == 2 && std::strcmp(arguments[1], "--attend") == 0)
        if (const auto exitCode = attend(STDIN_FILENO))
            return *exitCode;
    // Dies with the host, whatever the plugin is doing then.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);

    constexpr int kOutOfTheWay = 10;
    const int protocol = ::fcntl(kProtocolDescriptor, F_DUPFD_CLOEXEC, kOutOfTheWay);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    void* const cancelled =
        ::mmap(nullptr, sizeof(uint32_t), PROT_READ, MAP_SHARED, kCancelDescriptor, 0);
    if (protocol < 0 || nothing < 0 || cancelled == MAP_FAILED)
    {
        std::fputs("muster-target-runner is part of muster and started by it\n", stderr);
        return 64;
    }
    ::close(kCancelDescriptor);
    // A plugin that reads or prints does not get into the protocol.
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    Session(protocol, static_cast<const volatile uint32_t*>(cancelled)).run();
}
