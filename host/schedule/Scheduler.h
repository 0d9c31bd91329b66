#pragma once

#include "runtime/Bell.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "schedule/Agenda.h"
#include "schedule/Lanes.h"
#include "schedule/ScheduleStore.h"
#include "store/Store.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace muster::schedule {

/// What the scheduler works with; all of it outlives the scheduler. The functions are called from
/// its threads, several at once, never two for one tenant; the tenant's lane is held meanwhile.
/// What they throw counts as a failure. They end soon when the cancellation is requested.
struct SchedulerParts
{
    store::Store& store;
    runtime::Clock& clock;
    Lanes& lanes;

    /// Runs a sync.
    std::function<RunResult(const estate::Sync&, const runtime::Cancellation&)> run;

    /// Brings the tenant's directory up to date; true when its syncs have something to do since.
    std::function<bool(const estate::Tenant&, const runtime::Cancellation&)> poll;
};

struct SchedulerOptions
{
    std::chrono::milliseconds poll = std::chrono::minutes(1); ///< a tenant's source, this often
    unsigned workers = 4;                                     ///< tenants side by side
};

/// Thread-safe. Runs the syncs of the estate when they are due, on threads of its own. Used once:
/// start(), then stop().
class Scheduler
{
public:
    /// Reads the estate and what is kept of its syncs.
    explicit Scheduler(SchedulerParts parts, SchedulerOptions options = {});

    /// Stops, and waits for what is under way for as long as it takes.
    ~Scheduler();
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    void start();

    /// Begins nothing more, asks what is under way to stop, and waits for it. False when something
    /// was still under way at the deadline. What was stopped is due again at the next start.
    bool stop(std::chrono::milliseconds deadline);

    /// The estate, or the clock, was changed: it is read again.
    void changed();

    /// A run that somebody asked for, in the lane of its tenant, has ended.
    void ranByHand(const std::string& sync, const RunResult& result);

    /// Every sync of the estate. Never waits for a run or the store.
    std::vector<SyncStatus> status() const;

    /// Does what has been due for longest, in the calling thread; false when nothing is due. It is
    /// what the threads do.
    bool step();

private:
    void work();
    void readEstate();
    std::optional<Job> take();
    void run(const Job& job);
    void poll(const Job& job);
    void keep();
    std::chrono::milliseconds untilNext() const;

    SchedulerParts _parts;
    SchedulerOptions _options;
    runtime::Cancellation _cancellation;
    runtime::Bell _bell;
    std::atomic<bool> _isEstateChanged{false};

    std::mutex _storeMutex; ///< guards _kept; taken before _mutex, never after
    ScheduleStore _kept;

    mutable std::mutex _mutex; ///< guards all below; never held while something waits
    Agenda _agenda;
    size_t _working = 0; ///< threads that have not ended
    std::condition_variable _ended;
    std::vector<std::thread> _threads;
};

} // namespace muster::schedule
