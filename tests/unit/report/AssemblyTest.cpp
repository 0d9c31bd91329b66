#include "report/ReportFixture.h"
#include "support/FreshTest.h"
#include "sync/Plan.h"

namespace muster::report {

/// What the store has, as the report tells it.
class AssemblyTest : public CppUnit::TestFixture, public testing::ReportFixture
{
    CPPUNIT_TEST_SUITE(AssemblyTest);
    FRESH_TEST(countsWhatWasDoneSince);
    FRESH_TEST(failuresOfTheLatestRunStandWithTheirReasons);
    FRESH_TEST(heldChangesWaitForAPerson);
    FRESH_TEST(heldUndoIsApprovedAsAnUndo);
    FRESH_TEST(failedRunIsATask);
    FRESH_TEST(quarantineIsTheOnlyTaskOfItsSync);
    FRESH_TEST(syncThatDidNotRunIsATask);
    FRESH_TEST(syncByHandNeedNotRun);
    FRESH_TEST(runsThatWereNotWholeAreTold);
    FRESH_TEST(findingsAreGroupedWithTheFirstFew);
    FRESH_TEST(expiringCredentialsAreATask);
    FRESH_TEST(errorsOfTheTenantAreTasks);
    FRESH_TEST(worstTaskComesFirst);
    FRESH_TEST(removedSyncsAreNotTold);
    CPPUNIT_TEST_SUITE_END();

    SyncReport sync() { return assemble().customers.at(0).syncs.at(0); }

    /// "error contoso-groups: what" a line.
    std::string tasks()
    {
        std::string text;
        for (const auto& task : assemble().tasks)
            text += runtime::toText(task.severity) + " " + task.sync + ": " + task.what + " > " +
                    task.remedy + "\n";
        return text;
    }
    static void contains(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE("'" + text + "' lacks " + part, text.find(part) != text.npos);
    }
    void addTenantFinding(const std::string& code, const std::string& severity,
                          const std::string& message)
    {
        database.execute("INSERT INTO tenant_finding(tenant, code, severity, message, grp, key) "
                         "VALUES(1, $1, $2, $3, '', '')",
                         {code, severity, message});
    }

public:
    void countsWhatWasDoneSince()
    {
        addRun(1, 1, "succeeded");
        addChanges(1, 5, "create", "applied");
        clock.advance(std::chrono::hours(25));
        addRun(2, 1, "succeeded");
        addChanges(2, 3, "create", "applied");
        addChanges(2, 2, "link", "applied");
        addChanges(2, 1, "link", "unchanged");
        addRun(3, 1, "succeeded");
        addChanges(3, 1, "unlink", "applied");
        const auto report = sync();
        CPPUNIT_ASSERT_EQUAL(std::string("3 created, 2 linked, 1 unlinked"),
                             sync::doneText(report.done));
        CPPUNIT_ASSERT_EQUAL(std::string("2 runs: 2 succeeded"), runsText(report));
        CPPUNIT_ASSERT_EQUAL(std::string(), tasks());
    }

    void failuresOfTheLatestRunStandWithTheirReasons()
    {
        addRun(1, 1, "partial");
        addChanges(1, 9, "link", "failed", "it was busy");
        addRun(2, 1, "partial");
        addChanges(2, 2, "link", "failed", "the contact is in 50 groups");
        addChanges(2, 1, "create", "waiting", "");
        const auto report = sync();
        CPPUNIT_ASSERT_EQUAL(int64_t(3), report.failed);
        CPPUNIT_ASSERT_EQUAL(size_t(1), report.failures.size());
        CPPUNIT_ASSERT_EQUAL(std::string("the contact is in 50 groups"),
                             report.failures[0].messages[0]);
        contains(tasks(), "3 changes could not be made by its last run > muster run 2 shows them");
    }

    void heldChangesWaitForAPerson()
    {
        addRun(1, 1, "held", "12 removals are over the limit");
        addChanges(1, 12, "unlink", "held");
        CPPUNIT_ASSERT_EQUAL(int64_t(12), sync().held);
        contains(tasks(),
                 "12 changes are held: 12 removals are over the limit > muster run 1 shows them; "
                 "muster sync contoso-groups --approve lets them pass this once");
        contains(subjectOf(assemble()), ", 1 held");
    }

    void heldUndoIsApprovedAsAnUndo()
    {
        addRun(8, 1, "held", "over the limit");
        addChanges(8, 12, "unlink", "held");
        database.execute("UPDATE plan SET undoes = 7 WHERE id = 8");
        contains(tasks(), "muster undo 7 --approve lets them pass this once");
    }

    void failedRunIsATask()
    {
        addRun(1, 1, "failed", "the API key was refused");
        contains(tasks(), "error contoso-groups: its last run failed: the API key was refused");
        addRun(2, 1, "succeeded");
        CPPUNIT_ASSERT_EQUAL(std::string(), tasks());
    }

    void quarantineIsTheOnlyTaskOfItsSync()
    {
        addRun(1, 1, "failed", "the API key was refused");
        addFinding(1, "schedule", "quarantined", "error", "long text");
        database.execute("INSERT INTO schedule(sync, entry, attempts, failures, quarantined_at, "
                         "reason) VALUES(1, 0, 10, 10, 1, 'the API key was refused')");
        CPPUNIT_ASSERT_EQUAL(
            std::string("error contoso-groups: the schedule runs it no more, for it failed again "
                        "and again: the API key was refused > mend that, then run muster sync "
                        "contoso-groups\n"),
            tasks());
        CPPUNIT_ASSERT(sync().findings.empty());
        contains(subjectOf(assemble()), ", 1 stopped");
    }

    void syncThatDidNotRunIsATask()
    {
        addRun(1, 1, "succeeded");
        clock.advance(std::chrono::hours(30));
        contains(tasks(), "error contoso-groups: it did not run at all");
        contains(subjectOf(assemble()), ", 1 not run");
    }

    void syncByHandNeedNotRun()
    {
        addRun(1, 1, "succeeded");
        addSync(2, "by-hand", "manual");
        CPPUNIT_ASSERT_EQUAL(std::string(), tasks());
    }

    void runsThatWereNotWholeAreTold()
    {
        for (int64_t run = 1; run <= 5; ++run)
            addRun(run, 1, "partial", "trouble " + std::to_string(run));
        addRun(6, 1, "succeeded");
        const auto troubles = sync().troubles;
        CPPUNIT_ASSERT_EQUAL(size_t(1), troubles.size());
        CPPUNIT_ASSERT_EQUAL(int64_t(5), troubles[0].count);
        CPPUNIT_ASSERT_EQUAL(kMostTold, troubles[0].messages.size());
        CPPUNIT_ASSERT_EQUAL(std::string("run 5: trouble 5"), troubles[0].messages[0]);
    }

    void findingsAreGroupedWithTheFirstFew()
    {
        addRun(1, 1, "succeeded");
        for (int index = 0; index < 1000; ++index)
            addFinding(1, "derive", "address-missing", "warning",
                       "person " + std::to_string(index) + " has no address");
        addFinding(1, "find", "target-odd", "error", "odd");
        const auto findings = sync().findings;
        CPPUNIT_ASSERT_EQUAL(size_t(2), findings.size());
        CPPUNIT_ASSERT_EQUAL(std::string("target-odd"), findings[0].code);
        CPPUNIT_ASSERT_EQUAL(std::string("address-missing (warning): 1000"), headText(findings[1]));
        CPPUNIT_ASSERT_EQUAL(kMostTold, findings[1].messages.size());
    }

    void expiringCredentialsAreATask()
    {
        addRun(1, 1, "succeeded");
        addTenantFinding("credentials-expire", "warning", "the secret expires");
        addTenantFinding("hidden-members", "warning", "3 groups hide their members");
        CPPUNIT_ASSERT_EQUAL(std::string("warning : the secret expires > \n"), tasks());
        CPPUNIT_ASSERT_EQUAL(size_t(2), assemble().customers.at(0).findings.size());
    }

    void errorsOfTheTenantAreTasks()
    {
        addRun(1, 1, "succeeded");
        addTenantFinding("mirror-stale", "error", "the groups were last read long ago");
        contains(tasks(), "error : the groups were last read long ago");
    }

    void worstTaskComesFirst()
    {
        addRun(1, 1, "held", "over the limit");
        addChanges(1, 1, "unlink", "held");
        addSync(2, "other", {{"every", "15m"}});
        CPPUNIT_ASSERT_EQUAL(std::string("other"), assemble().tasks.at(0).sync);
    }

    void removedSyncsAreNotTold()
    {
        database.execute("UPDATE sync SET removed_at = 1");
        CPPUNIT_ASSERT(assemble().customers.at(0).syncs.empty());
        CPPUNIT_ASSERT_EQUAL(std::string(), tasks());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AssemblyTest);

} // namespace muster::report
