#include "KillScenes.h"
#include "KillWalk.h"
#include "support/FreshTest.h"
#include "support/Sanitized.h"

#include <algorithm>
#include <csignal>

namespace muster::integration {

/// kill -9 at points spread over a command: the next one finishes the work as if nothing had been.
/// KillEverywhereTest walks all points.
class KillTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(KillTest);
    FRESH_TEST(finishesAFirstSyncThatWasKilled);
    FRESH_TEST(finishesASyncOfChangesThatWasKilled);
    FRESH_TEST(finishesAChangeOfServiceGroupsThatWasKilled);
    FRESH_TEST(appliesAnEstateWholeOrNotAtAll);
    CPPUNIT_TEST_SUITE_END();

    static constexpr size_t kPoints = testing::kIsSanitized ? 10 : 40;

public:
    void finishesAFirstSyncThatWasKilled() { KillWalk(scenes::smallTenant()).walkSome(kPoints); }
    void finishesASyncOfChangesThatWasKilled()
    {
        KillWalk(scenes::smallTenant(), scenes::changes()).walkSome(kPoints);
    }

    void finishesAChangeOfServiceGroupsThatWasKilled()
    {
        KillWalk(scenes::smallTenant(), scenes::changes(), Mode::ServiceGroups).walkSome(kPoints);
    }

    void appliesAnEstateWholeOrNotAtAll()
    {
        Scenario scenario;
        scenario.sandbox.addTenant(contoso::kTenant, "Contoso", "contoso.example");
        const auto applyKilledAt = [&](size_t point, const Installation& host) {
            return runKilledAt(point, host,
                               {"apply", host.write("estate.yaml", scenario.estate.text())});
        };
        const Installation undisturbed;
        applyKilledAt(0, undisturbed);
        const auto all = pointsOf(undisturbed);
        const auto stride = std::max<size_t>(all / kPoints, 1);
        for (size_t point = 1; point <= all; point += stride)
        {
            const Installation host;
            const auto finished = applyKilledAt(point, host);
            if (finished.signal != SIGKILL)
                break;
            const auto tenants = host.json({"tenants"}).at("tenants");
            CPPUNIT_ASSERT_MESSAGE(tenants.dump(),
                                   tenants.empty() || tenants.front().at("syncs").size() == 1);
            host.apply(scenario.estate);
            host.json({"plan"});
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(KillTest);

} // namespace muster::integration
