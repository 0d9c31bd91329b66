#pragma once

#include "estate/Estate.h"
#include "store/Database.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster::documents {

/// The mode that says what the document of a group says.
inline constexpr const char* kMode = "group-documents";

/// The kind of a document in a target and in what the mode claims.
inline constexpr const char* kKind = "group-document";

/// What a document tells of its tenant.
struct Place
{
    int64_t tenant = 0;
    std::string name;        ///< in the estate
    std::string displayName; ///< for people to read
    std::string
        organization;        ///< its id in IT Glue where a sync documents it, else the display name
    std::string entraTenant; ///< the id of the Entra tenant
    std::string adminCenter; ///< where its groups are managed
    bool isRemoved = false;

    /// The page of a group in the Entra admin center.
    std::string manageUrl(const std::string& group) const;
};

/// By our id of the tenant, removed ones too.
std::map<int64_t, Place> places(store::Database& database);

/// The sync that documents a tenant: the first one of that mode among `syncs`.
std::optional<estate::Sync> documentingSync(const std::vector<estate::Sync>& syncs, int64_t tenant);

} // namespace muster::documents
