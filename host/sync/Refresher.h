#pragma once

#include "directory/Source.h"
#include "estate/Estate.h"
#include "runtime/Cancellation.h"
#include "runtime/Progress.h"
#include "store/Database.h"

#include <cstdint>
#include <exception>
#include <map>
#include <string>
#include <vector>

namespace muster::sync {

/// Used by one thread. Brings the mirrors of tenants up to date, each once for all the syncs of one
/// request, and keeps the findings that stand for a tenant.
class Refresher
{
public:
    Refresher(store::Database& database, directory::Source& source);

    enum class Look
    {
        AtChanges,
        AtSelectedGroupsToo
    };

    /// Throws what the source threw, again for each sync of the tenant.
    directory::RefreshOutcome refresh(const estate::Tenant& tenant, Look look,
                                      runtime::Progress& progress,
                                      const runtime::Cancellation& cancellation);

    /// Requests to the source so far, those of refreshes that failed too.
    uint64_t requests() const { return _requests; }

    /// A new request begins: mirrors are looked at again.
    void forget() { _done.clear(); }

private:
    struct Done
    {
        directory::RefreshOutcome outcome = {};
        std::exception_ptr failure = {};
    };

    Done refreshNow(const estate::Tenant& tenant, Look look, runtime::Progress& progress,
                    const runtime::Cancellation& cancellation);
    std::vector<std::string> selectedGroups(int64_t tenant);
    void storeFindings(int64_t tenant, const directory::RefreshOutcome& outcome);

    store::Database& _database;
    directory::Source& _source;
    std::map<int64_t, Done> _done;
    uint64_t _requests = 0;
};

} // namespace muster::sync
