#pragma once

#include "runtime/Clock.h"
#include "store/Database.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace muster::documents {

using Json = nlohmann::json;

/// What a person did to a document, in Muster or in a target.
struct Activity
{
    /// created, updated, archived, unarchived, enabled, disabled, access-changed, deleted,
    /// row-deleted (one of several at once), drifted (a synced field was changed in a target)
    std::string action;
    std::string actor;            ///< a user of this machine, a token's name, or a target's
    Json before = Json::object(); ///< what the action is about, as it was
    Json after = Json::object();  ///< and as it is now
};

/// Used by one thread. The log of what people did to documents. It is never cut.
class ActivityLog
{
public:
    ActivityLog(store::Database& database, const runtime::Clock& clock);

    struct Subject
    {
        int64_t tenant = 0;
        std::string document; ///< its id
        std::string name;     ///< as it was then
    };

    /// Must run inside a Transaction.
    void write(const Subject& subject, const Activity& activity);

    struct Filter
    {
        std::string document = {}; ///< its id, or its name without case; empty: all
        std::optional<runtime::Instant> since = {};
        std::vector<std::string> tenants = {}; ///< by name; empty: all
    };
    struct Entry
    {
        runtime::Instant at;
        std::string tenant; ///< its name
        std::string document;
        std::string name;
        Activity activity;
    };

    /// The newest first.
    void each(const Filter& filter, const std::function<void(const Entry&)>& entry);

private:
    store::Database& _database;
    const runtime::Clock& _clock;
};

} // namespace muster::documents
