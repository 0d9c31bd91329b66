#include "Scenario.h"
#include "support/FreshTest.h"

namespace muster::integration {

/// Nothing is removed on a doubt (DESIGN.md, sections 1 and 7): where the directory was not read to
/// its end, who is missing from it is not gone.
class DoubtTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DoubtTest);
    FRESH_TEST(plansNoRemovalWhenGroupsFailHalfWay);
    FRESH_TEST(plansNoRemovalWhenUsersFailHalfWay);
    FRESH_TEST(removesNothingWhenAResyncIsCutShort);
    FRESH_TEST(holdsAResyncThatComesBackNearlyEmpty);
    FRESH_TEST(removesAfterAResyncWhatIsReallyGone);
    FRESH_TEST(writesNothingBeforeTheFirstMirrorIsWhole);
    FRESH_TEST(goesOnWhereTheFirstMirrorStopped);
    FRESH_TEST(holdsTheEmptyingOfAGroup);
    FRESH_TEST(holdsTheFirstRemovalOfWhatMusterDidNotMake);
    CPPUNIT_TEST_SUITE_END();

    Scenario _scenario;

    void start()
    {
        _scenario.sandbox.configure({{"pageObjects", 3}, {"pageLinks", 6}});
        _scenario.start(contoso::tenant(12, 4, 6));
    }

    /// Every page of the list from the second on is refused, at once and for good.
    void breakAfterTheFirstPage(const std::string& list)
    {
        _scenario.sandbox.addFault(
            {{"kind", "status"},
             {"status", 500},
             {"retryAfter", "0.01"},
             {"times", -1},
             {"match", {{"path", "^/v1.0/" + list + "/delta.*skiptoken="}}}});
    }

    /// Changes that take several pages to tell, removals among them.
    static Json manyChanges()
    {
        Json ops = Json::array();
        for (int number = 1; number <= 12; ++number)
            ops.push_back(contoso::changePerson(number, {{"jobTitle", "Head"}}));
        for (int number = 1; number <= 4; ++number)
            ops.push_back(
                contoso::changeGroup(number, {{"description", "Group " + std::to_string(number)}}));
        ops.push_back(contoso::link("member-", 1, 2));
        ops.push_back({"user-", contoso::person(3)});
        ops.push_back(contoso::link("member+", 1, 12));
        return ops;
    }

    void plansNoRemovalWhenItFailsHalfWay(const std::string& list)
    {
        start();
        _scenario.sync();
        const auto before = _scenario.desk();
        _scenario.change(manyChanges());
        breakAfterTheFirstPage(list);
        const auto plan = onlyPlan(_scenario.host.json({"plan"}, 75));
        for (const auto& change : plan.at("changes"))
            CPPUNIT_ASSERT_MESSAGE(change.dump(), change.at("action") != "unlink" &&
                                                      change.at("action") != "retire");
        CPPUNIT_ASSERT_MESSAGE(plan.at("findings").dump(),
                               plan.at("findings").dump().find("directory-incomplete") !=
                                   std::string::npos);
        _scenario.trySync({"--approve"});
        nothingRemoved(before, _scenario.desk());
        _scenario.sandbox.clearFaults();
        _scenario.sync(0, {"--approve"});
    }

    void expireCursors()
    {
        _scenario.sandbox.addFault({{"kind", "expireCursor"},
                                    {"times", 3},
                                    {"match", {{"path", "^/v1.0/.*deltatoken=[^&]"}}}});
    }

public:
    void plansNoRemovalWhenGroupsFailHalfWay() { plansNoRemovalWhenItFailsHalfWay("groups"); }
    void plansNoRemovalWhenUsersFailHalfWay() { plansNoRemovalWhenItFailsHalfWay("users"); }

    void removesNothingWhenAResyncIsCutShort()
    {
        start();
        _scenario.sync();
        const auto before = _scenario.desk();
        _scenario.change({contoso::link("member-", 1, 2), {"group-", contoso::group(4)}});
        expireCursors();
        breakAfterTheFirstPage("groups");
        const auto cut = _scenario.trySync({"--approve"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(cut.output, 75, cut.exitCode);
        nothingRemoved(before, _scenario.desk());
        _scenario.sandbox.clearFaults();
        _scenario.sync(0, {"--approve"});
    }

    /// Pages that are whole, and tell of a tenant that lost nearly everything.
    void holdsAResyncThatComesBackNearlyEmpty()
    {
        start();
        _scenario.sync();
        const auto before = _scenario.desk();
        Json gone = Json::array();
        for (int group = 1; group <= 4; ++group)
            for (int person = 1; person <= 12; ++person)
                gone.push_back(contoso::link("member-", group, person));
        _scenario.change(gone);
        expireCursors();
        _scenario.host.json({"sync"}, 3);
        nothingRemoved(before, _scenario.desk());
    }

    void removesAfterAResyncWhatIsReallyGone()
    {
        start();
        _scenario.sync();
        _scenario.change({contoso::link("member-", 1, 2), {"user-", contoso::person(3)}});
        expireCursors();
        _scenario.sync();
        CPPUNIT_ASSERT_EQUAL(size_t(0),
                             _scenario.desk().groups.at("Team 1").count(contoso::address(2)));
    }

    void writesNothingBeforeTheFirstMirrorIsWhole()
    {
        start();
        breakAfterTheFirstPage("groups");
        const auto finished = _scenario.trySync();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 75, finished.exitCode);
        CPPUNIT_ASSERT(_scenario.sandbox.deskDirector().at("writes").empty());
    }

    void goesOnWhereTheFirstMirrorStopped()
    {
        start();
        breakAfterTheFirstPage("groups");
        _scenario.trySync();
        const auto pagesOfUsers = _scenario.route("graph.users.delta");
        _scenario.sandbox.clearFaults();
        _scenario.sandbox.clearRequests();
        _scenario.sync();
        CPPUNIT_ASSERT_EQUAL(size_t(4), pagesOfUsers);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(_scenario.sandbox.requests().dump(), size_t(1),
                                     _scenario.route("graph.users.delta"));
    }

    void holdsTheEmptyingOfAGroup()
    {
        _scenario.start(contoso::tenant(40, 10, 4));
        _scenario.sync();
        const auto before = _scenario.desk();
        Json ops{contoso::link("owner-", 1, 1)};
        for (int person = 1; person <= 4; ++person)
            ops.push_back(contoso::link("member-", 1, person));
        _scenario.change(ops);
        const auto run = onlyRun(_scenario.host.json({"sync"}, 3));
        CPPUNIT_ASSERT_MESSAGE(run.dump(), run.dump().find("emptied-group") != std::string::npos);
        nothingRemoved(before, _scenario.desk());
        _scenario.sync(0, {"--approve"});
    }

    void holdsTheFirstRemovalOfWhatMusterDidNotMake()
    {
        _scenario.sandbox.seedDeskDirector(
            {{"contacts", {{{"id", 7}, {"companyId", 42}, {"email", "visitor@other.example"}}}},
             {"groups",
              {{{"id", "cg9"},
                {"accountId", 42},
                {"name", "Team 1"},
                {"members", {{{"contact", 7}, {"role", "regular"}}}}}}}});
        start();
        const auto run = onlyRun(_scenario.host.json({"sync"}, 3));
        CPPUNIT_ASSERT_MESSAGE(run.dump(), run.dump().find("first-removal") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(size_t(1),
                             _scenario.desk().groups.at("Team 1").count("visitor@other.example"));
        _scenario.host.json({"sync", "--approve"});
        CPPUNIT_ASSERT_EQUAL(size_t(0),
                             _scenario.desk().groups.at("Team 1").count("visitor@other.example"));
        CPPUNIT_ASSERT_EQUAL(size_t(13), _scenario.desk().contacts.size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DoubtTest);

} // namespace muster::integration
