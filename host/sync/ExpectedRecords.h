#pragma once

#include "store/Database.h"
#include "sync/Reading.h"

#include <cstdint>
#include <string>
#include <vector>

namespace muster::sync {

/// Used by one thread. The claimed records of a scope that only people make. The target is asked
/// for them by their keys; what hangs on one that comes is marked for the planner.
class ExpectedRecords
{
public:
    ExpectedRecords(store::Database& database, int64_t scope);

    enum class Which
    {
        Missing, ///< those that were not there the last time
        All
    };

    void look(const Reading& reading, const std::vector<std::string>& kinds, Which which);

private:
    struct Known;
    std::vector<Known> known(int64_t sync, const std::vector<std::string>& kinds, Which which);
    void settle(const Known& known, const std::vector<plugins::RemoteRecord>& found);
    void noteOthers(const Known& known, const std::vector<const plugins::RemoteRecord*>& active);
    void come(const Known& known, const std::string& remoteId);

    store::Database& _database;
    int64_t _scope;
};

} // namespace muster::sync
