#include "GeneratedWorld.h"
#include "SandboxFixture.h"
#include "support/FreshTest.h"

#include <filesystem>

using namespace muster::sandbox;

namespace {

const std::string kWorld = std::string(MUSTER_SOURCE_DIR) + "/tests/worlds/etcd-io.ndjson";
const std::string kWorldTenant = "396d8805-eb4f-59cc-b8fd-2e76e938d473";

} // namespace

/// Steering the sandbox: worlds, histories, generated tenants, counts.
class ControlApiTest : public SandboxFixture
{
    CPPUNIT_TEST_SUITE(ControlApiTest);
    FRESH_TEST(worldBeginsWithItsFirstEvents);
    FRESH_TEST(tenantsAreListedWithTheirSizes);
    FRESH_TEST(advanceTellsWhatIsLeft);
    FRESH_TEST(advanceUntilTakesTheTimeItself);
    FRESH_TEST(everyWorldRunsToItsEnd);
    FRESH_TEST(wrongOpIsNamed);
    FRESH_TEST(tenantComesOnce);
    FRESH_TEST(unknownTenantIsRefused);
    FRESH_TEST(unknownSettingIsRefused);
    FRESH_TEST(requestsAreCountedByRoute);
    FRESH_TEST(controlIsNotCounted);
    FRESH_TEST(generatedTenantHasTheSizesAskedFor);
    FRESH_TEST(generatedTenantIsTheSameAgain);
    FRESH_TEST(generatedTenantChangesByOps);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        start(kWorldTenant);
        server().addWorld(kWorld);
    }

    void worldBeginsWithItsFirstEvents()
    {
        const Json world = control("GET", "world/" + kWorldTenant);
        CPPUNIT_ASSERT_EQUAL(Json("etcd-io"), world["name"]);
        CPPUNIT_ASSERT(!world["groups"].empty());
        CPPUNIT_ASSERT_EQUAL(Json("2024-01-27T02:56:34Z"), world["users"][0]["createdDateTime"]);
    }

    void tenantsAreListedWithTheirSizes()
    {
        const Json tenants = control("GET", "tenants");
        CPPUNIT_ASSERT_EQUAL(size_t{1}, tenants.size());
        CPPUNIT_ASSERT_EQUAL(Json(kWorldTenant), tenants[0]["tenant"]);
        CPPUNIT_ASSERT_EQUAL(server().world(kWorldTenant)["users"].size(),
                             tenants[0]["users"].get<size_t>());
    }

    void advanceTellsWhatIsLeft()
    {
        const Json first = control("POST", "advance", {{"tenant", kWorldTenant}, {"steps", 2}});
        CPPUNIT_ASSERT_EQUAL(Json(2), first["applied"]);
        CPPUNIT_ASSERT_EQUAL(Json(82), first["left"]);
        const Json rest = control("POST", "advance", {{"tenant", kWorldTenant}, {"steps", 1000}});
        CPPUNIT_ASSERT_EQUAL(Json(82), rest["applied"]);
        CPPUNIT_ASSERT_EQUAL(Json(0), rest["left"]);
    }

    void advanceUntilTakesTheTimeItself()
    {
        const std::string time = "2024-02-14T07:08:27Z";
        const Json answer = control("POST", "advance", {{"tenant", kWorldTenant}, {"until", time}});
        CPPUNIT_ASSERT_EQUAL(Json(time), answer["at"]);
        CPPUNIT_ASSERT_EQUAL(Json(1), answer["applied"]);
    }

    void everyWorldRunsToItsEnd()
    {
        SandboxServer server;
        const std::filesystem::path folder = std::string(MUSTER_SOURCE_DIR) + "/tests/worlds";
        for (const auto& file : std::filesystem::directory_iterator(folder))
        {
            const std::string tenant = server.addWorld(file.path().string());
            CPPUNIT_ASSERT_EQUAL(Json(0), server.advance(tenant, 100000)["left"]);
        }
    }

    void wrongOpIsNamed()
    {
        const Answer answer = client().send(
            "POST", "/sandbox/ops", {},
            Json{{"tenant", kWorldTenant}, {"ops", {{"member+", testId(1, 1), testId(2, 1)}}}}
                .dump());
        CPPUNIT_ASSERT_EQUAL(400, answer.status);
        const auto message = answer.json()["message"].get<std::string>();
        CPPUNIT_ASSERT(message.find("member+") != std::string::npos);
        CPPUNIT_ASSERT(message.find("there is no group") != std::string::npos);
    }

    void tenantComesOnce()
    {
        CPPUNIT_ASSERT_THROW(server().addWorld(kWorld), std::invalid_argument);
    }

    void unknownTenantIsRefused()
    {
        CPPUNIT_ASSERT_THROW(server().world(testId(9, 9)), std::invalid_argument);
    }

    void unknownSettingIsRefused()
    {
        CPPUNIT_ASSERT_THROW(server().configure({{"pageObject", 5}}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(server().configure({{"pageObjects", "5"}}), std::invalid_argument);
    }

    void requestsAreCountedByRoute()
    {
        client().graph("/groups/delta");
        client().graph("/groups/delta");
        const Json requests = server().requests();
        CPPUNIT_ASSERT_EQUAL(Json(2), requests["routes"]["graph.groups.delta"]);
        CPPUNIT_ASSERT_EQUAL(Json(2), requests["routes"]["token"]);
        CPPUNIT_ASSERT_EQUAL(Json(2), requests["services"]["graph"]);
        CPPUNIT_ASSERT_EQUAL(Json(4), requests["total"]);
        control("DELETE", "requests");
        CPPUNIT_ASSERT_EQUAL(Json(0), server().requests()["total"]);
    }

    void controlIsNotCounted()
    {
        control("GET", "settings");
        CPPUNIT_ASSERT_EQUAL(Json(0), control("GET", "requests")["total"]);
    }

    void generatedTenantHasTheSizesAskedFor()
    {
        const GeneratedSize size{
            .people = 200, .groups = 30, .memberships = 1500, .devices = 4, .seed = 3};
        const Json world = server().world(server().addGenerated(size));
        CPPUNIT_ASSERT_EQUAL(size_t{200}, world["users"].size());
        CPPUNIT_ASSERT_EQUAL(size_t{30}, world["groups"].size());
        CPPUNIT_ASSERT_EQUAL(size_t{4}, world["devices"].size());
        size_t memberships = 0;
        for (const auto& group : world["groups"])
        {
            const auto members = group["members"].get<std::set<std::string>>();
            CPPUNIT_ASSERT_EQUAL(group["members"].size(), members.size());
            memberships += members.size();
        }
        CPPUNIT_ASSERT_EQUAL(size_t{1500}, memberships);
    }

    void generatedTenantIsTheSameAgain()
    {
        const GeneratedSize size{.people = 50, .groups = 5, .memberships = 100, .seed = 3};
        SandboxServer other;
        CPPUNIT_ASSERT_EQUAL(server().world(server().addGenerated(size)),
                             other.world(other.addGenerated(size)));
    }

    void generatedTenantChangesByOps()
    {
        const std::string tenant =
            server().addGenerated({.people = 50, .groups = 5, .memberships = 100, .seed = 1});
        const TestClient own(server(), tenant);
        const auto first = own.round("/groups/delta?$select=displayName,members");
        CPPUNIT_ASSERT_EQUAL(size_t{5}, first.objects.size());
        const std::string group = generatedId(World::Kind::Group, 0, 1).toString();
        const std::string user = testId(2, 1);
        server().ops(tenant, {{"user+", user, {{"displayName", "New"}}}, {"member+", group, user}});
        const auto next = own.round(first.deltaLink);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, next.objects.size());
        CPPUNIT_ASSERT_EQUAL(Json(group), next.objects[0]["id"]);
        CPPUNIT_ASSERT_EQUAL(Json(user), next.objects[0]["members@delta"][0]["id"]);
    }

private:
    Json control(const std::string& method, const std::string& path, const Json& body = {})
    {
        const Answer answer =
            client().send(method, "/sandbox/" + path, {}, body.is_null() ? "" : body.dump());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, 200, answer.status);
        return answer.json();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ControlApiTest);
