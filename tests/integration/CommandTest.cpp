#include "Scenario.h"
#include "support/FreshTest.h"

#include <algorithm>
#include <fstream>
#include <thread>

namespace muster::integration {

/// What a user types, and what a script reads (DESIGN.md, section 8).
class CommandTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CommandTest);
    FRESH_TEST(checksThatEverythingIsRight);
    FRESH_TEST(checkNamesAMissingPermission);
    FRESH_TEST(checkNamesARefusedKeyAndAnUnknownAccount);
    FRESH_TEST(whyTracesAPersonBackToEntra);
    FRESH_TEST(whyTracesAGroup);
    FRESH_TEST(groupsSwitchesByNameAndPattern);
    FRESH_TEST(groupsResetGoesBackToTheEstate);
    FRESH_TEST(groupsRefreshShowsWhatIsNew);
    FRESH_TEST(switchingAGroupOffReleasesIt);
    FRESH_TEST(syncsOnlyTheGroupsThatAreSelected);
    FRESH_TEST(runsTellTheHistory);
    FRESH_TEST(pluginsListsModesAndTargets);
    FRESH_TEST(planWritesToNoTarget);
    FRESH_TEST(stalePlanIsNotApplied);
    FRESH_TEST(appliesTheSameEstateTwiceWithoutAChange);
    FRESH_TEST(guardHoldsRemovalsUntilTheyAreApproved);
    FRESH_TEST(guardLetsTheRestOfAHeldPlanRun);
    FRESH_TEST(endsWith75WhenTheSiteIsUnreachable);
    FRESH_TEST(endsWith75WhenGraphIsUnreachable);
    FRESH_TEST(refusesTheDirectoryThatAnotherProcessHolds);
    FRESH_TEST(aDamagedStoreIsADocumentToo);
    CPPUNIT_TEST_SUITE_END();

    Scenario _scenario;

    void start() { _scenario.start(contoso::tenant(10, 4, 4)); }

    std::vector<std::string> selectedGroups() const
    {
        std::vector<std::string> names;
        const auto groups = _scenario.host.json({"groups", "contoso"}).at("groups");
        for (const auto& group : groups)
            if (group.at("selected").at("desk") == true)
                names.push_back(group.at("name"));
        std::sort(names.begin(), names.end());
        return names;
    }

    void groups(const std::vector<std::string>& more) const
    {
        std::vector<std::string> arguments{"groups", "contoso"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        _scenario.host.json(arguments);
    }

    static void assertSame(const std::vector<std::string>& expected,
                           const std::vector<std::string>& actual)
    {
        CPPUNIT_ASSERT_EQUAL(Json(expected).dump(), Json(actual).dump());
    }

    Json onlyRecord(const std::string& key) const
    {
        const auto records = _scenario.host.json({"why", "desk", key}).at("records");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(records.dump(), size_t(1), records.size());
        return records.front();
    }

    /// The people of those numbers leave the group.
    static Json leaving(int group, const std::vector<int>& people)
    {
        Json ops = Json::array();
        for (const int number : people)
            ops.push_back(contoso::link("member-", group, number));
        return ops;
    }

public:
    void checksThatEverythingIsRight()
    {
        start();
        const auto checks = _scenario.host.json({"check"}).at("checks");
        CPPUNIT_ASSERT(!checks.empty());
        for (const auto& check : checks)
            CPPUNIT_ASSERT_MESSAGE(check.dump(), check.at("state") != "error");
        const auto table = _scenario.host.muster({"check"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(table.describe(), 0, table.exitCode);
        CPPUNIT_ASSERT_MESSAGE(table.describe(),
                               table.output.find("contoso") != std::string::npos &&
                                   table.output.find("desk") != std::string::npos);
    }

    void checkNamesAMissingPermission()
    {
        start();
        _scenario.sandbox.configure({{"roles", {"GroupMember.Read.All"}}});
        const auto finished = _scenario.host.muster({"check"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 78, finished.exitCode);
        CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                               finished.output.find("User.Read.All") != std::string::npos &&
                                   finished.output.find("consent") != std::string::npos);
        const auto sync = _scenario.trySync();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(sync.describe(), 78, sync.exitCode);
    }

    void checkNamesARefusedKeyAndAnUnknownAccount()
    {
        _scenario.estate.syncs.front().account = 77;
        start();
        const auto account = _scenario.host.muster({"check", "--target", "desk"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(account.describe(), 78, account.exitCode);
        CPPUNIT_ASSERT_MESSAGE(account.describe(), account.output.find("77") != std::string::npos);
        _scenario.host.environment["DESK_KEY"] = "another-key";
        const auto key = _scenario.host.muster({"check", "--target", "desk"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(key.describe(), 78, key.exitCode);
        CPPUNIT_ASSERT_MESSAGE(key.describe(), key.output.find("apiKey") != std::string::npos);
    }

    void whyTracesAPersonBackToEntra()
    {
        start();
        const auto run = _scenario.sync();
        const auto record = onlyRecord("Person1@Contoso.example");
        CPPUNIT_ASSERT_EQUAL(std::string("contact"), record.at("kind").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(contoso::address(1), record.at("key").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("created"), record.at("origin").get<std::string>());
        const auto& claim = record.at("claims").front();
        CPPUNIT_ASSERT_EQUAL(std::string("contoso-groups"), claim.at("sync").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("owners-and-members"),
                             claim.at("mode").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(contoso::group(1), claim.at("group").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("Team 1"), claim.at("groupName").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("manager"),
                             record.at("links").front().at("role").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(run.at("id").dump(), record.at("history").front().at("run").dump());
        bool isThere = false;
        const auto desk = _scenario.sandbox.deskDirector();
        for (const auto& contact : desk.at("contacts"))
            isThere = isThere || contact.at("id").dump() == record.at("remoteId");
        CPPUNIT_ASSERT_MESSAGE(record.dump(), isThere);
        const auto text = _scenario.host.muster({"why", "desk", contoso::address(1)});
        CPPUNIT_ASSERT_MESSAGE(text.describe(), text.output.find("Team 1") != std::string::npos);
    }

    void whyTracesAGroup()
    {
        start();
        _scenario.sync();
        const auto record = onlyRecord("team 1");
        CPPUNIT_ASSERT_EQUAL(std::string("contact-group"), record.at("kind").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(size_t(4), record.at("links").size());
    }

    void groupsSwitchesByNameAndPattern()
    {
        _scenario.estate.groups = "none";
        start();
        groups({"--refresh"});
        assertSame({}, selectedGroups());
        groups({"--enable", "Team 2"});
        assertSame({"Team 2"}, selectedGroups());
        groups({"--enable", "Team *", "--disable", contoso::group(3)});
        assertSame({"Team 1", "Team 2", "Team 4"}, selectedGroups());
    }

    void groupsResetGoesBackToTheEstate()
    {
        _scenario.estate.groups = "[\"Team 1\"]";
        start();
        groups({"--refresh"});
        groups({"--enable", "Team 2", "--disable", "Team 1"});
        assertSame({"Team 2"}, selectedGroups());
        groups({"--reset"});
        assertSame({"Team 1"}, selectedGroups());
    }

    void groupsRefreshShowsWhatIsNew()
    {
        start();
        groups({"--refresh"});
        _scenario.change({contoso::addGroup(9, "Newcomers")});
        groups({"--refresh"});
        assertSame({"Newcomers", "Team 1", "Team 2", "Team 3", "Team 4"}, selectedGroups());
        const auto group = _scenario.host.json({"groups", "contoso"}).at("groups").front();
        for (const auto* key : {"id", "name", "type", "membership", "members", "owners"})
            CPPUNIT_ASSERT_MESSAGE(group.dump(), group.contains(key));
    }

    /// What it has in the target stays as it is.
    void switchingAGroupOffReleasesIt()
    {
        start();
        _scenario.sync();
        const auto before = _scenario.desk();
        groups({"--disable", "Team 1"});
        _scenario.change({contoso::link("member-", 1, 2)});
        _scenario.host.json({"sync"});
        CPPUNIT_ASSERT_EQUAL(std::string(), before.difference(_scenario.desk()));
        groups({"--enable", "Team 1"});
        _scenario.sync(0, {"--approve"});
    }

    void syncsOnlyTheGroupsThatAreSelected()
    {
        _scenario.estate.groups = "[\"Team 2\", " + contoso::group(3) + "]";
        start();
        _scenario.host.json({"sync"});
        const auto desk = _scenario.desk();
        CPPUNIT_ASSERT_EQUAL(size_t(2), desk.groups.size());
        CPPUNIT_ASSERT_EQUAL(size_t(1), desk.groups.count("Team 2"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), desk.groups.count("Team 3"));
    }

    void runsTellTheHistory()
    {
        start();
        const auto first = _scenario.sync();
        _scenario.change({contoso::addPerson(11), contoso::link("member+", 1, 11)});
        const auto second = _scenario.sync();
        const auto runs = _scenario.host.json({"runs", "--sync", "contoso-groups"}).at("runs");
        CPPUNIT_ASSERT_EQUAL(size_t(2), runs.size());
        CPPUNIT_ASSERT_EQUAL(second.at("id").dump(), runs.at(0).at("id").dump());
        CPPUNIT_ASSERT_EQUAL(first.at("id").dump(), runs.at(1).at("id").dump());
        const auto changes = _scenario.host.json({"run", second.at("id").dump()}).at("changes");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(changes.dump(), size_t(2), changes.size());
        CPPUNIT_ASSERT_EQUAL(std::string("create"), changes.at(0).at("action").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("link"), changes.at(1).at("action").get<std::string>());
    }

    void pluginsListsModesAndTargets()
    {
        const auto plugins = _scenario.host.json({"plugins"}).at("plugins");
        std::vector<std::string> ids;
        for (const auto& plugin : plugins)
        {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(plugin.dump(), std::string(), plugin.value("problem", ""));
            ids.push_back(plugin.at("id"));
        }
        for (const auto* id : {"contacts", "contact-groups", "owners-and-members", "deskdirector"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(id, std::ptrdiff_t(1),
                                         std::count(ids.begin(), ids.end(), id));
    }

    void planWritesToNoTarget()
    {
        start();
        const auto plan = onlyPlan(_scenario.host.json({"plan"}));
        CPPUNIT_ASSERT_EQUAL(std::string("clear"), plan.at("verdict").get<std::string>());
        CPPUNIT_ASSERT(!plan.at("changes").empty());
        CPPUNIT_ASSERT(_scenario.sandbox.deskDirector().at("writes").empty());
    }

    void stalePlanIsNotApplied()
    {
        start();
        const auto plan = onlyPlan(_scenario.host.json({"plan"})).at("id").dump();
        _scenario.sync();
        const auto before = _scenario.desk();
        const auto finished = _scenario.trySync({"--plan", plan});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 3, finished.exitCode);
        CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                               finished.output.find("muster plan") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string(), before.difference(_scenario.desk()));
    }

    void appliesTheSameEstateTwiceWithoutAChange()
    {
        start();
        const auto entries =
            _scenario.host.json({"apply", _scenario.host.directory() / "estate.yaml"})
                .at("entries");
        CPPUNIT_ASSERT_EQUAL(size_t(3), entries.size());
        for (const auto& entry : entries)
            CPPUNIT_ASSERT_EQUAL_MESSAGE(entry.dump(), std::string("unchanged"),
                                         entry.at("change").get<std::string>());
    }

    void guardHoldsRemovalsUntilTheyAreApproved()
    {
        _scenario.start(contoso::tenant(20, 2, 10));
        _scenario.sync();
        const auto before = _scenario.desk();
        _scenario.change(leaving(1, {2, 3, 4, 5, 6}));
        const auto plan = onlyPlan(_scenario.host.json({"plan"}));
        CPPUNIT_ASSERT_EQUAL(std::string("held"), plan.at("verdict").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("removals"),
                             plan.at("guards").front().at("rule").get<std::string>());
        for (int round = 0; round < 2; ++round)
        {
            const auto held = onlyRun(_scenario.host.json({"sync"}, 3));
            CPPUNIT_ASSERT_EQUAL(std::string("held"), held.at("state").get<std::string>());
            CPPUNIT_ASSERT_EQUAL(5, held.at("changes").at("held").get<int>());
            CPPUNIT_ASSERT_EQUAL(std::string(), before.difference(_scenario.desk()));
        }
        _scenario.sync(0, {"--approve"});
        // An approval is for one time.
        _scenario.change(leaving(2, {12, 13, 14, 15, 16, 17}));
        _scenario.host.json({"sync"}, 3);
    }

    void guardLetsTheRestOfAHeldPlanRun()
    {
        _scenario.start(contoso::tenant(20, 2, 10));
        _scenario.sync();
        auto ops = leaving(1, {2, 3, 4, 5, 6});
        ops.push_back(contoso::link("member+", 2, 1));
        _scenario.change(ops);
        _scenario.host.json({"sync"}, 3);
        const auto desk = _scenario.desk();
        CPPUNIT_ASSERT_EQUAL(size_t(10), desk.groups.at("Team 1").size());
        CPPUNIT_ASSERT_EQUAL(size_t(11), desk.groups.at("Team 2").size());
    }

    void endsWith75WhenTheSiteIsUnreachable()
    {
        start();
        auto text = _scenario.estate.text();
        const auto site = text.find("site: http");
        text.replace(site, text.find('\n', site) - site, "site: " + closedUrl());
        const std::string pace = "parallel: 8}";
        text.replace(text.find(pace), pace.size(), "parallel: 8, tries: 1}");
        const auto applied =
            _scenario.host.muster({"apply", _scenario.host.write("estate.yaml", text)});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(applied.describe(), 0, applied.exitCode);
        const auto finished = _scenario.trySync();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 75, finished.exitCode);
        const auto check = _scenario.host.muster({"check", "--target", "desk"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(check.describe(), 75, check.exitCode);
    }

    void endsWith75WhenGraphIsUnreachable()
    {
        _scenario.estate.url = closedUrl();
        start();
        const auto finished = _scenario.trySync();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 75, finished.exitCode);
    }

    void refusesTheDirectoryThatAnotherProcessHolds()
    {
        start();
        _scenario.sandbox.addFault(
            {{"kind", "slow"}, {"delay", 3000}, {"match", {{"path", "/v1.0/"}}}});
        Finished first;
        std::thread other([&] { first = _scenario.trySync(); });
        while (_scenario.requests("graph") == 0)
            std::this_thread::yield();
        const auto second = _scenario.host.muster({"runs", "--json"});
        other.join();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(first.describe(), 0, first.exitCode);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(second.describe(), 75, second.exitCode);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(second.describe(), 75,
                                     second.json().at("exitCode").get<int>());
        CPPUNIT_ASSERT_MESSAGE(second.describe(),
                               second.errors.find(_scenario.host.data()) != std::string::npos);
    }

    void aDamagedStoreIsADocumentToo()
    {
        start();
        std::ofstream(_scenario.host.data() + "/muster.db") << std::string(8192, 'x');
        const auto finished = _scenario.host.muster({"runs", "--json"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 78, finished.exitCode);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 78,
                                     finished.json().at("exitCode").get<int>());
    }

private:
    /// Where nothing listens any more.
    static std::string closedUrl()
    {
        const sandbox::SandboxServer gone;
        return gone.baseUrl();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CommandTest);

} // namespace muster::integration
