#include "GlueKinds.h"

#include <algorithm>

namespace muster::sandbox {

namespace {

using Names = std::vector<std::string>;

Json unset(const Names& names)
{
    Json json = Json::object();
    for (const auto& name : names)
        json[name] = nullptr;
    return json;
}

GlueKind organizations()
{
    GlueKind kind{.path = "organizations",
                  .tagType = "Organizations",
                  .destinationType = "Organization",
                  .belongsToAll = true};
    kind.writable = {"name",
                     "organization-type-id",
                     "organization-status-id",
                     "quick-notes",
                     "alert",
                     "description",
                     "short-name",
                     "parent-id"};
    kind.writableWhenSynced = {"alert", "description", "quick-notes"};
    kind.required = {"name"};
    kind.shown =
        unset({"name", "alert", "description", "organization-type-id", "organization-type-name",
               "organization-status-id", "organization-status-name", "primary", "logo",
               "quick-notes", "short-name", "parent-id", "ancestor-ids"});
    kind.shown["primary"] = false;
    kind.shown["logo"] = "";
    kind.list = {.filters = {"id", "name", "organization-type-id", "organization-status-id",
                             "created-at", "updated-at", "primary"},
                 .sorts = {"name", "id", "updated-at", "created-at", "organization-status-name",
                           "organization-type-name", "short-name"},
                 .includes = {"adapters-resources", "attachments", "rmm-companies"}};
    return kind;
}

GlueKind contacts()
{
    GlueKind kind{.path = "contacts", .tagType = "Contacts", .destinationType = "Contact"};
    kind.writable = {"organization-id", "first-name",     "last-name",     "title",
                     "contact-type-id", "location-id",    "important",     "notes",
                     "restricted",      "contact-emails", "contact-phones"};
    kind.required = {"first-name"};
    kind.shown = unset({"name", "first-name", "last-name", "title", "contact-type-id",
                        "contact-type-name", "location-id", "location-name", "important", "notes"});
    kind.shown["contact-emails"] = Json::array();
    kind.shown["contact-phones"] = Json::array();
    kind.list = {.filters = {"id", "first-name", "last-name", "title", "contact-type-id",
                             "important", "primary-email", "organization-id"},
                 .sorts = {"first-name", "last-name", "id", "created-at", "updated-at"},
                 .includes = {"adapters-resources", "location", "passwords", "attachments",
                              "tickets", "distinct-remote-contacts", "resource-fields",
                              "user-resource-accesses", "group-resource-accesses"}};
    return kind;
}

GlueKind configurations()
{
    GlueKind kind{
        .path = "configurations", .tagType = "Configurations", .destinationType = "Configuration"};
    kind.writable = {"organization-id",
                     "name",
                     "hostname",
                     "primary-ip",
                     "mac-address",
                     "serial-number",
                     "asset-tag",
                     "position",
                     "installed-by",
                     "purchased-by",
                     "notes",
                     "operating-system-notes",
                     "warranty-expires-at",
                     "installed-at",
                     "purchased-at",
                     "configuration-type-id",
                     "configuration-status-id",
                     "manufacturer-id",
                     "model-id",
                     "operating-system-id",
                     "location-id",
                     "contact-id",
                     "archived",
                     "restricted"};
    kind.writableWhenSynced = {"archived",           "asset-tag",  "notes",
                               "purchased-at",       "restricted", "serial-number",
                               "warranty-expires-at"};
    kind.required = {"name", "configuration-type-id"};
    kind.shown = unset({"name",
                        "hostname",
                        "primary-ip",
                        "mac-address",
                        "serial-number",
                        "asset-tag",
                        "position",
                        "installed-by",
                        "purchased-by",
                        "notes",
                        "operating-system-notes",
                        "warranty-expires-at",
                        "installed-at",
                        "purchased-at",
                        "configuration-type-id",
                        "configuration-type-name",
                        "configuration-type-kind",
                        "configuration-status-id",
                        "configuration-status-name",
                        "manufacturer-id",
                        "manufacturer-name",
                        "model-id",
                        "model-name",
                        "operating-system-id",
                        "operating-system-name",
                        "location-id",
                        "location-name",
                        "contact-id",
                        "contact-name"});
    kind.shown["archived"] = false;
    kind.list = {.filters = {"id", "name", "organization-id", "configuration-type-id",
                             "configuration-status-id", "contact-id", "serial-number",
                             "mac-address", "asset-tag", "archived"},
                 .sorts = {"name", "id", "created-at", "updated-at"},
                 .includes = {"adapters-resources", "configuration-interfaces", "rmm-records",
                              "passwords", "attachments", "tickets", "dnet-fa-remote-assets",
                              "user-resource-accesses", "group-resource-accesses"}};
    return kind;
}

GlueKind users()
{
    GlueKind kind{.path = "users",
                  .tagType = "AccountsUsers",
                  .destinationType = "User",
                  .belongsToAll = true};
    kind.shown = unset({"first-name", "last-name", "role-name", "email", "my-glue-account-id"});
    kind.shown["my-glue"] = false;
    kind.list = {.filters = {"id", "name", "email", "role-name"},
                 .sorts = {"name", "email", "id", "created-at", "updated-at"}};
    return kind;
}

GlueKind groups()
{
    GlueKind kind{.path = "groups", .tagType = "", .destinationType = "", .belongsToAll = true};
    kind.shown = unset({"name"});
    kind.list = {
        .filters = {"name"},
        .includes = {"users", "organizations", "resource-type-restrictions", "my-glue-account"}};
    return kind;
}

/// A kind that can be tagged and related, and has no routes here.
GlueKind other(const char* path, const char* tagType, const char* destinationType)
{
    return {.path = path, .tagType = tagType, .destinationType = destinationType};
}

template <typename Wanted>
const GlueKind* find(Wanted isWanted)
{
    const auto& all = GlueKind::all();
    const auto found = std::find_if(all.begin(), all.end(), isWanted);
    return found == all.end() ? nullptr : &*found;
}

} // namespace

const std::vector<GlueKind>& GlueKind::all()
{
    static const std::vector<GlueKind> kinds{
        organizations(),
        contacts(),
        configurations(),
        users(),
        groups(),
        other("flexible_assets", "", "Flexible Asset"), // tagged by "FlexibleAssetType: ID"
        other("checklists", "Checklists", "Checklist"),
        other("checklist_templates", "ChecklistTemplates", "Checklist Template"),
        other("documents", "Documents", "Document"),
        other("folders", "", "Document Folder"),
        other("domains", "Domains", "Domain"),
        other("passwords", "Passwords", "Password"),
        other("locations", "Locations", "Location"),
        other("ssl_certificates", "SslCertificates", "SSL Certificate"),
        other("tickets", "Tickets", "Ticket")};
    return kinds;
}

const GlueKind* GlueKind::ofPath(const std::string& path)
{
    return find([&](const GlueKind& kind) { return kind.path == path; });
}

const GlueKind* GlueKind::ofTagType(const std::string& tagType)
{
    if (tagType.rfind("FlexibleAssetType: ", 0) == 0)
        return ofPath("flexible_assets");
    return find([&](const GlueKind& kind) { return !tagType.empty() && kind.tagType == tagType; });
}

const GlueKind* GlueKind::ofDestinationType(const std::string& type)
{
    return find(
        [&](const GlueKind& kind) { return !type.empty() && kind.destinationType == type; });
}

std::string kebabCase(std::string name)
{
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

Json kebabNames(const Json& object)
{
    Json result = Json::object();
    for (const auto& [name, value] : object.items())
        result[kebabCase(name)] = value;
    return result;
}

} // namespace muster::sandbox
