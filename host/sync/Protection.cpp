#include "sync/Protection.h"

#include "directory/Selection.h"
#include "store/Dialect.h"
#include "store/JsonRows.h"
#include "sync/ClaimStore.h"

#include <muster/Keys.h>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace muster::sync {

using nlohmann::json;
using store::dialect::idsIn;
using store::dialect::member;

namespace {

const std::string kTagPrefix = "tag:";

bool isProtected(const std::vector<std::string>& protect, const std::vector<std::string>& names,
                 const std::vector<std::string>& tags)
{
    return std::any_of(protect.begin(), protect.end(), [&](const std::string& pattern) {
        const bool isTag = pattern.starts_with(kTagPrefix);
        const auto& candidates = isTag ? tags : names;
        const auto wanted = isTag ? trimmed(pattern.substr(kTagPrefix.size())) : pattern;
        return std::any_of(candidates.begin(), candidates.end(), [&](const std::string& name) {
            return directory::matchesPattern(wanted, name);
        });
    });
}

} // namespace

Protection::Protection(store::Database& database) : _database(database)
{}

void Protection::apply(const estate::Sync& sync, const std::vector<std::string>& protect,
                       int64_t plan)
{
    store::Transaction transaction(_database);
    _database.execute("DELETE FROM finding WHERE sync = $1 AND origin = 'protect'", {sync.id});
    const auto records = protect.empty() ? std::vector<int64_t>() : protectedRecords(protect, plan);
    if (!records.empty())
    {
        const auto ids = store::rowsOf(records);
        const std::string touching = "(c.record IN " + idsIn("$2") +
                                     " OR c.link IN (SELECT l.id FROM link l WHERE l.source "
                                     "IN " +
                                     idsIn("$2") + " OR l.destination IN " + idsIn("$2") + "))";
        _database.execute(
            "INSERT INTO finding(sync, origin, record, code, severity, message, key) SELECT $3, "
            "'protect', r.id, 'protected', 'info', COALESCE(NULLIF(r.name, ''), r.key) || ' is "
            "protected: what the plan would change of it is left out', r.key FROM record r WHERE "
            "r.id IN " +
                idsIn("$2") + " AND EXISTS (SELECT 1 FROM change c WHERE c.plan = $1)",
            {plan, ids, sync.id});
        _database.execute("DELETE FROM change WHERE id IN (SELECT c.id FROM change c WHERE c.plan "
                          "= $1 AND " +
                              touching + ")",
                          {plan, ids});
    }
    transaction.commit();
}

std::vector<int64_t> Protection::protectedRecords(const std::vector<std::string>& protect,
                                                  int64_t plan)
{
    std::vector<int64_t> records;
    // What a record is called here may be new already; in the target it has the name and address
    // of its fields.
    _database.query<int64_t, std::string, std::string, std::string, std::string, std::string,
                    std::string>(
        "SELECT r.id, r.key, r.name, COALESCE(a.key, ''), r.tags, COALESCE(" +
            member("r.fields", "name") + ", ''), COALESCE(" + member("r.fields", "email") +
            ", '') FROM record r LEFT JOIN record a "
            "ON a.id = r.within WHERE r.id IN (SELECT record FROM change WHERE plan = $1 UNION "
            "SELECT "
            "l.source FROM change c JOIN link l ON l.id = c.link WHERE c.plan = $1 UNION SELECT "
            "l.destination FROM change c JOIN link l ON l.id = c.link WHERE c.plan = $1)",
        {plan},
        [&](int64_t id, std::string key, const std::string& name, const std::string& within,
            const std::string& tags, const std::string& nameThere,
            const std::string& addressThere) {
            if (!within.empty())
                key.erase(0, keyWithin(within, {}).size());
            if (isProtected(protect, {key, name, nameThere, addressThere}, json::parse(tags)))
                records.push_back(id);
        });
    return records;
}

} // namespace muster::sync
