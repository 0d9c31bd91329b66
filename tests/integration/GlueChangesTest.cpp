#include "GlueScene.h"
#include "support/FreshTest.h"

#include <algorithm>

namespace muster::integration {

/// What people change and delete in IT Glue, and what is left there when Muster goes.
class GlueChangesTest : public GlueScene
{
    CPPUNIT_TEST_SUITE(GlueChangesTest);
    FRESH_TEST(aMemberWhoseContactIsDeletedIsListedAtOnce);
    FRESH_TEST(aDeletedContactIsToldUntilItIsThereAgain);
    FRESH_TEST(aDeviceWhoseConfigurationIsDeletedIsListedAtOnce);
    FRESH_TEST(aMarkerThatWasEmptiedIsPutBack);
    FRESH_TEST(ofTwoDocumentsOfAGroupBothAreNamed);
    FRESH_TEST(driftIsToldOnceWithFieldAndValues);
    FRESH_TEST(anAmbiguousContactIsToldOnce);
    FRESH_TEST(aNestedDocumentThatWasDeletedIsNotLinkedAgain);
    FRESH_TEST(whatMusterDeletesIsDisabledThere);
    FRESH_TEST(aRemovedSyncIsDisabledThereByTheNext);
    FRESH_TEST(anotherOrganizationLeavesTheFirstOneDisabled);
    FRESH_TEST(aRemovedTargetIsToldPlainly);
    FRESH_TEST(theReportCountsADeletedDocument);
    FRESH_TEST(aNameIsNoMatchForSomebodyElsesContact);
    FRESH_TEST(checkAsksNoSyncOfLoneTenants);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* kMatched = "Members (Matched To A Contact)";
    static constexpr const char* kUnmatched = "Members (Not Matched To A Contact)";

    /// All runs of `muster sync`; they must have succeeded.
    Json syncAll(const std::vector<std::string>& more = {})
    {
        std::vector<std::string> arguments{"sync"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto runs = _host.json(arguments).at("runs");
        for (const auto& run : runs)
            CPPUNIT_ASSERT_EQUAL_MESSAGE(runs.dump(), std::string("succeeded"),
                                         run.at("state").get<std::string>());
        return runs;
    }

    void deleteContact(int number)
    {
        _sandbox.seedGlue({{"contacts", {{{"id", 70 + number}, {"delete", true}}}}});
    }

    void seedContact(int id, const Json& more)
    {
        Json contact{{"id", id}, {"organization-id", 7}};
        contact.update(more);
        _sandbox.seedGlue({{"contacts", {contact}}});
    }

    void describe(int group, const std::string& text)
    {
        change(Json::array({contoso::changeGroup(group, {{"description", text}})}));
    }

    static bool has(const std::vector<std::string>& messages, const std::string& text)
    {
        return std::any_of(messages.begin(), messages.end(), [&](const std::string& message) {
            return message.find(text) != std::string::npos;
        });
    }

    void assertUnmatched(int group, int person)
    {
        const auto unmatched = field(group, kUnmatched);
        CPPUNIT_ASSERT_MESSAGE(
            Json(unmatched).dump(),
            std::any_of(unmatched.begin(), unmatched.end(), [&](const std::string& text) {
                return text.find(contoso::address(person)) != std::string::npos;
            }));
    }

    Finished prune(const std::string& text)
    {
        const auto finished = _host.muster({"apply", "--prune", _host.write("estate.yaml", text)});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 0, finished.exitCode);
        return finished;
    }

    /// The statuses that documents of an organization show.
    std::set<std::string> statusesIn(int organization) const
    {
        std::set<std::string> statuses;
        for (const auto& [id, document] : documentsIn(_sandbox.glue(), organization))
            statuses.merge(std::set(document.fields.at("Sync Status")));
        return statuses;
    }

    void assertStatuses(int organization, const std::set<std::string>& expected) const
    {
        CPPUNIT_ASSERT_EQUAL(Json(expected).dump(), Json(statusesIn(organization)).dump());
    }

public:
    void aMemberWhoseContactIsDeletedIsListedAtOnce()
    {
        start();
        deleteContact(1);
        describe(1, "New");
        const auto runs = syncAll();
        CPPUNIT_ASSERT(field(1, "Group Description") == std::set<std::string>{"New"});
        CPPUNIT_ASSERT(field(1, kMatched) == std::set<std::string>{contoso::address(2)});
        assertUnmatched(1, 1);
        for (const auto& run : runs)
        {
            const auto told = messages(run, "contact-deleted");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), size_t{1}, told.size());
            for (const auto& part : {std::string("Given1 Surname1"), contoso::address(1),
                                     std::string("Team 1"), std::string("Restore")})
                CPPUNIT_ASSERT_MESSAGE(told.front(), has(told, part));
            CPPUNIT_ASSERT_MESSAGE(run.dump(), !says(run, "drift"));
        }
        _sandbox.clearRequests();
        CPPUNIT_ASSERT(says(sync(), "contact-deleted"));
        CPPUNIT_ASSERT_EQUAL(0, _sandbox.requests().at("services").value("itglue", 0));
    }

    void aDeletedContactIsToldUntilItIsThereAgain()
    {
        start();
        deleteContact(1);
        CPPUNIT_ASSERT(says(verify(), "contact-deleted"));
        assertUnmatched(1, 1);
        CPPUNIT_ASSERT(says(verify(), "contact-deleted"));
        seedContact(81, {{"first-name", "Other"},
                         {"last-name", "Name"},
                         {"contact-emails", {contoso::address(1)}}});
        CPPUNIT_ASSERT(!says(verify(), "contact-deleted"));
        CPPUNIT_ASSERT_EQUAL(size_t{2}, field(1, kMatched).size());
    }

    void aDeviceWhoseConfigurationIsDeletedIsListedAtOnce()
    {
        const std::string device = "dddddddd-0000-4000-8000-000000000001";
        _sandbox.seedGlue(
            {{"configurations", {{{"id", 91}, {"organization-id", 7}, {"name", "PC-1"}}}}});
        _sandbox.addTenant(contoso::kTenant, "Contoso", "contoso.example");
        change({Json{"device+", device, {{"displayName", "PC-1"}}}, contoso::addGroup(1, "Team 1"),
                Json{"holds+", contoso::group(1), device}});
        _host.apply(estate());
        sync();
        CPPUNIT_ASSERT_EQUAL(size_t{1}, field(1, "Devices (Matched To A Configuration)").size());
        _sandbox.seedGlue({{"configurations", {{{"id", 91}, {"delete", true}}}}});
        describe(1, "New");
        const auto runs = syncAll();
        CPPUNIT_ASSERT(field(1, "Devices (Not Matched To A Configuration)") ==
                       std::set<std::string>{"PC-1"});
        CPPUNIT_ASSERT_MESSAGE(runs.dump(), says(runs.back(), "configuration-deleted"));
    }

    void aMarkerThatWasEmptiedIsPutBack()
    {
        start();
        const auto id = asset(1).at("id");
        _sandbox.seedGlue({{"assets", {{{"id", id}, {"traits", {{"entra-object-id", nullptr}}}}}}});
        const auto run = verify();
        const auto told = messages(run, "drift");
        CPPUNIT_ASSERT_MESSAGE(run.dump(), has(told, "Team 1") && has(told, "Entra Object ID"));
        CPPUNIT_ASSERT_EQUAL(id.dump(), asset(1).at("id").dump());
        CPPUNIT_ASSERT_EQUAL(std::string("enabled"), listed(1).at("status").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(size_t{2}, documents().size());
    }

    void ofTwoDocumentsOfAGroupBothAreNamed()
    {
        start();
        const auto first = asset(1);
        Json copy{{"id", 999001},
                  {"organization-id", 7},
                  {"flexible-asset-type-id", first.at("flexible-asset-type-id")},
                  {"traits", {{"group-name", "Copy"}, {"entra-object-id", contoso::group(1)}}}};
        _sandbox.seedGlue({{"assets", {copy}}});
        const auto run = verify();
        const auto told = messages(run, "duplicate-in-target");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), size_t{1}, told.size());
        CPPUNIT_ASSERT_MESSAGE(told.front(), has(told, "999001") && has(told, "Team 1") &&
                                                 has(told, idText(first.at("id"))));
        _sandbox.seedGlue({{"assets", {{{"id", 999001}, {"delete", true}}}}});
        CPPUNIT_ASSERT(!says(verify(), "duplicate-in-target"));
    }

    static std::string idText(const Json& id)
    {
        return id.is_string() ? id.get<std::string>() : id.dump();
    }

    void driftIsToldOnceWithFieldAndValues()
    {
        start();
        edit(1, {{"traits", {{"group-name", "Mine"}}}});
        const auto told = messages(verify(), "drift");
        CPPUNIT_ASSERT_EQUAL(size_t{1}, told.size());
        for (const auto* part : {"Team 1", "Group Name", "\"Mine\"", "put it right"})
            CPPUNIT_ASSERT_MESSAGE(told.front(), has(told, part));
        CPPUNIT_ASSERT(!says(sync(), "drift"));
    }

    void anAmbiguousContactIsToldOnce()
    {
        start();
        seedContact(82, {{"first-name", "Twin"},
                         {"last-name", "Two"},
                         {"contact-emails", {contoso::address(2)}}});
        const auto run = verify();
        CPPUNIT_ASSERT(field(1, kMatched).count(contoso::address(2)) == 0);
        const auto told = messages(run, "contact-ambiguous");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), size_t{1}, told.size());
    }

    void aNestedDocumentThatWasDeletedIsNotLinkedAgain()
    {
        start();
        _host.json({"document", contoso::group(2), "--disable"});
        _host.json({"document", contoso::group(2), "--delete"});
        sync();
        edit(2, {{"delete", true}});
        change(Json::array({Json{"child+", contoso::group(1), contoso::group(2)}}));
        syncAll();
        _sandbox.clearRequests();
        const auto run = sync();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(run.dump(), 0, run.at("changes").at("planned").get<int>());
        CPPUNIT_ASSERT_EQUAL(0, _sandbox.requests().at("services").value("itglue", 0));
        CPPUNIT_ASSERT(field(1, "Nested Groups").empty());
    }

    void whatMusterDeletesIsDisabledThere()
    {
        start();
        _host.json({"document", contoso::group(1), "--disable"});
        _host.json({"document", contoso::group(1), "--delete"});
        sync();
        CPPUNIT_ASSERT_EQUAL(std::string("Disabled"), status(1));
        edit(1, {{"delete", true}});
        verify();
        sync();
        CPPUNIT_ASSERT_EQUAL(size_t{1}, documents().size());
        _host.json({"document", contoso::group(1), "--enable"});
        sync();
        CPPUNIT_ASSERT_EQUAL(std::string("Enabled"), status(1));
    }

    void aRemovedSyncIsDisabledThereByTheNext()
    {
        start();
        auto alone = estate();
        alone.syncs.clear();
        const auto applied = prune(alone.text());
        CPPUNIT_ASSERT_MESSAGE(applied.describe(),
                               applied.output.find("organization 7") != std::string::npos &&
                                   applied.output.find("muster sync") != std::string::npos);
        const auto checked = _host.muster({"check"});
        CPPUNIT_ASSERT_MESSAGE(checked.describe(),
                               checked.output.find("organization 7") != std::string::npos);
        assertStatuses(7, {"Enabled"});
        syncAll();
        assertStatuses(7, {"Disabled"});
        CPPUNIT_ASSERT_EQUAL(size_t{2}, field(1, kMatched).size());
        CPPUNIT_ASSERT(syncAll().empty());
        prune(estate().text());
        syncAll();
        assertStatuses(7, {"Enabled"});
    }

    void anotherOrganizationLeavesTheFirstOneDisabled()
    {
        _sandbox.seedGlue({{"organizations", {{{"id", 8}, {"name", "Eight"}}}}});
        start();
        auto moved = estate();
        moved.syncs.front().organization = 8;
        prune(moved.text());
        syncAll();
        assertStatuses(7, {"Disabled"});
        assertStatuses(8, {"Enabled"});
        _sandbox.clearRequests();
        sync();
        CPPUNIT_ASSERT_EQUAL(0, _sandbox.requests().at("services").value("itglue", 0));
    }

    void aRemovedTargetIsToldPlainly()
    {
        start();
        const auto applied = prune(estate().tenantText());
        CPPUNIT_ASSERT_MESSAGE(applied.describe(),
                               applied.output.find("declare the target docs again") !=
                                   std::string::npos);
    }

    void theReportCountsADeletedDocument()
    {
        start();
        edit(1, {{"delete", true}});
        verify();
        const auto report = _host.json({"report"});
        CPPUNIT_ASSERT_MESSAGE(report.dump(),
                               report.at("tasks").dump().find("Team 1") != std::string::npos);
    }

    void aNameIsNoMatchForSomebodyElsesContact()
    {
        start();
        // Person 3 owns the contact by address; person 4, alone of both in the group, has its name.
        seedContact(83, {{"first-name", "Given4"},
                         {"last-name", "Surname4"},
                         {"contact-emails", {contoso::address(3)}}});
        verify();
        CPPUNIT_ASSERT(field(2, kMatched).count(contoso::address(3)) == 0);
        assertUnmatched(2, 4);
        change(Json::array({Json{"user-", contoso::person(3)}}));
        sync();
        CPPUNIT_ASSERT(field(2, kMatched).count(contoso::address(3)) == 1);
        change(Json::array({contoso::addPerson(3)}));
        sync();
        CPPUNIT_ASSERT(field(2, kMatched).count(contoso::address(3)) == 0);
    }

    void checkAsksNoSyncOfLoneTenants()
    {
        _sandbox.addTenant(contoso::kTenant, "Contoso", "contoso.example");
        change(contoso::tenant(2, 1, 1));
        prune(estate().tenantText());
        const auto checked = _host.muster({"check"});
        CPPUNIT_ASSERT_MESSAGE(checked.describe(),
                               checked.output.find("no sync is declared") == std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GlueChangesTest);

} // namespace muster::integration
