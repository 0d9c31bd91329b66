#include "SandboxFixture.h"
#include "support/FreshTest.h"

#include <random>

using namespace muster::sandbox;

/// Delta over random histories: what a client that follows it ends with.
class DeltaHistoryTest : public SandboxFixture
{
    CPPUNIT_TEST_SUITE(DeltaHistoryTest);
    FRESH_TEST(anyHistoryConverges);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        start(kTenant);
        server().addTenant(kTenant, "Test", "test.example");
        for (const int i : {0, 1, 2, 3, 100, 101, 102})
            op({"user+", userId(i), {{"displayName", "User " + std::to_string(i)}}});
    }

    /// A naive mirror that applies every page in its order holds what the world holds, whatever
    /// happens, in whatever pages, also when the world changes between two pages.
    void anyHistoryConverges()
    {
        std::mt19937 random(7);
        for (int history = 0; history < 8; ++history)
        {
            server().configure({{"pageObjects", 1 + random() % 6},
                                {"pageLinks", 1 + random() % 6},
                                {"scatterLinks", random() % 3},
                                {"initialRemoved", random() % 2 == 0}});
            std::map<std::string, NaiveMirror> mirrors;
            std::map<std::string, std::string> links{
                {"groups", "/groups/delta?$select=displayName,members,owners"},
                {"users", "/users/delta?$select=displayName,mail"}};
            for (int round = 0; round < 6; ++round)
            {
                for (auto& [kind, link] : links)
                {
                    const auto read =
                        client().round(link, {}, [&] { randomOps(random, random() % 3); });
                    mirrors[kind].apply(read.objects);
                    link = read.deltaLink;
                }
                randomOps(random, 10);
            }
            for (auto& [kind, link] : links)
                mirrors[kind].apply(client().round(link).objects);
            assertMirrors(mirrors["groups"], mirrors["users"]);
        }
    }

private:
    void op(const Json& op) { server().ops(kTenant, Json::array({op})); }

    /// Ops that fit the world as it is; those that do not are left out. A purged user does not come
    /// again: Entra gives no id out twice.
    void randomOps(std::mt19937& random, size_t count)
    {
        for (size_t i = 0; i < count; ++i)
        {
            const std::string group = groupId(static_cast<int>(random() % 4));
            const std::string user = userId(static_cast<int>(random() % 8));
            const std::string mortal = userId(100 + static_cast<int>(random() % 3));
            const std::string name = "Name " + std::to_string(random() % 1000);
            const std::vector<Json> ops{{"group+", group, {{"displayName", name}}},
                                        {"user+", user, {{"displayName", name}}},
                                        {"user~", user, {{"mail", name}}},
                                        {"group~", group, {{"displayName", name}}},
                                        {"member+", group, user},
                                        {"member+", group, mortal},
                                        {"member-", group, user},
                                        {"owner+", group, user},
                                        {"owner-", group, user},
                                        {"user-", user},
                                        {"user^", user},
                                        {"group-", group},
                                        {"group^", group},
                                        {"user!", mortal}};
            try
            {
                op(ops[random() % ops.size()]);
            }
            catch (const std::invalid_argument&)
            {
                continue;
            }
        }
    }

    void assertMirrors(const NaiveMirror& groups, const NaiveMirror& users)
    {
        const Json world = server().world(kTenant);
        CPPUNIT_ASSERT_EQUAL(world["users"].size(), users.entries().size());
        for (const auto& user : world["users"])
            CPPUNIT_ASSERT_EQUAL(user["displayName"],
                                 users.entries().at(user["id"]).properties["displayName"]);
        CPPUNIT_ASSERT_EQUAL(world["groups"].size(), groups.entries().size());
        for (const auto& group : world["groups"])
        {
            const auto& entry = groups.entries().at(group["id"]);
            CPPUNIT_ASSERT_EQUAL(group["displayName"], entry.properties["displayName"]);
            CPPUNIT_ASSERT(asSet(group["members"]) == living(entry.members, users));
            CPPUNIT_ASSERT(asSet(group["owners"]) == living(entry.owners, users));
        }
    }

    static std::set<std::string> asSet(const Json& ids) { return ids.get<std::set<std::string>>(); }

    static std::set<std::string> living(const std::set<std::string>& ids, const NaiveMirror& users)
    {
        std::set<std::string> found;
        for (const auto& id : ids)
        {
            if (users.has(id))
                found.insert(id);
        }
        return found;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeltaHistoryTest);
