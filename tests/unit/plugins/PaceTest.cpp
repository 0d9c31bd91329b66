#include "plugins/Pace.h"

#include "support/FreshTest.h"
#include "support/TestClock.h"

#include <vector>

using muster::plugins::Budget;
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
    FRESH_TEST(neverStartsMoreInAnyWindowThanTheBudget);
    FRESH_TEST(countsAgainstTheBudgetWhatIsStillLeaving);
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

    void neverStartsMoreInAnyWindowThanTheBudget()
    {
        constexpr size_t kMost = 240;
        constexpr std::chrono::minutes kWindow{5};
        TestClock clock;
        Pace pace(20, clock, Budget{kMost, kWindow});
        std::vector<milliseconds> all;
        // A burst, a little, a long rest, and then as fast as it goes.
        for (const auto& [count, rest] :
             {std::pair<size_t, int>{200, 290'000}, {30, 5'000}, {5, 700'000}, {1000, 0}})
        {
            const auto more = starts(pace, clock, count);
            all.insert(all.end(), more.begin(), more.end());
            clock.advance(milliseconds(rest));
        }
        for (size_t i = kMost; i < all.size(); ++i)
            CPPUNIT_ASSERT(all[i] - all[i - kMost] > kWindow);
        for (size_t i = 20; i < all.size(); ++i)
            CPPUNIT_ASSERT(all[i] - all[i - 20] >= milliseconds(1000));
        // Nor is it slower than it must be: 1000 are four windows and the last 40.
        CPPUNIT_ASSERT(all.back() - all[all.size() - 1000] < 4 * kWindow + kWindow);
    }

    void countsAgainstTheBudgetWhatIsStillLeaving()
    {
        TestClock clock;
        Pace pace(100, clock, Budget{3, std::chrono::seconds(60)});
        CPPUNIT_ASSERT(starts(pace, clock, 1).size() == 1);
        CPPUNIT_ASSERT(pace.next() == milliseconds(0));
        CPPUNIT_ASSERT(pace.next() == milliseconds(0));
        CPPUNIT_ASSERT(pace.next() == milliseconds(61'000)); // two leave, one is in the window
        pace.dropped();
        CPPUNIT_ASSERT(pace.next() == milliseconds(0));
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
