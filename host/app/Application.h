#pragma once

#include "app/CommandLine.h"
#include "app/Console.h"
#include "app/Host.h"
#include "runtime/Cancellation.h"
#include "schedule/Scheduler.h"

#include <Poco/AutoPtr.h>
#include <Poco/Util/AbstractConfiguration.h>
#include <Poco/Util/ServerApplication.h>

#include <optional>
#include <string>
#include <vector>

namespace muster::app {

/// The program `muster`: configuration, logging, signals, and one command or the service.
class Application : public Poco::Util::ServerApplication
{
public:
    Application();

    /// Poco's own option processing is left out: the command line is CLI11's.
    void init(int argc, char** argv);
    int run() override { return Poco::Util::ServerApplication::run(); }

protected:
    int main(const std::vector<std::string>& arguments) override;
    const char* name() const override { return "muster"; }

private:
    using Layer = Poco::AutoPtr<Poco::Util::AbstractConfiguration>;

    Layer readConfiguration() const;
    void configure(const Layer& layer);
    void startLogging();
    std::vector<std::string> pluginDirectories();
    std::optional<plugins::ChildOptions> children();
    HostOptions hostOptions(const std::string& dataDirectory);
    int runCommand(Command& command);
    int serve();
    schedule::SchedulerOptions scheduleOptions();
    report::MailSettings mailSettings();
    void reload(report::Reporter& reporter);
    int fail(const ApiResponse& response);
    int fail(int exitCode, const std::string& message);

    Console _console = Console::standard();
    CommandLine _commandLine;
    Layer _layer; ///< of the configuration file; may be null
    std::vector<std::string> _arguments;
};

} // namespace muster::app
