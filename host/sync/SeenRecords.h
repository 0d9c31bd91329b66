#pragma once

#include "store/Database.h"
#include "sync/Owners.h"

#include <muster/Mode.h>

#include <cstdint>

namespace muster::sync {

/// Used by one thread. The records of a scope as the ledger has them, for a mode to look at.
class SeenRecords : public Records
{
public:
    /// A scope of 0 has none. `owners` of the same scope.
    SeenRecords(store::Database& database, int64_t scope, Owners& owners);

    std::vector<SeenRecord> find(const std::string& kind, const std::string& alias) override;

private:
    store::Database& _database;
    int64_t _scope;
    Owners& _owners;
};

} // namespace muster::sync
