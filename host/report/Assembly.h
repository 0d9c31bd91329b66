#pragma once

#include "estate/Estate.h"
#include "report/Report.h"
#include "store/Database.h"

#include <string>
#include <vector>

namespace muster::report {

/// Used by one thread. Makes a report of what the store has: the estate's customers and syncs, the
/// runs since a moment, and what stands now.
class Assembly
{
public:
    explicit Assembly(store::Database& database);

    Report assemble(runtime::Instant since, runtime::Instant until, const std::string& zone);

private:
    SyncReport syncReport(const estate::Sync& sync, runtime::Instant since,
                          const std::vector<Group>& ofTenant);
    void readRuns(SyncReport& report, int64_t sync, runtime::Instant since);
    void readChanges(SyncReport& report, int64_t sync, runtime::Instant since);
    void readLastRun(SyncReport& report);
    void readSchedule(SyncReport& report, int64_t sync);
    void readFindings(SyncReport& report, int64_t sync, const std::vector<Group>& ofTenant);
    std::vector<Group> tenantFindings(int64_t tenant);
    void addTasks(Report& report, const CustomerReport& customer);

    store::Database& _database;
};

} // namespace muster::report
