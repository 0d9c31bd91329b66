#pragma once

struct sqlite3;

namespace muster::store {

/// Gives a connection the SQL functions entra_id(text) and entra_text(blob), see Dialect.h. A text
/// that is no GUID makes the statement fail.
void registerEntraIdFunctions(sqlite3* connection);

} // namespace muster::store
