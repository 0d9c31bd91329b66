#include "support/SocketActivation.h"

#include "support/Skipped.h"

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include <sys/socket.h>

namespace muster::tests {

namespace {

constexpr char kActivator[] = "/usr/bin/systemd-socket-activate";

} // namespace

SocketActivation::SocketActivation(const std::vector<std::string>& before)
    : _activator(prepare(before), _directory.path() + "/log")
{
    using namespace std::chrono_literals;
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (log().find("Listening on") == std::string::npos)
    {
        if (!_activator.isRunning() || std::chrono::steady_clock::now() > until)
            throw std::runtime_error("no socket: " + log());
        std::this_thread::sleep_for(5ms);
    }
}

std::vector<std::string> SocketActivation::prepare(const std::vector<std::string>& before) const
{
    namespace fs = std::filesystem;
    if (!fs::exists(kActivator))
        throw Skipped("there is no " + std::string(kActivator) + ": scripts/setup --tests");
    const std::string folder = _directory.path();
    fs::permissions(folder, fs::perms::all);
    fs::copy_file(MUSTER_BINARY_DIR "/bin/muster-target-runner", folder + "/muster-target-runner");
    auto command = before;
    for (const std::string& argument :
         {std::string(kActivator), std::string("--accept"), std::string("--inetd"),
          "--listen=" + socket(), folder + "/muster-target-runner", std::string("--attend")})
        command.push_back(argument);
    return command;
}

} // namespace muster::tests
