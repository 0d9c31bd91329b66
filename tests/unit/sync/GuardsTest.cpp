#include "SyncWorld.h"
#include "support/FreshTest.h"
#include "sync/PlanStore.h"

using namespace muster;
using sync::Verdict;

class GuardsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(GuardsTest);
    FRESH_TEST(fewRemovalsPass);
    FRESH_TEST(removalsOverTheShareAreHeld);
    FRESH_TEST(removalsUnderTheCountPass);
    FRESH_TEST(additionsOfAHeldPlanRun);
    FRESH_TEST(additionsWaitWhenToldTo);
    FRESH_TEST(anEmptiedGroupIsHeld);
    FRESH_TEST(exchangedMembersAreNoEmptiedGroup);
    FRESH_TEST(approvalIsForOneRun);
    FRESH_TEST(manyTenantsOverTheirLimitsHoldTheNext);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        for (int group = 1; group <= 2; ++group)
            _world.group(group, "Group " + std::to_string(group));
        for (int person = 1; person <= 30; ++person)
        {
            _world.person(person, "p" + std::to_string(person) + "@x.example");
            _world.member(person <= 15 ? 1 : 2, person);
        }
        _world.sync();
    }

    void fewRemovalsPass()
    {
        remove(1, 5);
        CPPUNIT_ASSERT(judged() == Verdict::Clear);
    }

    void removalsOverTheShareAreHeld()
    {
        remove(1, 7);
        CPPUNIT_ASSERT(judged() == Verdict::Held);
        const auto plan = sync::PlanStore(_world.database).plan(_plan);
        CPPUNIT_ASSERT_EQUAL(std::string("removals"), plan.guards.at(0).rule);
        CPPUNIT_ASSERT(plan.guards.at(0).message.find("7 of 30 memberships") != std::string::npos);
        CPPUNIT_ASSERT(plan.guards.at(0).message.find("--approve") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(int64_t{7}, plan.held);
    }

    void removalsUnderTheCountPass()
    {
        _world.syncSettings.guard = {1, 5, estate::Additions::Run};
        remove(1, 4);
        CPPUNIT_ASSERT(judged() == Verdict::Clear);
    }

    void additionsOfAHeldPlanRun()
    {
        remove(1, 7);
        _world.person(99, "new@x.example");
        _world.member(2, 99);
        _world.sync();
        CPPUNIT_ASSERT_EQUAL(size_t{31}, _world.target.links.size());
        CPPUNIT_ASSERT_EQUAL(size_t{31}, _world.target.keys("contact").size());
    }

    void additionsWaitWhenToldTo()
    {
        _world.syncSettings.guard.additions = estate::Additions::Wait;
        remove(1, 7);
        _world.person(99, "new@x.example");
        _world.member(2, 99);
        _world.sync();
        CPPUNIT_ASSERT_EQUAL(size_t{30}, _world.target.keys("contact").size());
        _world.sync(true);
        CPPUNIT_ASSERT_EQUAL(size_t{24}, _world.target.links.size());
    }

    void anEmptiedGroupIsHeld()
    {
        _world.syncSettings.guard.count = 1000;
        remove(1, 15);
        CPPUNIT_ASSERT(judged() == Verdict::Held);
        CPPUNIT_ASSERT_EQUAL(std::string("emptied-group"),
                             sync::PlanStore(_world.database).plan(_plan).guards.at(0).rule);
    }

    void exchangedMembersAreNoEmptiedGroup()
    {
        _world.syncSettings.guard.count = 1000;
        remove(1, 15);
        _world.member(1, 20);
        CPPUNIT_ASSERT(judged() == Verdict::Clear);
    }

    void approvalIsForOneRun()
    {
        remove(1, 7);
        _world.sync(true);
        CPPUNIT_ASSERT_EQUAL(size_t{23}, _world.target.links.size());
        remove(8, 14);
        _world.sync();
        CPPUNIT_ASSERT_EQUAL(size_t{23}, _world.target.links.size());
    }

    void manyTenantsOverTheirLimitsHoldTheNext()
    {
        for (int tenant = 2; tenant <= 4; ++tenant)
        {
            const auto name = std::to_string(tenant);
            _world.database.execute("INSERT INTO tenant(id, name, document) VALUES(" + name +
                                    ", 't" + name + "', '{}')");
            _world.database.execute("INSERT INTO sync(id, name, tenant, target, scope, position, "
                                    "document) VALUES(" +
                                    name + ", 's" + name + "', " + name + ", 1, 1, 0, '{}')");
            _world.database.execute(
                "INSERT INTO plan(id, sync, made_at, verdict, guards, complete) "
                "VALUES(10" +
                name + ", " + name +
                ", 0, 'held', '[{\"rule\":\"removals\",\"message\":\"\"}]', 1)");
            _world.database.execute("INSERT INTO run(sync, plan, state, started_at) VALUES(" +
                                        name + ", 10" + name + ", 'held', $1)",
                                    {runtime::toMilliseconds(_world.clock.now())});
        }
        remove(1, 1);
        CPPUNIT_ASSERT(judged() == Verdict::Held);
    }

private:
    void remove(int first, int last)
    {
        for (int person = first; person <= last; ++person)
            _world.member(person <= 15 ? 1 : 2, person, true);
    }

    Verdict judged()
    {
        _world.derive();
        _plan = _world.plan();
        return _world.verdict(_plan);
    }

    tests::SyncWorld _world;
    int64_t _plan = 0;
};

CPPUNIT_TEST_SUITE_REGISTRATION(GuardsTest);
