#pragma once

#include "estate/Estate.h"
#include "runtime/Clock.h"
#include "store/Database.h"
#include "sync/Plan.h"

#include <string>
#include <vector>

namespace muster::sync {

/// Used by one thread. Looks at a fresh plan and holds what a person should look at first. Their
/// work grows with the plan's removals, not with the tenant.
class Guards
{
public:
    Guards(store::Database& database, const runtime::Clock& clock);

    /// Stores the verdict and what the guards said; held changes wait for approval.
    Verdict judge(const estate::Sync& sync, int64_t plan);

private:
    struct Removals
    {
        std::string kind;
        int64_t count = 0;
    };

    void guardShare(const estate::Sync& sync, int64_t plan, std::vector<GuardMessage>& said);
    void guardEmptied(const estate::Sync& sync, int64_t plan, std::vector<GuardMessage>& said);
    void guardForeign(const estate::Sync& sync, int64_t plan, std::vector<GuardMessage>& said);
    void guardTenants(const estate::Sync& sync, std::vector<GuardMessage>& said);

    store::Database& _database;
    const runtime::Clock& _clock;
    std::string _remedy; ///< how the removals of the plan under way can pass
};

} // namespace muster::sync
