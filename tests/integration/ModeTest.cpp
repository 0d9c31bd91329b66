#include "Scenario.h"
#include "support/FreshTest.h"

#include <algorithm>

namespace muster::integration {

/// What people see of the modes that need what only people make.
class ModeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ModeTest);
    FRESH_TEST(refusesASyncThatNamesNoAccount);
    FRESH_TEST(takesASyncWithAnAccountThatItDoesNotNeed);
    FRESH_TEST(saysWhatToDoAboutAMissingServiceGroup);
    FRESH_TEST(saysWhatToDoAboutAMissingAccount);
    FRESH_TEST(namesTheServiceGroupThatAContactDidNotGet);
    FRESH_TEST(followsTheOrderOfTheSelection);
    FRESH_TEST(holdsForeignersOfAServiceGroupTheFirstTime);
    FRESH_TEST(tracesAContactOfAnAccountByItsAddress);
    FRESH_TEST(deactivatesNobodyWhomAnotherSyncWants);
    FRESH_TEST(checksWithoutAnAccount);
    FRESH_TEST(twoGroupsCanShareAnAccount);
    CPPUNIT_TEST_SUITE_END();

    Scenario _three{Mode::ServiceGroups};
    Scenario _four;

    void startFour(const Json& ops)
    {
        _four.estate.syncs.front() = {.mode = "accounts", .account = {}};
        _four.start(ops);
    }

    static Json finding(const Json& run, const std::string& code)
    {
        for (const auto& one : run.at("findings"))
            if (one.at("code") == code)
                return one;
        CPPUNIT_FAIL("no finding " + code + ": " + run.dump());
        return {};
    }

    static void says(const std::string& part, const std::string& text)
    {
        CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != std::string::npos);
    }

    static Json makeServiceGroups(const std::vector<std::string>& names)
    {
        Json made = Json::array();
        for (const auto& name : names)
            made.push_back({{"id", made.size() + 1}, {"name", name}});
        return {{"serviceGroups", made}};
    }

public:
    void refusesASyncThatNamesNoAccount()
    {
        _four.start(contoso::tenant(2, 1, 2));
        for (const auto* mode : {"contacts", "2", "3", "owners-and-members"})
        {
            _four.estate.syncs.front() = {.mode = mode, .account = {}};
            const auto file = _four.host.write("estate.yaml", _four.estate.text());
            const auto refused = _four.host.muster({"apply", file});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(refused.describe(), 78, refused.exitCode);
            says("estate.yaml:", refused.errors);
            says("syncs[0].scope.account: is missing", refused.errors);
            says("scope: {account: ID}", refused.errors);
        }
    }

    void takesASyncWithAnAccountThatItDoesNotNeed()
    {
        _four.sandbox.seedDeskDirector(
            {{"accounts", {{{"id", 51}, {"tags", Json::array({"team-1"})}}}}});
        _four.estate.syncs.front() = {.mode = "4", .account = 42};
        _four.start(contoso::tenant(2, 1, 2));
        CPPUNIT_ASSERT_EQUAL(0, _four.trySync().exitCode);
        CPPUNIT_ASSERT(deskState(_four.sandbox.deskDirector(), 42).contacts.empty());
        CPPUNIT_ASSERT_EQUAL(size_t(2),
                             deskState(_four.sandbox.deskDirector(), 51).contacts.size());
    }

    void saysWhatToDoAboutAMissingServiceGroup()
    {
        _three.start(contoso::tenant(2, 1, 2));
        const auto found = finding(_three.sync(), "service-group-missing");
        says(R"(create the service group "Team 1" in DeskDirector, with exactly this name)",
             found.at("message"));
        CPPUNIT_ASSERT_EQUAL(contoso::group(1), found.at("group").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("warning"), found.at("severity").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(size_t(2), _three.desk().contacts.size());
        _three.sandbox.seedDeskDirector(makeServiceGroups({"TEAM 1"}));
        CPPUNIT_ASSERT(_three.sync().at("findings").empty());
    }

    void saysWhatToDoAboutAMissingAccount()
    {
        startFour({contoso::addPerson(1), contoso::addGroup(1, "Équipe R&D"),
                   contoso::link("member+", 1, 1)});
        const auto run = onlyRun(_four.host.json({"sync"}));
        CPPUNIT_ASSERT_EQUAL(std::string("succeeded"), run.at("state").get<std::string>());
        const auto found = finding(run, "account-missing");
        says("give the account of this group the tag equipe-r-d", found.at("message"));
        _four.sandbox.seedDeskDirector({{"accounts",
                                         {{{"id", 51},
                                           {"name", "Labs"},
                                           {"tags", Json::array({"equipe-r-d"})},
                                           {"active", false}}}}});
        says("Labs, is not active in the target: activate it",
             finding(onlyRun(_four.host.json({"sync"})), "account-missing").at("message"));
        _four.sandbox.seedDeskDirector({{"accounts", {{{"id", 51}, {"active", true}}}}});
        CPPUNIT_ASSERT(onlyRun(_four.host.json({"sync"})).at("findings").empty());
        CPPUNIT_ASSERT_EQUAL(size_t(1),
                             deskState(_four.sandbox.deskDirector(), 51).contacts.size());
    }

    void namesTheServiceGroupThatAContactDidNotGet()
    {
        _three.sandbox.seedDeskDirector(makeServiceGroups({"Team 1", "Team 2"}));
        _three.start(contoso::tenant(1, 2, 1));
        const auto found = finding(_three.sync(), "service-group-taken");
        says(contoso::address(1), found.at("message"));
        says("gets the service group Team 1 and not Team 2", found.at("message"));
        CPPUNIT_ASSERT_EQUAL(contoso::group(2), found.at("group").get<std::string>());
    }

    void followsTheOrderOfTheSelection()
    {
        _three.sandbox.seedDeskDirector(makeServiceGroups({"Team 1", "Team 2"}));
        _three.estate.groups = R"(["Team 2", "Team *"])";
        _three.start(contoso::tenant(1, 2, 1));
        const auto has = [&] { return _three.desk().contacts.begin()->second.serviceGroup; };
        CPPUNIT_ASSERT_EQUAL(0, _three.trySync().exitCode);
        CPPUNIT_ASSERT_EQUAL(std::string("team 2"), has());
        _three.estate.groups = R"(["Team *", "Team 2"])";
        _three.host.apply(_three.estate);
        const auto run = onlyRun(_three.host.json({"sync"}));
        CPPUNIT_ASSERT_EQUAL(1, run.at("changes").at("applied").get<int>());
        CPPUNIT_ASSERT_EQUAL(std::string("team 1"), has());
    }

    void holdsForeignersOfAServiceGroupTheFirstTime()
    {
        auto records = makeServiceGroups({"Team 1"});
        records["contacts"] = {{{"id", 900},
                                {"companyId", 42},
                                {"email", "z@contoso.example"},
                                {"firstName", "Z"},
                                {"serviceGroup", {{"id", 1}}}}};
        _three.sandbox.seedDeskDirector(records);
        _three.start(contoso::tenant(3, 1, 3));
        const auto held = onlyRun(_three.host.json({"sync"}, 3));
        CPPUNIT_ASSERT_EQUAL(1, held.at("changes").at("held").get<int>());
        const auto has = [&] {
            return _three.desk().contacts.at("z@contoso.example").serviceGroup;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("team 1"), has());
        _three.host.json({"sync", "--approve"});
        CPPUNIT_ASSERT_EQUAL(std::string(), has());
    }

    void tracesAContactOfAnAccountByItsAddress()
    {
        _four.sandbox.seedDeskDirector(
            {{"accounts", {{{"id", 51}, {"tags", Json::array({"team-1"})}}}}});
        startFour(contoso::tenant(1, 1, 1));
        _four.host.json({"sync"});
        const auto records =
            _four.host.json({"why", "desk", "PERSON1@contoso.example"}).at("records");
        CPPUNIT_ASSERT_EQUAL(size_t(1), records.size());
        CPPUNIT_ASSERT_EQUAL(std::string("team-1/" + contoso::address(1)),
                             records[0].at("key").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(contoso::group(1),
                             records[0].at("claims")[0].at("group").get<std::string>());
    }

    void deactivatesNobodyWhomAnotherSyncWants()
    {
        _four.sandbox.seedDeskDirector(
            {{"accounts", {{{"id", 42}, {"tags", Json::array({"team-1"})}}}}});
        const std::string deactivate = "    removal: {contacts: deactivate}\n";
        _four.estate.syncs = {{.name = "four", .mode = "4", .account = {}, .more = deactivate},
                              {.name = "two", .mode = "2", .more = deactivate}};
        _four.start(contoso::tenant(2, 2, 2));
        _four.host.json({"sync"});
        _four.change(contoso::link("member-", 1, 1));
        _four.host.json({"sync", "--approve"});
        CPPUNIT_ASSERT(_four.desk().contacts.at(contoso::address(1)).active);
        _four.change(contoso::link("member-", 2, 1));
        _four.host.json({"sync", "--approve"});
        CPPUNIT_ASSERT(!_four.desk().contacts.at(contoso::address(1)).active);
    }

    void checksWithoutAnAccount()
    {
        startFour(contoso::tenant(1, 1, 1));
        const auto checked = _four.host.muster({"check", "--json"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(checked.describe(), 0, checked.exitCode);
        says("accounts.find", checked.output);
    }

    void twoGroupsCanShareAnAccount()
    {
        _four.sandbox.seedDeskDirector(
            {{"accounts", {{{"id", 51}, {"tags", {"team-1", "team-2"}}}}}});
        startFour(contoso::tenant(3, 2, 3));
        const auto run = onlyRun(_four.host.json({"sync"}));
        CPPUNIT_ASSERT_EQUAL(std::string("succeeded"), run.at("state").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(size_t(3),
                             deskState(_four.sandbox.deskDirector(), 51).contacts.size());
        _four.sandbox.clearRequests();
        _four.host.json({"sync"});
        CPPUNIT_ASSERT_EQUAL(size_t(0), _four.requests("deskdirector"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ModeTest);

} // namespace muster::integration
