#include "schedule/Timetable.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <muster/Digest.h>

#include <date/date.h>
#include <map>
#include <set>
#include <sstream>

namespace muster::schedule {

using namespace std::chrono;
using runtime::Instant;

class TimetableTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TimetableTest);
    FRESH_TEST(isDueOnceAPeriod);
    FRESH_TEST(staysOnItsGridAfterALateRun);
    FRESH_TEST(isNeverDueByItselfWhenManual);
    FRESH_TEST(isDueAtTheTimeOfTheZone);
    FRESH_TEST(isDueAfterTheGapInAuckland);
    FRESH_TEST(isDueAfterTheGapInLondon);
    FRESH_TEST(isDueAfterTheGapInNewYork);
    FRESH_TEST(isDueOnceWhereAucklandShowsATimeTwice);
    FRESH_TEST(isDueOnceWhereLondonShowsATimeTwice);
    FRESH_TEST(isDueOnceWhereNewYorkShowsATimeTwice);
    FRESH_TEST(isDueOnceADayThroughYearsOfChangingClocks);
    FRESH_TEST(givesANameTheSameOffsetAlways);
    FRESH_TEST(spreadsFiveHundredSyncs);
    FRESH_TEST(keepsOffsetsBelowATenthOfThePeriod);
    FRESH_TEST(spreadsPollsOverTheWholePeriod);
    FRESH_TEST(forgetsATimeThatAClockSetBackLeftFarOff);
    FRESH_TEST(keepsADailyTimeWhenTheClockIsSetBackAnHour);
    FRESH_TEST(refusesAZoneThatTheMachineDoesNotKnow);
    CPPUNIT_TEST_SUITE_END();

public:
    void isDueOnceAPeriod()
    {
        const auto table = every("15m");
        auto at = *table.next(instant("2026-03-01T00:00:00"));
        for (int run = 0; run < 1000; ++run)
        {
            const auto following = *table.next(at);
            CPPUNIT_ASSERT(following - at == minutes(15));
            at = following;
        }
    }
    void staysOnItsGridAfterALateRun()
    {
        const auto table = every("15m");
        const auto at = *table.next(instant("2026-03-01T00:00:00"));
        CPPUNIT_ASSERT(*table.next(at + minutes(37)) == at + minutes(45));
    }
    void isNeverDueByItselfWhenManual()
    {
        const auto table = Timetable::of("manual", "s");
        CPPUNIT_ASSERT(!table.next(instant("2026-03-01T00:00:00")));
        CPPUNIT_ASSERT(!table.settled(instant("2026-03-01T00:00:00"), Instant{}));
        CPPUNIT_ASSERT(!table.followsSource());
    }
    void isDueAtTheTimeOfTheZone()
    {
        expectTimes("02:30", "Pacific/Auckland", "2026-06-01T00:00:00",
                    {"2026-06-01T14:30:00", "2026-06-02T14:30:00"});
        expectTimes("02:30", "UTC", "2026-06-01T02:31:00", {"2026-06-02T02:30:00"});
    }
    void isDueAfterTheGapInAuckland()
    {
        // Clocks go from 02:00 NZST to 03:00 NZDT on 27 September 2026.
        expectTimes("02:30", "Pacific/Auckland", "2026-09-25T00:00:00",
                    {"2026-09-25T14:30:00", "2026-09-26T14:00:00", "2026-09-27T13:30:00"});
    }
    void isDueAfterTheGapInLondon()
    {
        // Clocks go from 01:00 GMT to 02:00 BST on 29 March 2026.
        expectTimes("01:15", "Europe/London", "2026-03-28T00:00:00",
                    {"2026-03-28T01:15:00", "2026-03-29T01:00:00", "2026-03-30T00:15:00"});
    }
    void isDueAfterTheGapInNewYork()
    {
        // Clocks go from 02:00 EST to 03:00 EDT on 8 March 2026.
        expectTimes("02:30", "America/New_York", "2026-03-07T00:00:00",
                    {"2026-03-07T07:30:00", "2026-03-08T07:00:00", "2026-03-09T06:30:00"});
    }
    void isDueOnceWhereAucklandShowsATimeTwice()
    {
        // Clocks go from 03:00 NZDT back to 02:00 NZST on 5 April 2026.
        expectTimes("02:30", "Pacific/Auckland", "2026-04-03T20:00:00",
                    {"2026-04-04T13:30:00", "2026-04-05T14:30:00", "2026-04-06T14:30:00"});
    }
    void isDueOnceWhereLondonShowsATimeTwice()
    {
        // Clocks go from 02:00 BST back to 01:00 GMT on 25 October 2026.
        expectTimes("01:30", "Europe/London", "2026-10-24T12:00:00",
                    {"2026-10-25T00:30:00", "2026-10-26T01:30:00"});
    }
    void isDueOnceWhereNewYorkShowsATimeTwice()
    {
        // Clocks go from 02:00 EDT back to 01:00 EST on 1 November 2026.
        expectTimes("01:30", "America/New_York", "2026-10-31T12:00:00",
                    {"2026-11-01T05:30:00", "2026-11-02T06:30:00"});
    }
    void isDueOnceADayThroughYearsOfChangingClocks()
    {
        for (const auto* zone : {"Pacific/Auckland", "Europe/London", "America/New_York",
                                 "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"})
            for (const auto* time : {"00:00", "01:30", "02:00", "02:30", "03:00", "23:59"})
            {
                const auto table = daily(time, zone);
                auto at = *table.next(instant("2026-01-01T00:00:00"));
                for (int day = 0; day < 3 * 365; ++day)
                {
                    const auto following = *table.next(at);
                    const auto apart = following - at;
                    CPPUNIT_ASSERT_MESSAGE(std::string(zone) + " " + time,
                                           apart >= hours(23) - 30min &&
                                               apart <= hours(25) + 30min);
                    CPPUNIT_ASSERT(table.settled(following, at) == following);
                    at = following;
                }
            }
    }
    void givesANameTheSameOffsetAlways()
    {
        CPPUNIT_ASSERT_EQUAL(uint64_t(0xa430d84680aabd0b), muster::fnv1a("hello"));
        const auto now = instant("2026-03-01T00:00:00");
        CPPUNIT_ASSERT(every("15m").next(now) == every("15m").next(now));
    }
    void spreadsFiveHundredSyncs()
    {
        const auto now = instant("2026-03-01T00:30:00");
        for (const auto& schedule :
             {estate::Json{{"every", "15m"}}, estate::Json{{"daily", "02:30"}, {"zone", "UTC"}}})
        {
            std::map<int64_t, int> bySecond;
            for (int number = 0; number < 500; ++number)
            {
                const auto name = "customer-" + std::to_string(number) + "-contacts";
                const auto table = Timetable::of(schedule, name);
                ++bySecond[floor<seconds>(table.next(now)->time_since_epoch()).count()];
            }
            int most = 0;
            for (const auto& [second, count] : bySecond)
                most = std::max(most, count);
            CPPUNIT_ASSERT(bySecond.size() > 50);
            CPPUNIT_ASSERT(bySecond.size() <= 61);
            CPPUNIT_ASSERT(most < 30);
        }
    }
    void keepsOffsetsBelowATenthOfThePeriod()
    {
        const auto now = instant("2026-03-01T00:00:00");
        for (int number = 0; number < 200; ++number)
        {
            const auto table = Timetable::of({{"every", "1m"}}, "sync-" + std::to_string(number));
            CPPUNIT_ASSERT(*table.next(now - 1ms) - now <= seconds(6));
        }
    }
    void spreadsPollsOverTheWholePeriod()
    {
        const auto now = instant("2026-03-01T00:00:00");
        std::set<int64_t> slices;
        for (int number = 0; number < 200; ++number)
        {
            const auto at =
                *Timetable::spread(minutes(1), "tenant-" + std::to_string(number)).next(now);
            CPPUNIT_ASSERT(at > now && at <= now + minutes(1));
            slices.insert((at - now - 1ms) / seconds(6));
        }
        CPPUNIT_ASSERT_EQUAL(size_t(10), slices.size());
    }
    void forgetsATimeThatAClockSetBackLeftFarOff()
    {
        const auto now = instant("2026-03-01T12:00:00");
        for (const auto& table : {every("15m"), daily("02:30", "UTC")})
        {
            const auto farOff = table.next(now + days(400));
            CPPUNIT_ASSERT(table.settled(farOff, now) == table.next(now));
            CPPUNIT_ASSERT(table.settled(now - days(3), now) == now - days(3));
            CPPUNIT_ASSERT(table.settled(std::nullopt, now) == table.next(now));
        }
    }
    void keepsADailyTimeWhenTheClockIsSetBackAnHour()
    {
        const auto table = daily("02:30", "UTC");
        const auto today = *table.next(instant("2026-03-01T00:00:00"));
        const auto tomorrow = table.next(today);
        CPPUNIT_ASSERT(table.settled(tomorrow, today - hours(1)) == tomorrow);
    }
    void refusesAZoneThatTheMachineDoesNotKnow()
    {
        CPPUNIT_ASSERT_THROW(daily("02:30", "Middle/Earth"), ConfigError);
        CPPUNIT_ASSERT_THROW(daily("02:30", "leapseconds"), ConfigError);
        CPPUNIT_ASSERT_THROW(every("soon"), ConfigError);
    }

private:
    static Timetable every(const std::string& span)
    {
        return Timetable::of({{"every", span}}, "contoso-contacts");
    }
    static Timetable daily(const std::string& time, const std::string& zone)
    {
        return Timetable::of({{"daily", time}, {"zone", zone}}, "contoso-contacts");
    }
    static Instant instant(const std::string& text)
    {
        std::istringstream stream(text);
        date::sys_seconds at;
        stream >> date::parse("%FT%T", at);
        CPPUNIT_ASSERT(!stream.fail());
        return at;
    }

    /// The times after `from` are these, but for the offset of the name, which is the same for all.
    static void expectTimes(const std::string& time, const std::string& zone,
                            const std::string& from, const std::vector<std::string>& expected)
    {
        const auto table = daily(time, zone);
        auto at = instant(from);
        std::optional<milliseconds> offset;
        for (const auto& text : expected)
        {
            at = *table.next(at);
            const auto late = at - instant(text);
            CPPUNIT_ASSERT_MESSAGE(text + " is " + runtime::toText(at),
                                   late >= 0s && late <= minutes(1) &&
                                       late == offset.value_or(late));
            offset = late;
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TimetableTest);

} // namespace muster::schedule
