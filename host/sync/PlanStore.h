#pragma once

#include "runtime/Clock.h"
#include "store/Database.h"
#include "sync/Plan.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace muster::sync {

/// Used by one thread. Stored plans and runs, as they are shown.
class PlanStore
{
public:
    explicit PlanStore(store::Database& database);

    /// Throw MissingError when there is none of that number.
    Plan plan(int64_t id);
    Run run(int64_t id);

    /// The run that a plan puts back, when it is an undo's.
    std::optional<int64_t> undoneRun(int64_t plan);

    std::vector<Run> runs(std::optional<int64_t> sync, size_t limit);

    using OnChange = std::function<void(const PlannedChange&)>;
    void eachPlanned(int64_t plan, size_t limit, const OnChange& change);
    void eachDone(int64_t run, size_t limit, const OnChange& change);

    /// All findings that stand for a sync: its tenant's, and its own. None twice.
    std::vector<runtime::Finding> findings(int64_t sync);

    /// Forgets the changes of plans that were never run, but those of the latest few.
    void prune(int64_t sync);

private:
    void eachChange(const std::string& where, int64_t id, size_t limit, const OnChange& change);
    std::vector<Run> readRuns(const std::string& where, const store::Values& values, size_t limit);
    void count(Run& run);

    store::Database& _database;
};

} // namespace muster::sync
