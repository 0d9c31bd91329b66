#include "Service.h"
#include "support/FreshTest.h"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace muster::integration {

namespace {

constexpr std::chrono::milliseconds kBetweenLooks{20};
constexpr std::chrono::seconds kPatience{30};

} // namespace

Service::Service(const Installation& host, const std::string& properties)
    : _configuration(host.write("muster.properties", "http.listen = 127.0.0.1:0\nlog.level = "
                                                     "information\n" +
                                                         properties)),
      _log(host.directory() / "serve.log")
{
    std::filesystem::remove(_log); // an earlier one's does not say that this one serves
    const std::vector<std::string> arguments{MUSTER_BINARY_DIR "/bin/muster",
                                             "--data",
                                             host.data(),
                                             "--config",
                                             _configuration,
                                             "serve"};
    std::vector<char*> pointers;
    for (const auto& argument : arguments)
        pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    _process = ::fork();
    if (_process == 0)
    {
        const int log = ::open(_log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(log, STDOUT_FILENO);
        ::dup2(log, STDERR_FILENO);
        // The test's sockets are the test's: close() in their sandbox must end them.
        ::syscall(SYS_close_range, 3U, ~0U, 0U);
        for (const auto& [name, value] : host.environment)
            ::setenv(name.c_str(), value.c_str(), 1);
        ::execv(pointers.front(), pointers.data());
        ::_exit(127);
    }
    CPPUNIT_ASSERT(_process > 0);
    waitForLog("serving on ");
}

Service::~Service()
{
    if (_process < 0)
        return;
    ::kill(_process, SIGKILL);
    ::waitpid(_process, nullptr, 0);
}

std::string Service::url() const
{
    const auto text = log();
    const auto begin = text.find("http://127.0.0.1:");
    CPPUNIT_ASSERT_MESSAGE(text, begin != text.npos);
    return text.substr(begin, text.find_first_of(" \n", begin) - begin);
}

void Service::signal(int number) const
{
    ::kill(_process, number);
}

int Service::wait(std::chrono::seconds deadline)
{
    const auto until = std::chrono::steady_clock::now() + deadline;
    int status = 0;
    while (::waitpid(_process, &status, WNOHANG) == 0)
    {
        CPPUNIT_ASSERT_MESSAGE("muster serve did not end\n" + log(),
                               std::chrono::steady_clock::now() < until);
        std::this_thread::sleep_for(kBetweenLooks);
    }
    _process = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string Service::log() const
{
    std::ifstream file(_log);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void Service::waitForLog(const std::string& text) const
{
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (log().find(text) == std::string::npos)
    {
        CPPUNIT_ASSERT_MESSAGE("muster serve never said \"" + text + "\"\n" + log(),
                               std::chrono::steady_clock::now() < until);
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

} // namespace muster::integration
