#include "SyncWorld.h"
#include "directory/Selection.h"
#include "support/FreshTest.h"
#include "sync/PlanStore.h"

#include <sqlite3.h>

#include <optional>

using namespace muster;
using directory::Mirror;

namespace {

/// Counts the steps of SQLite's machine: the work of all statements on all connections opened while
/// it lives. The same statements on the same rows take the same steps, on any computer.
class StepCounter
{
public:
    StepCounter() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch)); }
    ~StepCounter() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(watch)); }

    template <typename Work>
    int64_t stepsOf(Work&& work)
    {
        _steps = 0;
        work();
        return _steps;
    }

private:
    static int watch(sqlite3* connection, char**, const sqlite3_api_routines*)
    {
        return sqlite3_trace_v2(connection, SQLITE_TRACE_PROFILE, add, nullptr);
    }

    static int add(unsigned, void*, void* statement, void*)
    {
        _steps += sqlite3_stmt_status(static_cast<sqlite3_stmt*>(statement),
                                      SQLITE_STMTSTATUS_VM_STEP, 1);
        return 0;
    }

    static inline int64_t _steps = 0;
};

constexpr int kMembers = 5;

/// A synced tenant of groups of the same size.
class Tenant
{
public:
    explicit Tenant(int groups) : _groups(groups)
    {
        for (int person = 0; person < groups * 2; ++person)
            _world.person(person, "p" + std::to_string(person) + "@x.example");
        for (int group = 0; group < groups; ++group)
        {
            _world.group(group, "Group " + std::to_string(group));
            for (int member = 0; member < kMembers; ++member)
                _world.member(group, (group + member) % (groups * 2));
        }
        Mirror(_world.database, 1, _world.clock).setReadsHidden(false);
        sync();
        sync();
    }

    void nothing() {}
    void addMember() { _world.member(0, _groups * 2 - 1); }
    void removeMember() { _world.member(0, 0, true); }
    void renamePerson() { _world.person(0, "p0@x.example", R"({"surname":"Other"})"); }

    /// What SyncService does, with a source that finds nothing new.
    void sync()
    {
        Mirror mirror(_world.database, 1, _world.clock);
        mirror.cursor(Mirror::Copy::Live, "groups");
        mirror.apply(Mirror::Copy::Live, {"group"}, "groups",
                     {"https://graph.example/delta", true, true, "", 0, 0});
        mirror.setReadsHidden(false);
        mirror.hiddenGroups();
        mirror.dueForVerification(_world.clock.now() - std::chrono::hours(24 * 7), 20);
        estate::Tenant tenant;
        tenant.id = 1;
        tenant.name = "contoso";
        tenant.groups = {{.target = "desk", .all = true}};
        directory::Selection(_world.database, _world.clock).update(tenant, 1, "desk");
        sync::Journal(_world.database, _world.clock).recover(1);
        _world.sync();
        sync::PlanStore plans(_world.database);
        plans.prune(1);
        plans.runs(1, 1);
    }

private:
    tests::SyncWorld _world;
    int _groups;
};

} // namespace

/// The work of a sync grows with the change, never with the tenant.
class WorkTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(WorkTest);
    FRESH_TEST(unchangedTenantTakesAsMuchWorkWhenTenTimesLarger);
    FRESH_TEST(oneMemberMoreTakesAsMuchWorkWhenTenTimesLarger);
    FRESH_TEST(oneMemberLessTakesAsMuchWorkWhenTenTimesLarger);
    FRESH_TEST(oneChangedPersonTakesAsMuchWorkWhenTenTimesLarger);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _counter.emplace();
        _small.emplace(kGroups);
        _large.emplace(kGroups * 10);
    }

    void unchangedTenantTakesAsMuchWorkWhenTenTimesLarger() { compare(&Tenant::nothing); }
    void oneMemberMoreTakesAsMuchWorkWhenTenTimesLarger() { compare(&Tenant::addMember); }
    void oneMemberLessTakesAsMuchWorkWhenTenTimesLarger() { compare(&Tenant::removeMember); }
    void oneChangedPersonTakesAsMuchWorkWhenTenTimesLarger() { compare(&Tenant::renamePerson); }

private:
    static constexpr int kGroups = 6;

    void compare(void (Tenant::*change)())
    {
        const auto stepsOf = [&](Tenant& tenant) {
            return _counter->stepsOf([&] {
                (tenant.*change)();
                tenant.sync();
            });
        };
        const auto small = stepsOf(*_small);
        const auto large = stepsOf(*_large);
        const auto steps =
            std::to_string(small) + " steps, and in the larger " + std::to_string(large);
        CPPUNIT_ASSERT_MESSAGE(steps, small > 0);
        CPPUNIT_ASSERT_MESSAGE(steps, large * 10 <= small * 11);
    }

    std::optional<StepCounter> _counter;
    std::optional<Tenant> _small;
    std::optional<Tenant> _large;
};

CPPUNIT_TEST_SUITE_REGISTRATION(WorkTest);
