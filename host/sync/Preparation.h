#pragma once

#include "estate/Estate.h"
#include "manifest/Manifest.h"
#include "plugins/TargetChannel.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "runtime/Progress.h"
#include "store/Database.h"
#include "sync/Keeper.h"
#include "sync/Owners.h"

#include <muster/Mode.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace muster::sync {

/// One sync with all that takes part in it.
struct Work
{
    const estate::Sync& sync;
    const estate::Tenant& tenant;
    const plugins::ModeManifest& mode;
    const Mode& derivation;
    const plugins::TargetManifest& target;
    plugins::TargetChannel& channel;
    std::vector<std::string> protect = {}; ///< of the target: records that are never touched
    bool complete = false;    ///< the directory was read to its end: removals may be planned
    Keeper* keeper = nullptr; ///< of documents; needed by a mode that documents groups
};

enum class Verify
{
    WhenDue,
    Now
};

/// Used by one thread. From a mirror that is up to date to a plan that the guards have judged:
/// derive what changed, read the target when the ledger is cold or old, compare.
class Preparation
{
public:
    Preparation(store::Database& database, runtime::Clock& clock);

    /// Returns the number of the plan.
    int64_t prepare(const Work& work, Verify verify, runtime::Progress& progress,
                    const runtime::Cancellation& cancellation);

    /// A plan that puts back what a run changed, by what is in the target now. Returns its number.
    int64_t prepareUndo(const Work& work, int64_t run, runtime::Progress& progress,
                        const runtime::Cancellation& cancellation);

    /// Brings the ledger up to date: reads what it lacks, or all when it is old or `verify` says
    /// so.
    void readTarget(const Work& work, Verify verify, runtime::Progress& progress,
                    const runtime::Cancellation& cancellation);

    /// Why a stored plan is not what would be done now, for an administrator; empty when all of its
    /// changes are still due.
    std::string staleness(const Work& work, int64_t plan, runtime::Progress& progress,
                          const runtime::Cancellation& cancellation);

private:
    std::string fingerprintOf(const Work& work, const std::optional<estate::SelectionRule>& order,
                              Owners& owners);
    void derive(const Work& work, runtime::Progress& progress,
                const runtime::Cancellation& cancellation);
    int64_t planAgain(const Work& work, int64_t plan, runtime::Progress& progress,
                      const runtime::Cancellation& cancellation);
    /// What a plan goes through before it may be run.
    void judge(const Work& work, int64_t plan);
    /// What was undone is looked at like anything else again.
    void forgetUndone(const estate::Sync& sync);
    void forgetMended(const estate::Sync& sync);
    bool hasMarkedRecords(const estate::Sync& sync);

    store::Database& _database;
    runtime::Clock& _clock;
};

} // namespace muster::sync
