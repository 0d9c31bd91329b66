#include "app/OutputFile.h"

#include "runtime/Errors.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace muster::app {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuseFile(const std::string& path, int reason)
{
    throw ConfigError("cannot write " + path + ": " + std::strerror(reason));
}

void writeTo(const std::string& file, const std::string& path,
             const std::function<void(std::ostream&)>& write)
{
    errno = 0;
    std::ofstream out(file, std::ios::binary);
    if (out)
        write(out);
    if (!out.flush())
        refuseFile(path, errno == 0 ? EIO : errno);
}

} // namespace

void writeFile(const std::string& path, const std::function<void(std::ostream&)>& write)
{
    std::error_code error;
    const auto status = fs::status(path, error);
    // A terminal or a pipe, which nothing can take the place of.
    if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status))
        return writeTo(path, path, write);
    // Through a link, so that it stays one.
    const auto real = fs::exists(status) ? fs::canonical(path, error).string() : path;
    const auto unfinished = real + "." + std::to_string(::getpid()) + ".part";
    try
    {
        writeTo(unfinished, path, write);
        fs::rename(unfinished, real, error);
        if (error)
            refuseFile(path, error.value());
    }
    catch (...)
    {
        fs::remove(unfinished, error);
        throw;
    }
}

int writeAnswer(Session& session, const ApiRequest& request, const std::string& path)
{
    const auto response = session.ask(request);
    writeFile(path, [&](std::ostream& out) { response.write(out); });
    if (session.json)
        session.console.out << Json{{"file", path}}.dump(-1, ' ', false,
                                                         Json::error_handler_t::replace)
                            << "\n";
    else
        session.console.out << printable(path) << " is written.\n";
    return response.exitCode;
}

} // namespace muster::app
