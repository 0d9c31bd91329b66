#pragma once

#include "store/Database.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace muster::sync {

/// Used by one thread. Explains records of a target: which Entra groups ask for them through which
/// syncs, and what was done to them.
class Trace
{
public:
    explicit Trace(store::Database& database);

    /// {"records": […]} for the records with that key or name, without case. Throws UsageError when
    /// the target has none.
    nlohmann::json explain(const std::string& target, const std::string& key);

private:
    nlohmann::json claimsOf(const std::string& table, const std::string& column, int64_t id);
    nlohmann::json linksOf(int64_t record);
    nlohmann::json historyOf(int64_t record);

    store::Database& _database;
};

} // namespace muster::sync
