#pragma once

#include "documents/Document.h"

#include <string>

namespace muster::documents {

/// Writes a text into a field that a document shows: an own field of people or, where it was made
/// by hand, a text or list that is otherwise Entra's (by the key or title of its column; a list has
/// an item a line, or between semicolons). An empty text removes. Returns what was there. Throws
/// UsageError for a field that comes from Entra, and for what does not fit.
std::string assignField(Document& document, const std::string& name, const std::string& text);

/// Throws UsageError.
void requireName(const std::string& name);

} // namespace muster::documents
