#include "SandboxFixture.h"
#include "support/FreshTest.h"

using namespace muster::sandbox;

namespace {

const std::string kGroup = testId(1, 1);

} // namespace

/// The traps of listing and getting, of permissions and limits: contracts/graph.md sections 2,
/// 4, 7.
class GraphListTest : public SandboxFixture
{
    CPPUNIT_TEST_SUITE(GraphListTest);
    FRESH_TEST(pageHoldsAtMost999);
    FRESH_TEST(pagesHoldEveryObjectOnce);
    FRESH_TEST(userHasOnlyDefaultPropertiesUnlessSelected);
    FRESH_TEST(membersLeaveOutServicePrincipals);
    FRESH_TEST(expandedMembersAreAtMostTwenty);
    FRESH_TEST(membersOfUnreadableKindAreNull);
    FRESH_TEST(hiddenMembershipIsEmptyWithoutItsRole);
    FRESH_TEST(castKeepsOneKind);
    FRESH_TEST(countNeedsEventualConsistency);
    FRESH_TEST(transitiveMembersEndInACycle);
    FRESH_TEST(deletedItemsNeedACast);
    FRESH_TEST(restoreBringsTheGroupBack);
    FRESH_TEST(unknownObjectIs404);
    FRESH_TEST(noTokenIs401);
    FRESH_TEST(expiredTokenIs401);
    FRESH_TEST(devicesDeltaNeedsItsOwnRole);
    FRESH_TEST(withoutConsentThereAreNoRolesAndGraphDenies);
    FRESH_TEST(tokenSeesItsOwnTenantOnly);
    FRESH_TEST(throttlesByResourceUnits);
    FRESH_TEST(selectingCostsLess);
    FRESH_TEST(echoesTheClientsRequestId);
    FRESH_TEST(packsOnlyWhenAsked);
    FRESH_TEST(batchTakesAtMostTwenty);
    FRESH_TEST(batchItemFailsWithWhatItDependsOn);
    FRESH_TEST(batchItemsAreThrottledOneByOne);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        start(kTenant);
        server().addTenant(kTenant, "Test", "test.example");
        for (int i = 0; i < 5; ++i)
            op({"user+",
                testId(2, i),
                {{"displayName", "User " + std::to_string(i)}, {"accountEnabled", true}}});
        op({"group+", kGroup, {{"displayName", "One"}}});
        for (int i = 0; i < 5; ++i)
            op({"member+", kGroup, testId(2, i)});
    }

    void pageHoldsAtMost999()
    {
        CPPUNIT_ASSERT_EQUAL(200, client().graph("/users?$top=999").status);
        CPPUNIT_ASSERT_EQUAL(400, client().graph("/users?$top=1000").status);
    }

    void pagesHoldEveryObjectOnce()
    {
        for (const auto& path :
             std::vector<std::string>{"/users", "/groups/" + kGroup + "/members"})
        {
            const auto round = client().round(path + "?$top=2&$select=displayName");
            CPPUNIT_ASSERT_EQUAL(size_t{3}, round.pages.size());
            std::set<std::string> seen;
            for (const auto& object : round.objects)
                CPPUNIT_ASSERT(seen.insert(object["displayName"]).second);
            CPPUNIT_ASSERT_EQUAL(size_t{5}, seen.size());
        }
    }

    void userHasOnlyDefaultPropertiesUnlessSelected()
    {
        const Json user = client().graph("/users/" + testId(2, 1)).json();
        CPPUNIT_ASSERT(!user.contains("accountEnabled"));
        CPPUNIT_ASSERT(user.at("mail").is_null());
        const Json selected =
            client().graph("/users/" + testId(2, 1) + "?$select=accountEnabled,otherMails").json();
        CPPUNIT_ASSERT_EQUAL(Json(true), selected.at("accountEnabled"));
        CPPUNIT_ASSERT_EQUAL(Json::array(), selected.at("otherMails"));
        CPPUNIT_ASSERT(!selected.contains("displayName"));
    }

    void membersLeaveOutServicePrincipals()
    {
        op({"servicePrincipal+", testId(4, 1), {{"displayName", "App"}}});
        op({"member+", kGroup, testId(4, 1)});
        CPPUNIT_ASSERT_EQUAL(size_t{5}, members().size());
        const auto delta = client().round("/groups/delta?$select=members");
        CPPUNIT_ASSERT_EQUAL(size_t{6}, delta.objects[0]["members@delta"].size());
    }

    void expandedMembersAreAtMostTwenty()
    {
        for (int i = 5; i < 25; ++i)
        {
            op({"user+", testId(2, i), {{"displayName", "more"}}});
            op({"member+", kGroup, testId(2, i)});
        }
        const Json group = client().graph("/groups/" + kGroup + "?$expand=members").json();
        CPPUNIT_ASSERT_EQUAL(size_t{20}, group["members"].size());
        CPPUNIT_ASSERT(!group.contains("members@odata.nextLink"));
    }

    void membersOfUnreadableKindAreNull()
    {
        op({"device+", testId(3, 1), {{"displayName", "PC"}}});
        op({"holds+", kGroup, testId(3, 1)});
        setRoles({"GroupMember.Read.All", "User.Read.All"});
        const Json found =
            client().graph("/groups/" + kGroup + "/members?$select=displayName").json()["value"];
        CPPUNIT_ASSERT_EQUAL(Json("User 0"), found[0]["displayName"]);
        CPPUNIT_ASSERT_EQUAL((Json{{"@odata.type", "#microsoft.graph.device"},
                                   {"id", testId(3, 1)},
                                   {"displayName", nullptr}}),
                             found[5]);
    }

    void hiddenMembershipIsEmptyWithoutItsRole()
    {
        op({"group~", kGroup, {{"visibility", "HiddenMembership"}}});
        CPPUNIT_ASSERT_EQUAL(size_t{0}, members().size());
        setRoles({"GroupMember.Read.All", "User.Read.All", "Member.Read.Hidden"});
        CPPUNIT_ASSERT_EQUAL(size_t{5}, members().size());
    }

    void castKeepsOneKind()
    {
        op({"device+", testId(3, 1), {{"displayName", "PC"}}});
        op({"holds+", kGroup, testId(3, 1)});
        const Json found =
            client().graph("/groups/" + kGroup + "/members/microsoft.graph.device").json();
        CPPUNIT_ASSERT_EQUAL(size_t{1}, found["value"].size());
    }

    void countNeedsEventualConsistency()
    {
        const std::string path = "/groups/" + kGroup + "/members/$count";
        CPPUNIT_ASSERT_EQUAL(400, client().graph(path).status);
        CPPUNIT_ASSERT_EQUAL(std::string("5"),
                             client().graph(path, {{"ConsistencyLevel", "eventual"}}).body);
        CPPUNIT_ASSERT(!client().graph("/users?$count=true").json().contains("@odata.count"));
    }

    void transitiveMembersEndInACycle()
    {
        op({"group+", testId(1, 2), {{"displayName", "Two"}}});
        op({"user+", testId(2, 9), {{"displayName", "Deep"}}});
        op({"child+", kGroup, testId(1, 2)});
        op({"child+", testId(1, 2), kGroup});
        op({"member+", testId(1, 2), testId(2, 9)});
        const Json found = client().graph("/groups/" + kGroup + "/transitiveMembers").json();
        CPPUNIT_ASSERT_EQUAL(size_t{7}, found["value"].size());
    }

    void deletedItemsNeedACast()
    {
        op({"user-", testId(2, 1)});
        CPPUNIT_ASSERT_EQUAL(400, client().graph("/directory/deletedItems").status);
        const Json found = client().graph("/directory/deletedItems/microsoft.graph.user").json();
        CPPUNIT_ASSERT_EQUAL(Json(testId(2, 1)), found["value"].at(0).at("id"));
        CPPUNIT_ASSERT(found["value"][0].contains("deletedDateTime"));
        CPPUNIT_ASSERT_EQUAL(
            403, client().graph("/directory/deletedItems/microsoft.graph.group").status);
    }

    void restoreBringsTheGroupBack()
    {
        op({"group-", kGroup});
        const std::string path = "/directory/deletedItems/" + kGroup + "/restore";
        CPPUNIT_ASSERT_EQUAL(403, client().graphPost(path, Json::object()).status);
        setRoles({"Group.ReadWrite.All"});
        CPPUNIT_ASSERT_EQUAL(200, client().graphPost(path, Json::object()).status);
        CPPUNIT_ASSERT_EQUAL(200, client().graph("/groups/" + kGroup).status);
    }

    void unknownObjectIs404()
    {
        const Answer answer = client().graph("/users/" + testId(2, 99));
        CPPUNIT_ASSERT_EQUAL(404, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Request_ResourceNotFound"), answer.code());
    }

    void noTokenIs401()
    {
        const Answer answer = client().send("GET", "/v1.0/organization");
        CPPUNIT_ASSERT_EQUAL(401, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("InvalidAuthenticationToken"), answer.code());
    }

    void expiredTokenIs401()
    {
        const std::string bearer =
            "Bearer " + client().token().json()["access_token"].get<std::string>();
        const auto status = [&] {
            return client().send("GET", "/v1.0/organization", {{"Authorization", bearer}}).status;
        };
        CPPUNIT_ASSERT_EQUAL(200, status());
        server().advanceClock(3600);
        CPPUNIT_ASSERT_EQUAL(401, status());
    }

    void devicesDeltaNeedsItsOwnRole()
    {
        setRoles({"Directory.Read.All"});
        CPPUNIT_ASSERT_EQUAL(200, client().graph("/devices").status);
        CPPUNIT_ASSERT_EQUAL(403, client().graph("/devices/delta").status);
    }

    void withoutConsentThereAreNoRolesAndGraphDenies()
    {
        setRoles(Json::array());
        const Answer answer = client().graph("/groups/delta");
        CPPUNIT_ASSERT_EQUAL(403, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Authorization_RequestDenied"), answer.code());
    }

    void tokenSeesItsOwnTenantOnly()
    {
        const std::string other = "22222222-0000-4000-8000-000000000000";
        server().addTenant(other, "Other", "other.example");
        CPPUNIT_ASSERT(TestClient(server(), "other.example").round("/users").objects.empty());
    }

    void throttlesByResourceUnits()
    {
        server().configure({{"throttleUnits", 5}, {"throttleSeconds", 30.0}});
        CPPUNIT_ASSERT_EQUAL(std::string("2"),
                             client().graph("/users").headers.at("x-ms-resource-unit"));
        CPPUNIT_ASSERT_EQUAL(std::string("0.8"),
                             client().graph("/users").headers.at("x-ms-throttle-limit-percentage"));
        const Answer answer = client().graph("/users");
        CPPUNIT_ASSERT_EQUAL(429, answer.status);
        CPPUNIT_ASSERT(answer.headers.at("retry-after").find('.') != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("ResourceUnitLimitExceeded"),
                             answer.headers.at("x-ms-throttle-information"));
    }

    void selectingCostsLess()
    {
        const auto units = [&](const std::string& target) {
            return client().graph(target).headers.at("x-ms-resource-unit");
        };
        CPPUNIT_ASSERT_EQUAL(std::string("3"), units("/groups/" + kGroup + "/members"));
        CPPUNIT_ASSERT_EQUAL(std::string("2"), units("/groups/" + kGroup + "/members?$select=id"));
        CPPUNIT_ASSERT_EQUAL(std::string("1"), units("/groups/delta?$select=id"));
    }

    void echoesTheClientsRequestId()
    {
        const Answer answer = client().graph("/organization", {{"client-request-id", "mine"}});
        CPPUNIT_ASSERT_EQUAL(std::string("mine"), answer.headers.at("client-request-id"));
        CPPUNIT_ASSERT(answer.headers.count("request-id") == 1);
        CPPUNIT_ASSERT(answer.headers.count("date") == 1);
    }

    void packsOnlyWhenAsked()
    {
        const Answer packed = client().graph("/users", {{"Accept-Encoding", "gzip"}});
        CPPUNIT_ASSERT_EQUAL(std::string("gzip"), packed.headers.at("content-encoding"));
        CPPUNIT_ASSERT(client().graph("/users").headers.count("content-encoding") == 0);
    }

    void batchTakesAtMostTwenty()
    {
        CPPUNIT_ASSERT_EQUAL(200, batchOf(20).status);
        CPPUNIT_ASSERT_EQUAL(400, batchOf(21).status);
    }

    void batchItemFailsWithWhatItDependsOn()
    {
        const Json body{
            {"requests",
             {{{"id", "1"}, {"method", "GET"}, {"url", "/users/" + testId(2, 99)}},
              {{"id", "2"}, {"method", "GET"}, {"url", "/organization"}, {"dependsOn", {"1"}}}}}};
        const Json responses = client().graphPost("/$batch", body).json()["responses"];
        CPPUNIT_ASSERT_EQUAL(Json("2"), responses[0]["id"]);
        CPPUNIT_ASSERT_EQUAL(Json(424), responses[0]["status"]);
        CPPUNIT_ASSERT_EQUAL(Json(404), responses[1]["status"]);
    }

    void batchItemsAreThrottledOneByOne()
    {
        server().addFault({{"match", {{"route", "graph.organization"}}},
                           {"kind", "throttle"},
                           {"retryAfter", 2.128}});
        const Json responses = batchOf(2).json()["responses"];
        CPPUNIT_ASSERT_EQUAL(Json(200), responses[0]["status"]);
        CPPUNIT_ASSERT_EQUAL(Json(429), responses[1]["status"]);
        CPPUNIT_ASSERT_EQUAL(Json("2.128"), responses[1]["headers"]["Retry-After"]);
        const Json requests = server().requests();
        CPPUNIT_ASSERT_EQUAL(Json(2), requests["batchItems"]["graph.organization"]);
        CPPUNIT_ASSERT(!requests["routes"].contains("graph.organization"));
    }

private:
    void op(const Json& op) { server().ops(kTenant, Json::array({op})); }
    void setRoles(const Json& roles) { server().configure({{"roles", roles}}); }

    Json members() { return client().graph("/groups/" + kGroup + "/members").json()["value"]; }

    Answer batchOf(int count)
    {
        Json requests = Json::array();
        for (int i = 0; i < count; ++i)
            requests.push_back(
                {{"id", std::to_string(i)}, {"method", "GET"}, {"url", "/organization"}});
        return client().graphPost("/$batch", {{"requests", requests}});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GraphListTest);
