#pragma once

#include "directory/Directory.h"
#include "estate/Estate.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "runtime/Progress.h"
#include "store/Database.h"

#include <muster/Mode.h>

#include <cstdint>
#include <string>

namespace muster::sync {

/// Used by one thread. Turns the groups of a tenant into the claims of a sync: those that changed
/// since it last did so, or all when the sync itself changed.
class Deriver
{
public:
    Deriver(store::Database& database, const runtime::Clock& clock);

    /// `fingerprint` says all that claims depend on beside the groups: the mode and its version,
    /// the settings. Returns how many groups were derived.
    size_t derive(const estate::Sync& sync, const Mode& mode, const std::string& fingerprint,
                  runtime::Progress& progress, const runtime::Cancellation& cancellation);

private:
    std::vector<int64_t> groupsToDerive(const estate::Sync& sync, const std::string& fingerprint,
                                        directory::Directory& directory);
    /// Nothing: the group's claims stay as they are, for its members may not be read.
    std::optional<Claims> claimsOf(const estate::Sync& sync, const Mode& mode,
                                   directory::Directory& directory, int64_t group);

    store::Database& _database;
    const runtime::Clock& _clock;
};

} // namespace muster::sync
