#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace muster::plugins {

/// A plugin.json is wrong. The text names the file and the key, for the author of the plugin.
class ManifestError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// A kind of link: "contact" into "contact-group".
struct LinkKind
{
    std::string from;
    std::string to;
    bool isExclusive = false;            ///< a record has one of them at most
    bool isSaidWithSource = false;       ///< reading says it with the record it comes from
    std::vector<std::string> roles = {}; ///< that it can have; empty: any

    /// The role that a link gets of which `role` is claimed: the first where it cannot have that.
    const std::string& roleFor(const std::string& role) const;
    bool operator==(const LinkKind&) const = default;
};

/// The plugin.json of a mode: its name, the vendor's number, and what it claims.
struct ModeManifest
{
    std::string id;
    std::string name;
    std::string version;
    int number = 0;                   ///< 0: the vendor has none
    std::vector<std::string> records; ///< kinds that it ensures
    std::vector<std::string> expects; ///< kinds of which only people make records
    std::vector<std::string> sees;    ///< kinds of which it looks at the target's records
    bool isDocumenting = false;       ///< its records document groups, and outlive them
    std::vector<LinkKind> links;
    nlohmann::json settings; ///< JSON Schema of what it adds to a sync's settings

    bool isExpected(const std::string& kind) const;
};

/// Where a credential of the settings goes in each request: header `header` with `format`, in which
/// {} stands for the secret.
struct CredentialPlace
{
    std::string setting;
    std::string header;
    std::string format;
};

/// Where a target's URL comes from: a setting that holds it, or one of which each value stands for
/// one ("region": "eu").
struct Origin
{
    std::string setting;
    std::map<std::string, std::string> urls = {}; ///< by value; empty: the value is the URL

    /// Empty when the settings say none.
    std::string url(const nlohmann::json& settings) const;
};

/// The plugin.json of a target.
struct TargetManifest
{
    std::string id;
    std::string name;
    std::string version;
    int abiMajor = 0;
    int abiMinor = 0;
    std::map<std::string, std::set<std::string>> records; ///< kind: what can be done with it
    std::vector<LinkKind> links;
    std::map<std::string, std::string> within; ///< kind: the kind that its records are parts of
    size_t batch = 100;                        ///< changes in one apply
    size_t parallel = 4;                       ///< requests at once
    double perSecond = 5;                      ///< requests a second
    std::vector<Origin> origins;               ///< where requests may go
    std::vector<CredentialPlace> credentials;
    nlohmann::json scope;    ///< JSON Schema of a sync's scope
    nlohmann::json settings; ///< JSON Schema of the target's settings

    bool can(const std::string& kind, const std::string& action) const;

    /// Null when it has no links of that kind.
    const LinkKind* findLink(const std::string& from, const std::string& to) const;
};

/// Parse plugin.json; `file` is named in errors. Throw ManifestError.
ModeManifest parseModeManifest(const std::string& text, const std::string& file);
TargetManifest parseTargetManifest(const std::string& text, const std::string& file);

/// A sentence that says what the target cannot hold of what the mode claims; empty when it fits.
std::string misfit(const ModeManifest& mode, const TargetManifest& target);

/// The kinds that a mode ensures, by where their records are: in the scope of the sync, or within
/// records that the mode expects.
struct Places
{
    std::vector<std::string> inScope;
    std::vector<std::string> inExpected;
};
Places placesOf(const ModeManifest& mode, const TargetManifest& target);

/// The member that a sync's scope must have and lacks: the kind of record that those which the mode
/// ensures in the scope are parts of. Empty: it lacks none.
std::string missingInScope(const ModeManifest& mode, const TargetManifest& target,
                           const nlohmann::json& scope);

/// Checks `value` against a JSON Schema: one line per fault, each beginning with the path of the
/// offending key ("pace.perSecond: …"); empty when it is valid.
std::vector<std::string> schemaFaults(const nlohmann::json& schema, const nlohmann::json& value);

} // namespace muster::plugins
