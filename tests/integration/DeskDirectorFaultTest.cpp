#include "Scenario.h"
#include "support/FreshTest.h"

namespace muster::integration {

/// What DeskDirector does on bad days: nothing is made twice, nothing is lost, and a run that could
/// not finish says so and leaves the rest to the next.
class DeskDirectorFaultTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DeskDirectorFaultTest);
    FRESH_TEST(ridesOutA429StormOfTheSite);
    FRESH_TEST(makesNoContactTwiceWhenItsAnswerIsA500);
    FRESH_TEST(makesNoContactTwiceWhenItsAnswerIsCut);
    FRESH_TEST(makesNoContactTwiceWhenItsAnswerNeverComes);
    FRESH_TEST(makesNoContactTwiceWhenTheSearchIsStale);
    FRESH_TEST(makesNoGroupTwiceWhenItsAnswerIsA500);
    FRESH_TEST(makesNoGroupTwiceWhenItsAnswerIsCut);
    FRESH_TEST(makesNoGroupTwiceWhenItsAnswerNeverComes);
    FRESH_TEST(makesNoGroupTwiceWhenTheListIsStale);
    FRESH_TEST(makesNoGroupTwiceWhenTheListStaysStale);
    FRESH_TEST(makesAGroupInTheNextRunWhenItsCreateWasLost);
    FRESH_TEST(putsMembersInThoughTheAnswersAreLost);
    FRESH_TEST(takesMembersOutThoughTheAnswersAreLost);
    FRESH_TEST(renamesAGroupThoughTheAnswerIsLost);
    FRESH_TEST(changesAContactThoughTheAnswerIsLost);
    FRESH_TEST(adoptsAContactThatSomeoneMadeMeanwhile);
    FRESH_TEST(adoptsContactsAndGroupsThatAreThereAlready);
    FRESH_TEST(reactivatesAContactInsteadOfMakingAnother);
    FRESH_TEST(endsWith78WhenTheKeyIsRefused);
    FRESH_TEST(goesOnWhenTheKeyWasRefusedInTheMiddle);
    FRESH_TEST(doesTheRestWhenOneContactIsRefused);
    FRESH_TEST(reportsTheFiftyFirstGroupAndDoesTheRest);
    FRESH_TEST(writesNothingWhenTheAccountCannotBeRead);
    FRESH_TEST(finishesInTheNextRunWhatTheSiteCouldNotTake);
    FRESH_TEST(repairsWhatSomeoneChangedWhenItVerifies);
    CPPUNIT_TEST_SUITE_END();

    Scenario _scenario;

    void start(const Json& ops = contoso::tenant(8, 4, 4))
    {
        _scenario.estate.pace = "{perSecond: 1000, parallel: 8, tries: 3}";
        _scenario.start(ops);
    }

    static Json onRoute(const std::string& route, Json fault)
    {
        fault["match"] = {{"route", route}};
        return fault;
    }

    static Json tookEffect(const std::string& route, const Json& then)
    {
        return onRoute(route, {{"kind", "takesEffectThen"}, {"then", then}});
    }

    /// Syncs until it says that it is done; three runs must do.
    void syncUntilDone()
    {
        for (int round = 0; round < 2; ++round)
            if (_scenario.trySync().exitCode == 0)
                break;
        _scenario.sync();
    }

    /// The first sync with a write whose answer is lost.
    void makesNothingTwice(const std::string& route, const Json& then)
    {
        start();
        for (int after = 0; after < 2; ++after)
        {
            auto fault = tookEffect(route, then);
            fault["after"] = after;
            _scenario.sandbox.addFault(fault);
        }
        syncUntilDone();
        for (const auto& fault : _scenario.sandbox.faults())
            CPPUNIT_ASSERT_MESSAGE(fault.dump(), fault.at("hit").get<int>() > 0);
    }

    void leavesAGroupToTheNextRun()
    {
        const auto run = onlyRun(_scenario.trySync().json());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), std::string("partial"),
                                     run.at("state").get<std::string>());
        // The group and its four members.
        CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), 5, run.at("changes").at("failed").get<int>());
        _scenario.sandbox.configure({{"staleMilliseconds", 0}});
        _scenario.sync();
        CPPUNIT_ASSERT_EQUAL(size_t(4), _scenario.desk().groups.size());
    }

    /// A sync with that change whose answers are lost three times in all.
    void changesThough(const std::string& route, const Json& ops)
    {
        start();
        _scenario.sync();
        _scenario.change(ops);
        for (const auto* kind : {"cut", "drop", "htmlError"})
            _scenario.sandbox.addFault(tookEffect(route, {{"kind", kind}}));
        syncUntilDone();
        CPPUNIT_ASSERT(_scenario.sandbox.faults().front().at("hit").get<int>() > 0);
    }

public:
    void ridesOutA429StormOfTheSite()
    {
        start();
        _scenario.sandbox.addFault({{"kind", "throttle"},
                                    {"retryAfter", "0.03"},
                                    {"times", 2},
                                    {"match", {{"path", "/api/"}}}});
        for (int i = 0; i < 3; ++i)
            _scenario.sandbox.addFault(
                onRoute("contacts.create", {{"kind", "throttle"}, {"retryAfter", "0.05"}}));
        _scenario.sync();
    }

    void makesNoContactTwiceWhenItsAnswerIsA500()
    {
        makesNothingTwice("contacts.create", {{"kind", "status"}, {"status", 500}});
    }
    void makesNoContactTwiceWhenItsAnswerIsCut()
    {
        makesNothingTwice("contacts.create", {{"kind", "cut"}});
    }
    void makesNoContactTwiceWhenItsAnswerNeverComes()
    {
        makesNothingTwice("contacts.create", {{"kind", "drop"}});
    }
    void makesNoContactTwiceWhenTheSearchIsStale()
    {
        _scenario.sandbox.configure({{"staleMilliseconds", 1200}});
        makesNothingTwice("contacts.create", {{"kind", "drop"}});
    }
    void makesNoGroupTwiceWhenItsAnswerIsA500()
    {
        makesNothingTwice("groups.create", {{"kind", "status"}, {"status", 503}});
    }
    void makesNoGroupTwiceWhenItsAnswerIsCut()
    {
        makesNothingTwice("groups.create", {{"kind", "cutChunked"}});
    }
    void makesNoGroupTwiceWhenItsAnswerNeverComes()
    {
        makesNothingTwice("groups.create", {{"kind", "drop"}});
    }
    void makesNoGroupTwiceWhenTheListIsStale()
    {
        _scenario.sandbox.configure({{"staleMilliseconds", 1200}});
        makesNothingTwice("groups.create", {{"kind", "drop"}});
    }
    void makesNoGroupTwiceWhenTheListStaysStale()
    {
        start();
        _scenario.sandbox.configure({{"staleMilliseconds", 3600000}});
        _scenario.sandbox.addFault(tookEffect("groups.create", {{"kind", "drop"}}));
        leavesAGroupToTheNextRun();
    }
    void makesAGroupInTheNextRunWhenItsCreateWasLost()
    {
        start();
        _scenario.sandbox.addFault(onRoute("groups.create", {{"kind", "drop"}}));
        leavesAGroupToTheNextRun();
    }
    void putsMembersInThoughTheAnswersAreLost()
    {
        makesNothingTwice("members.put", {{"kind", "drop"}});
    }

    void takesMembersOutThoughTheAnswersAreLost()
    {
        changesThough("members.delete",
                      {contoso::link("member-", 1, 2), contoso::link("member-", 2, 6)});
    }
    void renamesAGroupThoughTheAnswerIsLost()
    {
        changesThough("groups.patch", {contoso::changeGroup(1, {{"displayName", "Team One"}})});
    }
    void changesAContactThoughTheAnswerIsLost()
    {
        changesThough("contacts.patch", {contoso::changePerson(1, {{"jobTitle", "Head"}}),
                                         contoso::changePerson(2, {{"surname", "Miller"}})});
    }

    void adoptsAContactThatSomeoneMadeMeanwhile()
    {
        start();
        const auto plan = onlyPlan(_scenario.host.json({"plan"})).at("id").get<int>();
        _scenario.sandbox.seedDeskDirector(
            {{"contacts", {{{"companyId", 42}, {"email", "Person1@Contoso.example"}}}}});
        _scenario.trySync({"--plan", std::to_string(plan)});
        _scenario.sync();
    }

    void adoptsContactsAndGroupsThatAreThereAlready()
    {
        _scenario.sandbox.seedDeskDirector(
            {{"contacts",
              {{{"id", 7},
                {"companyId", 42},
                {"email", "Person1@CONTOSO.example"},
                {"firstName", "Wrong"}},
               {{"id", 8}, {"companyId", 42}, {"email", contoso::address(2)}}}},
             {"groups",
              {{{"id", "cg9"},
                {"accountId", 42},
                {"name", "Team 1"},
                {"members", {{{"contact", 7}, {"role", "regular"}}}}}}}});
        start();
        _scenario.sync();
        CPPUNIT_ASSERT_EQUAL(size_t(6), _scenario.route("contacts.create"));
        CPPUNIT_ASSERT_EQUAL(size_t(3), _scenario.route("groups.create"));
    }

    void reactivatesAContactInsteadOfMakingAnother()
    {
        _scenario.sandbox.seedDeskDirector({{"contacts",
                                             {{{"id", 7},
                                               {"companyId", 42},
                                               {"email", contoso::address(1)},
                                               {"active", false}}}}});
        start();
        _scenario.sync();
        CPPUNIT_ASSERT_EQUAL(size_t(1), _scenario.route("contacts.reactivate"));
    }

    void endsWith78WhenTheKeyIsRefused()
    {
        _scenario.host.environment["DESK_KEY"] = "another-key";
        start();
        const auto finished = _scenario.trySync();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 78, finished.exitCode);
        CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                               finished.output.find("apiKey") != std::string::npos);
    }

    void goesOnWhenTheKeyWasRefusedInTheMiddle()
    {
        start();
        _scenario.sandbox.addFault(onRoute(
            "members.put", {{"kind", "status"}, {"status", 401}, {"times", -1}, {"after", 3}}));
        const auto finished = _scenario.trySync();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 78, finished.exitCode);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), std::string("partial"),
                                     onlyRun(finished.json()).at("state").get<std::string>());
        _scenario.sandbox.clearFaults();
        _scenario.sync();
    }

    void doesTheRestWhenOneContactIsRefused()
    {
        start();
        _scenario.sandbox.addFault(onRoute(
            "contacts.create",
            {{"kind", "status"}, {"status", 400}, {"body", {{"message", "Not this one."}}}}));
        const auto finished = _scenario.trySync();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 1, finished.exitCode);
        const auto run = onlyRun(finished.json());
        CPPUNIT_ASSERT_EQUAL(std::string("partial"), run.at("state").get<std::string>());
        CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                               finished.output.find("Not this one.") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(size_t(7), _scenario.desk().contacts.size());
        CPPUNIT_ASSERT_EQUAL(size_t(4), _scenario.desk().groups.size());
        // What was refused is tried again when the target is looked at anew.
        _scenario.sync(0, {"--verify"});
    }

    void reportsTheFiftyFirstGroupAndDoesTheRest()
    {
        Json ops{contoso::addPerson(1), contoso::addPerson(2)};
        for (int number = 1; number <= 51; ++number)
        {
            ops.push_back(contoso::addGroup(number, "Team " + std::to_string(number)));
            ops.push_back(contoso::link("member+", number, 1));
        }
        ops.push_back(contoso::link("member+", 51, 2));
        start(ops);
        const auto run = onlyRun(_scenario.host.json({"sync"}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), std::string("succeeded"),
                                     run.at("state").get<std::string>());
        CPPUNIT_ASSERT_MESSAGE(run.dump(), run.at("findings").dump().find("refused-by-target") !=
                                               std::string::npos);
        size_t memberships = 0;
        const auto desk = _scenario.desk();
        for (const auto& [name, roles] : desk.groups)
            memberships += roles.size();
        CPPUNIT_ASSERT_EQUAL(size_t(51), desk.groups.size());
        CPPUNIT_ASSERT_EQUAL(size_t(51), memberships);
    }

    void writesNothingWhenTheAccountCannotBeRead()
    {
        start();
        _scenario.sandbox.addFault(
            onRoute("contacts.find", {{"kind", "status"}, {"status", 502}, {"times", -1}}));
        const auto finished = _scenario.trySync();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 75, finished.exitCode);
        CPPUNIT_ASSERT(_scenario.sandbox.deskDirector().at("writes").empty());
        _scenario.sandbox.clearFaults();
        _scenario.sync();
    }

    void finishesInTheNextRunWhatTheSiteCouldNotTake()
    {
        start();
        _scenario.sandbox.addFault(
            onRoute("members.put", {{"kind", "drop"}, {"times", -1}, {"after", 5}}));
        const auto finished = _scenario.trySync();
        CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                               finished.exitCode == 1 || finished.exitCode == 75);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), std::string("partial"),
                                     onlyRun(finished.json()).at("state").get<std::string>());
        _scenario.sandbox.clearFaults();
        _scenario.sync();
    }

    void repairsWhatSomeoneChangedWhenItVerifies()
    {
        start();
        _scenario.sync();
        Json desk = _scenario.sandbox.deskDirector();
        const auto& group = desk.at("groups").front();
        const auto& member = group.at("members").front();
        _scenario.sandbox.seedDeskDirector(
            {{"groups",
              {{{"id", group.at("id")},
                {"members", {{{"contact", member.at("contact")}, {"role", nullptr}}}}}}},
             {"contacts",
              {{{"id", desk.at("contacts").front().at("id")}, {"firstName", "Somebody"}}}}});
        const auto run = _scenario.sync(0, {"--verify"});
        CPPUNIT_ASSERT_MESSAGE(run.dump(),
                               run.at("findings").dump().find("drift") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeskDirectorFaultTest);

} // namespace muster::integration
