#pragma once

#include "estate/Declaration.h"
#include "estate/SecretResolver.h"
#include "runtime/Clock.h"
#include "store/Store.h"

#include <string>
#include <vector>

namespace muster::estate {

/// What an apply did to one entry.
struct EntryChange
{
    enum class What
    {
        Created,
        Changed,
        Unchanged,
        Removed,
        Kept
    };
    std::string kind; ///< tenant, target, sync
    std::string name;
    What what = What::Unchanged;
    std::vector<std::string> keys = {}; ///< of a changed one: which
};

/// What becomes of stored entries that the files do not name.
enum class Unnamed
{
    Keep,
    Remove
};

/// Where the manifests of plugins come from; see Surroundings.
struct ManifestSource
{
    std::function<const plugins::ModeManifest&(const std::string&)> mode;
    std::function<const plugins::TargetManifest&(const std::string&)> target;
};

/// Used by one thread. Brings the stored estate to what files declare: all of it or nothing. Ids
/// stay with names, also of entries that were removed and come back; history stays in any case.
class EstateApplier
{
public:
    EstateApplier(store::Database& database, const runtime::Clock& clock,
                  const SecretResolver& secrets, ManifestSource manifests);

    /// In the order tenants, targets, syncs; as declared, then those that the files do not name.
    /// Throws EstateError; the store is untouched then.
    std::vector<EntryChange> apply(const std::vector<EstateFile>& files, Unnamed unnamed);

private:
    Surroundings surroundings(Unnamed unnamed);
    EntryChange write(const std::string& kind, const std::string& name, const Json& document);
    void forgetLedger(const std::string& target);
    EntryChange writeSync(const Sync& sync);
    void settleUnnamed(const std::string& kind, Unnamed unnamed, std::vector<EntryChange>& changes);
    void order(const std::vector<Sync>& syncs);

    store::Database& _database;
    const runtime::Clock& _clock;
    const SecretResolver& _secrets;
    ManifestSource _manifests;
};

std::string toText(EntryChange::What what);

} // namespace muster::estate
