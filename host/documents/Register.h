#pragma once

#include "directory/Directory.h"
#include "documents/DocumentWriter.h"
#include "documents/Places.h"
#include "documents/Standing.h"
#include "estate/Estate.h"
#include "plugins/Catalog.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "runtime/Progress.h"
#include "store/Database.h"
#include "sync/Keeper.h"
#include "sync/Owners.h"

#include <muster/Mode.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster::documents {

/// Used by one thread; several registers of one store may work side by side. The register of
/// documented groups: one for each group of a tenant, whether or not a sync carries it into a
/// target. The mode that documents groups makes them, by the settings, selection and scope of the
/// tenant's first sync of that mode; where there is none, of every group and without contacts.
class Register : public sync::Keeper
{
public:
    Register(store::Database& database, plugins::Catalog& catalog, const runtime::Clock& clock);

    /// Brings the documents of a tenant up to date with the mirror: of the groups that were touched
    /// since it last did so, or of all when the sync or the mode changed. Only what is enabled
    /// changes; the rest stays as it was. Throws ConfigError when the mode cannot be used.
    void update(const estate::Tenant& tenant, runtime::Progress& progress,
                const runtime::Cancellation& cancellation);

    /// The same for every tenant of the estate.
    void updateAll(runtime::Progress& progress, const runtime::Cancellation& cancellation);

    void absorb(const estate::Sync& sync) override;
    sync::DocumentState stateOf(const estate::Sync& sync, int64_t group,
                                sync::Presence presence) override;

private:
    /// What the documents of a tenant are made of beside its groups.
    struct Basis
    {
        const estate::Tenant& tenant;
        std::optional<estate::Sync> sync;
        const Mode& mode;
        std::string fingerprint;
        std::unique_ptr<sync::Owners> owners; ///< of the records in the sync's scope
    };

    /// How far the documents of a tenant were brought.
    struct Mark
    {
        int64_t sequence = 0;
        std::string derivedAs = {};
        bool operator==(const Mark&) const = default;
    };

    Basis basisOf(const estate::Tenant& tenant, const std::vector<estate::Sync>& syncs);
    void update(const Basis& basis, runtime::Progress& progress,
                const runtime::Cancellation& cancellation);
    Mark markOf(int64_t tenant);
    bool isDue(const Basis& basis);
    bool tryUpdate(const Basis& basis, runtime::Progress& progress,
                   const runtime::Cancellation& cancellation);
    std::vector<int64_t> groupsToDerive(const Basis& basis, const Mark& mark,
                                        directory::Directory& directory);
    std::optional<Derived> derive(const Basis& basis, directory::Directory& directory,
                                  int64_t group);
    bool flush(const Basis& basis, const Mark& mark, const std::vector<Derived>& batch);
    bool hasDocument(int64_t group);

    store::Database& _database;
    plugins::Catalog& _catalog;
    const runtime::Clock& _clock;
};

} // namespace muster::documents
