#include "graph/SourceFixture.h"
#include "support/FreshTest.h"

#include <random>

namespace muster::graph {

using testing::Json;

/// Real histories, step by step: after every step the mirror has what Graph has.
class WorldTest : public CppUnit::TestFixture, public testing::SourceFixture
{
    CPPUNIT_TEST_SUITE(WorldTest);
    FRESH_TEST(followsTheHistoryOfKubernetesCsi);
    FRESH_TEST(followsTheHistoryOfKubernetesClient);
    FRESH_TEST(followsTheHistoryOfEtcd);
    FRESH_TEST(followsAHistoryThroughTrouble);
    CPPUNIT_TEST_SUITE_END();

    void start(const std::string& name)
    {
        use(server.addWorld(std::string(MUSTER_SOURCE_DIR) + "/tests/worlds/" + name + ".ndjson"));
        server.configure({{"pageObjects", 5}, {"pageLinks", 7}, {"scatterLinks", 3}});
    }

    void follow(const std::string& name)
    {
        start(name);
        while (true)
        {
            CPPUNIT_ASSERT(refresh().complete);
            CPPUNIT_ASSERT_EQUAL(std::string(), difference());
            if (server.advance(tenant.directory.tenant)["left"] == 0)
                break;
        }
    }

public:
    void followsTheHistoryOfKubernetesCsi() { follow("kubernetes-csi"); }
    void followsTheHistoryOfKubernetesClient() { follow("kubernetes-client"); }
    void followsTheHistoryOfEtcd() { follow("etcd-io"); }

    void followsAHistoryThroughTrouble()
    {
        start("kubernetes-csi");
        std::minstd_rand random(7);
        const std::vector<std::string> kinds = {"throttle", "htmlError", "garbage",
                                                "drop",     "cut",       "expireCursor",
                                                "repeat",   "reorder",   "emptyPage"};
        do
        {
            server.clearFaults();
            for (int i = 0; i < 3; ++i)
                server.addFault({{"kind", kinds[random() % kinds.size()]},
                                 {"match", {{"path", "/v1.0/"}}},
                                 {"after", random() % 6},
                                 {"status", random() % 2 == 0 ? 410 : 503}});
            CPPUNIT_ASSERT(refresh().complete);
            CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        } while (server.advance(tenant.directory.tenant, 1 + random() % 4)["left"] != 0);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WorldTest);

} // namespace muster::graph
