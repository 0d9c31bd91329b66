#pragma once

#include "FakeTarget.h"
#include "directory/Mirror.h"
#include "estate/Estate.h"
#include "manifest/Manifest.h"
#include "store/Store.h"
#include "support/TemporaryDirectory.h"
#include "support/TestClock.h"
#include "sync/Journal.h"
#include "sync/Plan.h"
#include "sync/Preparation.h"

#include <muster/Mode.h>

#include <memory>
#include <string>
#include <vector>

namespace muster::tests {

/// What a sync of SyncWorld derives by.
struct SyncMode
{
    plugins::ModeManifest manifest;
    std::unique_ptr<Mode> derivation;
};

SyncMode ownersAndMembers();
SyncMode serviceGroups();
SyncMode accounts();

/// A tenant, a target and a sync of owners and members, or of another mode, with the engine's parts
/// put together as the host does. People and groups go by number.
class SyncWorld
{
public:
    explicit SyncWorld(SyncMode syncMode = ownersAndMembers());

    void person(int number, const std::string& address, const std::string& attributes = "{}");
    void removePerson(int number);
    void group(int number, const std::string& name, const std::string& attributes = "{}");
    void device(int number, const std::string& name);
    void holds(int groupNumber, int deviceNumber);
    void nests(int groupNumber, int nestedNumber, bool removed = false);
    void removeGroup(int number);
    void member(int groupNumber, int personNumber, bool removed = false,
                directory::Role role = directory::Role::Member);
    void select(int groupNumber, bool selected = true);

    /// Derives what changed, and all of it anew when `fully`.
    void derive(bool fully = false);
    void read(bool verify = false);
    int64_t plan(bool complete = true);
    int64_t planUndo(int64_t run);
    /// Runs the plan; `approved`: with what was held.
    std::string run(int64_t plan, bool approved = false);
    /// All of it once: derive, read, plan, run.
    void sync(bool approved = false);

    sync::Work work(bool complete = true);

    std::vector<std::string>
    changes(int64_t plan); ///< "create contact a@x", "link a@x Sales manager"
    sync::Verdict verdict(int64_t plan);
    std::vector<std::string> findings(); ///< codes and keys
    std::vector<std::string> claims();   ///< all there are, as text, in order

    std::string idOfPerson(int number) const;
    std::string idOfGroup(int number) const;
    int64_t ourGroup(int number);

    TemporaryDirectory directory;
    TestClock clock;
    store::Store store{directory.path()};
    store::Database database = store.connect();
    FakeTarget target;
    estate::Sync syncSettings;
    estate::Tenant tenant;
    plugins::TargetManifest manifest;
    std::vector<std::string> protect; ///< of the target
    sync::Keeper* keeper = nullptr;   ///< of documents

private:
    void apply(const directory::Page& page);

    SyncMode _mode;
    directory::Mirror _mirror{database, 1, clock};
};

} // namespace muster::tests
