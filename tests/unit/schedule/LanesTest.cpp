#include "schedule/Lanes.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace muster::schedule {

class LanesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LanesTest);
    FRESH_TEST(letsOneIntoALane);
    FRESH_TEST(letsOthersIntoOtherLanes);
    FRESH_TEST(letsNobodyPassThoseWhoWait);
    FRESH_TEST(endsAWaitThatIsCancelled);
    FRESH_TEST(neverHasTwoInALane);
    FRESH_TEST(tellsWhenALaneIsFree);
    CPPUNIT_TEST_SUITE_END();

public:
    void letsOneIntoALane()
    {
        {
            const auto hold = _lanes.tryEnter("contoso");
            CPPUNIT_ASSERT(hold);
            CPPUNIT_ASSERT(!_lanes.tryEnter("contoso"));
        }
        CPPUNIT_ASSERT(_lanes.tryEnter("contoso"));
    }
    void letsOthersIntoOtherLanes()
    {
        const auto hold = _lanes.tryEnter("contoso");
        CPPUNIT_ASSERT(_lanes.tryEnter("fabrikam"));
        const auto other = _lanes.enter("northwind", _cancellation);
    }
    void letsNobodyPassThoseWhoWait()
    {
        auto hold = std::optional(_lanes.enter("contoso", _cancellation));
        std::promise<void> entered;
        std::promise<void> release;
        std::thread waiting([&] {
            const auto mine = _lanes.enter("contoso", _cancellation);
            entered.set_value();
            release.get_future().wait();
        });
        hold.reset();
        // Whether it waited or has entered by now: the lane is its.
        entered.get_future().wait();
        CPPUNIT_ASSERT(!_lanes.tryEnter("contoso"));
        release.set_value();
        waiting.join();
        CPPUNIT_ASSERT(_lanes.tryEnter("contoso"));
    }
    void endsAWaitThatIsCancelled()
    {
        auto hold = std::optional(_lanes.enter("contoso", _cancellation));
        _cancellation.request();
        CPPUNIT_ASSERT_THROW(_lanes.enter("contoso", _cancellation), CancelledError);
        hold.reset();
        CPPUNIT_ASSERT(_lanes.tryEnter("contoso"));
    }
    void neverHasTwoInALane()
    {
        int inside = 0; // not atomic: the lane is what guards it
        int most = 0;
        std::vector<std::thread> threads;
        for (int number = 0; number < 4; ++number)
            threads.emplace_back([&] {
                for (int turn = 0; turn < 200; ++turn)
                {
                    const auto hold = _lanes.enter("contoso", _cancellation);
                    most = std::max(most, ++inside);
                    --inside;
                }
            });
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT_EQUAL(1, most);
    }
    void tellsWhenALaneIsFree()
    {
        int times = 0;
        _lanes.onFree([&] { ++times; });
        {
            const auto hold = _lanes.tryEnter("contoso");
            CPPUNIT_ASSERT_EQUAL(0, times);
        }
        CPPUNIT_ASSERT_EQUAL(1, times);
        _lanes.onFree({});
        _lanes.tryEnter("contoso");
        CPPUNIT_ASSERT_EQUAL(1, times);
    }

private:
    Lanes _lanes;
    runtime::Cancellation _cancellation;
};

CPPUNIT_TEST_SUITE_REGISTRATION(LanesTest);

} // namespace muster::schedule
