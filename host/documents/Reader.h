#pragma once

#include "documents/Document.h"
#include "documents/Places.h"
#include "documents/Standing.h"
#include "store/Database.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster::documents {

using Json = nlohmann::json;

/// Which documents: all that everything given here applies to.
struct Filter
{
    std::vector<std::string> ids = {}; ///< ids, or names without case
    std::optional<Type> type = {};
    std::string tenant = {};       ///< its name
    std::string organization = {}; ///< its id in IT Glue, or the tenant's display name
    std::optional<Status> status = {};
    bool withArchived = false;
    std::string search = {}; ///< stands in a text, a name of a list, or a field of people

    /// True when it chooses among the documents.
    bool narrows() const;
};

/// Which documents whoever asks may read: those of some organizations, and among them those that
/// are for a person.
struct Sight
{
    struct Person
    {
        std::string name;
        std::vector<std::string> groups = {};
    };
    std::vector<std::string> tenants = {}; ///< by name; empty: all
    std::optional<Person> person = {};     ///< none: whomever a document is for

    bool covers(const std::string& tenant) const;
    bool covers(const Access& access) const;
};

/// A document with what the register knows of it beside what a page shows.
struct Entry
{
    Document document = {};
    int64_t number = 0; ///< ours
    int64_t tenant = 0;
    std::optional<int64_t> group = {}; ///< our id of the group; none: made by hand
    Standing standing = {};
    bool isDeleted = false; ///< a tombstone
};

/// Whether a document comes with the items of its lists, or with their numbers only.
enum class Detail
{
    Counts,
    Lists
};

/// What of the documents that were deleted.
enum class Tombstones
{
    Hidden,
    Shown
};

/// Used by one thread. The documents as the register has them, sorted by name. What the sight does
/// not cover is not there, in the lists of other documents neither.
class Reader
{
public:
    explicit Reader(store::Database& database, Sight sight = {});

    /// `entry` may read from the database, not write.
    void each(const Filter& filter, Detail detail, const std::function<void(Entry&)>& entry);

    /// The documents that the filter's ids and names stand for, each once, archived ones too.
    /// Throws MissingError when one of them stands for none, and UsageError when for several.
    std::vector<Entry> find(const Filter& filter, Detail detail, Tombstones tombstones);

    /// The document of a tenant with that id, or its tombstone.
    std::optional<Entry> findIn(int64_t tenant, const std::string& id,
                                Detail detail = Detail::Counts);

private:
    using OnEntry = std::function<void(Entry&)>;
    void query(const std::string& where, const store::Values& values, Detail detail,
               const OnEntry& entry);
    Entry findOne(const std::string& idOrName, const Filter& filter, Detail detail,
                  Tombstones tombstones);
    bool isOf(const Entry& entry, const Filter& filter) const;
    void readLists(Entry& entry, int64_t scope, const Json& lists);
    std::vector<Reference> named(int64_t scope, const std::string& kind, const Json& ids);
    std::vector<Reference> related(const Entry& entry, const std::string& from);

    store::Database& _database;
    Sight _sight;
    std::map<int64_t, Place> _places;
};

} // namespace muster::documents
