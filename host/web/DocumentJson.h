#pragma once

#include "documents/ActivityLog.h"
#include "documents/Columns.h"
#include "documents/Document.h"
#include "web/Api.h"

#include <vector>

/// How the API shows documents.
namespace muster::web {

/// As a list of documents has it, with the numbers of its lists (DESIGN.md, section 8).
Json summaryOf(const documents::Document& document);

/// With everything that a page shows; the document has its lists.
Json pageOf(const documents::Document& document);

/// {key: {"text", "items"}} of the columns that its type has.
Json cellsOf(const documents::Document& document, const std::vector<documents::Column>& columns);

/// [{"key", "title", "types"}]
Json toJson(const std::vector<documents::Column>& columns);

Json toJson(const documents::ActivityLog::Entry& entry);

} // namespace muster::web
