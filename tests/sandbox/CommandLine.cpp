#include "CommandLine.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace muster::sandbox {

namespace {

constexpr const char* kDescription =
    "Plays Microsoft Graph v1.0, the Entra token endpoint, DeskDirector and IT Glue on one "
    "loopback port.";

constexpr const char* kFooter = R"(
Example:
  muster-sandbox --port 9001 --world tests/worlds/etcd-io.ndjson --account 42=Contoso
  curl -s 127.0.0.1:9001/sandbox/requests
  curl -s 127.0.0.1:9001/sandbox/advance -d '{"tenant":"396d8805-eb4f-59cc-b8fd-2e76e938d473"}'
  curl -s 127.0.0.1:9001/sandbox/deskdirector
  curl -s 127.0.0.1:9001/sandbox/itglue
  curl -s -X POST 127.0.0.1:9001/sandbox/quit

In an estate the tenant's authority and graph, and the target's site or address, are
http://127.0.0.1:9001.
tests/sandbox/README.md describes the control API, settings and faults.)";

std::string readFile(const std::string& path)
{
    std::ifstream file(path);
    if (!file)
        throw std::invalid_argument("cannot read " + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Json readJson(const std::string& path)
{
    try
    {
        return Json::parse(readFile(path));
    }
    catch (const nlohmann::json::exception& error)
    {
        throw std::invalid_argument(path + ": " + error.what());
    }
}

/// Writes beside and renames, so that whoever waits for the file finds it complete.
void writeFile(const std::string& path, const std::string& text)
{
    if (path.empty())
        return;
    const std::string beside = path + ".new";
    std::ofstream file(beside);
    file << text;
    file.close();
    if (!file || std::rename(beside.c_str(), path.c_str()) != 0)
        throw std::invalid_argument("cannot write " + path);
}

std::size_t numberOf(const std::string& text, const std::string& what)
{
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        throw std::invalid_argument(what + ": \"" + text + "\" is not a number");
    return number;
}

/// Reads arguments such as 42=Contoso.
std::vector<std::pair<int, std::string>> namedIds(const std::vector<std::string>& texts,
                                                  const std::string& option)
{
    std::vector<std::pair<int, std::string>> result;
    for (const auto& text : texts)
    {
        const auto equals = text.find('=');
        if (equals == std::string::npos)
            throw std::invalid_argument(option + ": \"" + text + "\" is not ID=NAME");
        result.emplace_back(static_cast<int>(numberOf(text.substr(0, equals), option)),
                            text.substr(equals + 1));
    }
    return result;
}

} // namespace

CommandLine::CommandLine(int argc, char** argv)
{
    CLI::App app{kDescription, "muster-sandbox"};
    app.footer(kFooter);
    std::vector<std::string> worlds;
    std::vector<std::string> sizes;
    std::vector<std::string> accounts;
    std::vector<std::string> organizations;
    std::vector<std::string> certificates;
    bool isTls = false;
    app.add_option("--port", _options.port, "port to listen on; 0: any free one (default)");
    app.add_flag("--tls", isTls, "serve https with a certificate for localhost made at the start");
    app.add_option("--ca-out", _caOut, "write the CA of that certificate to this file, as PEM");
    app.add_option("--world", worlds,
                   "world file, FILE or FILE:LINES: how many event lines are applied (default 1)");
    app.add_option("--generate", sizes,
                   "made-up tenant: people=N,groups=N,memberships=N[,devices=N][,seed=N]");
    app.add_option("--client-id", _options.clientId, "the app's client id");
    app.add_option("--client-secret", _options.clientSecret,
                   "the app's secret (default sandbox-secret)");
    app.add_option("--certificate", certificates,
                   "PEM file of a certificate that client assertions may be signed with");
    app.add_option("--key", _options.deskDirectorKey,
                   "DeskDirector's API key (default sandbox-key)");
    app.add_option("--account", accounts, "DeskDirector account ID=NAME (default 42=Contoso)");
    app.add_option("--deskdirector", _records, "JSON file of DeskDirector records to begin with");
    app.add_option("--glue-key", _options.glueKey, "IT Glue's API key (default sandbox-glue-key)");
    app.add_option("--organization", organizations,
                   "IT Glue organization ID=NAME (default 7=Contoso)");
    app.add_option("--itglue", _glueRecords, "JSON file of IT Glue records to begin with");
    app.add_option("--faults", _faults, "JSON file of fault rules");
    app.add_option("--settings", _settings, "JSON file of settings");
    app.add_option("--port-file", _portFile, "write the port to this file when ready");
    app.add_option("--ready-file", _readyFile, "write the line of stdout to this file when ready");
    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::ParseError& error)
    {
        _exitCode = app.exit(error) == 0 ? 0 : 2;
        return;
    }
    if (isTls)
        _options.transport = SandboxOptions::Transport::Tls;
    if (!accounts.empty())
        _options.accounts = namedIds(accounts, "--account");
    if (!organizations.empty())
        _options.organizations = namedIds(organizations, "--organization");
    for (const auto& file : certificates)
        _options.certificates.push_back(readFile(file));
    std::for_each(worlds.begin(), worlds.end(), [&](const auto& text) { readWorld(text); });
    std::for_each(sizes.begin(), sizes.end(), [&](const auto& text) { readSize(text); });
}

void CommandLine::fill(SandboxServer& server) const
{
    for (const auto& world : _worlds)
        server.addWorld(world.file, world.lines);
    for (const auto& size : _generated)
        server.addGenerated(size);
    if (!_records.empty())
        server.seedDeskDirector(readJson(_records));
    if (!_glueRecords.empty())
        server.seedGlue(readJson(_glueRecords));
    if (!_settings.empty())
        server.configure(readJson(_settings));
    if (!_faults.empty())
        server.addFault(readJson(_faults));
}

void CommandLine::announce(const SandboxServer& server) const
{
    writeFile(_caOut, server.caPem());
    const std::string line =
        Json{{"port", server.port()}, {"url", server.baseUrl()}, {"tenants", server.tenants()}}
            .dump() +
        "\n";
    std::cout << line << std::flush;
    writeFile(_portFile, std::to_string(server.port()) + "\n");
    writeFile(_readyFile, line);
}

void CommandLine::readWorld(const std::string& text)
{
    const auto colon = text.rfind(':');
    const bool hasLines = colon != std::string::npos && colon + 1 < text.size() &&
                          text.find_first_not_of("0123456789", colon + 1) == std::string::npos;
    if (hasLines)
        _worlds.push_back({text.substr(0, colon), numberOf(text.substr(colon + 1), "--world")});
    else
        _worlds.push_back({text});
}

void CommandLine::readSize(const std::string& text)
{
    GeneratedSize size;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');)
    {
        const auto equals = std::min(part.find('='), part.size());
        const std::string name = part.substr(0, equals);
        const std::size_t number =
            numberOf(part.substr(std::min(equals + 1, part.size())), "--generate " + name);
        if (name == "people")
            size.people = number;
        else if (name == "groups")
            size.groups = number;
        else if (name == "memberships")
            size.memberships = number;
        else if (name == "devices")
            size.devices = number;
        else if (name == "seed")
            size.seed = number;
        else
            throw std::invalid_argument("--generate: there is no \"" + name + '"');
    }
    _generated.push_back(size);
}

} // namespace muster::sandbox
