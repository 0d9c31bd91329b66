#include "schedule/ScheduleStore.h"

#include "estate/EstateStore.h"
#include "runtime/Finding.h"

#include <muster/Digest.h>

#include <map>

namespace muster::schedule {

using runtime::Instant;

namespace {

store::Value toValue(std::optional<Instant> instant)
{
    return instant ? store::Value(runtime::toMilliseconds(*instant)) : store::Value(std::nullopt);
}

std::optional<Instant> toInstant(const store::Row& row, size_t column)
{
    const auto value = row.get<std::optional<int64_t>>(column);
    return value ? std::optional(runtime::fromMilliseconds(*value)) : std::nullopt;
}

} // namespace

ScheduleStore::ScheduleStore(const store::Store& store) : _database(store.connect())
{}

std::vector<Declared> ScheduleStore::declared()
{
    estate::EstateStore estate(_database);
    std::map<std::string, estate::Tenant> tenants;
    for (auto& tenant : estate.tenants())
        tenants[tenant.name] = std::move(tenant);
    std::map<int64_t, int64_t> entries;
    _database.query<int64_t, std::string, std::string, std::string>(
        "SELECT s.id, s.document, c.document, t.document FROM sync s JOIN tenant c ON c.id = "
        "s.tenant JOIN target t ON t.id = s.target WHERE s.removed_at IS NULL",
        {},
        [&](int64_t id, const std::string& sync, const std::string& tenant,
            const std::string& target) {
            entries[id] = static_cast<int64_t>(fnv1a(sync + "\n" + tenant + "\n" + target));
        });
    std::vector<Declared> result;
    for (const auto& sync : estate.syncs())
    {
        // One whose tenant was removed without it has nothing to read from.
        const auto tenant = tenants.find(sync.tenant);
        if (tenant != tenants.end())
            result.push_back({.sync = sync, .tenant = tenant->second, .entry = entries[sync.id]});
    }
    return result;
}

std::vector<SyncState> ScheduleStore::states()
{
    std::vector<SyncState> result;
    _database.query<int64_t, int64_t, std::optional<int64_t>, std::optional<int64_t>, int64_t,
                    int64_t, std::optional<int64_t>, std::optional<int64_t>, std::string>(
        "SELECT sync, entry, next_at, last_at, attempts, failures, retry_at, quarantined_at, "
        "reason FROM schedule",
        {}, [&](const store::Row& row) {
            result.push_back({.sync = row.integer(0),
                              .entry = row.integer(1),
                              .nextAt = toInstant(row, 2),
                              .lastAt = toInstant(row, 3),
                              .attempts = row.integer(4),
                              .failures = row.integer(5),
                              .retryAt = toInstant(row, 6),
                              .quarantinedAt = toInstant(row, 7),
                              .reason = row.text(8)});
        });
    return result;
}

void ScheduleStore::write(const std::vector<SyncState>& states)
{
    if (states.empty())
        return;
    store::Transaction transaction(_database);
    for (const auto& state : states)
    {
        _database.execute(
            "INSERT INTO schedule(sync, entry, next_at, last_at, attempts, failures, retry_at, "
            "quarantined_at, reason) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT(sync) "
            "DO UPDATE SET entry = excluded.entry, next_at = excluded.next_at, last_at = "
            "excluded.last_at, attempts = excluded.attempts, failures = excluded.failures, "
            "retry_at = excluded.retry_at, quarantined_at = excluded.quarantined_at, reason = "
            "excluded.reason",
            {state.sync, state.entry, toValue(state.nextAt), toValue(state.lastAt), state.attempts,
             state.failures, toValue(state.retryAt), toValue(state.quarantinedAt), state.reason});
        writeFinding(state);
    }
    transaction.commit();
}

void ScheduleStore::writeFinding(const SyncState& state)
{
    _database.execute("DELETE FROM finding WHERE sync = $1 AND origin = 'schedule'", {state.sync});
    if (!state.quarantinedAt)
        return;
    _database.execute(
        "INSERT INTO finding(sync, origin, code, severity, message, key) SELECT id, 'schedule', "
        "'quarantined', $2, 'after ' || $3 || ' runs in a row that failed, the schedule runs it no "
        "more; the last said: ' || $4 || ': mend that, then run `muster sync ' || name || '`', '' "
        "FROM sync WHERE id = $1",
        {state.sync, runtime::toText(runtime::Severity::Error), std::to_string(state.failures),
         state.reason});
}

} // namespace muster::schedule
