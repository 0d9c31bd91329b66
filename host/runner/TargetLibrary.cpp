#include "runner/TargetLibrary.h"

#include "runtime/Errors.h"

#include <dlfcn.h>
#include <elf.h>

#include <cstring>
#include <fstream>

/// The linker puts it before a program or library: its own header.
extern "C" const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

namespace muster::runner {

std::string abiProblem(uint64_t major, uint64_t minor)
{
    if (major == MUSTER_ABI_MAJOR && minor <= MUSTER_ABI_MINOR)
        return {};
    const auto isNewer = major > MUSTER_ABI_MAJOR || major == MUSTER_ABI_MAJOR;
    return "it was built for version " + std::to_string(major) + "." + std::to_string(minor) +
           " of the plugin border, and this Muster has " + std::to_string(MUSTER_ABI_MAJOR) + "." +
           std::to_string(MUSTER_ABI_MINOR) + ": " +
           (isNewer ? "install a newer Muster" : "get a newer version of the plugin");
}

std::string libraryProblem(const std::string& file)
{
    const auto& own = __ehdr_start;
    Elf64_Ehdr header{};
    std::ifstream stream(file, std::ios::binary);
    if (!stream.read(reinterpret_cast<char*>(&header), sizeof header) ||
        std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_type != ET_DYN)
        return "it is no shared library";
    if (header.e_ident[EI_CLASS] != own.e_ident[EI_CLASS] ||
        header.e_ident[EI_DATA] != own.e_ident[EI_DATA] || header.e_machine != own.e_machine)
        return "it was built for another kind of processor: get the build for this one";
    return {};
}

const struct muster_plugin& loadTarget(const Described& described)
{
    const auto& file = described.file;
    const auto fail = [&](const std::string& why) { throw ConfigError(file + ": " + why); };
    if (const auto problem = libraryProblem(file); !problem.empty())
        fail(problem);
    // NOW: a missing symbol shows here and not in the middle of a run. LOCAL: plugins do not see
    // each other's symbols.
    void* const handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle)
    {
        const char* const why = ::dlerror();
        fail(std::string("it cannot be loaded: ") + (why ? why : "unknown reason"));
    }
    const auto* const plugin =
        static_cast<const struct muster_plugin*>(::dlsym(handle, "muster_plugin"));
    if (!plugin)
        fail("it is no target plugin: it does not export muster_plugin");
    if (const auto problem = abiProblem(plugin->abi_major, plugin->abi_minor); !problem.empty())
        fail(problem);
    if (!plugin->id || !plugin->version || !plugin->create || !plugin->destroy || !plugin->check ||
        !plugin->read || !plugin->apply)
        fail("muster_plugin lacks a part that target.h asks for");
    if (described.id != plugin->id || described.version != plugin->version)
        fail(std::string("it is ") + plugin->id + " " + plugin->version +
             ", and its plugin.json describes " + described.id + " " + described.version);
    return *plugin;
}

} // namespace muster::runner
