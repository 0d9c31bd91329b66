#pragma once

#include "GlueRecords.h"

#include <map>
#include <string>
#include <utility>

namespace muster::sandbox {

/// Where the links in IT Glue's answers lead.
inline const std::string kGlueSite = "https://sandbox.itglue.com";

/// The media type of a file, by its name.
std::string contentTypeOf(const std::string& fileName);

/// What a flexible asset's traits may hold, and how they read (contracts/itglue.md section 2.4).
/// Used by one thread.
class GlueTraits
{
public:
    GlueTraits(const GlueRecords& records, SettingsValues settings)
        : _records(records), _settings(std::move(settings))
    {}

    /// The traits that a write leaves an asset with: those that it names, and no others.
    /// Throws GlueError.
    std::map<GlueId, Json> read(const GlueType& type, GlueId organization,
                                const Json& traits) const;
    /// One trait as it is kept; null when the value is none. Throws GlueError.
    Json readOne(const GlueField& field, GlueId organization, const Json& value) const;
    /// The traits as they read.
    Json shown(const GlueType& type, const GlueAsset& asset) const;
    /// The asset's name: its fields for the title, in their order.
    static std::string title(const GlueType& type, const GlueAsset& asset);

private:
    Json readText(const GlueField& field, const Json& value) const;
    Json readTags(const GlueField& field, GlueId organization, const Json& value) const;
    static Json readUpload(const GlueField& field, const Json& value);
    Json shownTags(const GlueField& field, const Json& ids) const;

    const GlueRecords& _records;
    const SettingsValues _settings;
};

} // namespace muster::sandbox
