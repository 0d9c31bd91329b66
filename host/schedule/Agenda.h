#pragma once

#include "estate/Estate.h"
#include "runtime/Clock.h"
#include "schedule/Lanes.h"
#include "schedule/Timetable.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster::schedule {

/// How a run ended. Held is not a failure: it waits for a person. Nor is partial, which is tried
/// again soon, nor that the source or target could not be reached: that may pass without a person.
enum class RunEnd
{
    Succeeded,
    Partial,
    Held,
    Unreachable,
    Failed
};

struct RunResult
{
    RunEnd end = RunEnd::Failed;
    std::string message = {}; ///< why it did not succeed
};

/// What is kept of a sync through restarts.
struct SyncState
{
    int64_t sync = 0;
    int64_t entry = 0; ///< fingerprint of the estate's entries that the rest is about
    std::optional<runtime::Instant> nextAt = {}; ///< by the timetable, or at once after a change
    std::optional<runtime::Instant> lastAt = {}; ///< when the last run ended
    int64_t attempts = 0;                        ///< runs in a row that failed or were partial
    int64_t failures = 0;                        ///< the latest of them that failed
    std::optional<runtime::Instant> retryAt = {};
    std::optional<runtime::Instant> quarantinedAt = {};
    std::string reason = {}; ///< what the last of the attempts said

    bool operator==(const SyncState&) const = default;
};

/// What the estate declares of a sync.
struct Declared
{
    estate::Sync sync;
    estate::Tenant tenant;
    int64_t entry = 0; ///< fingerprint of the entries of the sync, its tenant and its target
};

/// Something to do now; the lane of its tenant is held with it.
struct Job
{
    estate::Tenant tenant;
    std::optional<estate::Sync> sync; ///< none: poll the tenant's source
    Lanes::Hold lane;
};

struct SyncStatus
{
    std::string sync;
    std::string tenant;
    std::optional<runtime::Instant> next = {}; ///< none: by hand only, or quarantined
    std::optional<runtime::Instant> last = {}; ///< when the last run ended
    int64_t failures = 0;                      ///< in a row
    std::optional<runtime::Instant> quarantinedAt = {};
    std::string reason = {}; ///< why the last run did not succeed, or the sync has no schedule
    std::optional<runtime::Instant> runningSince = {}; ///< by the schedule
};

/// Used by one thread at a time. What is due, decided without waiting, storing or doing any of it:
/// a sync by its timetable, a failed one after 1, 2, 4 … 60 minutes and not after ten failures in a
/// row, and a poll of each tenant that has a sync which follows its source.
class Agenda
{
public:
    explicit Agenda(std::chrono::milliseconds poll) : _poll(poll) {}

    /// The estate as it is now. A sync that is new here goes on from its stored state; one whose
    /// entry has changed begins anew, at once when it was failing or overdue.
    void adopt(const std::vector<Declared>& declared, const std::vector<SyncState>& stored,
               runtime::Instant now);

    /// The job that has been due for longest of those whose lane is free.
    std::optional<Job> take(runtime::Instant now, Lanes& lanes);

    /// When something becomes due that is not due yet.
    std::optional<runtime::Instant> nextDue(runtime::Instant now) const;

    /// How a job of take() ended. One that was abandoned, because the host stops, is due as before.
    void ran(int64_t sync, const RunResult& result, runtime::Instant now);
    void abandoned(const Job& job);
    void polled(const std::string& tenant, bool hasChanged, runtime::Instant now);
    void pollFailed(const std::string& tenant, runtime::Instant now);

    /// A run that somebody asked for. A success ends back-off and quarantine; nothing else counts,
    /// for somebody looks at it.
    void ranByHand(const std::string& sync, const RunResult& result, runtime::Instant now);

    /// The states that changed since the last call: to be stored. All of them, after one that could
    /// not be.
    std::vector<SyncState> takeChanges();
    void changesWereLost();

    std::vector<SyncStatus> status() const;

private:
    struct Item
    {
        Declared declared;
        Timetable timetable = Timetable::manual();
        std::string trouble = {}; ///< why there is no timetable
        SyncState state;
        SyncState stored; ///< as takeChanges() last gave it
        std::optional<runtime::Instant> runningSince = {};

        std::optional<runtime::Instant> due() const;
    };
    struct Poll
    {
        estate::Tenant tenant;
        Timetable timetable = Timetable::manual();
        std::optional<runtime::Instant> nextAt = {};
        int64_t failures = 0;
        bool isRunning = false;
        bool isWanted = false; ///< a sync follows its source, and is not quarantined
    };
    struct Due;

    void adoptPolls(runtime::Instant now);
    void settle(runtime::Instant now);
    std::vector<Due> candidates();

    std::chrono::milliseconds _poll;
    std::map<int64_t, Item> _syncs;     ///< by id
    std::map<std::string, Poll> _polls; ///< by tenant
};

} // namespace muster::schedule
