#include "app/Application.h"

#include "app/Daemon.h"
#include "app/DataDirectory.h"
#include "app/Interrupt.h"
#include "app/JsonFormatter.h"
#include "app/ServiceWatch.h"
#include "app/SocketClient.h"
#include "estate/Field.h"
#include "estate/ScheduleText.h"
#include "runtime/Errors.h"

#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/Exception.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/NumberParser.h>
#include <Poco/Path.h>
#include <Poco/PatternFormatter.h>
#include <Poco/StringTokenizer.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <algorithm>
#include <clocale>
#include <csignal>
#include <filesystem>

namespace muster::app {

namespace {

const char* const kListen = "127.0.0.1:8484";
const char* const kPluginSocket = "/run/muster-targets.sock";
const char* const kSystemConfiguration = "/etc/muster/muster.properties";

/// Those of config/muster.properties.
const std::vector<std::string>& keys()
{
    static const std::vector<std::string> kKeys = [] {
        std::vector<std::string> all = {"http.listen",      "log.format",        "log.level",
                                        "plugins.deadline", "plugins.isolation", "plugins.memory",
                                        "plugins.path",     "plugins.socket",    "source.poll"};
        all.insert(all.end(), report::mailKeys().begin(), report::mailKeys().end());
        return all;
    }();
    return kKeys;
}

void refuseOtherKeys(const Poco::Util::AbstractConfiguration& layer, const std::string& file,
                     const std::string& prefix = {})
{
    Poco::Util::AbstractConfiguration::Keys names;
    layer.keys(prefix, names);
    for (const auto& name : names)
    {
        const auto key = prefix.empty() ? name : prefix + "." + name;
        if (layer.has(key) && std::find(keys().begin(), keys().end(), key) == keys().end())
            throw ConfigError(file + ": " + key +
                              " is no key here: " + estate::suggestion(key, keys()));
        refuseOtherKeys(layer, file, key);
    }
}

} // namespace

Application::Application()
{
    // Widths of characters are those of the Unicode locale; numbers and messages stay as they are.
    std::setlocale(LC_CTYPE, "C.UTF-8");
}

void Application::init(int argc, char** argv)
{
    _arguments.assign(argv + 1, argv + argc);
    Poco::Util::ServerApplication::init(1, argv);
}

int Application::main(const std::vector<std::string>&)
{
    const auto parsed = _commandLine.parse(_arguments, _console.out, _console.err);
    if (!parsed.command)
        return parsed.exitCode;
    try
    {
        configure(readConfiguration());
        return parsed.command->serves() ? serve() : runCommand(*parsed.command);
    }
    catch (const Problem& problem)
    {
        return fail(problem.response);
    }
    catch (const std::exception&)
    {
        return fail(web::problemInFlight());
    }
}

int Application::runCommand(Command& command)
{
    const auto& options = _commandLine.options();
    const auto data = dataDirectory(options.data);
    std::optional<Host> host;
    std::shared_ptr<web::Answerer> api;
    if (const auto socket = Daemon::socketFile(data); SocketClient::isServed(socket))
        api = std::make_shared<SocketClient>(socket);
    else
        api = host.emplace(hostOptions(data)).api();
    Interrupt interrupt;
    TerminalProgress terminal(_console.err);
    runtime::SilentProgress silent;
    auto& progress = _console.showsProgress ? static_cast<runtime::Progress&>(terminal) : silent;
    Session session{*api,
                    _console,
                    options.json,
                    progress,
                    interrupt.cancellation(),
                    [&] { terminal.clear(); }};
    return command.run(session);
}

int Application::serve()
{
    // Before any thread is there: all of them leave these signals to this one and to the watch.
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int each : {SIGTERM, SIGINT, SIGQUIT, SIGHUP})
        ::sigaddset(&signals, each);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const auto data = dataDirectory(_commandLine.options().data);
    auto options = hostOptions(data);
    options.isService = true;
    Host host(options);
    const auto listen = config().getRawString("http.listen", kListen);
    Daemon daemon(host, {data, listen, scheduleOptions()});
    ServiceWatch watch([&] { reload(host.reporter()); });
    const auto address = "http://" + listen.substr(0, listen.rfind(':') + 1);
    poco_information(logger(),
                     "serving on " + Daemon::socketFile(data) +
                         (daemon.port() == 0 ? std::string()
                                             : " and " + address + std::to_string(daemon.port())));
    waitForTerminationRequest();
    poco_information(logger(), "stopping");
    watch.stopping();
    const bool isDone = daemon.stop();
    host.end();
    if (!isDone)
    {
        poco_warning(logger(), "some work did not end in time; the next run finishes it");
        std::_Exit(0); // what hangs is not waited for: the store stands a process that ends so
    }
    return 0;
}

schedule::SchedulerOptions Application::scheduleOptions()
{
    const auto text = config().getRawString("source.poll", "1m");
    const auto poll = estate::timeSpan(text);
    if (!poll)
        throw ConfigError("source.poll: '" + text +
                          "' is no time: write a number with s, m, h or d, as in 1m");
    return {.poll = *poll};
}

report::MailSettings Application::mailSettings()
{
    return report::mailSettings(
        [this](const std::string& key) { return config().getRawString(key, ""); });
}

/// What is wrong is told and changes nothing.
void Application::reload(report::Reporter& reporter)
{
    const auto old = _layer;
    try
    {
        configure(readConfiguration());
        scheduleOptions();
        reporter.configure(mailSettings());
        poco_information(logger(),
                         "the configuration was read again: log.*, smtp.* and report.* count from "
                         "now on, the rest from the next start");
    }
    catch (const ConfigError& error)
    {
        configure(old);
        poco_error(logger(), std::string(error.what()) + "; what was in force stays");
    }
}

/// Layers, the first wins: --config FILE, the system's file; then the defaults in the code.
Application::Layer Application::readConfiguration() const
{
    std::string file = _commandLine.options().config;
    std::error_code error;
    if (file.empty() && std::filesystem::exists(kSystemConfiguration, error))
        file = kSystemConfiguration;
    if (file.empty())
        return {};
    try
    {
        Layer layer(new Poco::Util::PropertyFileConfiguration(file));
        refuseOtherKeys(*layer, file);
        return layer;
    }
    catch (const Poco::Exception& problem)
    {
        throw ConfigError(file + ": cannot be read: " + problem.displayText() +
                          ": name a file in the form of config/muster.properties");
    }
}

void Application::configure(const Layer& layer)
{
    if (_layer)
        config().removeConfiguration(_layer);
    _layer = layer;
    if (_layer)
        config().add(_layer, PRIO_DEFAULT);
    startLogging();
}

void Application::startLogging()
{
    const auto format = config().getRawString("log.format", "text");
    if (format != "text" && format != "json")
        throw ConfigError("log.format: '" + format + "' is no format: write text or json");
    Poco::AutoPtr<Poco::Formatter> formatter;
    if (format == "json")
        formatter = new JsonFormatter;
    else
        formatter = new Poco::PatternFormatter("%Y-%m-%dT%H:%M:%SZ %p %s: %t");
    Poco::AutoPtr<Poco::ConsoleChannel> console(new Poco::ConsoleChannel(_console.err));
    Poco::Logger::setChannel("", new Poco::FormattingChannel(formatter, console));
    const auto level = config().getRawString("log.level", "warning");
    try
    {
        Poco::Logger::setLevel(
            "", Poco::Logger::parseLevel(_commandLine.options().verbose ? "debug" : level));
    }
    catch (const Poco::InvalidArgumentException&)
    {
        throw ConfigError("log.level: '" + level +
                          "' is no level: write error, warning, information, debug or trace");
    }
}

std::vector<std::string> Application::pluginDirectories()
{
    std::vector<std::string> directories = {
        pluginFolder(config().getRawString("application.path"))};
    const Poco::StringTokenizer more(config().getRawString("plugins.path", ""), ":",
                                     Poco::StringTokenizer::TOK_TRIM |
                                         Poco::StringTokenizer::TOK_IGNORE_EMPTY);
    directories.insert(directories.end(), more.begin(), more.end());
    return directories;
}

/// Of targets. In the process of the host they are at hand for debuggers and sanitizers.
std::optional<plugins::ChildOptions> Application::children()
{
    const auto isolation = config().getRawString("plugins.isolation", "child");
    if (isolation != "child" && isolation != "none")
        throw ConfigError("plugins.isolation: '" + isolation +
                          "' is no isolation: write child or none");
    const auto text = config().getRawString("plugins.deadline", "1m");
    const auto deadline = estate::timeSpan(text);
    if (!deadline)
        throw ConfigError("plugins.deadline: '" + text +
                          "' is no time: write a number with s, m, h or d, as in 1m");
    uint64_t megabytes = 0;
    const auto memory = config().getRawString("plugins.memory", "1024");
    constexpr uint64_t kLeast = 64;
    if (!Poco::NumberParser::tryParseUnsigned64(memory, megabytes) || megabytes < kLeast ||
        megabytes > (1u << 20))
        throw ConfigError("plugins.memory: '" + memory +
                          "' cannot be: write megabytes, from 64 on");
    if (isolation == "none")
        return std::nullopt;
    const auto socket = config().getRawString("plugins.socket", kPluginSocket);
    return plugins::ChildOptions{.runner = targetRunner(config().getRawString("application.path")),
                                 .socket = std::filesystem::exists(socket) ? socket : "",
                                 .deadline = *deadline,
                                 .memoryBytes = megabytes << 20};
}

HostOptions Application::hostOptions(const std::string& dataDirectory)
{
    return {.dataDirectory = dataDirectory,
            .pluginDirectories = pluginDirectories(),
            .children = children(),
            .mail = mailSettings()};
}

int Application::fail(const ApiResponse& response)
{
    const auto exitCode = fail(response.exitCode, response.body.at("detail"));
    if (_commandLine.options().json)
        response.write(_console.out);
    return exitCode;
}

int Application::fail(int exitCode, const std::string& message)
{
    // A line for each fault of an estate; the line breaks in it are ours.
    for (size_t begin = 0; begin <= message.size();)
    {
        const auto end = std::min(message.find('\n', begin), message.size());
        _console.err << coloured("muster:", Colour::Red, _console.colourErrors) << " "
                     << printable(message.substr(begin, end - begin)) << "\n";
        begin = end + 1;
    }
    return exitCode;
}

} // namespace muster::app
