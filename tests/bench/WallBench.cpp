#include "WallBench.h"

#include <support/Child.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace muster::bench {

namespace {

using namespace plugins;

constexpr size_t kChanges = 10'000;
constexpr int kRounds = 3;
constexpr double kMostRatio = 1.1;
constexpr double kMostRatioBeside = 1.1;
/// Of a service in the world. With less the processors decide, which no wall parts.
constexpr int kAnswerOfNeighbours = 50;
constexpr size_t kNeighbours = 9;
constexpr size_t kChangesOfOne = 200;
constexpr int kFirstAccount = 42;
constexpr int kPerSecond = 10'000;

std::string ratioText(double value, double base)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.2f s (%.2f x)", value, value / base);
    return text;
}

ChangeRequest contact(size_t number, int64_t id)
{
    const auto key = "p" + std::to_string(number) + "@contoso.example";
    ChangeRequest change;
    change.id = id;
    change.kind = "contact";
    change.key = key;
    change.name = "Person " + std::to_string(number);
    change.fields = {{"email", key}, {"firstName", "Person"}, {"lastName", std::to_string(number)}};
    return change;
}

std::vector<ChangeRequest> contacts(size_t first, size_t count)
{
    std::vector<ChangeRequest> changes;
    for (size_t i = 0; i < count; ++i)
        changes.push_back(contact(first + i, static_cast<int64_t>(i)));
    return changes;
}

/// Seconds that it took; all changes must be applied.
double apply(TargetChannel& channel, int account, const std::vector<ChangeRequest>& changes)
{
    const runtime::Cancellation never;
    size_t applied = 0;
    std::string refused;
    const auto began = tests::now();
    channel.apply(
        {{"account", account}}, changes,
        [&](Outcome outcome) {
            if (outcome.state == OutcomeState::Applied)
                ++applied;
            else
                refused = outcome.message;
        },
        never);
    if (applied != changes.size())
        throw std::runtime_error("a change was not applied: " + refused);
    return tests::now() - began;
}

CatalogOptions inChildren()
{
    return {.children = ChildOptions{.runner = MUSTER_BINARY_DIR "/bin/muster-target-runner",
                                     .deadline = std::chrono::seconds(2)}};
}

} // namespace

WallBench::WallBench(const Programs& programs, Table& table)
    : _table(table), _sandbox(programs.sandbox, _directory.path(), {})
{
    auto accounts = Json::array();
    for (size_t i = 0; i <= kNeighbours; ++i)
        accounts.push_back({{"id", kFirstAccount + static_cast<int>(i)}, {"name", "Account"}});
    _sandbox.control("POST", "deskdirector", {{"accounts", accounts}});
    const auto folder = std::filesystem::path(_directory.path()) / "targets";
    std::filesystem::create_directories(folder);
    const std::filesystem::path built = MUSTER_BINARY_DIR "/lib/muster/targets";
    std::filesystem::copy_file(built / "deskdirector.so", folder / "deskdirector.so");
    // Its pace is for a system in the world, and would hide all else here.
    auto manifest = Json::parse(std::ifstream(built / "deskdirector.json"));
    manifest["settings"]["properties"]["pace"]["properties"]["perSecond"]["maximum"] = kPerSecond;
    std::ofstream(folder / "deskdirector.json") << manifest;
    std::filesystem::copy_file(MUSTER_BINARY_DIR "/tests/plugins/targets/hostile.so",
                               folder / "hostile.so");
    std::filesystem::copy_file(MUSTER_SOURCE_DIR "/tests/contract/hostile/plugin.json",
                               folder / "hostile.json");
}

std::unique_ptr<TargetChannel> WallBench::open(Catalog& catalog, size_t number) const
{
    return catalog.openTarget("deskdirector",
                              {"desk" + std::to_string(number),
                               {{"site", _sandbox.url()},
                                {"apiKey", "sandbox-key"},
                                {"pace", {{"perSecond", kPerSecond}, {"parallel", 4}}}}});
}

void WallBench::answerAfter(int milliseconds)
{
    _sandbox.control("DELETE", "faults");
    _sandbox.control(
        "POST", "faults",
        {{"kind", "slow"}, {"delay", milliseconds}, {"times", -1}, {"match", {{"path", "/api/"}}}});
}

void WallBench::measure()
{
    measureCost();
    measureNeighbours();
}

/// What is measured several times, in turn, counts with its least: the rest is the machine's.
void WallBench::measureCost()
{
    answerAfter(1);
    Catalog here({_directory.path()}, _clock);
    Catalog children({_directory.path()}, _clock, inChildren());
    const auto inProcess = open(here, 0);
    const auto inChild = open(children, 0);
    double least = 0;
    double leastInChild = 0;
    for (int round = 0; round < kRounds; ++round)
        for (const auto& [channel, best] :
             {std::pair(inProcess.get(), &least), std::pair(inChild.get(), &leastInChild)})
        {
            const auto seconds = apply(*channel, kFirstAccount, contacts(_people, kChanges));
            _people += kChanges;
            *best = *best == 0 ? seconds : std::min(*best, seconds);
        }
    const std::string section = "10,000 changes into a target that answers in 1 ms";
    _table.add(section, "in the process of the host", ratioText(least, least));
    _table.add(section, "in a child", ratioText(leastInChild, least));
    if (leastInChild > kMostRatio * least)
        _broken.push_back("a child makes a run longer than 1.1 times");
}

void WallBench::measureNeighbours()
{
    const std::string section =
        "Nine targets that answer in 50 ms, 200 changes each, beside a tenth";
    answerAfter(kAnswerOfNeighbours);
    const std::array<std::pair<const char*, const char*>, 5> tenths{
        {{"", "that is idle"},
         {"abort", "that crashes"},
         {"hang", "that hangs"},
         {"spin-deaf", "that computes in four threads"},
         {"flood-log", "that floods"}}};
    std::array<double, tenths.size()> least{};
    for (int round = 0; round < kRounds; ++round)
        for (size_t i = 0; i < tenths.size(); ++i)
        {
            Catalog catalog({_directory.path()}, _clock, inChildren());
            const auto seconds = nineBeside(catalog, tenths[i].first);
            least[i] = round == 0 ? seconds : std::min(least[i], seconds);
        }
    for (size_t i = 0; i < tenths.size(); ++i)
    {
        _table.add(section, tenths[i].second, ratioText(least[i], least[0]));
        if (least[i] > kMostRatioBeside * least[0])
            _broken.push_back(std::string("a tenth target ") + tenths[i].second +
                              " makes nine others slower by more than a tenth");
    }
}

/// Seconds until the nine are done, while the tenth is called again and again.
double WallBench::nineBeside(Catalog& catalog, const std::string& deed)
{
    std::vector<std::unique_ptr<TargetChannel>> channels;
    for (size_t i = 0; i < kNeighbours; ++i)
        channels.push_back(open(catalog, i));
    const auto tenth =
        catalog.openTarget("hostile", {"hostile", {{"in", "apply"}, {"deed", deed}}});
    std::atomic<bool> isOver{false};
    runtime::Cancellation over;
    std::thread beside([&] {
        try
        {
            while (!isOver && !deed.empty())
            {
                std::optional<std::chrono::milliseconds> rest;
                tenth->apply(
                    {{"account", 1}}, contacts(0, 2),
                    [&](Outcome outcome) { rest = outcome.retryAfter; }, over);
                if (rest)
                    _clock.sleep(*rest, over);
            }
        }
        catch (const std::exception&)
        {
            // Disabled, or over: it says nothing more.
        }
    });
    std::vector<std::thread> threads;
    std::atomic<size_t> failed{0};
    const auto began = tests::now();
    for (size_t i = 0; i < kNeighbours; ++i)
        threads.emplace_back([&, i, first = _people + i * kChangesOfOne] {
            try
            {
                apply(*channels[i], kFirstAccount + static_cast<int>(i),
                      contacts(first, kChangesOfOne));
            }
            catch (const std::exception&)
            {
                ++failed;
            }
        });
    for (auto& thread : threads)
        thread.join();
    const auto seconds = tests::now() - began;
    _people += kNeighbours * kChangesOfOne;
    isOver = true;
    over.request();
    beside.join();
    if (failed > 0)
        throw std::runtime_error("a target failed beside one that is hostile");
    return seconds;
}

} // namespace muster::bench
