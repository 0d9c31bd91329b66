#include "graph/SourceFixture.h"
#include "support/FreshTest.h"

namespace muster::graph {

using directory::Mirror;
using testing::guid;
using testing::Json;

/// Cursors that are no good any more, and processes that end in the middle.
class ResyncTest : public CppUnit::TestFixture, public testing::SourceFixture
{
    CPPUNIT_TEST_SUITE(ResyncTest);
    FRESH_TEST(goneCursorIsReadAnew);
    FRESH_TEST(lostSyncStateIsReadAnew);
    FRESH_TEST(codesAreReadInAnyCaseAndDepth);
    FRESH_TEST(badTokenIsReadAnew);
    FRESH_TEST(foreignLocationIsNotFollowed);
    FRESH_TEST(liveDataStandsUntilTheResyncIsWhole);
    FRESH_TEST(resyncGoesOnWhereItStopped);
    FRESH_TEST(resyncThatBecameWholeIsTakenOver);
    FRESH_TEST(firstMirrorGoesOnAtItsLastPage);
    FRESH_TEST(expiredPageOfAFirstMirrorLeavesNothingBehind);
    FRESH_TEST(expiredPageOfAChangeIsReadAnew);
    FRESH_TEST(peopleAreReadAnewToo);
    FRESH_TEST(endlessResyncIsGivenUp);
    FRESH_TEST(loopIsFoundAndLeft);
    CPPUNIT_TEST_SUITE_END();

    void expire(const std::string& resource, int status = 410, int after = 0)
    {
        server.addFault({{"kind", "expireCursor"},
                         {"match", {{"path", "/v1.0/" + resource + "/delta"}}},
                         {"after", after},
                         {"status", status}});
    }
    /// Graph fails from the nth request to the groups on, until clearFaults().
    void failFrom(int request)
    {
        server.addFault({{"kind", "status"},
                         {"match", {{"path", "/v1.0/groups/delta"}}},
                         {"after", request - 1},
                         {"times", -1},
                         {"status", 503}});
    }

public:
    void setUp() override
    {
        std::vector<Json> list;
        for (int number = 1; number <= 9; ++number)
            list.push_back(addUser(number));
        for (int number = 10; number <= 19; ++number)
        {
            list.push_back(addGroup(number));
            list.push_back(op("member+", number, number - 9 > 9 ? 1 : number - 9));
        }
        ops(list);
        server.configure({{"pageObjects", 2}});
    }

    void goneCursorIsReadAnew()
    {
        refresh();
        touched();
        ops({op("member-", 10, 1), op("group-", 11), addGroup(20), op("member+", 20, 2)});
        expire("groups");
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        CPPUNIT_ASSERT((touched() == std::vector<int>{10, 11, 20}));
        refresh();
        CPPUNIT_ASSERT_EQUAL(uint64_t(3), outcome.requests);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void lostSyncStateIsReadAnew()
    {
        refresh();
        ops({op("member-", 10, 1)});
        expire("groups", 400);
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void codesAreReadInAnyCaseAndDepth()
    {
        refresh();
        ops({op("member-", 10, 1)});
        server.addFault(
            {{"kind", "status"},
             {"match", {{"path", "/v1.0/groups/delta"}}},
             {"status", 404},
             {"body",
              {{"error",
                {{"code", "notFound"}, {"innererror", {{"code", "SyncStateNotFound"}}}}}}}});
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void badTokenIsReadAnew()
    {
        refresh();
        auto cursor = *mirror.cursor(Mirror::Copy::Live, "groups");
        cursor.link += "broken";
        mirror.saveCursor(Mirror::Copy::Live, "groups", cursor);
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void foreignLocationIsNotFollowed()
    {
        refresh();
        sandbox::SandboxServer attacker;
        ops({op("member-", 10, 1)});
        server.addFault(
            {{"kind", "status"},
             {"match", {{"path", "/v1.0/groups/delta"}}},
             {"status", 410},
             {"headers",
              {{"Location", attacker.baseUrl() + "/v1.0/groups/delta?$select=id&$deltatoken="}}}});
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        CPPUNIT_ASSERT_EQUAL(0, attacker.requests()["total"].get<int>());
    }

    void liveDataStandsUntilTheResyncIsWhole()
    {
        refresh();
        touched();
        ops({op("member-", 10, 1), op("group-", 11)});
        expire("groups");
        failFrom(3);
        CPPUNIT_ASSERT(!refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(10));
        CPPUNIT_ASSERT_EQUAL(std::string("2m"), people(11));
        CPPUNIT_ASSERT(touched().empty());
        CPPUNIT_ASSERT(mirror.cursor(Mirror::Copy::Staged, "groups"));
    }

    void resyncGoesOnWhereItStopped()
    {
        liveDataStandsUntilTheResyncIsWhole();
        server.clearFaults();
        requests();
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        CPPUNIT_ASSERT(requests()["graph.groups.delta"] < 5);
        CPPUNIT_ASSERT(!mirror.cursor(Mirror::Copy::Staged, "groups"));
    }

    void resyncThatBecameWholeIsTakenOver()
    {
        refresh();
        const auto live = *mirror.cursor(Mirror::Copy::Live, "groups");
        mirror.beginResync("groups");
        mirror.apply(Mirror::Copy::Staged, {.kind = "group", .objects = {group(10)}}, "groups",
                     {.link = live.link, .complete = true, .selected = live.selected});
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string("no such group"), people(11));
        CPPUNIT_ASSERT_EQUAL(uint64_t(3), outcome.requests);
    }

    void firstMirrorGoesOnAtItsLastPage()
    {
        failFrom(4);
        CPPUNIT_ASSERT_THROW(refresh(), RetryError);
        server.clearFaults();
        requests();
        GraphSource restarted(store, clock, [](const auto&) { return "sandbox-secret"; });
        CPPUNIT_ASSERT(restarted.refresh(tenant, {}, progress, cancellation).complete);
        CPPUNIT_ASSERT_EQUAL(2, requests()["graph.groups.delta"]);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void expiredPageOfAFirstMirrorLeavesNothingBehind()
    {
        failFrom(4);
        CPPUNIT_ASSERT_THROW(refresh(), RetryError);
        server.clearFaults();
        ops({op("group-", 10), op("member-", 11, 2)});
        server.addFault({{"kind", "status"},
                         {"match", {{"path", "/v1.0/groups/delta"}}},
                         {"status", 400},
                         {"body", {{"error", {{"code", "Directory_ExpiredPageToken"}}}}}});
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void expiredPageOfAChangeIsReadAnew()
    {
        refresh();
        std::vector<Json> list;
        for (int number = 10; number <= 19; ++number)
            list.push_back(op("member+", number, 9));
        ops(list);
        expire("groups", 410, 2);
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void peopleAreReadAnewToo()
    {
        refresh();
        touched();
        ops({op("user!", 2), Json{"user~", guid(3), {{"displayName", "Other"}}}});
        expire("users");
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        CPPUNIT_ASSERT((touched() == std::vector<int>{11, 12}));
    }

    void endlessResyncIsGivenUp()
    {
        refresh();
        server.addFault({{"kind", "status"},
                         {"match", {{"path", "/v1.0/groups/delta"}}},
                         {"times", -1},
                         {"status", 410}});
        CPPUNIT_ASSERT(!refresh().complete);
        CPPUNIT_ASSERT(outcome.requests < 10);
        server.clearFaults();
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void loopIsFoundAndLeft()
    {
        server.addFault({{"kind", "loop"},
                         {"match", {{"path", "/v1.0/groups/delta"}}},
                         {"after", 2},
                         {"times", -1}});
        CPPUNIT_ASSERT(!refresh().complete);
        CPPUNIT_ASSERT(outcome.problem.find("do not end") != std::string::npos);
        CPPUNIT_ASSERT(outcome.requests < 20);
        server.clearFaults();
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ResyncTest);

} // namespace muster::graph
