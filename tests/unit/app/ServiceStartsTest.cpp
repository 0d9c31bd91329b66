#include "app/ServiceStarts.h"
#include "support/FreshTest.h"
#include "support/TemporaryDirectory.h"
#include "support/TestClock.h"

namespace muster::app {

class ServiceStartsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ServiceStartsTest);
    FRESH_TEST(threeCrashesInTenMinutesMakeTheNextStartCareful);
    FRESH_TEST(crashesAfterALongRunCount);
    FRESH_TEST(crashesLongAgoDoNotCount);
    FRESH_TEST(anEndByItselfForgetsCrashes);
    CPPUNIT_TEST_SUITE_END();

public:
    void threeCrashesInTenMinutesMakeTheNextStartCareful()
    {
        for (int i = 0; i < 3; ++i)
            CPPUNIT_ASSERT(!isCareful());
        CPPUNIT_ASSERT(isCareful());
    }

    void crashesAfterALongRunCount()
    {
        isCareful();
        _clock.advance(std::chrono::hours(100));
        isCareful();
        isCareful();
        CPPUNIT_ASSERT(isCareful());
    }

    void crashesLongAgoDoNotCount()
    {
        isCareful();
        isCareful();
        isCareful();
        _clock.advance(std::chrono::minutes(11));
        CPPUNIT_ASSERT(!isCareful());
    }

    void anEndByItselfForgetsCrashes()
    {
        isCareful();
        isCareful();
        isCareful();
        ServiceStarts(_store, _clock).end();
        CPPUNIT_ASSERT(!isCareful());
    }

private:
    /// A start that ends by a crash.
    bool isCareful() { return ServiceStarts(_store, _clock).isSafeMode(); }

    tests::TemporaryDirectory _directory;
    tests::TestClock _clock;
    store::Store _store{_directory.path()};
};

CPPUNIT_TEST_SUITE_REGISTRATION(ServiceStartsTest);

} // namespace muster::app
