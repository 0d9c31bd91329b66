#pragma once

#include "directory/Source.h"
#include "estate/Estate.h"
#include "plugins/Catalog.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "runtime/Progress.h"
#include "store/Store.h"
#include "sync/Keeper.h"
#include "sync/Plan.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster::sync {

/// What the service works with; all of it outlives the service.
struct SyncParts
{
    store::Store& store;
    plugins::Catalog& catalog;
    directory::Source& source;
    runtime::Clock& clock;

    /// Opens a channel to a target of the estate, its secrets resolved.
    std::function<std::shared_ptr<plugins::TargetChannel>(const estate::Target&)> openTarget;

    /// Waits until nobody else works on the tenant, and keeps others away while the answer lives;
    /// empty where there are no others. Throws CancelledError.
    using Enter = std::function<std::shared_ptr<void>(const std::string& tenant,
                                                      const runtime::Cancellation&)>;
    Enter enter = {};

    /// The same for a scope, which several tenants may share. Entered within the tenant.
    using EnterScope =
        std::function<std::shared_ptr<void>(int64_t scope, const runtime::Cancellation&)>;
    EnterScope enterScope = {};

    /// Makes the keeper of documents that works on a connection; needed where groups are
    /// documented.
    std::function<std::unique_ptr<Keeper>(store::Database&)> keeper = {};

    /// Told of each run that has ended; may be empty.
    std::function<void(const Run&)> ended = {};
};

struct SyncOptions
{
    bool verify = false;  ///< read the target and look at the groups directly, whatever is due
    bool approve = false; ///< held removals pass this once
    std::optional<int64_t> plan =
        {}; ///< apply this stored plan, nothing else and without a refresh
};

/// Used by one thread. The way from a tenant's directory to a target, for the syncs of an estate:
/// refresh, derive, read, plan, guard, run. Names are those of the estate's syncs; none means all.
/// Throws UsageError for a name that does not exist; the trouble of one sync is told in its plan or
/// run and does not stop the others.
class SyncService
{
public:
    explicit SyncService(SyncParts parts);
    ~SyncService();

    /// Brings the mirrors up to date and says what would change; writes to no target. A sync that
    /// cannot be planned has a plan without a number, refused with what stands in the way.
    std::vector<Plan> plan(const std::vector<std::string>& syncs, const SyncOptions& options,
                           runtime::Progress& progress, const runtime::Cancellation& cancellation);

    /// A plan that puts back what a run changed; run() with its number does it. The source is not
    /// asked: it may be what went wrong. Throws UsageError when there is no such run, and what
    /// stands in the way.
    Plan planUndo(int64_t run, runtime::Progress& progress,
                  const runtime::Cancellation& cancellation);

    /// Brings the targets up to date: plans and does what the guards let pass.
    std::vector<Run> run(const std::vector<std::string>& syncs, const SyncOptions& options,
                         runtime::Progress& progress, const runtime::Cancellation& cancellation);

    /// Brings a tenant's mirror up to date; true when a group that one of its syncs looks at was
    /// touched since that sync derived it. Throws RetryError or ConfigError.
    bool hasNews(const std::string& tenant, runtime::Progress& progress,
                 const runtime::Cancellation& cancellation);

    /// The latest runs, newest first, of one sync or of all; at most `limit`.
    std::vector<Run> runs(const std::optional<std::string>& sync, size_t limit);

    /// Throws UsageError when there is no such run.
    Run run(int64_t id);

    using OnChange = std::function<void(const PlannedChange&)>;

    /// The changes of a plan in the order they would be done; at most `limit` (0: all).
    void eachPlanned(int64_t plan, size_t limit, const OnChange& change);

    /// The changes that a run did or tried, with their outcomes.
    void eachDone(int64_t run, size_t limit, const OnChange& change);

    /// Traces a record by its key (an address or a name, without case) back to Entra: the document
    /// {"records": […]} of `muster why --json`. Throws UsageError when the target has no such
    /// record.
    nlohmann::json why(const std::string& target, const std::string& key);

private:
    class Implementation;
    std::unique_ptr<Implementation> _implementation;
};

} // namespace muster::sync
