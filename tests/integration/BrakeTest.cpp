#include "Scenario.h"
#include "support/FreshTest.h"

namespace muster::integration {

/// More would go than should go unseen: it waits for a person.
class BrakeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BrakeTest);
    FRESH_TEST(holdsWhenAQuarterOfTheMembersWouldGo);
    FRESH_TEST(saysWhatWouldGoAndHowToLetIt);
    FRESH_TEST(goesOnWithWhatIsAdded);
    FRESH_TEST(approvalDoesExactlyThatPlan);
    FRESH_TEST(undoRestoresTheStateBeforeTheApproval);
    FRESH_TEST(keepsAVanishedGroup);
    FRESH_TEST(holdsAVanishedGroupThatWouldBeEmptied);
    FRESH_TEST(holdsAGroupThatWasSwitchedOff);
    CPPUNIT_TEST_SUITE_END();

    Scenario _scenario;
    DeskState _before;

    void start(const std::string& removal = "{links: all}")
    {
        _scenario.estate.syncs.front().more = "    removal: " + removal + "\n";
        _scenario.start(contoso::tenant(40, 10, 8));
        _scenario.sync();
        _before = _scenario.desk();
    }

    /// Two of eight leave each group.
    void aQuarterLeaves()
    {
        Json ops = Json::array();
        for (int group = 1; group <= 10; ++group)
        {
            const auto& roles = _before.groups.at("Team " + std::to_string(group));
            int left = 2;
            for (int person = 1; person <= 40 && left > 0; ++person)
            {
                const auto found = roles.find(contoso::address(person));
                if (found == roles.end() || found->second != "regular")
                    continue;
                ops.push_back(contoso::link("member-", group, person));
                --left;
            }
        }
        CPPUNIT_ASSERT_EQUAL(size_t(20), ops.size());
        _scenario.change(ops);
    }

    Json held() { return onlyRun(_scenario.host.json({"sync"}, 3)); }

    void nothingWasRemoved() { nothingRemoved(_before, _scenario.desk()); }

public:
    void holdsWhenAQuarterOfTheMembersWouldGo()
    {
        start();
        aQuarterLeaves();
        const auto run = held();
        CPPUNIT_ASSERT_EQUAL(Json("held"), run.at("state"));
        CPPUNIT_ASSERT_EQUAL(Json(20), run.at("changes").at("held"));
        nothingWasRemoved();
        // It stays so.
        held();
        nothingWasRemoved();
    }

    void saysWhatWouldGoAndHowToLetIt()
    {
        start();
        aQuarterLeaves();
        const auto finished = _scenario.host.muster({"sync"});
        CPPUNIT_ASSERT_EQUAL(3, finished.exitCode);
        for (const auto* part :
             {"20 of 80 memberships would go (25 %, the limit is 20 %)",
              "`muster plan contoso-groups`", "`muster sync contoso-groups --approve`"})
            CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                                   finished.output.find(part) != std::string::npos);
    }

    void goesOnWithWhatIsAdded()
    {
        start();
        aQuarterLeaves();
        _scenario.change(Json::array({contoso::addPerson(41), contoso::link("member+", 1, 41)}));
        CPPUNIT_ASSERT_EQUAL(Json(2), held().at("changes").at("applied"));
        nothingWasRemoved();
        CPPUNIT_ASSERT_EQUAL(size_t(1),
                             _scenario.desk().groups.at("Team 1").count(contoso::address(41)));
    }

    void approvalDoesExactlyThatPlan()
    {
        start();
        aQuarterLeaves();
        const auto plan = onlyPlan(_scenario.host.json({"plan"}));
        CPPUNIT_ASSERT_EQUAL(Json("held"), plan.at("verdict"));
        const auto run = onlyRun(_scenario.host.json(
            {"sync", "--plan", std::to_string(plan.at("id").get<int>()), "--approve"}));
        CPPUNIT_ASSERT_EQUAL(plan.at("changes").size(),
                             run.at("changes").at("applied").get<size_t>());
        _scenario.isRight();
        // For that plan and that time only.
        _before = _scenario.desk();
        aQuarterLeaves();
        held();
        nothingWasRemoved();
    }

    void undoRestoresTheStateBeforeTheApproval()
    {
        start();
        aQuarterLeaves();
        const auto run = onlyRun(_scenario.host.json({"sync", "--approve"}));
        CPPUNIT_ASSERT(!(_before == _scenario.desk()));
        _scenario.host.json({"undo", std::to_string(run.at("id").get<int>())});
        CPPUNIT_ASSERT_EQUAL(std::string(), _before.difference(_scenario.desk()));
    }

    void keepsAVanishedGroup()
    {
        start();
        _scenario.change({"group-", contoso::group(1)});
        const auto run = onlyRun(_scenario.host.json({"sync"}));
        CPPUNIT_ASSERT_EQUAL(Json(0), run.at("changes").at("planned"));
        nothingWasRemoved();
    }

    void holdsAVanishedGroupThatWouldBeEmptied()
    {
        start("{groups: retire}");
        _scenario.change({"group-", contoso::group(1)});
        CPPUNIT_ASSERT_EQUAL(Json("emptied-group"), held().at("guards").at(0).at("rule"));
        nothingWasRemoved();
        _scenario.host.json({"sync", "--approve"});
        CPPUNIT_ASSERT(_scenario.desk().groups.at("Team 1").empty());
    }

    void holdsAGroupThatWasSwitchedOff()
    {
        start("{groups: retire}");
        _scenario.host.json({"groups", "contoso", "--disable", "Team 2"});
        held();
        nothingWasRemoved();
        _scenario.host.json({"groups", "contoso", "--enable", "Team 2"});
        _scenario.sync();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BrakeTest);

} // namespace muster::integration
