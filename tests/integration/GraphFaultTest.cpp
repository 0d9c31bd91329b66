#include "Scenario.h"
#include "support/FreshTest.h"

namespace muster::integration {

/// What Graph does on bad days (contracts/graph.md, sections 4 and 9): the end state is right all
/// the same, or the run says that it is not done and nothing was removed.
class GraphFaultTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(GraphFaultTest);
    FRESH_TEST(ridesOutA429StormWithFractionalRetryAfter);
    FRESH_TEST(ridesOutAThrottledTokenEndpoint);
    FRESH_TEST(asksAgainAfter503);
    FRESH_TEST(asksAgainAfter500);
    FRESH_TEST(asksAgainAfterAnHtmlError);
    FRESH_TEST(asksAgainAfterACutBody);
    FRESH_TEST(asksAgainAfterACutChunkedBody);
    FRESH_TEST(asksAgainAfterADroppedConnection);
    FRESH_TEST(asksAgainAfterJsonThatEndsInTheMiddle);
    FRESH_TEST(waitsForSlowAnswers);
    FRESH_TEST(takesABodyThatComesInDribbles);
    FRESH_TEST(fetchesANewTokenOnceWhenItIsRefused);
    FRESH_TEST(goesOnAfterEmptyPages);
    FRESH_TEST(takesRepeatedObjectsOnce);
    FRESH_TEST(takesObjectsInAnyOrder);
    FRESH_TEST(mergesGroupsScatteredOverPages);
    FRESH_TEST(takesRemovedObjectsInTheFirstPass);
    FRESH_TEST(mirrorsAnewWhenTheCursorIsGone);
    FRESH_TEST(mirrorsAnewWhenTheSyncStateIsNotFound);
    FRESH_TEST(startsAListAgainWhenItsPageTokenExpired);
    FRESH_TEST(takesDeletedPeopleOutThoughGroupsDeltaKeepsThem);
    FRESH_TEST(takesPurgedPeopleOutThoughGroupsDeltaKeepsThem);
    FRESH_TEST(bringsRestoredPeopleAndGroupsBack);
    FRESH_TEST(bringsARestoredGroupBackWhoseMembersDeltaLeavesOut);
    FRESH_TEST(followsNoLinkToAnotherHost);
    FRESH_TEST(endsALoopOfPagesWithoutRemovals);
    FRESH_TEST(saysWhatToDoAboutAnExpiredSecret);
    FRESH_TEST(keepsTheMembersOfAGroupThatItMayNoLongerRead);
    FRESH_TEST(readsGroupsAndPeopleWithoutTheRightToReadDevices);
    CPPUNIT_TEST_SUITE_END();

    Scenario _scenario;

    /// Pages of four objects, so that every list has several.
    void start()
    {
        _scenario.sandbox.configure({{"pageObjects", 4}, {"pageLinks", 9}});
        _scenario.start(contoso::tenant(10, 5, 4));
    }

    /// Someone leaves a group, someone comes, a group is renamed, an owner goes.
    void changeSome()
    {
        _scenario.change({contoso::link("member-", 1, 2), contoso::addPerson(11),
                          contoso::link("member+", 3, 11),
                          contoso::changeGroup(2, {{"displayName", "Team Two"}}),
                          contoso::link("owner-", 4, 3), contoso::link("member+", 5, 1)});
    }

    void hitsAtLeast(long count)
    {
        for (const auto& fault : _scenario.sandbox.faults())
            CPPUNIT_ASSERT_MESSAGE(fault.dump(), fault.at("hit").get<long>() >= count);
        _scenario.sandbox.clearFaults();
    }

    /// The first mirror and a round of changes with the fault: each succeeds.
    void survives(const Json& fault, long hits = 1)
    {
        start();
        _scenario.sandbox.addFault(fault);
        _scenario.sync();
        hitsAtLeast(hits);
        changeSome();
        _scenario.sandbox.addFault(fault);
        _scenario.sync();
        hitsAtLeast(hits);
    }

    /// A round of changes with the fault, which only a delta round can have.
    void survivesLater(const Json& fault)
    {
        start();
        _scenario.sync();
        changeSome();
        _scenario.sandbox.addFault(fault);
        _scenario.sync();
        hitsAtLeast(1);
        _scenario.sync();
    }

    /// A round with the fault that cannot succeed: it removes nothing, and the next is right.
    Finished failsSafely(const Json& fault)
    {
        start();
        _scenario.sync();
        const auto before = _scenario.desk();
        _scenario.change({contoso::link("member-", 1, 2),
                          contoso::link("member-", 2, 5),
                          {"user-", contoso::person(4)},
                          {"group-", contoso::group(5)}});
        _scenario.sandbox.addFault(fault);
        const auto finished = _scenario.trySync();
        nothingRemoved(before, _scenario.desk());
        hitsAtLeast(1);
        _scenario.sync();
        return finished;
    }

    static Json status(int code, const Json& more)
    {
        Json fault{{"kind", "status"},
                   {"status", code},
                   {"retryAfter", "0.02"},
                   {"match", {{"path", "/v1.0/"}}}};
        fault.update(more);
        return fault;
    }

public:
    void ridesOutA429StormWithFractionalRetryAfter()
    {
        survives({{"kind", "throttle"},
                  {"retryAfter", "0.128"},
                  {"times", 6},
                  {"after", 1},
                  {"match", {{"path", "/v1.0/"}}}},
                 6);
    }

    void ridesOutAThrottledTokenEndpoint()
    {
        survives({{"kind", "throttle"},
                  {"retryAfter", "0.128"},
                  {"times", 3},
                  {"match", {{"route", "token"}}}},
                 3);
    }

    void asksAgainAfter503() { survives(status(503, {{"times", 3}, {"after", 2}}), 3); }
    void asksAgainAfter500() { survives(status(500, {{"after", 1}})); }
    void asksAgainAfterAnHtmlError()
    {
        survives({{"kind", "htmlError"}, {"after", 2}, {"match", {{"path", "/v1.0/"}}}});
    }
    void asksAgainAfterACutBody()
    {
        survives({{"kind", "cut"}, {"after", 1}, {"match", {{"path", "/v1.0/groups"}}}});
    }
    void asksAgainAfterACutChunkedBody()
    {
        survives({{"kind", "cutChunked"}, {"match", {{"path", "/v1.0/users"}}}});
    }
    void asksAgainAfterADroppedConnection()
    {
        survives({{"kind", "drop"}, {"match", {{"path", "/v1.0/groups"}}}});
    }
    void asksAgainAfterJsonThatEndsInTheMiddle()
    {
        survives({{"kind", "garbage"}, {"match", {{"path", "/v1.0/users"}}}});
    }
    void waitsForSlowAnswers()
    {
        survives({{"kind", "slow"}, {"delay", 700}, {"times", 2}, {"match", {{"path", "/v1.0/"}}}},
                 2);
    }
    void takesABodyThatComesInDribbles()
    {
        survives({{"kind", "dribble"},
                  {"delay", 10},
                  {"bytes", 64},
                  {"match", {{"path", "/v1.0/groups"}}}});
    }

    void fetchesANewTokenOnceWhenItIsRefused()
    {
        start();
        _scenario.sandbox.addFault(
            {{"kind", "unauthorizedOnce"}, {"after", 3}, {"match", {{"path", "/v1.0/"}}}});
        _scenario.sync();
        hitsAtLeast(1);
        CPPUNIT_ASSERT_EQUAL(size_t(2), _scenario.requests("token"));
    }

    void goesOnAfterEmptyPages()
    {
        survives({{"kind", "emptyPage"}, {"times", 3}, {"match", {{"path", "/v1.0/"}}}}, 3);
    }
    void takesRepeatedObjectsOnce()
    {
        survives({{"kind", "repeat"}, {"times", -1}, {"match", {{"path", "/v1.0/"}}}});
    }
    void takesObjectsInAnyOrder()
    {
        survives({{"kind", "reorder"}, {"times", -1}, {"match", {{"path", "/v1.0/"}}}});
    }

    void mergesGroupsScatteredOverPages()
    {
        _scenario.sandbox.configure({{"scatterLinks", 1}});
        start();
        _scenario.sync();
        changeSome();
        _scenario.sync();
    }

    void takesRemovedObjectsInTheFirstPass()
    {
        _scenario.sandbox.configure({{"initialRemoved", true}});
        start();
        _scenario.change({{"group-", contoso::group(5)},
                          {"user-", contoso::person(9)},
                          contoso::link("member-", 1, 2)});
        _scenario.sync();
        changeSome();
        _scenario.sync();
    }

    void mirrorsAnewWhenTheCursorIsGone()
    {
        survivesLater({{"kind", "expireCursor"},
                       {"status", 410},
                       {"times", 3},
                       {"match", {{"path", "^/v1.0/.*deltatoken="}}}});
    }
    void mirrorsAnewWhenTheSyncStateIsNotFound()
    {
        survivesLater({{"kind", "expireCursor"},
                       {"status", 400},
                       {"times", 3},
                       {"match", {{"path", "^/v1.0/.*deltatoken="}}}});
    }

    void startsAListAgainWhenItsPageTokenExpired()
    {
        start();
        const Json body{{"error",
                         {{"code", "Directory_ExpiredPageToken"},
                          {"message", "The specified page token value has expired."}}}};
        _scenario.sandbox.addFault({{"kind", "status"},
                                    {"status", 400},
                                    {"body", body},
                                    {"after", 1},
                                    {"match", {{"path", "^/v1.0/users/delta.*skiptoken="}}}});
        _scenario.sync();
        hitsAtLeast(1);
    }

    void takesDeletedPeopleOutThoughGroupsDeltaKeepsThem()
    {
        start();
        _scenario.sync();
        _scenario.change(Json::array({Json::array({"user-", contoso::person(2)})}));
        _scenario.sync(0, {"--approve"});
        CPPUNIT_ASSERT_EQUAL(size_t(0),
                             _scenario.desk().groups.at("Team 1").count(contoso::address(2)));
    }

    void takesPurgedPeopleOutThoughGroupsDeltaKeepsThem()
    {
        _scenario.sandbox.configure({{"purgedMembersReported", false}});
        start();
        _scenario.sync();
        _scenario.change(Json::array({Json::array({"user-", contoso::person(2)}),
                                      Json::array({"user!", contoso::person(2)})}));
        _scenario.sync(0, {"--approve"});
        CPPUNIT_ASSERT_EQUAL(size_t(0),
                             _scenario.desk().groups.at("Team 1").count(contoso::address(2)));
    }

    void bringsRestoredPeopleAndGroupsBack()
    {
        start();
        _scenario.sync();
        _scenario.change(Json::array({Json::array({"user-", contoso::person(2)}),
                                      Json::array({"group-", contoso::group(3)})}));
        _scenario.sync(0, {"--approve"});
        _scenario.change(Json::array({Json::array({"user^", contoso::person(2)}),
                                      Json::array({"group^", contoso::group(3)})}));
        _scenario.sync(0, {"--approve"});
    }

    void bringsARestoredGroupBackWhoseMembersDeltaLeavesOut()
    {
        _scenario.sandbox.configure({{"restoredGroupListsMembers", false}});
        bringsRestoredPeopleAndGroupsBack();
    }

    void followsNoLinkToAnotherHost()
    {
        const sandbox::SandboxServer other;
        const auto finished = failsSafely({{"kind", "wrongHostLink"},
                                           {"host", other.baseUrl()},
                                           {"times", -1},
                                           {"match", {{"path", "/v1.0/groups"}}}});
        CPPUNIT_ASSERT_EQUAL(0, other.requests().at("total").get<int>());
        CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                               finished.output.find("another host") != std::string::npos);
    }

    void endsALoopOfPagesWithoutRemovals()
    {
        failsSafely({{"kind", "loop"}, {"times", -1}, {"match", {{"path", "/v1.0/groups"}}}});
    }

    void saysWhatToDoAboutAnExpiredSecret()
    {
        start();
        _scenario.sandbox.addFault({{"kind", "tokenError"},
                                    {"code", 7000222},
                                    {"times", -1},
                                    {"match", {{"route", "token"}}}});
        const auto finished = _scenario.trySync();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.describe(), 78, finished.exitCode);
        CPPUNIT_ASSERT_MESSAGE(finished.describe(),
                               finished.output.find("expired") != std::string::npos);
    }

    /// Without Member.Read.Hidden the members are left out of the answers, as if there were none.
    void keepsTheMembersOfAGroupThatItMayNoLongerRead()
    {
        const Json roles{"GroupMember.Read.All", "User.Read.All", "Device.Read.All"};
        auto more = roles;
        more.push_back("Member.Read.Hidden");
        _scenario.sandbox.configure({{"roles", more}});
        start();
        _scenario.change({contoso::addGroup(6, "Board",
                                            {{"groupTypes", {"Unified"}},
                                             {"mailEnabled", true},
                                             {"visibility", "HiddenMembership"}}),
                          contoso::link("member+", 6, 1), contoso::link("member+", 6, 2),
                          contoso::link("member+", 6, 3)});
        _scenario.sync();
        const auto board = _scenario.desk().groups.at("Board");
        CPPUNIT_ASSERT_EQUAL(size_t(3), board.size());
        _scenario.sandbox.configure({{"roles", roles}});
        _scenario.sandbox.addFault({{"kind", "expireCursor"},
                                    {"times", 3},
                                    {"match", {{"path", "^/v1.0/.*deltatoken="}}}});
        const auto finished = _scenario.trySync({"--approve"});
        CPPUNIT_ASSERT_MESSAGE(finished.describe(), _scenario.desk().groups.at("Board") == board);
    }

    void readsGroupsAndPeopleWithoutTheRightToReadDevices()
    {
        _scenario.sandbox.configure({{"roles", {"GroupMember.Read.All", "User.Read.All"}}});
        start();
        _scenario.sync();
        changeSome();
        _scenario.sync();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GraphFaultTest);

} // namespace muster::integration
