#include "runtime/Errors.h"
#include "schedule/ScheduleFixture.h"
#include "support/FreshTest.h"

#include <Poco/Exception.h>

namespace muster::schedule {

using namespace std::chrono;
using estate::Json;

class SchedulerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SchedulerTest);
    FRESH_TEST(runsASyncOnceAPeriod);
    FRESH_TEST(runsADailySyncOnceADayAtItsTime);
    FRESH_TEST(runsNoManualSync);
    FRESH_TEST(runsOnceAfterAStopOfDays);
    FRESH_TEST(runsOnceAfterAStopThatItWasNotDueIn);
    FRESH_TEST(runsWithinAMinuteOfAChangeInTheSource);
    FRESH_TEST(runsAfterAChangeThatWasSeenBeforeAStop);
    FRESH_TEST(followsTheSourceWithSyncsOfThatScheduleOnly);
    FRESH_TEST(pollsATenantOnceForAllItsSyncs);
    FRESH_TEST(remembersBackOffThroughARestart);
    FRESH_TEST(saysInAFindingWhyASyncIsQuarantined);
    FRESH_TEST(keepsAQuarantineThroughARestart);
    FRESH_TEST(liftsAQuarantineWhenARunByHandSucceeds);
    FRESH_TEST(keepsAQuarantineWhenARunByHandFails);
    FRESH_TEST(liftsAQuarantineWhenTheEntryChanges);
    FRESH_TEST(liftsAQuarantineWhenTheTargetOfTheEntryChanges);
    FRESH_TEST(countsAnExceptionAsAFailureWithItsText);
    FRESH_TEST(takesUpANewSyncAndDropsARemovedOne);
    FRESH_TEST(leavesATenantAloneThatIsSyncedByHand);
    FRESH_TEST(goesOnWhenTheStoreCannotBeWritten);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { _fixture.declareTenant("contoso"); }

    void runsASyncOnceAPeriod()
    {
        start({{"every", "15m"}});
        _fixture.pass(hours(2));
        CPPUNIT_ASSERT_EQUAL(8, runs());
    }
    void runsADailySyncOnceADayAtItsTime()
    {
        start({{"daily", "02:30"}, {"zone", "UTC"}});
        _fixture.pass(minutes(144), seconds(30));
        CPPUNIT_ASSERT_EQUAL(0, runs());
        _fixture.pass(minutes(3), seconds(30));
        CPPUNIT_ASSERT_EQUAL(1, runs());
        _fixture.pass(days(9), minutes(10));
        CPPUNIT_ASSERT_EQUAL(10, runs());
    }
    void runsNoManualSync()
    {
        start("manual");
        _fixture.pass(days(3), hours(1));
        CPPUNIT_ASSERT_EQUAL(0, runs());
        CPPUNIT_ASSERT_EQUAL(0, _fixture.polls.load());
    }
    void runsOnceAfterAStopOfDays()
    {
        for (const auto& schedule :
             {Json{{"daily", "02:30"}, {"zone", "Pacific/Auckland"}}, Json{{"every", "15m"}}})
        {
            start(schedule);
            _fixture.pass(days(2), minutes(10));
            _fixture.scheduler.reset();
            const auto before = runs();
            _fixture.clock.advance(days(5) + minutes(20));
            _fixture.restart();
            _fixture.stepAll();
            CPPUNIT_ASSERT_EQUAL(before + 1, runs());
            _fixture.pass(minutes(3));
            CPPUNIT_ASSERT_EQUAL(before + 1, runs());
        }
    }
    void runsOnceAfterAStopThatItWasNotDueIn()
    {
        start({{"daily", "02:30"}, {"zone", "UTC"}});
        _fixture.pass(hours(3), minutes(1));
        CPPUNIT_ASSERT_EQUAL(1, runs());
        _fixture.scheduler.reset();
        _fixture.clock.advance(hours(6));
        _fixture.restart();
        _fixture.pass(hours(1), minutes(1));
        CPPUNIT_ASSERT_EQUAL(1, runs());
    }
    void runsWithinAMinuteOfAChangeInTheSource()
    {
        start({{"every", "1d"}});
        _fixture.pass(minutes(10));
        CPPUNIT_ASSERT_EQUAL(0, runs());
        CPPUNIT_ASSERT_EQUAL(10, _fixture.polls.load());
        changeOnce();
        _fixture.pass(minutes(1));
        CPPUNIT_ASSERT_EQUAL(1, runs());
        _fixture.pass(minutes(10));
        CPPUNIT_ASSERT_EQUAL(1, runs());
    }
    void runsAfterAChangeThatWasSeenBeforeAStop()
    {
        start({{"every", "1d"}});
        changeOnce();
        while (!_fixture.scheduler->step())
            _fixture.clock.advance(seconds(1));
        CPPUNIT_ASSERT_EQUAL(0, runs());
        _fixture.restart();
        _fixture.stepAll();
        CPPUNIT_ASSERT_EQUAL(1, runs());
    }
    void followsTheSourceWithSyncsOfThatScheduleOnly()
    {
        _fixture.declareSync("nightly", "contoso", {{"daily", "23:00"}, {"zone", "UTC"}});
        _fixture.declareSync("by-hand", "contoso", "manual");
        _fixture.declareSync("second", "contoso", {{"every", "12h"}});
        start({{"every", "1d"}});
        changeOnce();
        _fixture.pass(minutes(2));
        CPPUNIT_ASSERT_EQUAL(1, runs());
        CPPUNIT_ASSERT_EQUAL(1, _fixture.runsOf("second"));
        CPPUNIT_ASSERT_EQUAL(size_t(2), _fixture.runs.size());
    }
    void pollsATenantOnceForAllItsSyncs()
    {
        _fixture.declareSync("second", "contoso", {{"every", "1d"}});
        start({{"every", "1d"}});
        _fixture.pass(minutes(5));
        CPPUNIT_ASSERT_EQUAL(5, _fixture.polls.load());
    }
    void remembersBackOffThroughARestart()
    {
        fail("the site is closed");
        start({{"every", "15m"}});
        while (_fixture.statusOf("groups").failures < 4)
            _fixture.pass(seconds(1));
        const auto before = _fixture.statusOf("groups");
        _fixture.restart();
        const auto after = _fixture.statusOf("groups");
        CPPUNIT_ASSERT(before.next == after.next);
        CPPUNIT_ASSERT(before.last == after.last);
        CPPUNIT_ASSERT_EQUAL(int64_t(4), after.failures);
        CPPUNIT_ASSERT_EQUAL(std::string("the site is closed"), after.reason);
    }
    void saysInAFindingWhyASyncIsQuarantined()
    {
        quarantine();
        const auto findings = _fixture.findings();
        CPPUNIT_ASSERT_EQUAL(
            std::string("error quarantined: after 10 runs in a row that failed, the schedule runs "
                        "it no more; the last said: the site is closed: mend that, then run "
                        "`muster sync groups`\n"),
            findings);
    }
    void keepsAQuarantineThroughARestart()
    {
        quarantine();
        _fixture.restart();
        succeed();
        _fixture.pass(days(1), minutes(5));
        CPPUNIT_ASSERT_EQUAL(0, runs());
    }
    void liftsAQuarantineWhenARunByHandSucceeds()
    {
        quarantine();
        _fixture.scheduler->ranByHand("groups", {.end = RunEnd::Succeeded});
        CPPUNIT_ASSERT_EQUAL(std::string(), _fixture.findings());
        succeed();
        _fixture.restart();
        _fixture.pass(*_fixture.statusOf("groups").next - _fixture.clock.now());
        CPPUNIT_ASSERT_EQUAL(1, runs());
    }
    void keepsAQuarantineWhenARunByHandFails()
    {
        quarantine();
        _fixture.scheduler->ranByHand("groups", {.end = RunEnd::Failed});
        _fixture.scheduler->ranByHand("groups", {.end = RunEnd::Held});
        CPPUNIT_ASSERT(_fixture.statusOf("groups").quarantinedAt);
    }
    void liftsAQuarantineWhenTheEntryChanges()
    {
        quarantine();
        succeed();
        _fixture.declareSync("groups", "contoso", {{"every", "20m"}});
        _fixture.scheduler->changed();
        _fixture.stepAll();
        CPPUNIT_ASSERT_EQUAL(1, runs());
        CPPUNIT_ASSERT_EQUAL(std::string(), _fixture.findings());
    }
    void liftsAQuarantineWhenTheTargetOfTheEntryChanges()
    {
        quarantine();
        succeed();
        _fixture.scheduler->changed();
        _fixture.stepAll();
        CPPUNIT_ASSERT_EQUAL(0, runs());
        _fixture.database.execute(
            R"(UPDATE target SET document = '{"plugin":"deskdirector","settings":{"site":"x"}}')");
        _fixture.scheduler->changed();
        _fixture.stepAll();
        CPPUNIT_ASSERT_EQUAL(1, runs());
    }
    void countsAnExceptionAsAFailureWithItsText()
    {
        _fixture.run = [](const estate::Sync&, const runtime::Cancellation&) -> RunResult {
            throw Poco::IOException("the line is cut");
        };
        start({{"every", "15m"}});
        _fixture.pass(minutes(16));
        CPPUNIT_ASSERT(_fixture.statusOf("groups").failures > 0);
        CPPUNIT_ASSERT(_fixture.statusOf("groups").reason.find("the line is cut") !=
                       std::string::npos);
    }
    void takesUpANewSyncAndDropsARemovedOne()
    {
        start({{"every", "15m"}});
        _fixture.pass(minutes(16));
        _fixture.removeSync("groups");
        _fixture.declareSync("second", "contoso", {{"every", "15m"}});
        _fixture.scheduler->changed();
        _fixture.pass(minutes(30));
        CPPUNIT_ASSERT_EQUAL(1, runs());
        CPPUNIT_ASSERT_EQUAL(2, _fixture.runsOf("second"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), _fixture.scheduler->status().size());
    }
    void leavesATenantAloneThatIsSyncedByHand()
    {
        start({{"every", "15m"}});
        {
            const auto hold = _fixture.lanes.tryEnter("contoso");
            _fixture.pass(hours(1));
            CPPUNIT_ASSERT_EQUAL(0, runs());
            CPPUNIT_ASSERT_EQUAL(0, _fixture.polls.load());
        }
        _fixture.stepAll();
        CPPUNIT_ASSERT_EQUAL(1, runs());
    }
    void goesOnWhenTheStoreCannotBeWritten()
    {
        start({{"every", "15m"}});
        _fixture.database.execute("ALTER TABLE schedule RENAME TO elsewhere");
        _fixture.pass(hours(1));
        CPPUNIT_ASSERT_EQUAL(4, runs());
        _fixture.database.execute("ALTER TABLE elsewhere RENAME TO schedule");
        _fixture.pass(minutes(15));
        const auto last = _fixture.statusOf("groups").last;
        _fixture.restart();
        CPPUNIT_ASSERT(last == _fixture.statusOf("groups").last);
    }

private:
    void start(const Json& schedule)
    {
        _fixture.declareSync("groups", "contoso", schedule);
        _fixture.restart();
    }
    int runs() { return _fixture.runsOf("groups"); }

    /// The next poll says that something changed, those after it do not.
    void changeOnce()
    {
        _fixture.poll = [this, hasChanged = true](const estate::Tenant&,
                                                  const runtime::Cancellation&) mutable {
            ++_fixture.polls;
            return std::exchange(hasChanged, false);
        };
    }
    void fail(const std::string& message)
    {
        _fixture.run = [message](const estate::Sync&, const runtime::Cancellation&) {
            return RunResult{.end = RunEnd::Failed, .message = message};
        };
    }
    void succeed()
    {
        _fixture.run = [this](const estate::Sync& sync, const runtime::Cancellation&) {
            _fixture.runs.push_back(sync.name);
            return RunResult{.end = RunEnd::Succeeded};
        };
    }
    void quarantine()
    {
        fail("the site is closed");
        start({{"every", "15m"}});
        _fixture.pass(hours(6), minutes(1));
        CPPUNIT_ASSERT(_fixture.statusOf("groups").quarantinedAt);
    }

    ScheduleFixture _fixture;
};

CPPUNIT_TEST_SUITE_REGISTRATION(SchedulerTest);

} // namespace muster::schedule
