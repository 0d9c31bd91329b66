#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace muster::sandbox {

using Json = nlohmann::ordered_json;

/// What a list of IT Glue can be asked for, in kebab case.
struct GlueListRules
{
    std::vector<std::string> filters{};
    std::vector<std::string> sorts{};
    std::vector<std::string> includes{};
};

/// A kind of IT Glue's records, by contracts/itglue.md section 2. Most kinds exist here only to be
/// tagged and related.
struct GlueKind
{
    std::string path;            ///< "contacts", in paths and with hyphens as the JSON:API type
    std::string tagType;         ///< "Contacts"; empty: cannot be tagged
    std::string destinationType; ///< "Contact", of related items
    Json shown = Json::object(); ///< the attributes of a record where it has no value
    std::vector<std::string> writable{};
    std::vector<std::string> writableWhenSynced{};
    std::vector<std::string> required{};
    GlueListRules list{};
    bool belongsToAll = false; ///< is no organization's

    /// nullptr when there is none.
    static const GlueKind* ofPath(const std::string& path);
    static const GlueKind* ofTagType(const std::string& tagType);
    static const GlueKind* ofDestinationType(const std::string& destinationType);
    static const std::vector<GlueKind>& all();
};

/// The name in kebab case: IT Glue takes organization_id for organization-id.
std::string kebabCase(std::string name);
/// The object with its names, and only these, in kebab case.
Json kebabNames(const Json& object);

} // namespace muster::sandbox
