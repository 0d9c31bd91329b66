#include "SandboxFixture.h"
#include "support/FreshTest.h"

using namespace muster::sandbox;

namespace {

/// The links in the rel@delta of an object.
std::vector<std::string> idsIn(const Json& object, const char* relation)
{
    std::vector<std::string> ids;
    for (const auto& link : object.value(std::string(relation) + "@delta", Json::array()))
        ids.push_back(link.at("id").get<std::string>());
    return ids;
}

} // namespace

/// The traps of delta: contracts/graph.md section 3.
class GraphDeltaTest : public SandboxFixture
{
    CPPUNIT_TEST_SUITE(GraphDeltaTest);
    FRESH_TEST(splitsBigGroupOverPages);
    FRESH_TEST(eachPageHasExactlyOneLink);
    FRESH_TEST(showsOnlySelectedProperties);
    FRESH_TEST(showsNullThatWasSetButNotWhatNeverWas);
    FRESH_TEST(changeOfUnselectedPropertyStaysHidden);
    FRESH_TEST(minimalShowsOnlyWhatChanged);
    FRESH_TEST(defaultSelectionHasMembersButNoOwners);
    FRESH_TEST(softDeletedGroupIsRemovedAsChanged);
    FRESH_TEST(hardDeletedGroupIsRemovedAsDeleted);
    FRESH_TEST(deletedUserNeverLeavesAGroup);
    FRESH_TEST(purgedMemberIsReportedOnlyByOption);
    FRESH_TEST(restoredUserIsNewAndStillAMember);
    FRESH_TEST(restoredGroupComesWithItsMembers);
    FRESH_TEST(restoredGroupComesBareByOption);
    FRESH_TEST(removedMemberHasReasonDeleted);
    FRESH_TEST(deletedDeviceIsNotRestorable);
    FRESH_TEST(latestStartsFromNow);
    FRESH_TEST(filterTakesOnlyIds);
    FRESH_TEST(scatteredLinksComeLater);
    FRESH_TEST(initialPassShowsRemovedOnlyByOption);
    FRESH_TEST(hiddenMembershipNeedsItsRole);
    FRESH_TEST(cursorLivesSevenDays);
    FRESH_TEST(expiredCursorIsNotFoundByOption);
    FRESH_TEST(peopleMayComeAfterTheirMemberships);
    FRESH_TEST(longCursorsLeadOn);
    FRESH_TEST(refusesWhatDeltaDoesNotSupport);
    FRESH_TEST(refusesCursorOfAnotherTenant);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        start(kTenant);
        server().addTenant(kTenant, "Test", "test.example");
        for (int i = 0; i < 5; ++i)
            op({"user+", userId(i), {{"displayName", "User " + std::to_string(i)}}});
        op({"group+", groupId(1), {{"displayName", "One"}, {"mail", nullptr}}});
    }

    void splitsBigGroupOverPages()
    {
        server().configure({{"pageLinks", 2}});
        addMembers(5);
        const auto round = client().round("/groups/delta?$select=displayName,members");
        CPPUNIT_ASSERT_EQUAL(size_t{3}, round.pages.size());
        CPPUNIT_ASSERT_EQUAL(size_t{3}, round.objects.size());
        std::set<std::string> seen;
        for (const auto& object : round.objects)
        {
            CPPUNIT_ASSERT_EQUAL(groupId(1), object["id"].get<std::string>());
            for (const auto& id : idsIn(object, "members"))
                CPPUNIT_ASSERT_MESSAGE(id, seen.insert(id).second);
        }
        CPPUNIT_ASSERT_EQUAL(size_t{5}, seen.size());
    }

    void eachPageHasExactlyOneLink()
    {
        server().configure({{"pageObjects", 2}});
        const auto round = client().round("/users/delta");
        CPPUNIT_ASSERT_EQUAL(size_t{3}, round.pages.size());
        for (const auto& page : round.pages)
            CPPUNIT_ASSERT(page.contains("@odata.nextLink") != page.contains("@odata.deltaLink"));
    }

    void showsOnlySelectedProperties()
    {
        op({"group~", groupId(1), {{"description", "d"}}});
        const auto round = client().round("/groups/delta?$select=displayName");
        CPPUNIT_ASSERT_EQUAL((Json{{"id", groupId(1)}, {"displayName", "One"}}), round.objects[0]);
    }

    void showsNullThatWasSetButNotWhatNeverWas()
    {
        const auto round = client().round("/groups/delta?$select=mail,description");
        CPPUNIT_ASSERT(round.objects[0].at("mail").is_null());
        CPPUNIT_ASSERT(!round.objects[0].contains("description"));
    }

    void changeOfUnselectedPropertyStaysHidden()
    {
        const auto first = client().round("/groups/delta?$select=displayName");
        op({"group~", groupId(1), {{"description", "other"}}});
        op({"member+", groupId(1), userId(1)});
        CPPUNIT_ASSERT(client().round(first.deltaLink).objects.empty());
    }

    void minimalShowsOnlyWhatChanged()
    {
        const auto first = client().round("/groups/delta?$select=displayName,mail,members");
        op({"group~", groupId(1), {{"mail", "one@test.example"}}});
        const auto all = client().round(first.deltaLink);
        CPPUNIT_ASSERT(all.objects[0].contains("displayName"));
        const auto minimal = client().round(first.deltaLink, {{"Prefer", "return=minimal"}});
        CPPUNIT_ASSERT_EQUAL((Json{{"id", groupId(1)}, {"mail", "one@test.example"}}),
                             minimal.objects[0]);
    }

    void defaultSelectionHasMembersButNoOwners()
    {
        op({"member+", groupId(1), userId(1)});
        op({"owner+", groupId(1), userId(1)});
        const auto plain = client().round("/groups/delta");
        CPPUNIT_ASSERT(plain.objects[0].contains("members@delta"));
        CPPUNIT_ASSERT(!plain.objects[0].contains("owners@delta"));
        const auto selected = client().round("/groups/delta?$select=owners");
        CPPUNIT_ASSERT(selected.objects[0].contains("owners@delta"));
    }

    void softDeletedGroupIsRemovedAsChanged()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("changed"), reasonAfter({"group-", groupId(1)}));
    }

    void hardDeletedGroupIsRemovedAsDeleted()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("deleted"), reasonAfter({"group!", groupId(1)}));
    }

    void deletedUserNeverLeavesAGroup()
    {
        addMembers(2);
        const auto groups = client().round("/groups/delta?$select=members");
        const auto users = client().round("/users/delta?$select=displayName");
        op({"user-", userId(0)});
        op({"user!", userId(1)});
        CPPUNIT_ASSERT(client().round(groups.deltaLink).objects.empty());
        const auto gone = client().round(users.deltaLink).objects;
        CPPUNIT_ASSERT_EQUAL(std::string("changed"), reasonOf(gone.at(0)));
        CPPUNIT_ASSERT_EQUAL(std::string("deleted"), reasonOf(gone.at(1)));
    }

    void purgedMemberIsReportedOnlyByOption()
    {
        addMembers(1);
        server().configure({{"purgedMembersReported", true}});
        const auto first = client().round("/groups/delta?$select=members");
        op({"user!", userId(0)});
        const auto next = client().round(first.deltaLink);
        CPPUNIT_ASSERT_EQUAL(std::string("deleted"),
                             reasonOf(next.objects.at(0).at("members@delta").at(0)));
    }

    void restoredUserIsNewAndStillAMember()
    {
        addMembers(2);
        op({"user-", userId(0)});
        const std::string members = "/groups/" + groupId(1) + "/members";
        CPPUNIT_ASSERT_EQUAL(size_t{1}, client().graph(members).json()["value"].size());
        const auto users = client().round("/users/delta?$select=displayName");
        op({"user^", userId(0)});
        const auto next = client().round(users.deltaLink, {{"Prefer", "return=minimal"}});
        CPPUNIT_ASSERT_EQUAL((Json{{"id", userId(0)}, {"displayName", "User 0"}}),
                             next.objects.at(0));
        CPPUNIT_ASSERT_EQUAL(size_t{2}, client().graph(members).json()["value"].size());
    }

    void restoredGroupComesWithItsMembers()
    {
        CPPUNIT_ASSERT_EQUAL(size_t{3}, membersAfterRestore());
    }

    void restoredGroupComesBareByOption()
    {
        server().configure({{"restoredGroupListsMembers", false}});
        CPPUNIT_ASSERT_EQUAL(size_t{0}, membersAfterRestore());
    }

    void removedMemberHasReasonDeleted()
    {
        addMembers(1);
        const auto first = client().round("/groups/delta?$select=members");
        op({"member-", groupId(1), userId(0)});
        const auto next = client().round(first.deltaLink);
        CPPUNIT_ASSERT_EQUAL(std::string("deleted"),
                             reasonOf(next.objects.at(0).at("members@delta").at(0)));
    }

    void deletedDeviceIsNotRestorable()
    {
        op({"device+", testId(3, 1), {{"displayName", "PC"}}});
        const auto first = client().round("/devices/delta");
        op({"device-", testId(3, 1)});
        CPPUNIT_ASSERT_EQUAL(std::string("deleted"),
                             reasonOf(client().round(first.deltaLink).objects.at(0)));
    }

    void latestStartsFromNow()
    {
        const auto first = client().round("/groups/delta?$select=displayName&$deltatoken=latest");
        CPPUNIT_ASSERT(first.objects.empty());
        op({"group+", groupId(2), {{"displayName", "Two"}}});
        const auto next = client().round(first.deltaLink);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, next.objects.size());
    }

    void filterTakesOnlyIds()
    {
        op({"group+", groupId(2), {{"displayName", "Two"}}});
        const auto round = client().round("/groups/delta?$filter=id%20eq%20'" + groupId(2) + "'");
        CPPUNIT_ASSERT_EQUAL(size_t{1}, round.objects.size());
        const auto refused = client().graph("/groups/delta?$filter=displayName%20eq%20'Two'");
        CPPUNIT_ASSERT_EQUAL(400, refused.status);
    }

    void scatteredLinksComeLater()
    {
        server().configure({{"scatterLinks", 2}});
        addMembers(5);
        op({"group+", groupId(2), {{"displayName", "Two"}}});
        server().configure({{"pageObjects", 1}});
        const auto round = client().round("/groups/delta?$select=displayName,members");
        std::vector<std::string> order;
        for (const auto& object : round.objects)
            order.push_back(object["id"]);
        CPPUNIT_ASSERT((order == std::vector{groupId(1), groupId(2), groupId(1)}));
        CPPUNIT_ASSERT_EQUAL(size_t{2}, idsIn(round.objects[0], "members").size());
        CPPUNIT_ASSERT_EQUAL(size_t{3}, idsIn(round.objects[2], "members").size());
    }

    void initialPassShowsRemovedOnlyByOption()
    {
        addMembers(2);
        op({"member-", groupId(1), userId(0)});
        op({"group+", groupId(2), {{"displayName", "Two"}}});
        op({"group-", groupId(2)});
        const std::string link = "/groups/delta?$select=members";
        const auto plain = client().round(link);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, plain.objects.size());
        CPPUNIT_ASSERT_EQUAL(size_t{1}, idsIn(plain.objects[0], "members").size());
        server().configure({{"initialRemoved", true}});
        const auto full = client().round(link);
        CPPUNIT_ASSERT_EQUAL(std::string("changed"), reasonOf(full.objects.at(1)));
        CPPUNIT_ASSERT_EQUAL(size_t{2}, idsIn(full.objects[0], "members").size());
    }

    void hiddenMembershipNeedsItsRole()
    {
        addMembers(2);
        op({"group~", groupId(1), {{"visibility", "Hiddenmembership"}}});
        const std::string link = "/groups/delta?$select=members";
        CPPUNIT_ASSERT(!client().round(link).objects[0].contains("members@delta"));
        Json roles = server().settings()["roles"];
        roles.push_back("Member.Read.Hidden");
        server().configure({{"roles", roles}});
        CPPUNIT_ASSERT(client().round(link).objects[0].contains("members@delta"));
    }

    void cursorLivesSevenDays()
    {
        const auto first = client().round("/groups/delta?$select=displayName,members");
        server().advanceClock(7 * 24 * 3600 - 60);
        CPPUNIT_ASSERT_EQUAL(200, client().graph(first.deltaLink).status);
        server().advanceClock(120);
        const Answer gone = client().graph(first.deltaLink);
        CPPUNIT_ASSERT_EQUAL(410, gone.status);
        CPPUNIT_ASSERT_EQUAL(server().baseUrl() +
                                 "/v1.0/groups/delta?$select=displayName,members&$deltatoken=",
                             gone.headers.at("location"));
        CPPUNIT_ASSERT_EQUAL(size_t{1}, client().round(gone.headers.at("location")).objects.size());
    }

    void expiredCursorIsNotFoundByOption()
    {
        server().configure({{"expiredCursor", "notFound"}});
        const auto first = client().round("/groups/delta");
        server().advanceClock(8 * 24 * 3600);
        const Answer answer = client().graph(first.deltaLink);
        CPPUNIT_ASSERT_EQUAL(400, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("syncStateNotFound"), answer.code());
    }

    void peopleMayComeAfterTheirMemberships()
    {
        op({"member+", groupId(1), userId(4)});
        server().configure({{"usersBehind", 3}}); // the last user, the group, the membership
        const auto users = client().round("/users/delta?$select=displayName");
        CPPUNIT_ASSERT_EQUAL(size_t{4}, users.objects.size());
        const auto groups = client().round("/groups/delta?$select=members");
        CPPUNIT_ASSERT_EQUAL(userId(4), idsIn(groups.objects[0], "members").at(0));
        CPPUNIT_ASSERT(client().round(users.deltaLink).objects.empty());
        server().configure({{"usersBehind", 0}});
        const auto late = client().round(users.deltaLink);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, late.objects.size());
        CPPUNIT_ASSERT_EQUAL(Json(userId(4)), late.objects[0]["id"]);
    }

    void longCursorsLeadOn()
    {
        server().configure({{"cursorPadding", 12000}, {"pageObjects", 2}});
        const auto round = client().round("/users/delta?$select=displayName");
        CPPUNIT_ASSERT_EQUAL(size_t{5}, round.objects.size());
        CPPUNIT_ASSERT(round.deltaLink.size() > 12000);
        CPPUNIT_ASSERT(client().round(round.deltaLink).objects.empty());
    }

    void refusesWhatDeltaDoesNotSupport()
    {
        for (const char* const query : {"$top=5", "$expand=members", "$orderby=displayName"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                query, 400, client().graph(std::string("/groups/delta?") + query).status);
    }

    void refusesCursorOfAnotherTenant()
    {
        const std::string other = "22222222-0000-4000-8000-000000000000";
        server().addTenant(other, "Other", "other.example");
        const auto round = client().round("/groups/delta");
        CPPUNIT_ASSERT_EQUAL(400, TestClient(server(), other).graph(round.deltaLink).status);
    }

private:
    void op(const Json& op) { server().ops(kTenant, Json::array({op})); }

    void addMembers(int count)
    {
        for (int i = 0; i < count; ++i)
            op({"member+", groupId(1), userId(i)});
    }

    static std::string reasonOf(const Json& removed)
    {
        return removed.at("@removed").at("reason").get<std::string>();
    }

    std::string reasonAfter(const Json& deletion)
    {
        addMembers(2);
        const auto first = client().round("/groups/delta?$select=displayName,members");
        op(deletion);
        const auto next = client().round(first.deltaLink);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, next.objects.size());
        CPPUNIT_ASSERT_EQUAL(size_t{2}, next.objects[0].size());
        return reasonOf(next.objects[0]);
    }

    size_t membersAfterRestore()
    {
        addMembers(3);
        op({"group-", groupId(1)});
        const auto first = client().round("/groups/delta?$select=displayName,members");
        op({"group^", groupId(1)});
        const auto next = client().round(first.deltaLink, {{"Prefer", "return=minimal"}});
        CPPUNIT_ASSERT_EQUAL(std::string("One"),
                             next.objects.at(0).at("displayName").get<std::string>());
        return idsIn(next.objects.at(0), "members").size();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GraphDeltaTest);
