#include "runner/Landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>

namespace muster::runner {

namespace {

/// struct landlock_ruleset_attr as of its version 6; Debian 12 has the headers of version 2.
struct Ruleset
{
    uint64_t files;
    uint64_t network; ///< since version 4
    uint64_t scoped;  ///< since version 6
};

constexpr uint64_t kNetwork = 3; ///< LANDLOCK_ACCESS_NET_BIND_TCP and _CONNECT_TCP
constexpr uint64_t kScoped = 3;  ///< LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET and _SIGNAL
constexpr uint64_t kReading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;

/// All that a version knows: 13 accesses at first, then _REFER, _TRUNCATE and _IOCTL_DEV.
constexpr uint64_t filesOf(long version)
{
    const int known = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
    return (uint64_t{1} << known) - 1;
}

long versionOfKernel()
{
    return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

void allowReading(int ruleset, const std::string& path)
{
    const int place = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (place < 0)
        return; // not every system has every folder
    landlock_path_beneath_attr beneath{};
    beneath.allowed_access = kReading;
    beneath.parent_fd = place;
    ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
    ::close(place);
}

} // namespace

bool hasLandlock()
{
    return versionOfKernel() >= 1;
}

void restrictFiles(const std::string& pluginFile)
{
    const auto version = versionOfKernel();
    if (version < 1)
        return;
    const Ruleset rules{filesOf(version), version >= 4 ? kNetwork : 0, version >= 6 ? kScoped : 0};
    const auto size = version >= 6   ? sizeof rules
                      : version >= 4 ? 2 * sizeof(uint64_t)
                                     : sizeof(uint64_t);
    const auto ruleset = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, size, 0));
    if (ruleset < 0)
        return;
    for (const char* const folder :
         {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"})
        allowReading(ruleset, folder);
    std::error_code error;
    const auto real = std::filesystem::canonical(pluginFile, error);
    if (!error)
        allowReading(ruleset, real.string());
    ::syscall(SYS_landlock_restrict_self, ruleset, 0);
    ::close(ruleset);
}

} // namespace muster::runner
