#pragma once

#include <string>
#include <string_view>

/// What differs between SQLite and PostgreSQL, in one place. Beside it, the functions that both
/// databases offer under one name: entra_id(text) makes the 16 bytes of a GUID, entra_text(bytes)
/// its canonical text.
namespace muster::store::dialect {

/// A table from one JSON parameter: an array of arrays, one per row. `columns` is "name type, …"
/// with the types integer and text:
///     "INSERT INTO t SELECT a, b FROM " + rows("$1", "a integer, b text")
std::string rows(std::string_view parameter, std::string_view columns);

/// The ids in one JSON parameter, as rowsOf() makes it, for IN: "DELETE FROM t WHERE id IN " +
/// idsIn("$1").
std::string idsIn(std::string_view parameter);

/// The JSON document `base` overlaid by `patch` as RFC 7396 says: null removes, absent keeps.
std::string mergePatch(std::string_view base, std::string_view patch);

/// A top-level member of a JSON document as text.
std::string member(std::string_view document, std::string_view name);

/// "CREATE TEMP TABLE IF NOT EXISTS name(columns)" followed by an emptied table is what callers
/// want: returns the statement that makes it; empty it with DELETE.
std::string temporaryTable(std::string_view name, std::string_view columns);

} // namespace muster::store::dialect
