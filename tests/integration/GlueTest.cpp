#include "GlueScene.h"
#include "KillWalk.h"
#include "support/FreshTest.h"

#include <algorithm>
#include <csignal>

namespace muster::integration {

/// Groups documented in IT Glue by the program, and what people do there meanwhile.
class GlueTest : public GlueScene
{
    CPPUNIT_TEST_SUITE(GlueTest);
    FRESH_TEST(aChangedMemberCostsOneGetAndOnePatch);
    FRESH_TEST(whatPeopleAddedStays);
    FRESH_TEST(whatPeopleEditedIsPutRightAndSaid);
    FRESH_TEST(whatPeopleArchivedIsOrphanedUntilTheyTakeItBack);
    FRESH_TEST(whatPeopleDeletedIsMadeAgainOnlyWhenAskedFor);
    FRESH_TEST(whatMusterArchivesIsArchivedThere);
    FRESH_TEST(aRenamedTypeIsKnownAgain);
    FRESH_TEST(namesOfAnyKindAreRightAndStaySo);
    FRESH_TEST(aGroupIsSwitchedOffAndOn);
    FRESH_TEST(aFirstDocumentationIsInBulk);
    FRESH_TEST(finishesAFirstDocumentationThatWasKilled);
    CPPUNIT_TEST_SUITE_END();

public:
    void aChangedMemberCostsOneGetAndOnePatch()
    {
        start();
        _sandbox.clearRequests();
        sync();
        CPPUNIT_ASSERT_EQUAL(0, _sandbox.requests().at("services").value("itglue", 0));
        change(Json::array({contoso::link("member-", 1, 1)}));
        sync();
        CPPUNIT_ASSERT_EQUAL(size_t{1}, route("flexibleAssets.patch"));
        CPPUNIT_ASSERT_EQUAL(size_t{1}, route("flexibleAssets.get"));
        CPPUNIT_ASSERT(field(1, "Members (Matched To A Contact)") ==
                       std::set<std::string>{contoso::address(2)});
        const auto glue = _sandbox.glue();
        for (const auto& write : glue.at("writes"))
            CPPUNIT_ASSERT(write.at("status").get<int>() < 300);
    }

    void whatPeopleAddedStays()
    {
        start();
        const auto type = asset(1).at("flexible-asset-type-id");
        _sandbox.seedGlue({{"fields",
                            {{{"id", 9001},
                              {"flexible-asset-type-id", type},
                              {"name", "Approver"},
                              {"kind", "Text"},
                              {"order", 99}}}}});
        edit(1, {{"traits", {{"approver", "Ann"}}}});
        change(Json::array({contoso::link("member-", 1, 1)}));
        sync();
        CPPUNIT_ASSERT_EQUAL(std::string("Ann"),
                             asset(1).at("traits").at("approver").get<std::string>());
        CPPUNIT_ASSERT(field(1, "Members (Matched To A Contact)") ==
                       std::set<std::string>{contoso::address(2)});
    }

    void whatPeopleEditedIsPutRightAndSaid()
    {
        start();
        edit(1, {{"traits", {{"group-name", "Mine"}}}});
        const auto run = verify();
        CPPUNIT_ASSERT_MESSAGE(run.dump(), says(run, "drift"));
        CPPUNIT_ASSERT(field(1, "Group Name") == std::set<std::string>{"Team 1"});
        const auto activity = _host.json({"activity"}).dump();
        CPPUNIT_ASSERT_MESSAGE(activity, activity.find("Mine") != std::string::npos);
    }

    void whatPeopleArchivedIsOrphanedUntilTheyTakeItBack()
    {
        start();
        edit(1, {{"archived", true}});
        verify();
        CPPUNIT_ASSERT_EQUAL(std::string("Orphaned"), status(1));
        CPPUNIT_ASSERT(asset(1).at("archived") == true);
        CPPUNIT_ASSERT_MESSAGE(listed(1).dump(), listed(1).at("archived") == true &&
                                                     listed(1).at("status") == "orphaned");
        change(Json::array({contoso::link("member-", 1, 1)}));
        sync();
        CPPUNIT_ASSERT_EQUAL(size_t{2}, field(1, "Members (Matched To A Contact)").size());
        edit(1, {{"archived", false}});
        verify();
        CPPUNIT_ASSERT_EQUAL(std::string("Enabled"), status(1));
        CPPUNIT_ASSERT_EQUAL(size_t{1}, field(1, "Members (Matched To A Contact)").size());
        CPPUNIT_ASSERT(listed(1).at("status") == "enabled");
    }

    void whatPeopleDeletedIsMadeAgainOnlyWhenAskedFor()
    {
        start();
        edit(1, {{"delete", true}});
        const auto run = verify();
        CPPUNIT_ASSERT_MESSAGE(run.dump(), says(run, "document-deleted"));
        change(Json::array({contoso::link("member-", 1, 1)}));
        sync();
        CPPUNIT_ASSERT_EQUAL(size_t{1}, documents().size());
        CPPUNIT_ASSERT(listed(1).is_null());
        _host.json({"document", contoso::group(1), "--enable"});
        CPPUNIT_ASSERT(!says(sync(), "document-deleted"));
        CPPUNIT_ASSERT_EQUAL(std::string("Enabled"), status(1));
    }

    void whatMusterArchivesIsArchivedThere()
    {
        start();
        _host.json({"document", contoso::group(1), "--archive"});
        sync();
        CPPUNIT_ASSERT(asset(1).at("archived") == true);
        CPPUNIT_ASSERT_EQUAL(std::string("Orphaned"), status(1));
        verify();
        CPPUNIT_ASSERT(asset(1).at("archived") == true);
        _host.json({"document", contoso::group(1), "--unarchive"});
        sync();
        CPPUNIT_ASSERT(asset(1).at("archived") == false);
        CPPUNIT_ASSERT_EQUAL(std::string("Enabled"), status(1));
    }

    void aRenamedTypeIsKnownAgain()
    {
        start();
        const auto type = asset(1).at("flexible-asset-type-id");
        _sandbox.seedGlue({{"types", {{{"id", type}, {"name", "Security groups of ours"}}}}});
        change(Json::array({contoso::link("member-", 1, 1)}));
        sync();
        verify();
        CPPUNIT_ASSERT_EQUAL(size_t{2}, documents().size());
        CPPUNIT_ASSERT_EQUAL(size_t{1}, field(1, "Members (Matched To A Contact)").size());
    }

    void namesOfAnyKindAreRightAndStaySo()
    {
        const std::vector<std::string> names{
            "A, B; \"C\" 'D' \\E",
            "<b>Bold</b> & <script>alert(1)</script>",
            "=1+1|cmd",
            "\u0641\u0631\u064a\u0642 \u0627\u0644\u0645\u0628\u064a\u0639\u0627\u062a",
            "\U0001F468\u200D\U0001F469\u200D\U0001F467 Family",
            "&lt;already&gt; &amp;"};
        _sandbox.addTenant(contoso::kTenant, "Contoso", "contoso.example");
        Json ops = Json::array();
        int number = 0;
        for (const auto& name : names)
        {
            ops.push_back(contoso::addPerson(++number, {{"displayName", name}}));
            ops.push_back(contoso::addGroup(number, name, {{"description", name}}));
            ops.push_back(contoso::link("member+", number, number));
        }
        ops.push_back(contoso::addGroup(++number, std::string(256, 'x')));
        change(ops);
        _host.apply(estate());
        sync();
        for (int i = 1; i < number; ++i)
        {
            const auto& name = names[static_cast<size_t>(i) - 1];
            CPPUNIT_ASSERT(field(i, "Group Name") == std::set<std::string>{name});
            CPPUNIT_ASSERT_MESSAGE(name, field(i, "Group Description").count(name) == 1);
            CPPUNIT_ASSERT_MESSAGE(name,
                                   field(i, "Members (Not Matched To A Contact)")
                                           .count(name + " <" + contoso::address(i) + ">") == 1);
        }
        CPPUNIT_ASSERT_EQUAL(size_t{255}, field(number, "Group Name").begin()->size());
        _sandbox.clearRequests();
        verify();
        CPPUNIT_ASSERT_EQUAL(size_t{0},
                             route("flexibleAssets.patch") + route("flexibleAssets.bulkPatch"));
    }

    void aGroupIsSwitchedOffAndOn()
    {
        start();
        _host.json({"groups", "contoso", "--target", "docs", "--disable", "Team 1"});
        change(Json::array({contoso::link("member-", 1, 1)}));
        sync();
        CPPUNIT_ASSERT_EQUAL(std::string("Disabled"), status(1));
        CPPUNIT_ASSERT_EQUAL(size_t{2}, field(1, "Members (Matched To A Contact)").size());
        CPPUNIT_ASSERT(listed(1).at("status") == "disabled");
        const auto activity = _host.json({"activity"}).dump();
        CPPUNIT_ASSERT_MESSAGE(activity, activity.find("\"disabled\"") != std::string::npos);
        _host.json({"groups", "contoso", "--target", "docs", "--enable", "Team 1"});
        sync();
        CPPUNIT_ASSERT_EQUAL(std::string("Enabled"), status(1));
        CPPUNIT_ASSERT_EQUAL(size_t{1}, field(1, "Members (Matched To A Contact)").size());
    }

    void aFirstDocumentationIsInBulk()
    {
        _sandbox.addTenant(contoso::kTenant, "Contoso", "contoso.example");
        change(contoso::tenant(4, 120, 2));
        _host.apply(estate());
        const auto run = sync();
        CPPUNIT_ASSERT_EQUAL(size_t{120}, documents().size());
        CPPUNIT_ASSERT_EQUAL(size_t{0}, route("flexibleAssets.create"));
        CPPUNIT_ASSERT_EQUAL(size_t{3}, route("flexibleAssets.bulkCreate"));
        // Each document once, each list once, and the types.
        CPPUNIT_ASSERT_MESSAGE(run.dump(), run.at("requests").at("target").get<size_t>() < 3 + 15);
    }

    void finishesAFirstDocumentationThatWasKilled()
    {
        _sandbox.addTenant(contoso::kTenant, "Contoso", "contoso.example");
        change(contoso::tenant(3, 3, 2));
        const Installation undisturbed;
        undisturbed.apply(estate());
        runKilledAt(0, undisturbed, {"sync"});
        const auto all = pointsOf(undisturbed);
        constexpr size_t kPoints = 12;
        const auto stride = std::max<size_t>(all / kPoints, 1);
        for (size_t point = stride; point <= all; point += stride)
        {
            sandbox::SandboxServer fresh;
            fresh.addTenant(contoso::kTenant, "Contoso", "contoso.example");
            fresh.ops(contoso::kTenant, contoso::tenant(3, 3, 2));
            const Installation host;
            host.apply(EstateText::documenting(contoso::kTenant, fresh.baseUrl()));
            if (runKilledAt(point, host, {"sync"}).signal != SIGKILL)
                break;
            const auto run = onlyRun(host.json({"sync"}));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), std::string("succeeded"),
                                         run.at("state").get<std::string>());
            DocumentExpectation expected("contoso.example", {}, {});
            expected.follow(fresh.world(contoso::kTenant));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                "killed at " + std::to_string(point), std::string(),
                difference(expected.documents(), documentsIn(fresh.glue(), 7)));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GlueTest);

} // namespace muster::integration
