#pragma once

#include "estate/Estate.h"
#include "manifest/Manifest.h"
#include "plugins/TargetChannel.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "runtime/Progress.h"
#include "store/Database.h"
#include "sync/Journal.h"

#include <cstdint>
#include <string>
#include <vector>

namespace muster::sync {

/// Used by one thread. Does the changes of a stored plan, phase by phase, in batches: intent, call,
/// outcome. A change that fails fails alone; what needs it waits; what may work later is tried
/// again a few times.
class Runner
{
public:
    struct Task
    {
        const estate::Sync& sync;
        const plugins::TargetManifest& target;
        int64_t plan = 0;
        int64_t run = 0;
    };

    Runner(store::Database& database, plugins::TargetChannel& channel, runtime::Clock& clock);

    /// Why a run ended before its end, for an administrator; empty when all was tried.
    struct Stop
    {
        std::string why = {};
        bool isFault = false; ///< of the plugin: the target may be well
    };

    /// Throws ConfigError when the rest cannot work before someone changes a setting.
    Stop execute(const Task& task, runtime::Progress& progress,
                 const runtime::Cancellation& cancellation);

private:
    struct Retries
    {
        std::vector<plugins::ChangeRequest> changes = {};
        std::chrono::milliseconds wait{0};
        std::string message = {};
        bool isFault = false; ///< what the last of them came back for
    };

    Stop runPhase(const Task& task, int64_t phase, const runtime::Cancellation& cancellation);
    Retries send(const Task& task, const std::vector<plugins::ChangeRequest>& changes,
                 const runtime::Cancellation& cancellation);
    Retries sendAgain(const Task& task, Retries retries, const runtime::Cancellation& cancellation);

    store::Database& _database;
    plugins::TargetChannel& _channel;
    runtime::Clock& _clock;
    Journal _journal;
    uint64_t _done = 0;
    uint64_t _total = 0;
    runtime::Progress* _progress = nullptr;
};

} // namespace muster::sync
