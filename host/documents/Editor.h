#pragma once

#include "documents/ActivityLog.h"
#include "documents/Reader.h"
#include "runtime/Clock.h"
#include "store/Database.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster::documents {

/// What is to become of documents; what is not given stays.
struct Edit
{
    std::optional<bool> isArchived = {};
    std::optional<bool> isEnabled = {};
    std::map<std::string, std::string> fields = {}; ///< own ones; an empty text removes
    std::optional<Access> access = {};

    bool isEmpty() const { return !isArchived && !isEnabled && fields.empty() && !access; }
};

/// A document that a person makes; it is never synced.
struct NewDocument
{
    Type type = Type::Security;
    int64_t tenant = 0;
    std::string name;
    std::map<std::string, std::string> fields = {};
};

/// Used by one thread. What people do to documents: each change is done to all of the documents or,
/// when one of them refuses, to none; goes into the activity log; and touches the groups whose
/// documents stand otherwise then, so that every sync carries it on. Throws RejectedError, which
/// says what to do first, and UsageError.
class Editor
{
public:
    Editor(store::Database& database, const runtime::Clock& clock, std::string actor);

    /// Returns how many were changed.
    size_t edit(const std::vector<Entry>& entries, const Edit& edit);

    /// Only what is not enabled can be deleted. Its group is never documented again until somebody
    /// enables its document by its id. `action`: deleted, or row-deleted.
    void remove(const std::vector<Entry>& entries, const std::string& action);

    /// Returns the id.
    std::string create(const NewDocument& document);

    /// Within a transaction of the caller, who touches the group: archives or unarchives one, and
    /// makes a tombstone of one. `deletedIn`: the target in which it was deleted, if it was.
    bool archive(Entry& entry, bool isArchived);
    void bury(const Entry& entry, const std::string& action, const std::string& deletedIn = {});

private:
    std::vector<Entry> current(const std::vector<Entry>& entries, Detail detail);
    bool enable(Entry& entry, bool isEnabled);
    bool setFields(Entry& entry, const std::map<std::string, std::string>& fields);
    void write(const Entry& entry);
    bool allow(Entry& entry, const Access& access);
    void log(const Entry& entry, const std::string& action, Json before, Json after);
    void touch(const std::vector<Entry>& entries);

    store::Database& _database;
    const runtime::Clock& _clock;
    ActivityLog _log;
    std::string _actor;
};

/// As the store and the activity log have it: {} for everyone.
Json toJson(const Access& access);

} // namespace muster::documents
