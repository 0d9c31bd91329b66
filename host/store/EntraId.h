#pragma once

#include <string_view>

struct sqlite3;

namespace muster::store {

/// Gives a connection the SQL functions entra_id(text) and entra_text(blob), see Dialect.h. A text
/// that is no GUID makes the statement fail.
void registerEntraIdFunctions(sqlite3* connection);

/// True for the 36 characters of a GUID, in either case: what entra_id() takes.
bool isEntraId(std::string_view text);

} // namespace muster::store
