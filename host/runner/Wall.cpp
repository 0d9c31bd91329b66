#include "runner/Wall.h"

#include "runner/Landlock.h"
#include "runner/SystemCalls.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace muster::runner {

namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MUSTER_IS_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MUSTER_IS_SANITIZED
#endif

#ifdef MUSTER_IS_SANITIZED
/// Sanitizers map terabytes, read /proc and start helpers.
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

void require(bool isDone, const char* what)
{
    if (!isDone)
        throw std::runtime_error(std::string("no plugin is run here, because the system refuses ") +
                                 what + ": " + std::strerror(errno));
}

void limit(decltype(RLIMIT_AS) resource, uint64_t most)
{
    const rlimit bound{most, most};
    require(::setrlimit(resource, &bound) == 0, "a limit of resources");
}

/// Root without capabilities is a user like others.
void dropCapabilities()
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    require(::syscall(SYS_capset, &header, none) == 0, "to drop privileges");
}

} // namespace

void raiseWall(const WallOptions& options)
{
    require(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "to forbid new privileges");
    // Nobody reads its memory, and it leaves no core.
    require(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0, "to close the process");
    if (kIsSanitized)
        return;
    constexpr uint64_t kOpenFiles = 64;
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, kOpenFiles);
    limit(RLIMIT_AS, options.memoryBytes);
    dropCapabilities();
    restrictFiles(options.pluginFile);
    require(restrictSystemCalls(), "to bound system calls");
}

void closeFiles()
{
    if (kIsSanitized)
        return;
    require(forbidOpening(), "to bound system calls");
    // What ran at the load may have seen to it that a filter seems to be there.
    require(::open("/", O_PATH | O_CLOEXEC) < 0, "to close files");
}

} // namespace muster::runner
