#include "graph/SourceFixture.h"
#include "support/FreshTest.h"

namespace muster::graph {

using testing::guid;
using testing::Json;

/// The traps of contracts/graph.md, section 9, by their numbers.
class TrapTest : public CppUnit::TestFixture, public testing::SourceFixture
{
    CPPUNIT_TEST_SUITE(TrapTest);
    FRESH_TEST(trap01PagesComeInAnyShape);
    FRESH_TEST(trap02InitialPassHoldsRemovals);
    FRESH_TEST(trap03DeletedPeopleLeaveThroughUsers);
    FRESH_TEST(trap03DeletedDevicesAndNestedGroupsLeave);
    FRESH_TEST(trap04ServicePrincipalsSurviveADirectLook);
    FRESH_TEST(trap05UnreadableObjectKeepsItsName);
    FRESH_TEST(trap06HiddenMembersStay);
    FRESH_TEST(trap06HiddenMembersAreReadWithThePermission);
    FRESH_TEST(trap07StaleMirrorIsAFinding);
    FRESH_TEST(trap08OtherSelectionIsReadAnewBesideTheOld);
    FRESH_TEST(trap09NullClearsAndAbsentKeeps);
    FRESH_TEST(trap10GuestsAndUnicode);
    FRESH_TEST(trap11FractionalRetryAfter);
    FRESH_TEST(trap12LinkToAnotherHostIsNotFollowed);
    FRESH_TEST(trap13MissingConsentIsForbidden);
    FRESH_TEST(trap14RestoredGroupIsLookedAt);
    FRESH_TEST(trap14RestoredPersonIsShownAgain);
    FRESH_TEST(trap15PageIsAppliedAgainAfterACrash);
    FRESH_TEST(namedGroupsAreLookedAt);
    FRESH_TEST(groupsAreVerifiedInTurn);
    CPPUNIT_TEST_SUITE_END();

    /// Has the next request to the path answered with this page instead of the sandbox's.
    void answerOnce(const std::string& path, const Json& body)
    {
        server.addFault(
            {{"kind", "status"}, {"match", {{"path", path}}}, {"status", 200}, {"body", body}});
    }
    Json deltaPage(const std::string& resource, const Json& values)
    {
        return {{"@odata.deltaLink",
                 server.baseUrl() + "/v1.0/" + resource + "/delta?$deltatoken=made"},
                {"value", values}};
    }

public:
    void setUp() override
    {
        ops({addUser(1), addUser(2), addUser(3), addGroup(10), addGroup(11), op("member+", 10, 1),
             op("member+", 10, 2), op("owner+", 10, 3), op("member+", 11, 3)});
    }

    void trap01PagesComeInAnyShape()
    {
        std::vector<Json> more;
        for (int number = 100; number < 200; ++number)
            more.insert(more.end(), {addUser(number), op("member+", 10 + number % 2, number)});
        ops(more);
        server.configure({{"pageObjects", 7}, {"pageLinks", 5}, {"scatterLinks", 3}});
        server.addFault({{"kind", "emptyPage"}, {"match", {{"path", "/v1.0/"}}}, {"times", 3}});
        server.addFault({{"kind", "repeat"}, {"match", {{"path", "/v1.0/users"}}}, {"times", 5}});
        server.addFault({{"kind", "repeat"}, {"match", {{"path", "/v1.0/groups"}}}, {"times", 5}});
        server.addFault({{"kind", "reorder"}, {"match", {{"path", "/v1.0/groups"}}}, {"times", 5}});
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        CPPUNIT_ASSERT_EQUAL(int64_t(0), past());
    }

    void trap02InitialPassHoldsRemovals()
    {
        ops({op("member-", 10, 1), op("user-", 2), addGroup(12), op("group-", 12)});
        server.configure({{"initialRemoved", true}});
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        CPPUNIT_ASSERT_EQUAL(std::string("3o"), people(10));
    }

    void trap03DeletedPeopleLeaveThroughUsers()
    {
        refresh();
        touched();
        ops({op("user-", 1)});
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string("2m 3o"), people(10));
        CPPUNIT_ASSERT(touched() == std::vector<int>{10});
        ops({op("user!", 1), op("user!", 2)});
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string("3o"), people(10));
        CPPUNIT_ASSERT_EQUAL(int64_t(2), past());
    }

    void trap03DeletedDevicesAndNestedGroupsLeave()
    {
        ops({Json{"device+", guid(5), {{"displayName", "PC"}}}, op("holds+", 11, 5),
             op("child+", 10, 11)});
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m 3mo"), people(10, {.expandNested = true}));
        touched();
        ops({op("device-", 5), op("group-", 11)});
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m 3o"), people(10, {.expandNested = true}));
        CPPUNIT_ASSERT((touched() == std::vector<int>{10, 11}));
    }

    void trap04ServicePrincipalsSurviveADirectLook()
    {
        ops({Json{"servicePrincipal+", guid(6), {{"displayName", "App"}}}, op("member+", 10, 6)});
        refresh();
        const auto members = [this] {
            return *database.value<int64_t>("SELECT count(*) FROM membership WHERE grp = $1"
                                            " AND role = 0",
                                            {id(10)});
        };
        const auto before = members();
        refresh({.verifyGroups = {guid(10)}});
        CPPUNIT_ASSERT_EQUAL(before, members());
        CPPUNIT_ASSERT_EQUAL(int64_t(0), past());
    }

    void trap05UnreadableObjectKeepsItsName()
    {
        refresh();
        answerOnce("/v1.0/users", deltaPage("users", {{{"id", guid(1)},
                                                       {"displayName", nullptr},
                                                       {"mail", nullptr},
                                                       {"userPrincipalName", nullptr}}}));
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string("User 1"),
                             read.view(id(10), {})->group.people.at(0).displayName);
    }

    void trap06HiddenMembersStay()
    {
        server.configure(
            {{"roles",
              {"GroupMember.Read.All", "User.Read.All", "Device.Read.All", "Member.Read.Hidden"}}});
        ops({addGroup(12, R"({"visibility":"Hiddenmembership","groupTypes":["Unified"]})"),
             op("member+", 12, 1)});
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(12));
        server.configure({{"roles", {"GroupMember.Read.All", "User.Read.All", "Device.Read.All"}}});
        clock.advance(std::chrono::hours(2)); // another token
        refresh({.verifyGroups = {guid(12)}});
        CPPUNIT_ASSERT(outcome.complete);
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(12));
        CPPUNIT_ASSERT(!read.view(id(12), {})->membersKnown);
        CPPUNIT_ASSERT(hasFinding("hidden-members"));
    }

    void trap06HiddenMembersAreReadWithThePermission()
    {
        ops({addGroup(12, R"({"visibility":"HiddenMembership","groupTypes":["Unified"]})"),
             op("member+", 12, 1)});
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string(), people(12));
        CPPUNIT_ASSERT(!read.view(id(12), {})->membersKnown);
        server.configure(
            {{"roles",
              {"GroupMember.Read.All", "User.Read.All", "Device.Read.All", "Member.Read.Hidden"}}});
        clock.advance(std::chrono::hours(2));
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(12));
        CPPUNIT_ASSERT(read.view(id(12), {})->membersKnown);
        CPPUNIT_ASSERT(!hasFinding("hidden-members"));
    }

    void trap07StaleMirrorIsAFinding()
    {
        refresh();
        server.addFault({{"kind", "status"},
                         {"match", {{"path", "/v1.0/groups"}}},
                         {"times", -1},
                         {"status", 503}});
        clock.advance(std::chrono::hours(24 * 4));
        CPPUNIT_ASSERT(!refresh().complete);
        CPPUNIT_ASSERT(!outcome.problem.empty());
        CPPUNIT_ASSERT(!hasFinding("mirror-stale"));
        clock.advance(std::chrono::hours(24 * 2));
        refresh();
        CPPUNIT_ASSERT(hasFinding("mirror-stale"));
    }

    void trap08OtherSelectionIsReadAnewBesideTheOld()
    {
        refresh();
        database.execute("UPDATE cursor SET selected = 'displayName' WHERE resource = 'groups'");
        touched();
        requests();
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(uint64_t(3), outcome.requests);
        CPPUNIT_ASSERT(touched().empty());
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void trap09NullClearsAndAbsentKeeps()
    {
        ops({Json{"user~", guid(1), {{"jobTitle", "Chef"}, {"surname", "One"}}}});
        refresh();
        answerOnce("/v1.0/users", deltaPage("users", {{{"id", guid(1)}, {"jobTitle", nullptr}}}));
        refresh();
        const auto person = read.view(id(10), {})->group.people.at(0);
        CPPUNIT_ASSERT_EQUAL(std::string(), person.jobTitle);
        CPPUNIT_ASSERT_EQUAL(std::string("One"), person.surname);
        CPPUNIT_ASSERT_EQUAL(std::string("user1@contoso.example"), person.address);
    }

    void trap10GuestsAndUnicode()
    {
        ops({addUser(4, R"({"mail":null,"displayName":"Zoë 李 \"😀\" \u0001",
                 "userPrincipalName":"zoe_fabrikam.example#EXT#@contoso.example"})"),
             op("member+", 10, 4)});
        refresh();
        const auto people = read.view(id(10), {})->group.people;
        const auto& guest = people.back();
        CPPUNIT_ASSERT_EQUAL(std::string("zoe@fabrikam.example"), guest.address);
        CPPUNIT_ASSERT_EQUAL(std::string("Zoë 李 \"😀\" \x01"), guest.displayName);
        CPPUNIT_ASSERT(guest.isGuest);
    }

    void trap11FractionalRetryAfter()
    {
        server.addFault({{"kind", "throttle"},
                         {"match", {{"path", "/v1.0/"}}},
                         {"times", 3},
                         {"retryAfter", "2.128"}});
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT(clock.slept() >= std::chrono::milliseconds(3 * 2128));
        CPPUNIT_ASSERT(clock.slept() < std::chrono::milliseconds(3 * 2500));
        CPPUNIT_ASSERT_EQUAL(uint64_t(6), outcome.requests);
    }

    void trap12LinkToAnotherHostIsNotFollowed()
    {
        sandbox::SandboxServer attacker;
        server.configure({{"pageObjects", 1}});
        server.addFault({{"kind", "wrongHostLink"},
                         {"match", {{"path", "/v1.0/groups"}}},
                         {"host", attacker.baseUrl()}});
        CPPUNIT_ASSERT(!refresh().complete);
        CPPUNIT_ASSERT(outcome.problem.find("another host") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, attacker.requests()["total"].get<int>());
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void trap13MissingConsentIsForbidden()
    {
        server.configure({{"roles", Json::array()}});
        CPPUNIT_ASSERT_THROW(refresh(), ConfigError);
    }

    void trap14RestoredGroupIsLookedAt()
    {
        server.configure({{"restoredGroupListsMembers", false}});
        refresh();
        ops({op("group-", 10)});
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string("no such group"), people(10));
        ops({op("group^", 10), op("member-", 10, 1), op("member+", 10, 3)});
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        CPPUNIT_ASSERT_EQUAL(uint64_t(5), outcome.requests);
        refresh();
        CPPUNIT_ASSERT_EQUAL(uint64_t(3), outcome.requests);
    }

    void trap14RestoredPersonIsShownAgain()
    {
        refresh();
        ops({op("user-", 1)});
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string("2m 3o"), people(10));
        ops({op("user^", 1)});
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m 3o"), people(10));
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void trap15PageIsAppliedAgainAfterACrash()
    {
        refresh();
        const auto cursors = mirror.cursor(directory::Mirror::Copy::Live, "groups");
        ops({op("member-", 10, 1), op("member+", 11, 1)});
        refresh();
        const auto sequence = read.sequence();
        mirror.saveCursor(directory::Mirror::Copy::Live, "groups", *cursors);
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        CPPUNIT_ASSERT_EQUAL(sequence, read.sequence());
        CPPUNIT_ASSERT_EQUAL(int64_t(1), past());
    }

    void namedGroupsAreLookedAt()
    {
        refresh();
        answerOnce("/v1.0/groups/delta", deltaPage("groups", Json::array()));
        ops({op("member-", 10, 1)});
        clock.advance(std::chrono::hours(1));
        refresh({.verifyGroups = {guid(10), guid(99), "nonsense"}});
        CPPUNIT_ASSERT(outcome.complete);
        CPPUNIT_ASSERT_EQUAL(std::string("2m 3o"), people(10));
        CPPUNIT_ASSERT_EQUAL(uint64_t(3 + 2 + 1), outcome.requests);
    }

    void groupsAreVerifiedInTurn()
    {
        std::vector<Json> more;
        for (int number = 20; number < 50; ++number)
            more.push_back(addGroup(number));
        ops(more);
        refresh();
        clock.advance(std::chrono::hours(24 * 8));
        refresh();
        CPPUNIT_ASSERT_EQUAL(uint64_t(3 + 2 * 20), outcome.requests);
        refresh();
        CPPUNIT_ASSERT_EQUAL(uint64_t(3 + 2 * 12), outcome.requests);
        refresh();
        CPPUNIT_ASSERT_EQUAL(uint64_t(3), outcome.requests);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TrapTest);

} // namespace muster::graph
