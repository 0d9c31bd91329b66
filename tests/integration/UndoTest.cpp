#include "Scenario.h"
#include "support/FreshTest.h"

namespace muster::integration {

/// `muster undo`: what a run did is put back, as people would do it after an accident.
class UndoTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(UndoTest);
    FRESH_TEST(restoresTheStateBefore);
    FRESH_TEST(holdsWhatItWouldRemove);
    FRESH_TEST(needsNoDirectory);
    FRESH_TEST(isNotDoneAgainByTheNextSync);
    FRESH_TEST(finishesWhatWasNotDone);
    FRESH_TEST(saysWhenThereIsNoSuchRun);
    FRESH_TEST(tellsInTheHistoryWhatItWas);
    CPPUNIT_TEST_SUITE_END();

    Scenario _scenario;

    void start()
    {
        _scenario.estate.syncs.front().more =
            "    removal: {contacts: deactivate, links: all, groups: retire}\n";
        _scenario.expected = Expectation(
            Mode::OwnersAndMembers,
            {.deactivatesContacts = true, .removesStrangers = true, .retiresGroups = true});
        _scenario.start(contoso::tenant(20, 4, 6));
        _scenario.sync();
    }

    /// People leave, move, and change; the run that follows it is number 2.
    void accident()
    {
        Json ops = Json::array();
        for (int number = 1; number <= 6; ++number)
            ops.push_back({"user-", contoso::person(number)});
        ops.push_back(contoso::changePerson(8, {{"jobTitle", "Head"}}));
        ops.push_back(contoso::changeGroup(2, {{"displayName", "Renamed"}}));
        ops.push_back(contoso::link("owner+", 3, 20));
        _scenario.change(ops);
        CPPUNIT_ASSERT_EQUAL(Json("succeeded"),
                             onlyRun(_scenario.host.json({"sync", "--approve"})).at("state"));
    }

    Json undo(int run, int exitCode = 0, bool approve = true)
    {
        std::vector<std::string> command{"undo", std::to_string(run)};
        if (approve)
            command.push_back("--approve");
        return onlyRun(_scenario.host.json(command, exitCode));
    }

    void isAs(const DeskState& before)
    {
        CPPUNIT_ASSERT_EQUAL(std::string(), before.difference(_scenario.desk()));
    }

public:
    void restoresTheStateBefore()
    {
        start();
        const auto before = _scenario.desk();
        accident();
        CPPUNIT_ASSERT(!(before == _scenario.desk()));
        const auto run = undo(2);
        CPPUNIT_ASSERT_EQUAL(Json("succeeded"), run.at("state"));
        isAs(before);
        // The undo can be undone, which leads to what the directory says.
        undo(3);
        _scenario.isRight();
    }

    void holdsWhatItWouldRemove()
    {
        start();
        const auto before = _scenario.desk();
        const auto run = undo(1, 3, false);
        CPPUNIT_ASSERT_EQUAL(Json("held"), run.at("state"));
        CPPUNIT_ASSERT_MESSAGE(run.dump(), run.at("message").get<std::string>().find(
                                               "`muster undo 1 --approve`") != std::string::npos);
        isAs(before);
        undo(1);
        for (const auto& [name, members] : _scenario.desk().groups)
            CPPUNIT_ASSERT_MESSAGE(name, members.empty());
        for (const auto& [address, contact] : _scenario.desk().contacts)
            CPPUNIT_ASSERT_MESSAGE(address, !contact.active);
    }

    void needsNoDirectory()
    {
        start();
        const auto before = _scenario.desk();
        accident();
        _scenario.sandbox.addFault(
            {{"kind", "status"}, {"status", 500}, {"times", -1}, {"match", {{"path", "^/v1.0/"}}}});
        _scenario.sandbox.clearRequests();
        undo(2);
        CPPUNIT_ASSERT_EQUAL(size_t(0), _scenario.requests("graph"));
        isAs(before);
    }

    void isNotDoneAgainByTheNextSync()
    {
        start();
        const auto before = _scenario.desk();
        accident();
        undo(2);
        const auto next = onlyRun(_scenario.host.json({"sync"}));
        CPPUNIT_ASSERT_EQUAL(Json(0), next.at("changes").at("planned"));
        CPPUNIT_ASSERT_MESSAGE(next.dump(),
                               next.at("findings").dump().find("undone") != std::string::npos);
        isAs(before);
        _scenario.sync(0, {"--verify", "--approve"});
    }

    void finishesWhatWasNotDone()
    {
        start();
        const auto before = _scenario.desk();
        accident();
        _scenario.sandbox.addFault({{"kind", "status"},
                                    {"status", 400},
                                    {"times", 1},
                                    {"match", {{"route", "members.put"}}}});
        CPPUNIT_ASSERT_EQUAL(Json("partial"), undo(2, 1).at("state"));
        undo(2);
        isAs(before);
    }

    void saysWhenThereIsNoSuchRun()
    {
        start();
        const auto finished = _scenario.host.muster({"undo", "99"});
        CPPUNIT_ASSERT_EQUAL(2, finished.exitCode);
        CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                               finished.errors.find("there is no run 99") != std::string::npos);
    }

    void tellsInTheHistoryWhatItWas()
    {
        start();
        accident();
        undo(2);
        const auto latest = _scenario.host.json({"runs"}).at("runs").at(0);
        CPPUNIT_ASSERT_EQUAL(Json(2), latest.at("undoes"));
        const auto change = _scenario.host.json({"run", "3"}).at("changes").at(0);
        CPPUNIT_ASSERT_EQUAL(Json("undoes run 2"), change.at("reason"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UndoTest);

} // namespace muster::integration
