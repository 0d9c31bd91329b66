#pragma once

#include "store/Database.h"

#include <string>

namespace muster::store {

/// Brings a database to this version's schema, each migration in a transaction of its own. `backUp`
/// is called once before the first migration of a database that is not new. Throws ConfigError when
/// the database was made by a newer Muster.
void migrate(Database& database, const std::function<void()>& backUp);

} // namespace muster::store
