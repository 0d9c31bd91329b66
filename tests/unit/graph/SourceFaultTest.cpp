#include "graph/SourceFixture.h"
#include "support/FreshTest.h"

#include <thread>

namespace muster::graph {

using testing::Json;

/// What goes wrong on the way: the end state is right, or nothing was removed.
class SourceFaultTest : public CppUnit::TestFixture, public testing::SourceFixture
{
    CPPUNIT_TEST_SUITE(SourceFaultTest);
    FRESH_TEST(passingTroubleChangesNothing);
    FRESH_TEST(unreachableTenantThrowsWhileNeverComplete);
    FRESH_TEST(unreachableTenantIsIncompleteLater);
    FRESH_TEST(unreachableAuthorityIsIncompleteLater);
    FRESH_TEST(brokenPageIsNotApplied);
    FRESH_TEST(expiredTokenIsRenewed);
    FRESH_TEST(sandboxThrottleIsHonoured);
    FRESH_TEST(tenantsAreRefreshedAtOnce);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        std::vector<Json> list;
        for (int number = 1; number <= 20; ++number)
            list.push_back(addUser(number));
        for (int number = 30; number <= 39; ++number)
        {
            list.push_back(addGroup(number));
            list.push_back(op("member+", number, number - 29));
            list.push_back(op("member+", number, number - 19));
        }
        ops(list);
        server.configure({{"pageObjects", 4}});
    }

    void passingTroubleChangesNothing()
    {
        int after = 0;
        for (const auto* kind : {"throttle", "htmlError", "garbage", "drop", "cut", "cutChunked",
                                 "unauthorizedOnce", "slow", "dribble"})
        {
            // Each pair of faults meets one request, and then the next one.
            Json fault = {
                {"kind", kind}, {"match", {{"path", "/v1.0/"}}}, {"times", 2}, {"after", after}};
            if (std::string(kind) == "unauthorizedOnce")
                fault["times"] = 1;
            if (std::string(kind) == "dribble")
                fault["delay"] = 1;
            server.addFault(fault);
            ++after;
        }
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        CPPUNIT_ASSERT_EQUAL(int64_t(0), past());
    }

    void unreachableTenantThrowsWhileNeverComplete()
    {
        server.addFault({{"kind", "drop"}, {"match", {{"path", "/v1.0/groups"}}}, {"times", -1}});
        CPPUNIT_ASSERT_THROW(refresh(), RetryError);
    }

    void unreachableTenantIsIncompleteLater()
    {
        refresh();
        server.addFault({{"kind", "drop"}, {"match", {{"path", "/v1.0/users"}}}, {"times", -1}});
        ops({op("member-", 30, 1)});
        CPPUNIT_ASSERT(!refresh().complete);
        CPPUNIT_ASSERT(outcome.problem.find("try again later") != std::string::npos);
        CPPUNIT_ASSERT(outcome.requests >= 8);
        server.clearFaults();
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void unreachableAuthorityIsIncompleteLater()
    {
        refresh();
        clock.advance(std::chrono::hours(2));
        server.addFault(
            {{"kind", "status"}, {"match", {{"method", "POST"}}}, {"times", -1}, {"status", 503}});
        CPPUNIT_ASSERT(!refresh().complete);
        CPPUNIT_ASSERT_EQUAL(uint64_t(0), outcome.requests);
    }

    void brokenPageIsNotApplied()
    {
        refresh();
        touched();
        server.addFault({{"kind", "status"},
                         {"match", {{"path", "/v1.0/groups/delta"}}},
                         {"status", 200},
                         {"times", -1},
                         {"body", R"({"value":[{"id":"nonsense"}],"@odata.deltaLink":")" +
                                      server.baseUrl() + R"(/v1.0/groups/delta?x"})"},
                         {"contentType", "application/json"}});
        CPPUNIT_ASSERT(!refresh().complete);
        CPPUNIT_ASSERT(outcome.problem.find("GUID") != std::string::npos);
        CPPUNIT_ASSERT(touched().empty());
        server.clearFaults();
        CPPUNIT_ASSERT(refresh().complete);
    }

    void expiredTokenIsRenewed()
    {
        refresh();
        server.advanceClock(7200);
        ops({op("member-", 30, 1)});
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        CPPUNIT_ASSERT_EQUAL(uint64_t(4), outcome.requests);
    }

    void sandboxThrottleIsHonoured()
    {
        server.configure({{"throttleUnits", 3}, {"throttleSeconds", 0.2}});
        runtime::SystemClock real;
        GraphSource patient(store, real, [](const auto&) { return "sandbox-secret"; },
                            {.firstDelay = std::chrono::milliseconds(20)});
        CPPUNIT_ASSERT(patient.refresh(tenant, {}, progress, cancellation).complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void tenantsAreRefreshedAtOnce()
    {
        constexpr const char* kOther = "3f0c0e0e-0000-4000-8000-000000000002";
        server.addTenant(kOther, "Fabrikam", "fabrikam.example");
        server.ops(kOther, {addUser(1), addGroup(10), op("member+", 10, 1)});
        database.execute("INSERT INTO tenant(id, name, document) VALUES(2, 'fabrikam', '{}')");
        auto other = tenant;
        other.id = 2;
        other.name = "fabrikam";
        other.directory.tenant = kOther;
        std::thread second(
            [&] { CPPUNIT_ASSERT(source.refresh(other, {}, progress, cancellation).complete); });
        refresh();
        second.join();
        CPPUNIT_ASSERT(outcome.complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        directory::Directory fabrikam(database, 2);
        CPPUNIT_ASSERT(fabrikam.findGroup(testing::guid(10)));
        CPPUNIT_ASSERT(!fabrikam.findGroup(testing::guid(30)));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SourceFaultTest);

} // namespace muster::graph
