#include "sync/SeenRecords.h"

#include <muster/Keys.h>

namespace muster::sync {

SeenRecords::SeenRecords(store::Database& database, int64_t scope, Owners& owners)
    : _database(database), _scope(scope), _owners(owners)
{}

std::vector<SeenRecord> SeenRecords::find(const std::string& kind, const std::string& alias)
{
    std::vector<SeenRecord> found;
    const auto key = nameKeyNoCase(alias);
    if (key.empty() || _scope == 0)
        return found;
    _database.query<std::string, std::string, int64_t>(
        "SELECT r.remote_id, r.name, r.id FROM record_alias a JOIN record r ON r.id = a.record "
        "WHERE "
        "a.scope = $1 AND a.kind = $2 AND a.alias = $3 AND r.remote_id IS NOT NULL ORDER BY "
        "LENGTH(r.remote_id), r.remote_id",
        {_scope, kind, key}, [&](std::string remoteId, std::string name, int64_t record) {
            found.push_back({std::move(remoteId), std::move(name), _owners.ownerOf(record)});
        });
    return found;
}

} // namespace muster::sync
