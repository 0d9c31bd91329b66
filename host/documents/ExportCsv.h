#pragma once

#include "documents/Document.h"

#include <ostream>
#include <string>
#include <vector>

namespace muster::documents {

/// The documents, with their lists, as CSV (RFC 4180) in UTF-8 with a byte order mark, under a row
/// of titles. Items of a list stand between semicolons. A cell that a spreadsheet would take for a
/// formula begins with an apostrophe. `columns`: keys of those to write; none: all, then what else
/// is known of a document, and a column for each own field that people named. Throws UsageError for
/// a column that there is not.
void writeCsv(const std::vector<Document>& documents, const std::vector<std::string>& columns,
              std::ostream& out);

} // namespace muster::documents
