#include "Scenario.h"
#include "support/FreshTest.h"

namespace muster::integration {

/// The trouble of one sync is its own, and a plan is what was reviewed or nothing.
class TroubleTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TroubleTest);
    FRESH_TEST(aSyncThatCannotRunLeavesTheOthers);
    FRESH_TEST(aPlanThatCannotBeMadeLeavesTheOthers);
    FRESH_TEST(aPlanIsStaleWhenTheDirectoryHasMovedOn);
    FRESH_TEST(aPlanIsDoneOnce);
    FRESH_TEST(takesTheConfigurationThatIsDocumented);
    FRESH_TEST(refusesAKeyThatNobodyDocumented);
    CPPUNIT_TEST_SUITE_END();

    Scenario _scenario;

    /// A second sync, into an account that the site does not have.
    void startWithALostAccount()
    {
        _scenario.estate.syncs.insert(_scenario.estate.syncs.begin(),
                                      {.name = "lost", .mode = "contacts", .account = 999});
        _scenario.start(contoso::tenant(6, 2, 3));
    }

    const Installation& host() const { return _scenario.host; }

public:
    void aSyncThatCannotRunLeavesTheOthers()
    {
        startWithALostAccount();
        const auto runs = host().json({"sync"}, 78).at("runs");
        CPPUNIT_ASSERT_EQUAL(Json("failed"), runs.at(0).at("state"));
        CPPUNIT_ASSERT_MESSAGE(runs.dump(), runs.at(0).at("message").get<std::string>().find(
                                                "999") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(Json("succeeded"), runs.at(1).at("state"));
        _scenario.isRight();
    }

    void aPlanThatCannotBeMadeLeavesTheOthers()
    {
        startWithALostAccount();
        const auto plans = host().json({"plan"}, 78).at("plans");
        CPPUNIT_ASSERT_EQUAL(Json("refused"), plans.at(0).at("verdict"));
        CPPUNIT_ASSERT_EQUAL(Json("configuration"), plans.at(0).at("guards").at(0).at("rule"));
        CPPUNIT_ASSERT_EQUAL(Json("clear"), plans.at(1).at("verdict"));
        CPPUNIT_ASSERT(!plans.at(1).at("changes").empty());
    }

    void aPlanIsStaleWhenTheDirectoryHasMovedOn()
    {
        _scenario.start(contoso::tenant(6, 2, 3));
        const auto plan = onlyPlan(host().json({"plan"}));
        _scenario.change({"user-", contoso::person(1)});
        host().json({"groups", "contoso", "--refresh"});
        const auto id = std::to_string(plan.at("id").get<int>());
        const auto run = onlyRun(host().json({"sync", "--plan", id}, 3));
        CPPUNIT_ASSERT_MESSAGE(run.dump(), run.at("message").get<std::string>().find(
                                               "plan " + id + " is stale") != std::string::npos);
        CPPUNIT_ASSERT(_scenario.desk().contacts.empty());
    }

    void aPlanIsDoneOnce()
    {
        _scenario.start(contoso::tenant(6, 2, 3));
        const auto id = std::to_string(onlyPlan(host().json({"plan"})).at("id").get<int>());
        host().json({"sync", "--plan", id});
        const auto run = onlyRun(host().json({"sync", "--plan", id}, 3));
        CPPUNIT_ASSERT_MESSAGE(run.dump(), run.at("message").get<std::string>().find(
                                               "was done already") != std::string::npos);
    }

    void takesTheConfigurationThatIsDocumented()
    {
        const auto finished =
            host().muster({"--config", MUSTER_SOURCE_DIR "/config/muster.properties", "plugins"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
    }

    void refusesAKeyThatNobodyDocumented()
    {
        const auto file = host().write("other.properties", "source.pol = 1m\n");
        const auto finished = host().muster({"--config", file, "plugins"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 78, finished.exitCode);
        for (const auto& part : {file, std::string("source.pol"), std::string("source.poll")})
            CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                                   finished.errors.find(part) != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TroubleTest);

} // namespace muster::integration
