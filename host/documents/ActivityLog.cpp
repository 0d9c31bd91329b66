#include "documents/ActivityLog.h"

#include "store/EntraId.h"

#include <muster/Keys.h>

#include <algorithm>

namespace muster::documents {

ActivityLog::ActivityLog(store::Database& database, const runtime::Clock& clock)
    : _database(database), _clock(clock)
{}

void ActivityLog::write(const Subject& subject, const Activity& activity)
{
    _database.execute("INSERT INTO activity(at, actor, tenant, entra, name, action, before, after) "
                      "VALUES($1, $2, $3, entra_id($4), $5, $6, $7, $8)",
                      {runtime::toMilliseconds(_clock.now()), activity.actor, subject.tenant,
                       subject.document, subject.name, activity.action, activity.before.dump(),
                       activity.after.dump()});
}

void ActivityLog::each(const Filter& filter, const std::function<void(const Entry&)>& onEntry)
{
    const auto isById = store::isEntraId(filter.document);
    const auto folded = nameKeyNoCase(filter.document);
    store::Values values{filter.since ? runtime::toMilliseconds(*filter.since) : int64_t(0)};
    std::string where = "a.at >= $1";
    if (isById)
    {
        where += " AND a.entra = entra_id($2)";
        values.emplace_back(filter.document);
    }
    using Text = std::string;
    _database.query<int64_t, Text, Text, Text, Text, Text, Text, Text>(
        "SELECT a.at, a.actor, t.name, entra_text(a.entra), a.name, a.action, a.before, a.after "
        "FROM activity a JOIN tenant t ON t.id = a.tenant WHERE " +
            where + " ORDER BY a.id DESC",
        values,
        [&](int64_t at, Text actor, Text tenant, Text document, Text name, Text action,
            const Text& before, const Text& after) {
            const auto& tenants = filter.tenants;
            if ((!tenants.empty() &&
                 std::find(tenants.begin(), tenants.end(), tenant) == tenants.end()) ||
                (!isById && !folded.empty() && nameKeyNoCase(name) != folded))
                return;
            onEntry({.at = runtime::fromMilliseconds(at),
                     .tenant = std::move(tenant),
                     .document = std::move(document),
                     .name = std::move(name),
                     .activity = {.action = std::move(action),
                                  .actor = std::move(actor),
                                  .before = Json::parse(before),
                                  .after = Json::parse(after)}});
        });
}

} // namespace muster::documents
