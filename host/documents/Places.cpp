#include "documents/Places.h"

#include "estate/Documents.h"

#include <algorithm>

namespace muster::documents {

namespace {

/// The Entra admin center of the cloud whose Graph the scope of the tokens names.
std::string adminCenterOf(const std::string& scope)
{
    const auto isOf = [&](const char* cloud) { return scope.find(cloud) != scope.npos; };
    if (isOf("graph.microsoft.us"))
        return "https://entra.microsoft.us";
    return isOf("chinacloudapi.cn") ? "https://entra.microsoftonline.cn"
                                    : "https://entra.microsoft.com";
}

std::string textOf(const estate::Json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

} // namespace

std::string Place::manageUrl(const std::string& group) const
{
    return adminCenter + "/#view/Microsoft_AAD_IAM/GroupDetailsMenuBlade/~/Overview/groupId/" +
           group;
}

std::map<int64_t, Place> places(store::Database& database)
{
    std::map<int64_t, Place> all;
    database.query<int64_t, std::string, std::string, bool>(
        "SELECT id, name, document, removed_at IS NOT NULL FROM tenant", {},
        [&](int64_t id, const std::string& name, const std::string& document, bool isRemoved) {
            const auto tenant = estate::tenantFrom(name, estate::Json::parse(document));
            const auto& title = tenant.displayName.empty() ? name : tenant.displayName;
            all[id] = {.tenant = id,
                       .name = name,
                       .displayName = title,
                       .organization = title,
                       .entraTenant = tenant.directory.tenant,
                       .adminCenter = adminCenterOf(tenant.directory.scope),
                       .isRemoved = isRemoved};
        });
    // The last wins: the first of those that are declared, after those that were.
    database.query<int64_t, std::string, std::string>(
        "SELECT s.tenant, s.document, c.document FROM sync s JOIN scope c ON c.id = s.scope "
        "ORDER BY s.removed_at IS NULL, s.position DESC, s.id DESC",
        {}, [&](int64_t tenant, const std::string& sync, const std::string& scope) {
            const auto organization =
                estate::Json::parse(scope).value("organization", estate::Json());
            if (estate::Json::parse(sync).at("mode") == kMode && !organization.is_null())
                all[tenant].organization = textOf(organization);
        });
    return all;
}

std::optional<estate::Sync> documentingSync(const std::vector<estate::Sync>& syncs, int64_t tenant)
{
    const auto found = std::find_if(syncs.begin(), syncs.end(), [&](const estate::Sync& sync) {
        return sync.tenantId == tenant && sync.mode == kMode;
    });
    return found == syncs.end() ? std::nullopt : std::optional(*found);
}

} // namespace muster::documents
