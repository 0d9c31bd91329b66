#include "KillScenes.h"
#include "KillWalk.h"
#include "support/FreshTest.h"

namespace muster::integration {

/// kill -9 at every point of a sync, in four parts that can run side by side. It takes minutes:
/// `ctest -L slow`.
class KillEverywhereTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(KillEverywhereTest);
    FRESH_TEST(finishesAFirstSyncKilledAnywhere1of4);
    FRESH_TEST(finishesAFirstSyncKilledAnywhere2of4);
    FRESH_TEST(finishesAFirstSyncKilledAnywhere3of4);
    FRESH_TEST(finishesAFirstSyncKilledAnywhere4of4);
    FRESH_TEST(finishesASyncOfChangesKilledAnywhere1of4);
    FRESH_TEST(finishesASyncOfChangesKilledAnywhere2of4);
    FRESH_TEST(finishesASyncOfChangesKilledAnywhere3of4);
    FRESH_TEST(finishesASyncOfChangesKilledAnywhere4of4);
    CPPUNIT_TEST_SUITE_END();

    static void killFirstSync(size_t part)
    {
        KillWalk(scenes::smallTenant()).walk({.first = part, .stride = 4});
    }
    static void killSyncOfChanges(size_t part)
    {
        KillWalk(scenes::smallTenant(), scenes::changes()).walk({.first = part, .stride = 4});
    }

public:
    void finishesAFirstSyncKilledAnywhere1of4() { killFirstSync(1); }
    void finishesAFirstSyncKilledAnywhere2of4() { killFirstSync(2); }
    void finishesAFirstSyncKilledAnywhere3of4() { killFirstSync(3); }
    void finishesAFirstSyncKilledAnywhere4of4() { killFirstSync(4); }
    void finishesASyncOfChangesKilledAnywhere1of4() { killSyncOfChanges(1); }
    void finishesASyncOfChangesKilledAnywhere2of4() { killSyncOfChanges(2); }
    void finishesASyncOfChangesKilledAnywhere3of4() { killSyncOfChanges(3); }
    void finishesASyncOfChangesKilledAnywhere4of4() { killSyncOfChanges(4); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(KillEverywhereTest);

} // namespace muster::integration
