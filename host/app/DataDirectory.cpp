#include "app/DataDirectory.h"

#include "runtime/Errors.h"

#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace muster::app {

namespace fs = std::filesystem;

namespace {

const char* const kSystemDirectory = "/var/lib/muster";

std::string environment(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

fs::path folderOf(const std::string& program)
{
    std::error_code error;
    const auto folder = fs::canonical(program, error).parent_path();
    return error ? fs::path(program).parent_path() : folder;
}

} // namespace

std::string dataDirectory(const std::string& asked)
{
    if (!asked.empty())
        return fs::absolute(asked).lexically_normal();
    if (::geteuid() == 0 || ::access(kSystemDirectory, W_OK | X_OK) == 0)
        return kSystemDirectory;
    // A relative path there is to be ignored (XDG Base Directory Specification).
    if (const auto state = environment("XDG_STATE_HOME"); fs::path(state).is_absolute())
        return state + "/muster";
    if (const auto home = environment("HOME"); fs::path(home).is_absolute())
        return home + "/.local/state/muster";
    throw ConfigError("there is no place for the data: name one with --data DIR");
}

std::string pluginFolder(const std::string& program)
{
    return (folderOf(program) / ".." / "lib" / "muster").lexically_normal();
}

std::string targetRunner(const std::string& program)
{
    return folderOf(program) / "muster-target-runner";
}

} // namespace muster::app
