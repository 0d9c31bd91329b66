#pragma once

#include "GlueCall.h"
#include "GlueQuery.h"

#include <optional>
#include <string>

namespace muster::sandbox {

/// The calls for organizations, contacts, configurations, users and groups: contracts/itglue.md
/// sections 2.1 and 2.6 to 2.8. Used by one thread at a time.
class GlueObjects
{
public:
    GlueObjects(GlueRecords& records, const Settings& settings)
        : _records(records), _settings(settings)
    {}

    /// The route of a path that begins with one of these kinds; without an answer when there is
    /// none.
    GlueRoute find(const std::string& method, const GluePath& path);
    /// The same for what comes after organizations/:id/relationships.
    GlueRoute findIn(GlueId organization, const std::string& method, const GluePath& path,
                     bool sendsList);

private:
    using Owner = std::optional<GlueId>; ///< the organization of a nested path

    Response list(const GlueCall& call, const GlueKind& kind, Owner owner);
    Response get(const GlueCall& call, const GlueKind& kind, GlueId id, Owner owner);
    Response create(const GlueCall& call, const GlueKind& kind, Owner owner);
    Response patch(const GlueCall& call, const GlueKind& kind, GlueId id, Owner owner);
    Response patchMany(const GlueCall& call, const GlueKind& kind);
    Response eraseMany(const GlueCall& call, const GlueKind& kind, Owner owner);

    GlueRecord& record(const GlueKind& kind, GlueId id, Owner owner);
    std::function<Json()> prepareCreate(const GlueKind& kind, const Json& attributes, Owner owner);
    std::function<Json()> preparePatch(const GlueKind& kind, GlueId id, const Json& attributes,
                                       Owner owner);
    Json valueOf(const GlueKind& kind, const GlueRecord& record, const std::string& name) const;

    GlueRecords& _records;
    const Settings& _settings;
};

} // namespace muster::sandbox
