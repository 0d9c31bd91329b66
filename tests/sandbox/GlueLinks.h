#pragma once

#include "GlueCall.h"

#include <string>

namespace muster::sandbox {

/// The calls for attachments and related items: contracts/itglue.md sections 2.5 and 2.9. Used by
/// one thread at a time.
class GlueLinks
{
public:
    GlueLinks(GlueRecords& records, const Settings& settings)
        : _records(records), _settings(settings)
    {}

    /// The route of :type/:id/relationships/attachments or related_items, perhaps with an id;
    /// without an answer when there is none.
    GlueRoute find(const std::string& method, const GluePath& path);

private:
    GlueRef subject(const GluePath& path) const;
    Response attach(const GlueCall& call, const GlueRef& owner);
    Response rename(const GlueCall& call, const GlueRef& owner, GlueId id);
    Response detach(const GlueCall& call, const GlueRef& owner);
    Response relate(const GlueCall& call, const GlueRef& from);
    Response setNotes(const GlueCall& call, const GlueRef& ref, GlueId id);
    Response unrelate(const GlueCall& call, const GlueRef& ref);

    GlueRecords& _records;
    const Settings& _settings;
};

} // namespace muster::sandbox
