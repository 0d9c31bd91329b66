#pragma once

#include "plugins/TargetChannel.h"
#include "runtime/Clock.h"
#include "store/Database.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace muster::sync {

/// Used by one thread, with a durable connection. Writes down what is about to be done and what
/// became of it, together with the ledger, so that a process that dies in between leaves nothing
/// forgotten and nothing done twice.
class Journal
{
public:
    Journal(store::Database& database, runtime::Clock& clock);

    /// Starts a run and returns its number.
    int64_t begin(int64_t sync);

    /// Before a phase: adoptions are done here, and what waits for a record that is not in the
    /// target is marked so; next() leaves both out.
    void beginPhase(int64_t run, int64_t plan, int64_t phase);

    /// The next changes of a phase that were not tried, behind the one with the id `last`, at most
    /// `limit`.
    std::vector<plugins::ChangeRequest> next(int64_t plan, int64_t phase, int64_t last,
                                             size_t limit);

    void intend(int64_t run, const std::vector<plugins::ChangeRequest>& changes);

    struct Result
    {
        const plugins::ChangeRequest* change = nullptr;
        plugins::Outcome outcome;
    };

    /// Outcomes with the ledger they lead to, in one transaction. Retries stay intended.
    void settle(int64_t run, int64_t sync, const std::vector<Result>& results);

    /// Changes that will not be tried again in this run; those in doubt are looked up by the next.
    void giveUp(const std::vector<plugins::ChangeRequest>& changes, const std::string& message);

    /// Joins a plan to a run; `approve` lets its held changes pass.
    void attach(int64_t run, int64_t plan, bool approve);

    /// Nothing more will be tried in this run: the rest of its plan waits for the next one, and
    /// what is in the target as claimed is no longer marked for the planner.
    void settleRest(int64_t run, int64_t plan);

    void end(int64_t run, const std::string& state, const std::string& message);

    /// Takes up what a process that died left behind in this sync: its runs are interrupted, and
    /// the ledger forgets what the changes in flight may have altered.
    void recover(int64_t sync);

    /// The same for all syncs; for a process that begins, with nobody at work.
    void recoverAll();

private:
    void doubt(const std::string& where, const store::Values& values);
    void settleRecord(int64_t sync, const Result& result);
    nlohmann::json fieldsAfter(int64_t record, const nlohmann::json& told,
                               const std::optional<plugins::RemoteRecord>& known);
    void settleLink(int64_t sync, const Result& result);
    void readAgain(int64_t record);
    void markMended(int64_t sync, const std::string& column, int64_t id);
    void refuse(int64_t sync, const Result& result, const std::string& column);

    store::Database& _database;
    runtime::Clock& _clock;
};

} // namespace muster::sync
