#include "LatencyBench.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace muster::bench {

namespace {

constexpr size_t kPeople = 20;
constexpr size_t kChangesEach = 2;
constexpr int kFirstAccount = 100;
constexpr int kPollSeconds = 1;
constexpr double kPatience = 180; ///< seconds
constexpr double kMostRatio = 1.5;
constexpr std::chrono::milliseconds kBetweenLooks{25};

std::string tenantId(size_t tenant)
{
    char text[80];
    std::snprintf(text, sizeof text, "50000000-0000-4000-8000-%012zu", tenant);
    return text;
}

std::string objectId(char family, size_t tenant, size_t number)
{
    char text[80];
    std::snprintf(text, sizeof text, "%c0000000-0000-4000-8%03zu-%012zu", family, tenant, number);
    return text;
}

Json newPerson(size_t tenant, size_t number)
{
    const auto address = "p" + std::to_string(number) + "@t" + std::to_string(tenant) + ".example";
    return {"user+",
            objectId('a', tenant, number),
            {{"displayName", "Person " + std::to_string(number)},
             {"givenName", "Person"},
             {"surname", std::to_string(number)},
             {"userPrincipalName", address},
             {"mail", address},
             {"accountEnabled", true}}};
}

Json newMember(size_t tenant, size_t number)
{
    return {"member+", objectId('b', tenant, 1), objectId('a', tenant, number)};
}

std::string inSeconds(double seconds)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.2f s", seconds);
    return text;
}

} // namespace

LatencyBench::LatencyBench(const Programs& programs, size_t tenants, Table& table)
    : _programs(programs), _tenants(tenants), _table(table), _people(tenants, kPeople)
{
    _table.addColumn(std::to_string(tenants) + " tenants");
}

void LatencyBench::measure()
{
    begin();
    const auto alone = latencies();
    add("From a change to the target", alone);
    throttle();
    const auto beside = latencies();
    add("The same, with one tenant throttled", beside);
    if (beside.worst > kMostRatio * alone.worst + kPollSeconds)
        _broken.push_back("a throttled tenant made the others wait " + inSeconds(beside.worst) +
                          " instead of " + inSeconds(alone.worst));
}

void LatencyBench::begin()
{
    _sandbox.emplace(_programs.sandbox, _directory.path(), std::vector<std::string>());
    _slowSandbox.emplace(_programs.sandbox, _slowDirectory.path(), std::vector<std::string>());
    auto accounts = Json::array();
    for (size_t tenant = 0; tenant < _tenants; ++tenant)
    {
        fill(tenant + 1 < _tenants ? *_sandbox : *_slowSandbox, tenant);
        accounts.push_back({{"id", kFirstAccount + tenant}, {"name", "Account"}});
    }
    _sandbox->control("POST", "deskdirector", {{"accounts", accounts}});
    const auto write = [&](const std::string& name, const std::string& text) {
        std::ofstream(_directory / name) << text;
    };
    write("secret", "sandbox-secret");
    write("key", "sandbox-key");
    write("estate.yaml", estate());
    write("muster.properties",
          "http.listen =\nsource.poll = " + std::to_string(kPollSeconds) + "s\n");
    const auto data = _directory / "data";
    tests::Child apply({_programs.muster, "--data", data, "apply", _directory / "estate.yaml"},
                       _directory / "apply.log");
    apply.wait();
    if (apply.exitCode() != 0)
        throw std::runtime_error("muster apply: " + tests::readFile(_directory / "apply.log"));
    _service.emplace(std::vector<std::string>{_programs.muster, "--data", data, "--config",
                                              _directory / "muster.properties", "serve"},
                     _directory / "serve.log");
    for (size_t tenant = 0; tenant < _tenants; ++tenant)
        waitForContacts(tenant, kPeople);
}

void LatencyBench::fill(SandboxProcess& sandbox, size_t tenant)
{
    sandbox.control("POST", "tenants",
                    {{"tenant", tenantId(tenant)},
                     {"name", "Tenant"},
                     {"domain", "t" + std::to_string(tenant) + ".example"}});
    auto ops = Json::array({{"group+",
                             objectId('b', tenant, 1),
                             {{"displayName", "Everybody"}, {"securityEnabled", true}}}});
    for (size_t person = 1; person <= kPeople; ++person)
    {
        ops.push_back(newPerson(tenant, person));
        ops.push_back(newMember(tenant, person));
    }
    sandbox.ops(tenantId(tenant), ops);
}

std::string LatencyBench::estate() const
{
    std::string tenants = "tenants:\n";
    std::string syncs = "syncs:\n";
    for (size_t tenant = 0; tenant < _tenants; ++tenant)
    {
        const auto name = "t" + std::to_string(tenant);
        const auto& url = tenant + 1 < _tenants ? _sandbox->url() : _slowSandbox->url();
        tenants += "  - {name: " + name +
                   ", groups: {desk: all}, directory: {tenant: " + tenantId(tenant) +
                   ", clientId: 9a1b0000-0000-4000-8000-000000000002, clientSecret: {file: " +
                   (_directory / "secret") + "}, authority: '" + url + "', graph: '" + url +
                   "'}}\n";
        syncs += "  - {name: " + name + ", tenant: " + name +
                 ", target: desk, mode: contacts, scope: {account: " +
                 std::to_string(kFirstAccount + tenant) + "}, schedule: {every: 1h}}\n";
    }
    return tenants + "targets:\n  - {name: desk, plugin: deskdirector, settings: {site: '" +
           _sandbox->url() + "', apiKey: {file: " + (_directory / "key") +
           "}, pace: {perSecond: 1000, parallel: 8}}}\n" + syncs;
}

/// Each answer of its directory is a refusal that asks for a long wait; and it has work to do.
void LatencyBench::throttle()
{
    _slowSandbox->control("POST", "faults",
                          {{"kind", "status"},
                           {"status", 429},
                           {"retryAfter", "20"},
                           {"times", -1},
                           {"match", {{"path", "/v1.0/"}}}});
    const auto before = _slowSandbox->requests("graph");
    const auto until = tests::now() + kPatience;
    while (_slowSandbox->requests("graph") == before)
    {
        if (tests::now() > until)
            throw std::runtime_error("the throttled tenant was not asked");
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

/// Somebody joins in each of the other tenants, one after the other.
LatencyBench::Latencies LatencyBench::latencies()
{
    std::vector<double> all;
    for (size_t round = 0; round < kChangesEach; ++round)
        for (size_t tenant = 0; tenant + 1 < _tenants; ++tenant)
        {
            const auto person = ++_people[tenant];
            const auto begin = tests::now();
            _sandbox->ops(tenantId(tenant),
                          Json::array({newPerson(tenant, person), newMember(tenant, person)}));
            waitForContacts(tenant, person);
            all.push_back(tests::now() - begin);
        }
    std::sort(all.begin(), all.end());
    return {.median = all[all.size() / 2], .worst = all.back()};
}

void LatencyBench::waitForContacts(size_t tenant, size_t contacts)
{
    const auto until = tests::now() + kPatience;
    while (contactsByAccount().at(tenant) < contacts)
    {
        if (tests::now() > until)
            throw std::runtime_error(
                "tenant " + std::to_string(tenant) +
                " was not brought up to date: " + tests::readFile(_directory / "serve.log"));
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

std::vector<size_t> LatencyBench::contactsByAccount()
{
    std::vector<size_t> counts(_tenants);
    const auto desk = _sandbox->control("GET", "deskdirector");
    for (const auto& contact : desk.at("contacts"))
        ++counts.at(contact.at("company").at("id").get<size_t>() - kFirstAccount);
    return counts;
}

void LatencyBench::add(const std::string& section, const Latencies& latencies)
{
    _table.add(section, "median", inSeconds(latencies.median));
    _table.add(section, "worst", inSeconds(latencies.worst));
}

} // namespace muster::bench
