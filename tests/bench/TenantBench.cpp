#include "TenantBench.h"

#include "TenantPages.h"

#include <GeneratedWorld.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace muster::bench {

namespace {

using Kind = sandbox::World::Kind;

constexpr int kAccount = 42;
constexpr int kRounds = 5;
constexpr uint64_t kMostBytes = 400'000'000;
constexpr size_t kDeltaChains = 3;
constexpr size_t kRecordsPerRead = 100;

const std::string kEstate = R"(tenants:
  - name: bench
    directory:
      tenant: TENANT
      clientId: 9a1b0000-0000-4000-8000-000000000002
      clientSecret: {file: SECRET}
      authority: URL
      graph: URL
    groups: {desk: all}
targets:
  - name: desk
    plugin: deskdirector
    settings:
      site: URL
      apiKey: {file: KEY}
      pace: {perSecond: 1000, parallel: 16}
syncs:
  - name: bench-groups
    tenant: bench
    target: desk
    mode: contact-groups
    scope: {account: 42}
)";

void replaceAll(std::string& text, const std::string& from, const std::string& to)
{
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

void writeFile(const std::string& path, const std::string& text)
{
    std::ofstream(path) << text;
}

std::string number(double value, int decimals, const std::string& unit = {})
{
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text + (unit.empty() ? "" : " " + unit);
}

std::string grouped(uint64_t value)
{
    const auto digits = std::to_string(value);
    std::string text;
    for (size_t i = 0; i < digits.size(); ++i)
    {
        if (i > 0 && (digits.size() - i) % 3 == 0)
            text += ',';
        text += digits[i];
    }
    return text;
}

/// What is measured several times counts with its least: the rest is the machine's.
tests::Usage lesser(const tests::Usage& one, const tests::Usage& other)
{
    return {.wall = std::min(one.wall, other.wall),
            .cpu = std::min(one.cpu, other.cpu),
            .peakBytes = std::max(one.peakBytes, other.peakBytes)};
}

std::string titleOf(const sandbox::GeneratedSize& size)
{
    return grouped(size.people) + " people";
}

} // namespace

TenantBench::TenantBench(const Programs& programs, const sandbox::GeneratedSize& size, Table& table)
    : _programs(programs),
      _size(size),
      _table(table),
      _tenant(sandbox::generatedTenant(size.seed).toString())
{
    _table.addColumn(titleOf(size));
    _table.add("Tenant", "groups", grouped(size.groups));
    _table.add("Tenant", "memberships", grouped(size.memberships));
}

/// A sandbox with the tenant, and an estate that syncs it, as new.
void TenantBench::begin()
{
    _sandbox.reset();
    _directory.emplace();
    const auto& directory = *_directory;
    _sandbox.emplace(_programs.sandbox, directory.path(),
                     std::vector<std::string>{
                         "--generate", "people=" + std::to_string(_size.people) +
                                           ",groups=" + std::to_string(_size.groups) +
                                           ",memberships=" + std::to_string(_size.memberships) +
                                           ",seed=" + std::to_string(_size.seed)});
    writeFile(directory / "secret", "sandbox-secret");
    writeFile(directory / "key", "sandbox-key");
    auto estate = kEstate;
    replaceAll(estate, "TENANT", _tenant);
    replaceAll(estate, "URL", _sandbox->url());
    replaceAll(estate, "SECRET", directory / "secret");
    replaceAll(estate, "KEY", directory / "key");
    writeFile(directory / "estate.yaml", estate);
    muster({"apply", directory / "estate.yaml"});
    _sandbox->clearRequests();
}

tests::Usage TenantBench::muster(std::vector<std::string> arguments)
{
    const auto output = *_directory / "output";
    const auto what = arguments.front();
    arguments.insert(arguments.begin(), {_programs.muster, "--data", *_directory / "data"});
    tests::Child child(arguments, output);
    const auto usage = child.wait();
    if (child.exitCode() != 0)
        throw std::runtime_error("muster " + what + " ended with " +
                                 std::to_string(child.exitCode()) + ": " + tests::readFile(output));
    return usage;
}

SyncCost TenantBench::sync()
{
    _sandbox->clearRequests();
    SyncCost cost;
    cost.usage = muster({"sync", "--json"});
    cost.run = Json::parse(tests::readFile(*_directory / "output")).at("runs").at(0);
    cost.graphRequests = _sandbox->requests("graph");
    cost.targetRequests = _sandbox->requests("deskdirector");
    return cost;
}

void TenantBench::mirrorAndPlan()
{
    begin();
    const std::string section = "Mirror and first plan";
    const auto usage = muster({"plan"});
    const auto requests = _sandbox->requests("graph");

    const auto pages = countPages(_sandbox->url(), _tenant);

    _table.add(section, "Graph requests", grouped(requests));
    _table.add(section, "delta pages there are", grouped(pages.pages));
    add(section, usage);
    _table.add(section, "peak memory", number(static_cast<double>(usage.peakBytes) / 1e6, 0, "MB"));
    _table.add(section, "memberships per second",
               grouped(static_cast<uint64_t>(static_cast<double>(pages.memberships) / usage.wall)));
    _table.add(section, "CPU of merely parsing the pages", number(pages.parsingCpu, 2, "s"));
    _table.add(section, "CPU of fetching and parsing", number(pages.fetchingCpu, 2, "s"));
    _table.add(section, "CPU against fetching and parsing",
               number(usage.cpu / pages.fetchingCpu, 1, "x"));
    require(usage.peakBytes < kMostBytes, "mirror and first plan took " +
                                              grouped(usage.peakBytes / 1'000'000) +
                                              " MB, more than 400 MB");
    require(requests <= pages.pages, "the first mirror asked Graph " + grouped(requests) +
                                         " times for " + grouped(pages.pages) + " pages");
}

void TenantBench::firstSync()
{
    const std::string section = "First sync into an empty account";
    const auto cost = sync();
    const auto applied = cost.run.at("changes").at("applied").get<uint64_t>();
    const auto desk = _sandbox->control("GET", "deskdirector");
    _table.add(section, "changes", grouped(applied));
    _table.add(section, "target requests", grouped(cost.targetRequests));
    add(section, cost.usage);
    _table.add(section, "changes per second",
               grouped(static_cast<uint64_t>(static_cast<double>(applied) / cost.usage.wall)));
    _table.add(section, "requests at once, at most", desk.at("maxConcurrent").dump());
    require(cost.targetRequests <= applied, "the first sync asked the target " +
                                                grouped(cost.targetRequests) + " times for " +
                                                grouped(applied) + " changes");
    require(desk.at("maxConcurrent") > 1, "the first sync wrote one change at a time");
}

void TenantBench::syncChanges()
{
    begin();
    fillAccount();

    const std::string full = "First sync into an account that has it all";
    auto cost = sync();
    // Contacts and groups by the page, and each group's members by the page.
    const auto reads =
        2 + (_size.people + _size.groups + _size.memberships) / kRecordsPerRead + _size.groups;
    _table.add(full, "target requests", grouped(cost.targetRequests));
    add(full, cost.usage);
    _table.add(full, "peak memory",
               number(static_cast<double>(cost.usage.peakBytes) / 1e6, 0, "MB"));
    require(cost.targetRequests <= reads,
            "reading a full account took " + grouped(cost.targetRequests) + " requests");

    const std::string unchanged = "Sync with nothing changed";
    tests::Usage least;
    for (int round = 0; round < kRounds; ++round)
    {
        cost = sync();
        require(cost.graphRequests == kDeltaChains && cost.targetRequests == 0,
                "a sync with nothing changed asked Graph " + grouped(cost.graphRequests) +
                    " times and the target " + grouped(cost.targetRequests) + " times");
        least = round == 0 ? cost.usage : lesser(least, cost.usage);
    }
    _table.add(unchanged, "Graph requests", grouped(cost.graphRequests));
    _table.add(unchanged, "target requests", grouped(cost.targetRequests));
    add(unchanged, least);

    const auto person = sandbox::generatedId(Kind::User, _size.people, _size.seed).toString();
    _sandbox->ops(_tenant, Json::array({{"user+",
                                         person,
                                         {{"displayName", "Nia New"},
                                          {"givenName", "Nia"},
                                          {"surname", "New"},
                                          {"accountEnabled", true},
                                          {"mail", "nia.new@generated.example"}}}}));
    const auto middle = _size.groups / 4;
    const std::string one = "Sync with one member added";
    for (int round = 0; round <= kRounds; ++round)
    {
        addMember(middle + static_cast<size_t>(round));
        cost = sync();
        const size_t writes = round == 0 ? 2 : 1; // the person becomes a contact first
        require(cost.graphRequests == kDeltaChains && cost.targetRequests == writes,
                "one member added asked Graph " + grouped(cost.graphRequests) +
                    " times and the target " + grouped(cost.targetRequests) + " times");
        _oneMember = round <= 1 ? cost.usage : lesser(_oneMember, cost.usage);
    }
    _table.add(one, "Graph requests", grouped(cost.graphRequests));
    _table.add(one, "target requests", grouped(cost.targetRequests));
    add(one, _oneMember);
    _sandbox.reset();
}

void TenantBench::fillAccount()
{
    eachRecords(_sandbox->url(), _tenant, kAccount,
                [&](const Json& records) { _sandbox->control("POST", "deskdirector", records); });
}

void TenantBench::addMember(size_t group)
{
    _sandbox->ops(
        _tenant,
        Json::array({{"member+", sandbox::generatedId(Kind::Group, group, _size.seed).toString(),
                      sandbox::generatedId(Kind::User, _size.people, _size.seed).toString()}}));
}

void TenantBench::add(const std::string& section, const tests::Usage& usage)
{
    const int decimals = usage.cpu < 1 ? 3 : 1;
    _table.add(section, "time", number(usage.wall, decimals, "s"));
    _table.add(section, "CPU", number(usage.cpu, decimals, "s"));
}

void TenantBench::require(bool holds, const std::string& otherwise)
{
    if (!holds)
        _broken.push_back(titleOf(_size) + ": " + otherwise);
}

} // namespace muster::bench
