#include "schedule/ScheduleFixture.h"
#include "support/FreshTest.h"

#include <future>
#include <map>
#include <mutex>

namespace muster::schedule {

using namespace std::chrono;

/// The scheduler on its threads. What they do is waited for, with a deadline.
class ScheduleThreadsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ScheduleThreadsTest);
    FRESH_TEST(runsTheOthersInTimeWhileOneTenantHangs);
    FRESH_TEST(runsOneSyncOfATenantAtATime);
    FRESH_TEST(stopsARunThatIsUnderWay);
    FRESH_TEST(saysAtTheDeadlineThatARunGoesOn);
    FRESH_TEST(runsOnceALaneIsLeft);
    FRESH_TEST(wakesByTheMachinesClock);
    FRESH_TEST(stopsWhenItNeverStarted);
    CPPUNIT_TEST_SUITE_END();

public:
    ~ScheduleThreadsTest() override
    {
        // What hangs is let go before the fixture ends.
        {
            const std::lock_guard lock(_mutex);
            _isReleased = true;
        }
        _changed.notify_all();
        _fixture.scheduler.reset();
    }

    void runsTheOthersInTimeWhileOneTenantHangs()
    {
        for (int number = 0; number < 50; ++number)
            declare("tenant-" + std::to_string(number));
        _fixture.run = [this](const estate::Sync& sync, const runtime::Cancellation&) {
            note(sync.name);
            if (sync.tenant == "tenant-17")
                hang();
            return RunResult{.end = RunEnd::Succeeded};
        };
        _fixture.restart().start();
        for (int round = 1; round <= 4; ++round)
        {
            _fixture.clock.advance(minutes(15));
            _fixture.scheduler->changed();
            await([&] {
                size_t done = 0;
                for (const auto& [name, count] : _noted)
                    done += count >= (name == "tenant-17" ? 1 : round);
                return done == 50;
            });
            // Their runs have not only begun, but ended, when their lanes are free.
            for (int number = 0; number < 50; ++number)
                if (number != 17)
                    _fixture.lanes.enter("tenant-" + std::to_string(number), {});
        }
        const std::lock_guard lock(_mutex);
        CPPUNIT_ASSERT_EQUAL(1, _noted["tenant-17"]);
    }
    void runsOneSyncOfATenantAtATime()
    {
        declare("contoso");
        for (int number = 0; number < 8; ++number)
            _fixture.declareSync("sync-" + std::to_string(number), "contoso", {{"every", "15m"}});
        int inside = 0; // not atomic: the lane is what guards it
        int most = 0;
        _fixture.run = [&](const estate::Sync& sync, const runtime::Cancellation&) {
            most = std::max(most, ++inside);
            std::this_thread::yield();
            --inside;
            note(sync.name);
            return RunResult{.end = RunEnd::Succeeded};
        };
        _fixture.restart().start();
        _fixture.clock.advance(minutes(20));
        _fixture.scheduler->changed();
        await([&] { return _noted.size() == 9; });
        CPPUNIT_ASSERT(_fixture.scheduler->stop(seconds(30)));
        CPPUNIT_ASSERT_EQUAL(1, most);
    }
    void stopsARunThatIsUnderWay()
    {
        declare("contoso");
        _fixture.run = [this](const estate::Sync& sync, const runtime::Cancellation& stop) {
            note(sync.name);
            runtime::SystemClock().sleep(minutes(10), stop);
            return RunResult{.end = RunEnd::Succeeded};
        };
        _fixture.restart().start();
        _fixture.clock.advance(minutes(20));
        _fixture.scheduler->changed();
        await([&] { return _noted.size() == 1; });
        CPPUNIT_ASSERT(_fixture.statusOf("contoso").runningSince);
        CPPUNIT_ASSERT(_fixture.scheduler->stop(seconds(30)));
        const auto status = _fixture.statusOf("contoso");
        CPPUNIT_ASSERT_EQUAL(int64_t(0), status.failures);
        CPPUNIT_ASSERT(*status.next <= _fixture.clock.now());
    }
    void saysAtTheDeadlineThatARunGoesOn()
    {
        declare("contoso");
        _fixture.run = [this](const estate::Sync& sync, const runtime::Cancellation&) {
            note(sync.name);
            hang();
            return RunResult{.end = RunEnd::Succeeded};
        };
        _fixture.restart().start();
        _fixture.clock.advance(minutes(20));
        _fixture.scheduler->changed();
        await([&] { return _noted.size() == 1; });
        CPPUNIT_ASSERT(!_fixture.scheduler->stop(milliseconds(20)));
    }
    void runsOnceALaneIsLeft()
    {
        declare("contoso");
        _fixture.run = [this](const estate::Sync& sync, const runtime::Cancellation&) {
            note(sync.name);
            return RunResult{.end = RunEnd::Succeeded};
        };
        auto hold = _fixture.lanes.tryEnter("contoso");
        _fixture.restart().start();
        _fixture.clock.advance(minutes(20));
        hold.reset();
        await([&] { return _noted.size() == 1; });
    }
    void wakesByTheMachinesClock()
    {
        _fixture.declareTenant("contoso");
        _fixture.declareSync("contoso", "contoso", {{"every", "1s"}});
        runtime::SystemClock clock;
        Scheduler scheduler({.store = _fixture.store,
                             .clock = clock,
                             .lanes = _fixture.lanes,
                             .run =
                                 [this](const estate::Sync& sync, const runtime::Cancellation&) {
                                     note(sync.name);
                                     return RunResult{.end = RunEnd::Succeeded};
                                 },
                             .poll = _fixture.poll});
        scheduler.start();
        await([&] { return _noted["contoso"] == 2; });
    }
    void stopsWhenItNeverStarted()
    {
        declare("contoso");
        CPPUNIT_ASSERT(_fixture.restart().stop(milliseconds(0)));
    }

private:
    void declare(const std::string& tenant)
    {
        _fixture.declareTenant(tenant);
        _fixture.declareSync(tenant, tenant, {{"every", "15m"}});
    }
    void note(const std::string& sync)
    {
        {
            const std::lock_guard lock(_mutex);
            ++_noted[sync];
        }
        _changed.notify_all();
    }
    void hang()
    {
        std::unique_lock lock(_mutex);
        _changed.wait(lock, [this] { return _isReleased; });
    }
    template <typename Condition>
    void await(Condition&& condition)
    {
        std::unique_lock lock(_mutex);
        CPPUNIT_ASSERT(_changed.wait_for(lock, seconds(30), condition));
    }

    ScheduleFixture _fixture;
    std::mutex _mutex; ///< guards all below
    std::condition_variable _changed;
    std::map<std::string, int> _noted;
    bool _isReleased = false;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ScheduleThreadsTest);

} // namespace muster::schedule
