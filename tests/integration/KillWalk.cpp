#include "KillWalk.h"
#include "support/FreshTest.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>

namespace muster::integration {

namespace {

constexpr int kMostRestarts = 3;

std::string countFile(const Installation& host)
{
    return host.directory() / "points";
}

/// What the history must tell after a kill: the run that was killed, interrupted unless it had just
/// ended, and the last one, which succeeded.
void assertHistory(const Scenario& scenario, size_t runsBefore, bool hadWritten)
{
    const auto runs = scenario.host.json({"runs"}).at("runs");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(runs.dump(), std::string("succeeded"),
                                 runs.front().at("state").get<std::string>());
    size_t interrupted = 0;
    for (const auto& run : runs)
    {
        const auto state = run.at("state").get<std::string>();
        CPPUNIT_ASSERT_MESSAGE(runs.dump(), state != "running");
        interrupted += state == "interrupted" ? 1 : 0;
    }
    CPPUNIT_ASSERT_MESSAGE(runs.dump(), interrupted <= 1);
    CPPUNIT_ASSERT_MESSAGE("a run that wrote is not in the history: " + runs.dump(),
                           !hadWritten || interrupted == 1 || runs.size() > runsBefore + 1);
    CPPUNIT_ASSERT_MESSAGE(runs.dump(), runs.size() > runsBefore);
}

} // namespace

Finished runKilledAt(size_t point, const Installation& host,
                     const std::vector<std::string>& arguments)
{
    Installation::Environment environment{{"LD_PRELOAD", MUSTER_BINARY_DIR "/tests/killpoint.so"},
                                          {"KILLPOINT_AT", std::to_string(point)},
                                          {"KILLPOINT_STORE", host.data() + "/muster.db"},
                                          {"KILLPOINT_COUNT", countFile(host)}};
    // The sanitizer wants to be the first library; it need not be.
    const char* const options = std::getenv("ASAN_OPTIONS");
    environment["ASAN_OPTIONS"] = std::string(options ? options : "") + ":verify_asan_link_order=0";
    return host.muster(arguments, {}, environment);
}

size_t pointsOf(const Installation& host)
{
    size_t points = 0;
    std::ifstream(countFile(host)) >> points;
    CPPUNIT_ASSERT_MESSAGE("the points were not counted", points > 0);
    return points;
}

KillWalk::KillWalk(Json tenant, Json changes, Mode mode)
    : _tenant(std::move(tenant)), _changes(std::move(changes)), _mode(mode)
{}

void KillWalk::walk(const Points& points) const
{
    size_t point = points.first;
    while (killAt(point))
        point += points.stride;
    CPPUNIT_ASSERT_MESSAGE("there are but " + std::to_string(point) + " points", point > 50);
}

void KillWalk::walkSome(size_t wanted) const
{
    const auto stride = std::max<size_t>(countPoints() / wanted, 1);
    walk({.first = 1 + stride / 2, .stride = stride});
}

void KillWalk::prepare(Scenario& scenario) const
{
    // Those of scenes.h's groups; no other mode minds.
    scenario.sandbox.seedDeskDirector({{"serviceGroups",
                                        {{{"id", 1}, {"name", "Team 1"}},
                                         {{"id", 2}, {"name", "Team 2"}},
                                         {{"id", 3}, {"name", "First team"}}}}});
    scenario.start(_tenant);
    if (_changes.is_null())
        return;
    scenario.sync();
    scenario.change(_changes);
}

size_t KillWalk::countPoints() const
{
    Scenario scenario(_mode);
    prepare(scenario);
    const auto finished = runKilledAt(0, scenario.host, {"sync", "--approve"});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
    return pointsOf(scenario.host);
}

/// False when the sync ended before it came to that point.
bool KillWalk::killAt(size_t point) const
{
    Scenario scenario(_mode);
    prepare(scenario);
    const size_t runsBefore = _changes.is_null() ? 0 : 1;
    const auto writesBefore = scenario.sandbox.deskDirector().at("writes").size();
    const auto finished = runKilledAt(point, scenario.host, {"sync", "--approve"});
    if (finished.signal != SIGKILL)
    {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
        return false;
    }
    const auto where = "killed at point " + std::to_string(point) + ": ";
    const bool hadWritten = scenario.sandbox.deskDirector().at("writes").size() > writesBefore;
    Finished restarted;
    for (int i = 0; i < kMostRestarts && restarted.exitCode != 0; ++i)
        restarted = scenario.trySync({"--approve"});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(where + restarted.describe(), 0, restarted.exitCode);
    scenario.isRight(where);
    assertHistory(scenario, runsBefore, hadWritten);
    return true;
}

} // namespace muster::integration
