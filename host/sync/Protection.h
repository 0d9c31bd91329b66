#pragma once

#include "estate/Estate.h"
#include "store/Database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace muster::sync {

/// Used by one thread. Takes out of a plan whatever would touch a protected record of the target:
/// itself, and every link from or to it.
class Protection
{
public:
    explicit Protection(store::Database& database);

    /// `protect` as the estate declares it: patterns (* and ?, without case) of a record's key or
    /// name, or "tag:" and the pattern of a tag. What is left out is a finding of the sync, and is
    /// planned anew when it is protected no more.
    void apply(const estate::Sync& sync, const std::vector<std::string>& protect, int64_t plan);

private:
    std::vector<int64_t> protectedRecords(const std::vector<std::string>& protect, int64_t plan);

    store::Database& _database;
};

} // namespace muster::sync
