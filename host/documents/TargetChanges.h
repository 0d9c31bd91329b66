#pragma once

#include "documents/ActivityLog.h"
#include "documents/Reader.h"
#include "estate/Estate.h"
#include "runtime/Clock.h"
#include "store/Database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace muster::documents {

/// Used by one thread. What people did to documents in the scope of a sync, as reading the target
/// found it (the table drift): archived and unarchived there is so here; deleted there is not made
/// again, and told until somebody answers; a synced field that was changed there is logged and
/// told, and the sync puts it right. A contact or configuration that documents named and that is
/// gone is told until whom or what it stood for is matched again, or named in no document any more.
class TargetChanges
{
public:
    TargetChanges(store::Database& database, const runtime::Clock& clock, const estate::Sync& sync);

    bool isEmpty();

    /// Takes all of it up, once.
    void absorb();

private:
    struct Change
    {
        int64_t id = 0;
        int64_t record = 0;
        std::string kind = {};
        std::string key = {}; ///< of a document its id
        std::string name = {};
        Json before = {};
        std::optional<Json> after = {}; ///< none: it was deleted
    };

    std::vector<Change> changes();
    void absorb(const Entry& entry, const Change& change);
    void noteDrift(const Entry& entry, const Change& change, const Json& before, const Json& after);
    void noteGone(const Change& change);
    void forgetAnswered();
    bool isListed(const std::string& field, const std::string& text);
    void withoutGone(Json& before, const Json& after);
    bool isThere(const std::string& kind, const std::string& remoteId);
    std::string nameOf(const std::string& kind, const std::string& remoteId);

    store::Database& _database;
    const runtime::Clock& _clock;
    const estate::Sync& _sync;
    ActivityLog _log;
};

} // namespace muster::documents
