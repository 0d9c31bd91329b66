#include "MailServer.h"

#include "FreshTest.h"

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

namespace muster::tests {

namespace {

constexpr std::chrono::seconds kPatienceWithMail{30};
constexpr std::chrono::milliseconds kBetweenLooksAtMail{10};

std::vector<std::string> commandFor(const TemporaryDirectory& directory,
                                    const MailServerOptions& options)
{
    std::ofstream(directory / "certificate.pem") << options.certificate;
    std::ofstream(directory / "key.pem") << options.key;
    std::vector<std::string> command = {
        "/usr/bin/python3", "-W",
        "ignore",           MUSTER_SOURCE_DIR "/tests/support/mail_server.py",
        "--address",        options.address,
        "--security",       options.security,
        "--user",           options.user,
        "--password",       options.password,
        "--refused",        nlohmann::json(options.refused).dump()};
    if (!options.certificate.empty())
        command.insert(command.end(), {"--certificate", directory / "certificate.pem", "--key",
                                       directory / "key.pem"});
    return command;
}

} // namespace

MailServer::MailServer(const MailServerOptions& options)
    : _process(commandFor(_directory, options), _directory / "output")
{
    const auto until = std::chrono::steady_clock::now() + kPatienceWithMail;
    std::string output;
    while (output.find('\n') == output.npos)
    {
        CPPUNIT_ASSERT_MESSAGE("the mail server did not start: " + output,
                               _process.isRunning() && std::chrono::steady_clock::now() < until);
        std::this_thread::sleep_for(kBetweenLooksAtMail);
        output = readFile(_directory / "output");
    }
    CPPUNIT_ASSERT_MESSAGE(output, std::isdigit(static_cast<unsigned char>(output.front())) != 0);
    _port = static_cast<uint16_t>(std::stoi(output));
}

std::vector<nlohmann::json> MailServer::told(const std::string& what) const
{
    std::vector<nlohmann::json> found;
    std::istringstream lines(readFile(_directory / "output"));
    for (std::string line; std::getline(lines, line);)
        if (const auto document = nlohmann::json::parse(line, nullptr, false);
            document.is_object() && document.contains(what))
            found.push_back(document[what]);
    return found;
}

} // namespace muster::tests
