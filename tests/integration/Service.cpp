#include "Service.h"
#include "support/FreshTest.h"

#include <filesystem>
#include <thread>

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
    _process.emplace(std::vector<std::string>{MUSTER_BINARY_DIR "/bin/muster", "--data",
                                              host.data(), "--config", _configuration, "serve"},
                     _log, host.environment);
    waitForLog("serving on ");
}

std::string Service::url() const
{
    const auto text = log();
    const auto begin = text.find("http://127.0.0.1:");
    CPPUNIT_ASSERT_MESSAGE(text, begin != text.npos);
    return text.substr(begin, text.find_first_of(" \n", begin) - begin);
}

int Service::wait(std::chrono::seconds deadline)
{
    const auto until = std::chrono::steady_clock::now() + deadline;
    while (_process->isRunning())
    {
        CPPUNIT_ASSERT_MESSAGE("muster serve did not end\n" + log(),
                               std::chrono::steady_clock::now() < until);
        std::this_thread::sleep_for(kBetweenLooks);
    }
    return _process->exitCode();
}

std::string Service::log() const
{
    return tests::readFile(_log);
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
