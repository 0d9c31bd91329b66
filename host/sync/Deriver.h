#pragma once

#include "directory/Directory.h"
#include "estate/Estate.h"
#include "manifest/Manifest.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "runtime/Progress.h"
#include "store/Database.h"
#include "sync/ClaimStore.h"
#include "sync/Keeper.h"
#include "sync/Owners.h"

#include <muster/Mode.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace muster::sync {

struct Derivation
{
    const estate::Sync& sync;
    const Mode& mode;
    std::string fingerprint; ///< all that claims depend on beside the groups: the mode and its
                             ///< version, the settings
    std::optional<estate::SelectionRule> order = {}; ///< ranks the groups where a record can have
                                                     ///< one link only
    Owners& owners;                                  ///< of the scope's records
    Keeper* keeper = nullptr; ///< set: the claims are documents, which outlive their groups
    const plugins::TargetManifest* target = nullptr; ///< set: links get roles that it can hold
};

/// Used by one thread. Turns the groups of a tenant into the claims of a sync: those that changed
/// since it last did so, or all when the sync itself changed.
class Deriver
{
public:
    Deriver(store::Database& database, const runtime::Clock& clock);

    /// Returns how many groups were derived.
    size_t derive(const Derivation& derivation, runtime::Progress& progress,
                  const runtime::Cancellation& cancellation);

private:
    std::vector<int64_t> groupsToDerive(const Derivation& derivation,
                                        directory::Directory& directory);
    /// Nothing: the group's claims stay as they are, for its members may not be read.
    std::optional<GroupClaims> claimsOf(const Derivation& derivation,
                                        directory::Directory& directory, int64_t group);
    /// As the register says that the group's document stands.
    GroupClaims kept(const Derivation& derivation, GroupClaims fresh, bool lives);
    /// The target has the document of a group, as far as is known.
    bool isThere(const estate::Sync& sync, int64_t group);
    /// What the sync claims because of the group already.
    Claims present(const estate::Sync& sync, int64_t group);

    store::Database& _database;
    const runtime::Clock& _clock;
};

} // namespace muster::sync
