#include "schedule/Agenda.h"
#include "support/FreshTest.h"
#include "support/TestClock.h"

namespace muster::schedule {

using namespace std::chrono;

class AgendaTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AgendaTest);
    FRESH_TEST(backsOffAMinuteAndTwiceAsLongEachTimeUpToAnHour);
    FRESH_TEST(quarantinesAfterTenFailuresInARow);
    FRESH_TEST(quarantinesNothingThatIsPartialOrHeld);
    FRESH_TEST(quarantinesNothingThatCannotBeReached);
    FRESH_TEST(beginsBackOffAnewAfterASuccess);
    FRESH_TEST(followsTheSourceWhileItRetriesWhatWasPartial);
    FRESH_TEST(takesTheOldestOfThoseWhoseLaneIsFree);
    FRESH_TEST(takesNothingOfATenantWhoseJobIsUnderWay);
    FRESH_TEST(runsNothingTwiceWhenTheClockIsSetBackALittle);
    FRESH_TEST(runsAgainWhenTheClockIsSetBackFar);
    FRESH_TEST(runsOnceWhenTheClockIsSetForward);
    FRESH_TEST(keepsAnAbandonedRunDue);
    FRESH_TEST(pollsLessWhileTheSourceCannotBeReached);
    FRESH_TEST(pollsNoTenantWhoseSyncsAreAllQuarantined);
    FRESH_TEST(pollsNoTenantWithoutASyncThatFollows);
    FRESH_TEST(ignoresTheEndOfARunOfARemovedSync);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { _clock.advance(minutes(5)); } // off the grid of every schedule

    void backsOffAMinuteAndTwiceAsLongEachTimeUpToAnHour()
    {
        declare({{"daily", "02:30"}, {"zone", "UTC"}});
        moveTo(*next());
        for (const auto expected : {1, 2, 4, 8, 16, 32, 60, 60, 60})
        {
            CPPUNIT_ASSERT(takeAndEnd(RunEnd::Failed));
            CPPUNIT_ASSERT(*next() - _clock.now() == minutes(expected));
            moveTo(*next() - 1ms);
            CPPUNIT_ASSERT(!take());
            moveTo(*next());
        }
    }
    void quarantinesAfterTenFailuresInARow()
    {
        declare({{"every", "15m"}});
        for (int failure = 0; failure < 10; ++failure)
        {
            CPPUNIT_ASSERT(!status().quarantinedAt);
            moveTo(*next());
            CPPUNIT_ASSERT(takeAndEnd(RunEnd::Failed));
        }
        CPPUNIT_ASSERT(status().quarantinedAt == _clock.now());
        CPPUNIT_ASSERT_EQUAL(std::string("desk does not answer"), status().reason);
        CPPUNIT_ASSERT(!next());
        _clock.advance(days(30));
        CPPUNIT_ASSERT(!take());
    }
    void quarantinesNothingThatIsPartialOrHeld()
    {
        declare({{"every", "15m"}});
        for (int attempt = 0; attempt < 40; ++attempt)
        {
            moveTo(*next());
            CPPUNIT_ASSERT(takeAndEnd(attempt % 2 ? RunEnd::Partial : RunEnd::Held));
        }
        for (int attempt = 0; attempt < 40; ++attempt)
        {
            moveTo(*next());
            CPPUNIT_ASSERT(takeAndEnd(RunEnd::Partial));
        }
        CPPUNIT_ASSERT(!status().quarantinedAt);
        CPPUNIT_ASSERT_EQUAL(int64_t(0), status().failures);
    }
    void quarantinesNothingThatCannotBeReached()
    {
        declare({{"every", "15m"}});
        for (int attempt = 0; attempt < 40; ++attempt)
        {
            moveTo(*next());
            CPPUNIT_ASSERT(takeAndEnd(RunEnd::Unreachable));
        }
        CPPUNIT_ASSERT(!status().quarantinedAt);
        CPPUNIT_ASSERT(*next() - _clock.now() == minutes(60));
    }
    void beginsBackOffAnewAfterASuccess()
    {
        declare({{"every", "1d"}});
        for (const auto end : {RunEnd::Failed, RunEnd::Failed, RunEnd::Succeeded, RunEnd::Failed})
        {
            moveTo(*next());
            CPPUNIT_ASSERT(takeAndEnd(end));
        }
        CPPUNIT_ASSERT(*next() - _clock.now() == minutes(1));
    }
    void followsTheSourceWhileItRetriesWhatWasPartial()
    {
        declare({{"every", "1d"}});
        for (int attempt = 0; attempt < 7; ++attempt)
        {
            moveTo(*next());
            CPPUNIT_ASSERT(takeAndEnd(RunEnd::Partial));
        }
        CPPUNIT_ASSERT(*next() - _clock.now() == minutes(60));
        _agenda.polled("contoso", true, _clock.now());
        CPPUNIT_ASSERT(take());
    }
    void takesTheOldestOfThoseWhoseLaneIsFree()
    {
        declare({{"every", "15m"}}, {"contoso", "fabrikam", "northwind"});
        _clock.advance(hours(1));
        endPolls();
        const auto first = _agenda.take(_clock.now(), _lanes);
        const auto second = _agenda.take(_clock.now(), _lanes);
        const auto third = _agenda.take(_clock.now(), _lanes);
        CPPUNIT_ASSERT(first && second && third && !take());
        CPPUNIT_ASSERT(dueOf(*first) <= dueOf(*second));
        CPPUNIT_ASSERT(dueOf(*second) <= dueOf(*third));
    }
    void takesNothingOfATenantWhoseJobIsUnderWay()
    {
        declare({{"every", "15m"}});
        _clock.advance(hours(1));
        const auto job = _agenda.take(_clock.now(), _lanes);
        CPPUNIT_ASSERT(job);
        _clock.advance(hours(5));
        CPPUNIT_ASSERT(!take());
    }
    void runsNothingTwiceWhenTheClockIsSetBackALittle()
    {
        declare({{"daily", "02:30"}, {"zone", "UTC"}});
        moveTo(*next());
        CPPUNIT_ASSERT(takeAndEnd(RunEnd::Succeeded));
        _clock.advance(-hours(1));
        CPPUNIT_ASSERT(!take());
        _clock.advance(hours(2));
        CPPUNIT_ASSERT(!take());
    }
    void runsAgainWhenTheClockIsSetBackFar()
    {
        for (const auto& schedule :
             {estate::Json{{"every", "15m"}}, estate::Json{{"daily", "02:30"}, {"zone", "UTC"}}})
        {
            _clock.advance(days(365));
            declare(schedule);
            moveTo(*next());
            CPPUNIT_ASSERT(takeAndEnd(RunEnd::Failed));
            _clock.advance(-days(365));
            CPPUNIT_ASSERT(!take());
            CPPUNIT_ASSERT(*next() <= _clock.now() + hours(24) + minutes(1));
            moveTo(*next());
            CPPUNIT_ASSERT(takeAndEnd(RunEnd::Succeeded));
        }
    }
    void runsOnceWhenTheClockIsSetForward()
    {
        declare({{"every", "15m"}});
        _clock.advance(days(1000));
        CPPUNIT_ASSERT(takeAndEnd(RunEnd::Succeeded));
        CPPUNIT_ASSERT(!take());
    }
    void keepsAnAbandonedRunDue()
    {
        declare({{"daily", "02:30"}, {"zone", "UTC"}});
        moveTo(*next());
        {
            const auto job = _agenda.take(_clock.now(), _lanes);
            _agenda.abandoned(*job);
        }
        CPPUNIT_ASSERT(status().next == _clock.now());
        CPPUNIT_ASSERT(take());
    }
    void pollsLessWhileTheSourceCannotBeReached()
    {
        declare({{"every", "1d"}});
        std::vector<int64_t> apart;
        auto last = _clock.now();
        for (int poll = 0; poll < 5; ++poll)
        {
            moveTo(*_agenda.nextDue(_clock.now()));
            const auto job = _agenda.take(_clock.now(), _lanes);
            CPPUNIT_ASSERT(job && !job->sync);
            _agenda.pollFailed("contoso", _clock.now());
            apart.push_back(duration_cast<minutes>(_clock.now() - last).count());
            last = _clock.now();
        }
        CPPUNIT_ASSERT((std::vector<int64_t>(apart.begin() + 1, apart.end()) ==
                        std::vector<int64_t>{1, 2, 4, 8}));
    }
    void pollsNoTenantWhoseSyncsAreAllQuarantined()
    {
        declare({{"every", "15m"}});
        while (!status().quarantinedAt)
        {
            moveTo(*next());
            CPPUNIT_ASSERT(takeAndEnd(RunEnd::Failed));
        }
        _clock.advance(hours(1));
        CPPUNIT_ASSERT(!_agenda.take(_clock.now(), _lanes));
        CPPUNIT_ASSERT(!_agenda.nextDue(_clock.now()));
    }
    void pollsNoTenantWithoutASyncThatFollows()
    {
        declare({{"daily", "02:30"}, {"zone", "UTC"}});
        _clock.advance(minutes(10));
        CPPUNIT_ASSERT(!_agenda.take(_clock.now(), _lanes));
        declare("manual");
        _clock.advance(days(10));
        CPPUNIT_ASSERT(!_agenda.take(_clock.now(), _lanes));
        CPPUNIT_ASSERT(!_agenda.nextDue(_clock.now()));
    }
    void ignoresTheEndOfARunOfARemovedSync()
    {
        declare({{"every", "15m"}});
        moveTo(*next());
        endPolls();
        const auto job = _agenda.take(_clock.now(), _lanes);
        CPPUNIT_ASSERT(job && job->sync);
        _agenda.adopt({}, {}, _clock.now());
        _agenda.ran(job->sync->id, {.end = RunEnd::Failed}, _clock.now());
        _agenda.polled("contoso", true, _clock.now());
        CPPUNIT_ASSERT(_agenda.status().empty());
    }

private:
    void declare(const estate::Json& schedule,
                 const std::vector<std::string>& tenants = {"contoso"})
    {
        ++_entry;
        std::vector<Declared> declared;
        for (const auto& name : tenants)
        {
            Declared one;
            one.sync.id = static_cast<int64_t>(declared.size()) + 1;
            one.sync.name = name + "-contacts";
            one.sync.schedule = schedule;
            one.tenant.name = name;
            one.entry = _entry;
            declared.push_back(one);
        }
        _agenda.adopt(declared, {}, _clock.now());
    }
    SyncStatus status() { return _agenda.status().at(0); }
    std::optional<runtime::Instant> next() { return status().next; }
    void moveTo(runtime::Instant instant) { _clock.advance(instant - _clock.now()); }

    /// Lets the polls that are due end, without a change.
    void endPolls()
    {
        for (const auto& status : _agenda.status())
            _agenda.polled(status.tenant, false, _clock.now());
    }

    /// Whether a sync is due; then it is under way.
    bool take()
    {
        endPolls();
        return _agenda.take(_clock.now(), _lanes).has_value();
    }
    bool takeAndEnd(RunEnd end)
    {
        if (!take())
            return false;
        _agenda.ran(1, {.end = end, .message = "desk does not answer"}, _clock.now());
        return true;
    }

    /// When the run of a job that was just taken had become due: its offset in the period.
    milliseconds dueOf(const Job& job)
    {
        return *Timetable::of(job.sync->schedule, job.sync->name).next(_clock.now()) - _clock.now();
    }

    tests::TestClock _clock;
    Lanes _lanes;
    Agenda _agenda{minutes(1)};
    int64_t _entry = 0;
};

CPPUNIT_TEST_SUITE_REGISTRATION(AgendaTest);

} // namespace muster::schedule
