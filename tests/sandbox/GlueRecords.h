#pragma once

#include "GlueKinds.h"
#include "Settings.h"

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster::sandbox {

using GlueId = std::int64_t;

/// A refusal of IT Glue, in the shape of contracts/itglue.md section 1.5. Thrown by what answers a
/// call.
struct GlueError
{
    int status = 422;
    std::string detail{};
    std::string pointer = "data";
    bool isWorded = false; ///< its status is a word and its detail the title, as some come

    /// What 404 gives is a page in HTML.
    static GlueError notFound() { return {.status = 404}; }
    /// An id in a body that does not exist, or is another organization's.
    static GlueError inaccessible() { return {401, "Unauthorized resource access", "id"}; }
};

/// Any record of IT Glue; the kind is the path of a GlueKind.
struct GlueRef
{
    std::string kind{};
    GlueId id = 0;

    auto operator<=>(const GlueRef&) const = default;
};

/// When a record was made and last written.
struct GlueTimes
{
    std::chrono::milliseconds created{};
    std::chrono::milliseconds updated{};
};

/// A record of one of the simple kinds: an organization, a contact, a configuration, a document, …
struct GlueRecord
{
    GlueId id = 0;
    GlueId organization = 0;          ///< 0: nobody's
    Json attributes = Json::object(); ///< in kebab case
    bool isSynced = false;            ///< another system owns it
    GlueTimes times{};
};

struct GlueField
{
    GlueId id = 0;
    GlueId type = 0;
    int order = 0;
    std::string name{};
    std::string kind{};
    std::string nameKey{};
    Json hint{};
    int decimals = 0;
    Json defaultValue{};
    Json tagType{};
    bool required = false;
    bool useForTitle = false;
    bool expiration = false;
    bool showInList = false;
    bool isRemote = false; ///< a field of IT Glue's own synchronisation: nobody else may write it
    GlueTimes times{};

    /// The kind that a Tag field points to; nullptr for other fields.
    const GlueKind* target() const;
};

struct GlueType
{
    GlueId id = 0;
    std::string name{};
    Json description{};
    std::string icon{};
    bool enabled = true;
    bool showInMenu = true;
    bool isNative = false; ///< made by IT Glue's own synchronisation
    std::map<GlueId, GlueField> fields{};
    GlueTimes times{};

    /// nullptr when no field has that name-key.
    const GlueField* field(const std::string& nameKey) const;
    std::vector<const GlueField*> fieldsInOrder() const;
};

struct GlueAsset
{
    GlueId id = 0;
    GlueId organization = 0;
    GlueId type = 0;
    std::string name{};
    bool archived = false;
    bool restricted = false;
    std::map<GlueId, Json> traits{};    ///< by field; of a Tag field the ids, as an array
    std::optional<std::size_t> birth{}; ///< how many lists had been read; empty: made by hand
    GlueTimes times{};
};

struct GlueAttachment
{
    GlueId id = 0;
    GlueRef owner{};
    std::string name{};
    std::string content{};
    GlueTimes times{};
};

/// A related item as one of its two sides sees it.
struct GlueRelated
{
    GlueId id = 0;
    GlueRef other{};
    Json notes{};
    bool isTag = false; ///< made by a Tag field: cannot be deleted
    GlueTimes times{};
};

/// The records of one IT Glue account and what binds them (contracts/itglue.md section 2). Used by
/// one thread at a time; Glue guards it. Pointers and references hold until the record is erased.
/// Methods throw GlueError.
class GlueRecords
{
public:
    explicit GlueRecords(const Clock& clock) : _clock(clock) {}

    GlueId newId() { return ++_lastId; }
    /// No later record gets this id.
    void reserve(GlueId id);
    /// The time of a write; no two are the same.
    std::chrono::milliseconds now();
    GlueTimes born();

    std::map<GlueId, GlueRecord>& records(const std::string& kind) { return _records[kind]; }
    const GlueRecord* find(const GlueRef& ref) const;
    /// What people see of a record, a flexible asset too; empty when it is not there.
    std::string displayName(const GlueRef& ref) const;
    GlueId organizationOf(const GlueRef& ref) const;
    bool exists(const GlueRef& ref) const;

    std::map<GlueId, GlueType>& types() { return _types; }
    const std::map<GlueId, GlueType>& types() const { return _types; }
    GlueType& type(GlueId id);
    const GlueType& type(GlueId id) const;
    GlueType& typeOfField(GlueId field);

    const std::map<GlueId, GlueAsset>& assets() const { return _assets; }
    /// Of one type, by id.
    std::vector<const GlueAsset*> assetsOf(GlueId type) const;
    const GlueAsset& asset(GlueId id) const;
    bool hasAsset(GlueId id) const { return _assets.count(id) > 0; }
    /// Adds the asset, or takes it in place of the one with its id.
    const GlueAsset& put(GlueAsset asset);
    /// Erases the record and all that hangs on it: tags, related items, attachments.
    void erase(const GlueRef& ref);
    bool hasTraits(const GlueField& field) const;
    void eraseTraits(const GlueField& field);

    const std::map<GlueId, GlueAttachment>& attachments() const { return _attachments; }
    const GlueAttachment& attach(const GlueRef& owner, std::string name, std::string content);
    void renameAttachment(const GlueRef& owner, GlueId id, const std::string& name);
    void eraseAttachment(const GlueRef& owner, GlueId id);
    std::vector<const GlueAttachment*> attachmentsOf(const GlueRef& owner) const;

    GlueRelated relate(const GlueRef& from, const GlueRef& to, const Json& notes);
    /// What is related to a record, by tags of either side too.
    std::vector<GlueRelated> relatedTo(const GlueRef& ref);
    void setNotes(const GlueRef& ref, GlueId related, const Json& notes);
    void eraseRelated(const GlueRef& ref, GlueId related);
    Json relationsJson() const;

    void log(const std::string& action, const GlueRef& ref);
    const std::vector<Json>& logs() const { return _logs; }

    /// How many lists of assets have been read.
    std::size_t lists() const { return _lists; }
    /// A list of assets begins: those that are too young are not in it.
    void beginList(const SettingsValues& settings);
    bool sees(const GlueAsset& asset) const;

private:
    struct Relation
    {
        GlueRef from;
        GlueRef to;
        Json notes;
        GlueTimes times;
    };

    GlueRelated tagRelation(const GlueRef& ref, const GlueRef& other, const GlueTimes& times);
    GlueAttachment& attachment(const GlueRef& owner, GlueId id);
    Relation& relation(const GlueRef& ref, GlueId related);
    void eraseTags(const GlueRef& target);
    std::set<GlueRef> tagged(const GlueAsset& asset) const;

    const Clock& _clock;
    GlueId _lastId = 3'000'000'000'000'000; ///< ids of 16 digits occur
    std::chrono::milliseconds _lastWrite{};
    std::map<std::string, std::map<GlueId, GlueRecord>> _records;
    std::map<GlueId, GlueType> _types;
    std::map<GlueId, GlueAsset> _assets;
    std::map<GlueId, std::map<GlueId, const GlueAsset*>> _assetsByType;
    std::map<GlueRef, std::set<GlueId>> _taggers; ///< the assets that tag a record
    std::map<GlueId, GlueAttachment> _attachments;
    std::multimap<GlueRef, GlueId> _attachmentsByOwner;
    std::map<GlueId, Relation> _relations;
    std::map<std::pair<GlueRef, GlueRef>, GlueId> _tagRelationIds;
    std::vector<Json> _logs;
    std::size_t _lists = 0;
    std::size_t _missedLists = 0;
};

} // namespace muster::sandbox
