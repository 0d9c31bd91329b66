#pragma once

#include "runtime/Clock.h"
#include "store/Database.h"
#include "sync/Planner.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace muster::sync {

/// Used by one thread. Makes the plan that puts back what a run changed in a target. What was
/// changed again since then stays as it is, and the plan says so (a change with the state
/// superseded). It asks the ledger alone, so that it works when the source is wrong or away.
class Reversal
{
public:
    Reversal(store::Database& database, const runtime::Clock& clock);

    /// Stores a plan with verdict clear and returns its id; the guards look at it next.
    int64_t plan(const PlanInput& input, int64_t run);

private:
    /// A change that the run made, with what the ledger has of its record or link now.
    struct Done;
    struct Reverse
    {
        int phase = 0;
        std::string action = {};
        nlohmann::json document = nlohmann::json::object();
        int64_t link = 0;       ///< when it is another than that of the change
        std::string stays = {}; ///< why nothing can be put back; empty: it can
    };

    std::vector<Done> next(int64_t run, int64_t after);
    Reverse reverse(const PlanInput& input, const Done& done);
    Reverse reverseOfRecord(const PlanInput& input, const Done& done);
    Reverse retire(const PlanInput& input, const Done& done);
    Reverse restoreFields(const Done& done);
    Reverse reverseOfLink(const Done& done);
    void store(int64_t plan, int64_t run, const std::vector<Done>& done, const PlanInput& input);

    store::Database& _database;
    const runtime::Clock& _clock;
};

} // namespace muster::sync
