#pragma once

#include "estate/Estate.h"
#include "runtime/Clock.h"
#include "store/Database.h"

#include <muster/Mode.h>

#include <cstdint>
#include <string>
#include <vector>

namespace muster::sync {

/// What a mode claims because of one group. No claims: the group is not selected, or is gone.
struct GroupClaims
{
    int64_t group = 0;
    Claims claims = {};
    std::string rank = {}; ///< the group's place among those that claim an exclusive link
};

/// The key by which we know a record that is a part of another one; of one in the scope, with no
/// `container`, its own.
std::string keyWithin(const std::string& container, const std::string& key);

/// Used by one thread. The claims of all syncs, by group. A record or link whose claims change is
/// marked for the planner. A record follows its subject: when a person's address or a group's name
/// changes, the record changes its key instead of being made twice.
class ClaimStore
{
public:
    ClaimStore(store::Database& database, const runtime::Clock& clock);

    /// Replaces the claims that `sync` has because of these groups. Must run inside a Transaction.
    void replace(const estate::Sync& sync, const std::vector<GroupClaims>& groups);

private:
    void stage(const std::vector<GroupClaims>& groups);
    void renameRecords(int64_t scope);
    void replaceRecordClaims(const estate::Sync& sync);
    void replaceLinkClaims(const estate::Sync& sync);
    void replaceNotes(const estate::Sync& sync, const std::vector<GroupClaims>& groups);

    store::Database& _database;
    const runtime::Clock& _clock;
};

} // namespace muster::sync
