#pragma once

#include "estate/Estate.h"
#include "runtime/Clock.h"
#include "store/Database.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace muster::sync {

/// Documents of a target that say that they are kept, and are not: their sync or its tenant was
/// removed, or the sync writes elsewhere now.
struct Leaving
{
    estate::Sync sync; ///< which kept them last, with the scope that they are in
    std::vector<int64_t> records = {};
    bool isTargetDeclared = false; ///< else nobody can tell them

    /// What is left where, and what to do: a sentence.
    std::string message() const;
};

/// Used by one thread.
class Leavings
{
public:
    Leavings(store::Database& database, const runtime::Clock& clock);

    std::vector<Leaving> all();

    /// A plan after which they say that they are not kept. 0: there is nothing to do.
    int64_t plan(const estate::Sync& sync);

    /// What a run of such a plan could not change, the target having refused it or having it no
    /// more, is not tried again.
    void giveUpUndone(int64_t plan);

private:
    store::Database& _database;
    const runtime::Clock& _clock;
};

} // namespace muster::sync
