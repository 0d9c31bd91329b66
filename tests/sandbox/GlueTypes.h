#pragma once

#include "GlueCall.h"
#include "GlueQuery.h"

#include <optional>
#include <string>

namespace muster::sandbox {

/// The calls for flexible asset types and their fields: contracts/itglue.md sections 2.2 and 2.3.
/// Used by one thread at a time.
class GlueTypes
{
public:
    GlueTypes(GlueRecords& records, const Settings& settings)
        : _records(records), _settings(settings)
    {}

    /// The route of a path that begins with flexible_asset_types or flexible_asset_fields; without
    /// an answer when there is none.
    GlueRoute find(const std::string& method, const GluePath& path);

    /// A field as the attributes say it; not yet one of the type's. Throws GlueError.
    GlueField makeField(const GlueType& type, const Json& attributes);
    /// Changes a field as the attributes say. Throws GlueError.
    void change(GlueField& field, const Json& attributes) const;
    static void change(GlueType& type, const Json& attributes);
    /// Makes the names of a type's assets anew.
    void retitle(const GlueType& type);

private:
    GlueRoute findType(const std::string& method, const GluePath& path);
    GlueRoute findField(const std::string& method, const GluePath& path);
    GlueRoute findNested(const std::string& method, const GluePath& path);

    Response listTypes(const GlueCall& call);
    Response getType(const GlueCall& call, GlueId id);
    Response createType(const GlueCall& call);
    Response patchType(const GlueCall& call, GlueId id);
    Response listFields(const GlueCall& call, GlueId type);
    Response getField(const GlueCall& call, std::optional<GlueId> type, GlueId id);
    Response createFields(const GlueCall& call, GlueId type);
    Response createField(const GlueCall& call);
    Response patchField(const GlueCall& call, std::optional<GlueId> type, GlueId id);
    Response patchFields(const GlueCall& call);
    Response eraseField(std::optional<GlueId> type, GlueId id);

    GlueType& typeHolding(std::optional<GlueId> type, GlueId field);
    std::function<Json()> prepareField(GlueId type, const Json& attributes);
    std::function<Json()> preparePatch(GlueId field, const Json& attributes);
    void check(const GlueType& type, const GlueField& field) const;
    void checkTagType(const GlueField& field) const;

    GlueRecords& _records;
    const Settings& _settings;
};

} // namespace muster::sandbox
