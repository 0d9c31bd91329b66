#pragma once

#include "GlueTraits.h"

#include <set>
#include <string>

namespace muster::sandbox {

/// IT Glue's records as JSON:API objects (contracts/itglue.md section 1.2). Used by one thread.
class GlueView
{
public:
    GlueView(GlueRecords& records, SettingsValues settings)
        : _records(records), _traits(records, std::move(settings))
    {}

    Json asset(const GlueAsset& asset) const;
    Json type(const GlueType& type) const;
    Json field(const GlueField& field) const;
    Json record(const GlueKind& kind, const GlueRecord& record) const;
    Json attachment(const GlueAttachment& attachment) const;
    Json related(const GlueRelated& related) const;

    /// Adds what was asked for by include to an object: references in it, the rest to `included`.
    void include(Json& object, const GlueRef& ref, const std::set<std::string>& names,
                 Json& included) const;
    void includeFields(const GlueType& type, Json& included) const;
    void includeRemote(Json& object, const GlueField& field, Json& included) const;

private:
    GlueRecords& _records;
    GlueTraits _traits;
};

} // namespace muster::sandbox
