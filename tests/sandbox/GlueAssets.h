#pragma once

#include "GlueCall.h"
#include "GlueQuery.h"

#include <string>
#include <vector>

namespace muster::sandbox {

/// The calls for flexible assets: contracts/itglue.md section 2.4. Used by one thread at a time.
class GlueAssets
{
public:
    GlueAssets(GlueRecords& records, const Settings& settings)
        : _records(records), _settings(settings)
    {}

    /// The route of a path that begins with flexible_assets; without an answer when there is none.
    GlueRoute find(const std::string& method, const GluePath& path);
    Response create(const GlueCall& call);
    /// One or many, in the organization of the path.
    Response createIn(const GlueCall& call, GlueId organization);

private:
    Response list(const GlueCall& call);
    Response get(const GlueCall& call, GlueId id);
    Response patch(const GlueCall& call, GlueId id);
    Response patchMany(const GlueCall& call);
    Response erase(GlueId id);
    Response eraseMany(const GlueCall& call);
    std::vector<GlueId> chosen(const GlueCall& call);

    std::function<Json()> prepareCreate(const Json& attributes, std::optional<GlueId> organization,
                                        const SettingsValues& settings);
    std::function<Json()> preparePatch(GlueId id, const Json& attributes,
                                       const SettingsValues& settings);
    const GlueType& writableType(GlueId id) const;

    GlueRecords& _records;
    const Settings& _settings;
};

} // namespace muster::sandbox
