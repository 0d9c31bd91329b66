#pragma once

#include "directory/Directory.h"
#include "store/Database.h"

#include <cstdint>
#include <map>
#include <string>

namespace muster::sync {

/// Used by one thread. Whom of a tenant the records of a scope belong to: the person who has one of
/// a record's addresses, in whatever group. Looked up when it is first asked for, then kept.
class Owners
{
public:
    /// A scope of 0 has no records.
    Owners(store::Database& database, int64_t tenant, int64_t scope);

    /// The Entra object id, of several the first; empty: nobody.
    std::string ownerOf(int64_t record);

    /// What claims depend on: `base`, and who owns what. `lastSequence` and `last` are the
    /// directory's sequence and the answer of the last time: nobody is looked up while neither the
    /// directory nor `base` changed.
    std::string fingerprint(const std::string& base, int64_t lastSequence, const std::string& last);

private:
    void load();

    store::Database& _database;
    directory::Directory _directory;
    int64_t _scope;
    bool _isLoaded = false;
    std::map<int64_t, std::string> _owners; ///< by record
};

} // namespace muster::sync
