#pragma once

#include "schedule/Agenda.h"
#include "store/Store.h"

#include <vector>

namespace muster::schedule {

/// Used by one thread at a time. What the scheduler reads from the store and keeps in it.
class ScheduleStore
{
public:
    explicit ScheduleStore(const store::Store& store);

    /// The syncs of the estate, in the order of their declaration.
    std::vector<Declared> declared();

    std::vector<SyncState> states();

    /// Stores the states, and for a sync in quarantine the finding "quarantined".
    void write(const std::vector<SyncState>& states);

private:
    void writeFinding(const SyncState& state);

    store::Database _database;
};

} // namespace muster::schedule
