#include "plugins/Pace.h"

#include "support/FreshTest.h"
#include "support/TestClock.h"

#include <vector>

using muster::plugins::Pace;
using muster::tests::TestClock;
using std::chrono::milliseconds;

namespace {

/// When each of so many requests starts.
std::vector<milliseconds> starts(Pace& pace, TestClock& clock, size_t count)
{
    std::vector<milliseconds> result;
    while (result.size() < count)
        if (const auto wait = pace.next(); wait.count() > 0)
            clock.advance(wait);
        else
        {
            pace.sent();
            result.push_back(clock.passed());
        }
    return result;
}

} // namespace

class PaceTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PaceTest);
    FRESH_TEST(neverStartsMoreInAnySecondThanAgreed);
    FRESH_TEST(countsARequestFromWhenItIsSent);
    FRESH_TEST(reachesTheAgreedRate);
    FRESH_TEST(keepsRatesBelowOneASecond);
    FRESH_TEST(startsNothingInAPause);
    CPPUNIT_TEST_SUITE_END();

public:
    void neverStartsMoreInAnySecondThanAgreed()
    {
        TestClock clock;
        Pace pace(5, clock);
        auto all = starts(pace, clock, 7);
        clock.advance(milliseconds(300));
        const auto more = starts(pace, clock, 20);
        all.insert(all.end(), more.begin(), more.end());
        for (size_t i = 5; i < all.size(); ++i)
            CPPUNIT_ASSERT(all[i] - all[i - 5] >= milliseconds(1000));
    }

    void countsARequestFromWhenItIsSent()
    {
        TestClock clock;
        Pace pace(2, clock);
        CPPUNIT_ASSERT(pace.next() == milliseconds(0));
        CPPUNIT_ASSERT(pace.next() == milliseconds(0));
        clock.advance(milliseconds(3000)); // the connection takes that long
        CPPUNIT_ASSERT(pace.next() > milliseconds(0));
        pace.sent();
        pace.sent();
        clock.advance(milliseconds(999));
        CPPUNIT_ASSERT(pace.next() > milliseconds(0));
        clock.advance(milliseconds(100));
        CPPUNIT_ASSERT(pace.next() == milliseconds(0));
    }

    void reachesTheAgreedRate()
    {
        TestClock clock;
        Pace pace(5, clock);
        CPPUNIT_ASSERT(starts(pace, clock, 50).back() == milliseconds(9450));
    }

    void keepsRatesBelowOneASecond()
    {
        TestClock clock;
        Pace pace(0.5, clock);
        CPPUNIT_ASSERT(starts(pace, clock, 3).back() == milliseconds(4200));
    }

    void startsNothingInAPause()
    {
        TestClock clock;
        Pace pace(5, clock);
        pace.pause(milliseconds(2500));
        pace.pause(milliseconds(100)); // a shorter one does not end a longer one
        CPPUNIT_ASSERT(pace.paused() == milliseconds(2500));
        CPPUNIT_ASSERT(starts(pace, clock, 1).front() == milliseconds(2500));
        CPPUNIT_ASSERT(pace.paused() == milliseconds(0));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PaceTest);
