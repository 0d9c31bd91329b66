#include <muster/testing/CheckTarget.h>

#include "HttpSandbox.h"
#include "Obstacle.h"
#include "Report.h"
#include "Trial.h"
#include "TrialFile.h"

#include <muster/testing/SettingsTable.h>

#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace muster::testing {

namespace {

namespace fs = std::filesystem;

constexpr int kDone = 0;
constexpr int kBroken = 1;
constexpr int kUsage = 2;
constexpr int kUnreachable = 75;
constexpr int kConfig = 78;
constexpr int kWorldsOfACase = 20; ///< more than one case makes
constexpr int kWorldsOfACheck = 1000;
constexpr int kChecks = 200'000; ///< a second each, so that numbers stay small

struct Options
{
    TrialFiles files;
    std::vector<std::string> sandboxes = {};
    std::string only = {};
    std::string readme = {};
    double patience = 60;
    bool isJson = false;
    bool isListing = false;
};

constexpr const char* kFooter =
    R"(With --sandbox a system that lives on is written to: about 60 records of each kind that the plugin can
make, others each time. What can be retired is retired in the end. Two things are looked at
first: that the library can be loaded, and that the plugin's own check finds no error.

A trial is a JSON object, each member of it optional:
  settings     of a target, as in an estate; credentials have their value in them
  scope        of a sync, like {"account": 42}
  role         of links; "regular" when left out
  samples      by kind: {"key", "name", "fields"}, with {n} in the place of a number
  badSettings  list of {"change", "setting"}: the change is merged into the settings, and the
               plugin must then refuse them and name that setting
  tickets      of a plugin that takes tickets: {"id", "field", "settings"}; with these settings
               the system has one open ticket of that id, granted, whose form has a field of that
               identifier. It is closed in the end. Without it tickets are not tried

Exit codes: 0 all rules that were tried are kept, 1 some are broken, 2 wrong usage, 75 the sandbox
does not answer, 78 a file is wrong, or the plugin's check finds an error in settings or scope.)";

void addOptions(CLI::App& app, Options& options)
{
    app.add_option("plugin", options.files.library, "the plugin's library, like build/acme.so");
    app.add_option("--manifest", options.files.manifest,
                   "its plugin.json (left out: NAME.json or plugin.json beside it)");
    app.add_option("--trial", options.files.trial,
                   "what to try it with (left out: made up from the manifest's examples)");
    app.add_option("--settings", options.files.settings,
                   "settings in the place of the trial's, as JSON");
    app.add_option("--scope", options.files.scope,
                   "scope in the place of the trial's, as JSON like {\"account\": 42}");
    app.add_option("--sandbox", options.sandboxes,
                   "URL of a system to try it with, or SETTING=URL for that origin alone; records "
                   "are made there, so a scope is needed. Without one, rules that need a system "
                   "are not tried");
    app.add_option("--only", options.only,
                   "try one rule, in this process: for a debugger or a sanitizer");
    app.add_flag("--list", options.isListing, "only name the rules");
    app.add_option("--patience", options.patience, "seconds that a rule may take")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_flag("--json", options.isJson, "print one JSON document");
    app.add_option("--readme", options.readme,
                   "write the table of settings into this README, under \"## Settings\", and do "
                   "nothing else");
    app.footer(kFooter);
}

void writeReadme(const Options& options)
{
    targetManifestIn(options.files.manifest);
    const auto read = textOf(options.readme);
    try
    {
        const auto written = withSettingsTable(read, settingsTable(textOf(options.files.manifest)));
        if (written != read)
            std::ofstream(options.readme, std::ios::binary) << written;
    }
    catch (const std::runtime_error& error)
    {
        throw FileError(options.readme + ": " + error.what());
    }
}

std::map<std::string, std::string> urlsOf(const std::vector<std::string>& sandboxes)
{
    std::map<std::string, std::string> urls;
    for (const auto& sandbox : sandboxes)
    {
        const auto equals = sandbox.find('=');
        const auto isNamed = equals < sandbox.find("://");
        urls[isNamed ? sandbox.substr(0, equals) : ""] =
            isNamed ? sandbox.substr(equals + 1) : sandbox;
    }
    return urls;
}

/// Why a case is not tried; empty when it is.
std::string whyNot(const Case& one, const Options& options, const CheckParts& parts,
                   const plugins::TargetManifest& manifest)
{
    const auto hasSystem = parts.sandbox || !options.files.urls.empty() || manifest.origins.empty();
    if (one.needs == Needs::System && !hasSystem)
        return "it needs a system that the plugin can work with: --sandbox URL";
    return {};
}

/// Of a system that lives on: records of an earlier check may be there still.
int firstWorld()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    return static_cast<int>(seconds % kChecks) * kWorldsOfACheck;
}

std::chrono::milliseconds patienceOf(const Options& options)
{
    return std::chrono::milliseconds(static_cast<int64_t>(options.patience * 1000));
}

Report tryOut(const Options& options, const CheckParts& parts, const Subject& subject, int& world)
{
    const auto manifest = targetManifestOf(subject);
    auto cases = contractSuite(subject);
    for (auto& one : parts.cases ? parts.cases(subject) : std::vector<Case>())
        cases.push_back(std::move(one));

    Report report{options.files.library, manifest.id, manifest.version};
    const auto patience = patienceOf(options);
    for (const auto& one : cases)
    {
        // What a case makes is made in its own process, so the numbers are given out here.
        world += kWorldsOfACase;
        Report::Line line{one.name};
        if (options.isListing)
            line.state = Report::State::Kept;
        else if (!options.only.empty() && one.name != options.only)
            continue;
        else if (auto why = whyNot(one, options, parts, manifest); !why.empty())
            line = {one.name, Report::State::Skipped, {why}};
        else
        {
            line.verdict = options.only.empty() ? runIsolated(one, patience) : runHere(one);
            line.state = line.verdict.isKept() ? Report::State::Kept : Report::State::Broken;
        }
        report.lines.push_back(std::move(line));
    }
    return report;
}

int check(Options& options, const CheckParts& parts)
{
    if (options.files.library.empty() && options.files.manifest.empty())
    {
        std::cerr << "Name the plugin's library. --help tells more.\n";
        return kUsage;
    }
    // Without a slash it would be looked for in the system's folders.
    if (!options.files.library.empty())
        options.files.library = fs::absolute(options.files.library).string();
    if (options.files.manifest.empty())
        options.files.manifest = manifestOf(options.files.library);
    if (!options.readme.empty())
    {
        writeReadme(options);
        return kDone;
    }
    if (options.files.library.empty())
    {
        std::cerr << "Name the plugin's library. --help tells more.\n";
        return kUsage;
    }
    options.files.urls = urlsOf(options.sandboxes);
    for (const auto& [setting, url] : options.files.urls)
        if (const auto why = unreachable(url); !why.empty())
        {
            std::cerr << "The sandbox " << url << " does not answer: " << why << "\n";
            return kUnreachable;
        }
    int world = options.files.urls.empty() ? 0 : firstWorld();
    const auto subject = subjectOf(options.files, parts, world);
    if (const auto obstacle =
            options.isListing ? std::nullopt : obstacleTo(subject, patienceOf(options)))
    {
        std::cerr << obstacle->text << "\n";
        return obstacle->remedy == Obstacle::Remedy::Wait ? kUnreachable : kConfig;
    }
    const auto report = tryOut(options, parts, subject, world);
    if (!options.only.empty() && report.lines.empty())
    {
        std::cerr << "There is no rule " << options.only << "; --list names them.\n";
        return kUsage;
    }
    if (options.isListing && !options.isJson)
        for (const auto& line : report.lines)
            std::cout << line.name << "\n";
    else
        std::cout << (options.isJson ? report.json() : report.text());
    return report.count(Report::State::Broken) > 0 ? kBroken : kDone;
}

} // namespace

int checkTarget(int argc, char** argv, const CheckParts& parts)
{
    CLI::App app("Tries a target plugin: does it do what target.h asks of every target?",
                 fs::path(argv[0]).filename().string());
    Options options;
    addOptions(app, options);
    try
    {
        app.parse(argc, argv);
        return check(options, parts);
    }
    catch (const CLI::ParseError& error)
    {
        return app.exit(error) == 0 ? kDone : kUsage;
    }
    catch (const UsageFault& error)
    {
        std::cerr << error.what() << "\n";
        return kUsage;
    }
    catch (const FileError& error)
    {
        std::cerr << error.what() << "\n";
    }
    catch (const Json::exception& error)
    {
        std::cerr << "A file has not the form that is asked for: " << error.what() << "\n";
    }
    return kConfig;
}

} // namespace muster::testing
