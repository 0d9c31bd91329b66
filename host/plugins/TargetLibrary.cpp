#include "plugins/TargetLibrary.h"

#include "runtime/Errors.h"

#include <dlfcn.h>

#include <cstring>

namespace muster::plugins {

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

const struct muster_plugin& loadTarget(const std::string& file, const TargetManifest& manifest)
{
    const auto fail = [&](const std::string& why) { throw ConfigError(file + ": " + why); };
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
    if (manifest.id != plugin->id || manifest.version != plugin->version)
        fail(std::string("it is ") + plugin->id + " " + plugin->version +
             ", and its plugin.json describes " + manifest.id + " " + manifest.version);
    return *plugin;
}

} // namespace muster::plugins
