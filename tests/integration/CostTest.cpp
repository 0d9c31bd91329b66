#include "Scenario.h"
#include "support/FreshTest.h"

namespace muster::integration {

/// What a sync costs in requests: as much as the change, never as much as the tenant.
class CostTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CostTest);
    FRESH_TEST(asksGraphThreeTimesAndTheTargetNotAtAllWhenNothingChanged);
    FRESH_TEST(writesOnceForAMemberWhoIsAContactAlready);
    FRESH_TEST(writesTwiceForAMemberWhoIsNew);
    FRESH_TEST(asksNoMoreInATenantTenTimesLarger);
    FRESH_TEST(mirrorsATenantInAsManyRequestsAsDeltaHasPages);
    FRESH_TEST(readsAnEmptyAccountOncePerKindAndWritesEachRecordOnce);
    FRESH_TEST(readsAFullAccountAHundredRecordsAtATime);
    FRESH_TEST(writesInParallelButNoMoreThanThePaceAllows);
    FRESH_TEST(countsItsRequestsAsTheServersDo);
    FRESH_TEST(asksTheTargetNothingInAnyModeWhenNothingChanged);
    FRESH_TEST(looksOnlyForTheServiceGroupsThatAreMissing);
    FRESH_TEST(writesOnceForAServiceGroupThatChanges);
    FRESH_TEST(looksForEachAccountOnce);
    CPPUNIT_TEST_SUITE_END();

    Scenario _scenario;

    void assertRequests(size_t graph, size_t desk)
    {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(_scenario.sandbox.requests().dump(), graph,
                                     _scenario.requests("graph"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(_scenario.sandbox.requests().dump(), desk,
                                     _scenario.requests("deskdirector"));
    }

    void syncAfter(const Json& ops)
    {
        _scenario.change(ops);
        _scenario.sandbox.clearRequests();
        _scenario.sync();
    }

public:
    void asksGraphThreeTimesAndTheTargetNotAtAllWhenNothingChanged()
    {
        _scenario.start(contoso::tenant(12, 4, 5));
        _scenario.sync();
        for (int round = 0; round < 2; ++round)
        {
            syncAfter(Json::array());
            assertRequests(3, 0);
            CPPUNIT_ASSERT(_scenario.requests("token") <= 1);
        }
    }

    void writesOnceForAMemberWhoIsAContactAlready()
    {
        _scenario.start(contoso::tenant(12, 4, 3));
        _scenario.sync();
        syncAfter({contoso::link("member+", 1, 9)});
        assertRequests(3, 1);
        CPPUNIT_ASSERT_EQUAL(size_t(1), _scenario.route("members.put"));
    }

    void writesTwiceForAMemberWhoIsNew()
    {
        _scenario.start(contoso::tenant(12, 4, 3));
        _scenario.sync();
        syncAfter({contoso::addPerson(99), contoso::link("member+", 2, 99)});
        assertRequests(3, 2);
        CPPUNIT_ASSERT_EQUAL(size_t(1), _scenario.route("contacts.create"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), _scenario.route("members.put"));
    }

    void asksNoMoreInATenantTenTimesLarger()
    {
        _scenario.start(contoso::tenant(200, 40, 10));
        _scenario.sync();
        syncAfter(Json::array());
        assertRequests(3, 0);
        syncAfter({contoso::link("member+", 1, 199)});
        assertRequests(3, 1);
        syncAfter({contoso::link("member-", 1, 199)});
        assertRequests(3, 1);
    }

    void mirrorsATenantInAsManyRequestsAsDeltaHasPages()
    {
        _scenario.sandbox.configure({{"pageObjects", 10}});
        auto ops = contoso::tenant(45, 23, 3);
        for (int device = 1; device <= 11; ++device)
            ops.push_back({"device+",
                           "cccccccc-0000-4000-8000-" + std::to_string(100'000'000'000 + device),
                           {{"displayName", "PC " + std::to_string(device)}}});
        _scenario.start(ops);
        _scenario.sync();
        CPPUNIT_ASSERT_EQUAL(size_t(5), _scenario.route("graph.users.delta"));
        CPPUNIT_ASSERT_EQUAL(size_t(3), _scenario.route("graph.groups.delta"));
        CPPUNIT_ASSERT_EQUAL(size_t(2), _scenario.route("graph.devices.delta"));
        CPPUNIT_ASSERT(_scenario.requests("graph") <= 5 + 3 + 2);
        CPPUNIT_ASSERT_EQUAL(size_t(1), _scenario.requests("token"));
    }

    void readsAnEmptyAccountOncePerKindAndWritesEachRecordOnce()
    {
        _scenario.start(contoso::tenant(12, 4, 6));
        _scenario.sync();
        CPPUNIT_ASSERT_EQUAL(size_t(12), _scenario.route("contacts.create"));
        CPPUNIT_ASSERT_EQUAL(size_t(4), _scenario.route("groups.create"));
        CPPUNIT_ASSERT_EQUAL(size_t(24), _scenario.route("members.put"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), _scenario.route("contacts.find"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), _scenario.route("groups.list"));
        CPPUNIT_ASSERT_EQUAL(size_t(12 + 4 + 24 + 2), _scenario.requests("deskdirector"));
    }

    void readsAFullAccountAHundredRecordsAtATime()
    {
        Json contacts = Json::array();
        for (int number = 1; number <= 250; ++number)
            contacts.push_back({{"companyId", 42}, {"email", contoso::address(number)}});
        _scenario.sandbox.seedDeskDirector({{"contacts", contacts}});
        _scenario.start(contoso::tenant(12, 4, 6));
        CPPUNIT_ASSERT_EQUAL(0, _scenario.trySync().exitCode);
        CPPUNIT_ASSERT_EQUAL(size_t(3), _scenario.route("contacts.find"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), _scenario.route("groups.list"));
        CPPUNIT_ASSERT_EQUAL(size_t(0), _scenario.route("contacts.create"));
        CPPUNIT_ASSERT_EQUAL(size_t(250), _scenario.desk().contacts.size());
    }

    void writesInParallelButNoMoreThanThePaceAllows()
    {
        _scenario.estate.pace = "{perSecond: 60, parallel: 4}";
        _scenario.sandbox.addFault({{"kind", "slow"},
                                    {"delay", 120},
                                    {"times", -1},
                                    {"match", {{"route", "members.put"}}}});
        _scenario.start(contoso::tenant(20, 5, 20));
        _scenario.sync();
        const auto desk = _scenario.sandbox.deskDirector();
        CPPUNIT_ASSERT_EQUAL(4, desk.at("maxConcurrent").get<int>());
        // A second of the server's holds what was sent in a second of ours and what came late.
        CPPUNIT_ASSERT_MESSAGE(desk.at("maxPerSecond").dump(),
                               desk.at("maxPerSecond").get<int>() <= 66);
    }

    /// The tenant's groups have their service groups.
    static void startWithServiceGroups(Scenario& scenario, int groups)
    {
        Json made = Json::array();
        for (int number = 1; number <= groups; ++number)
            made.push_back({{"id", number}, {"name", "team " + std::to_string(number)}});
        scenario.sandbox.seedDeskDirector({{"serviceGroups", made}});
        scenario.start(contoso::tenant(12, 4, 3));
        scenario.sync();
    }

    static void syncAfter(Scenario& scenario, const Json& ops)
    {
        scenario.change(ops);
        scenario.sandbox.clearRequests();
        scenario.sync();
    }

    void asksTheTargetNothingInAnyModeWhenNothingChanged()
    {
        Scenario three(Mode::ServiceGroups);
        startWithServiceGroups(three, 4);
        syncAfter(three, Json::array());
        CPPUNIT_ASSERT_EQUAL(size_t(3), three.requests("graph"));
        CPPUNIT_ASSERT_EQUAL(size_t(0), three.requests("deskdirector"));
    }

    void looksOnlyForTheServiceGroupsThatAreMissing()
    {
        Scenario three(Mode::ServiceGroups);
        startWithServiceGroups(three, 3);
        CPPUNIT_ASSERT_EQUAL(size_t(1), three.route("servicegroups.list"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), three.route("contacts.find"));
        syncAfter(three, Json::array());
        CPPUNIT_ASSERT_EQUAL(size_t(3), three.requests("graph"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), three.requests("deskdirector"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), three.route("servicegroups.list"));
    }

    void writesOnceForAServiceGroupThatChanges()
    {
        Scenario three(Mode::ServiceGroups);
        startWithServiceGroups(three, 4);
        syncAfter(three, {contoso::addPerson(99), contoso::link("member+", 2, 99)});
        CPPUNIT_ASSERT_EQUAL(size_t(2), three.requests("deskdirector"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), three.route("contacts.create"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), three.route("contacts.patch"));
        syncAfter(three, {contoso::link("member-", 2, 99), contoso::link("member+", 3, 99)});
        CPPUNIT_ASSERT_EQUAL(size_t(1), three.requests("deskdirector"));
        syncAfter(three, {contoso::link("member-", 3, 99)});
        CPPUNIT_ASSERT_EQUAL(size_t(1), three.requests("deskdirector"));
    }

    void looksForEachAccountOnce()
    {
        Scenario four;
        four.sandbox.seedDeskDirector({{"accounts",
                                        {{{"id", 51}, {"tags", Json::array({"team-1"})}},
                                         {{"id", 52}, {"tags", Json::array({"team-2"})}}}}});
        four.estate.syncs.front() = {.mode = "4", .account = {}};
        four.start(contoso::tenant(6, 3, 2));
        CPPUNIT_ASSERT_EQUAL(0, four.trySync().exitCode);
        CPPUNIT_ASSERT_EQUAL(size_t(3), four.route("accounts.find"));
        CPPUNIT_ASSERT_EQUAL(size_t(2), four.route("contacts.find"));
        CPPUNIT_ASSERT_EQUAL(size_t(4), four.route("contacts.create"));
        four.sandbox.clearRequests();
        CPPUNIT_ASSERT_EQUAL(0, four.trySync().exitCode);
        CPPUNIT_ASSERT_EQUAL(size_t(1), four.requests("deskdirector")); // the one that is missing
        four.sandbox.seedDeskDirector(
            {{"accounts", {{{"id", 53}, {"tags", Json::array({"team-3"})}}}}});
        CPPUNIT_ASSERT_EQUAL(0, four.trySync().exitCode);
        four.sandbox.clearRequests();
        CPPUNIT_ASSERT_EQUAL(0, four.trySync().exitCode);
        CPPUNIT_ASSERT_EQUAL(size_t(0), four.requests("deskdirector"));
        CPPUNIT_ASSERT_EQUAL(size_t(3), four.requests("graph"));
    }

    void countsItsRequestsAsTheServersDo()
    {
        _scenario.start(contoso::tenant(12, 4, 6));
        for (int round = 0; round < 2; ++round)
        {
            _scenario.sandbox.clearRequests();
            const auto counted = _scenario.sync().at("requests");
            CPPUNIT_ASSERT_EQUAL(_scenario.requests("graph"), counted.at("source").get<size_t>());
            CPPUNIT_ASSERT_EQUAL(_scenario.requests("deskdirector"),
                                 counted.at("target").get<size_t>());
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CostTest);

} // namespace muster::integration
