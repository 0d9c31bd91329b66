#include "estate/EstateStore.h"

#include "estate/Documents.h"
#include "estate/Field.h"
#include "runtime/Errors.h"

namespace muster::estate {

namespace {

template <typename Entry>
Entry found(std::vector<Entry> entries, const std::string& kind, const std::string& name)
{
    std::vector<std::string> names;
    for (auto& entry : entries)
    {
        if (entry.name == name)
            return std::move(entry);
        names.push_back(entry.name);
    }
    throw MissingError(
        "there is no " + kind + " '" + name +
        "': " + (names.empty() ? "declare it with `muster apply FILE`" : suggestion(name, names)));
}

} // namespace

EstateStore::EstateStore(store::Database& database) : _database(database)
{}

std::vector<Tenant> EstateStore::tenants()
{
    std::vector<Tenant> result;
    _database.query<int64_t, std::string, std::string>(
        "SELECT id, name, document FROM tenant WHERE removed_at IS NULL ORDER BY id", {},
        [&](int64_t id, const std::string& name, const std::string& document) {
            result.push_back(tenantFrom(name, Json::parse(document)));
            result.back().id = id;
        });
    return result;
}

std::vector<Target> EstateStore::targets()
{
    std::vector<Target> result;
    _database.query<int64_t, std::string, std::string>(
        "SELECT id, name, document FROM target WHERE removed_at IS NULL ORDER BY id", {},
        [&](int64_t id, const std::string& name, const std::string& document) {
            result.push_back(targetFrom(name, Json::parse(document)));
            result.back().id = id;
        });
    return result;
}

std::vector<Sync> EstateStore::syncs()
{
    std::vector<Sync> result;
    _database.query<int64_t, int64_t, int64_t, int64_t, std::string, std::string>(
        "SELECT id, tenant, target, scope, name, document FROM sync WHERE removed_at IS NULL "
        "ORDER BY position, id",
        {},
        [&](int64_t id, int64_t tenantId, int64_t targetId, int64_t scopeId,
            const std::string& name, const std::string& document) {
            auto sync = syncFrom(name, Json::parse(document));
            sync.id = id;
            sync.tenantId = tenantId;
            sync.targetId = targetId;
            sync.scopeId = scopeId;
            result.push_back(std::move(sync));
        });
    return result;
}

Tenant EstateStore::tenant(const std::string& name)
{
    return found(tenants(), "tenant", name);
}

Target EstateStore::target(const std::string& name)
{
    return found(targets(), "target", name);
}

Sync EstateStore::sync(const std::string& name)
{
    return found(syncs(), "sync", name);
}

} // namespace muster::estate
