#include "app/ServiceStarts.h"

namespace muster::app {

ServiceStarts::ServiceStarts(store::Store& store, runtime::Clock& clock) : _store(store)
{
    auto database = _store.connect(store::Durability::Durable);
    const auto now = clock.now();
    store::Transaction transaction(database);
    // However long it ran before.
    database.execute("UPDATE service_start SET crashed_at = $1 WHERE crashed_at IS NULL",
                     {runtime::toMilliseconds(now)});
    database.execute("DELETE FROM service_start WHERE crashed_at < $1",
                     {runtime::toMilliseconds(now - kWindow)});
    _crashes = static_cast<size_t>(
        database.value<int64_t>("SELECT COUNT(*) FROM service_start").value_or(0));
    database.execute("INSERT INTO service_start(crashed_at) VALUES (NULL)");
    transaction.commit();
}

void ServiceStarts::end()
{
    _store.connect(store::Durability::Durable).execute("DELETE FROM service_start");
}

} // namespace muster::app
