#pragma once

#include "documents/ExportPdf.h"

#include <vector>

namespace muster::documents {

/// The documents, with their lists, as one PDF: a title page with how many stand how, contents, and
/// the documents by organization and type, each on pages of its own, with links and an outline.
/// Within an organization and type they keep their order. Throws as writePdf does.
PdfSummary writeRunbook(const std::vector<Document>& documents, runtime::Instant at,
                        std::ostream& out);

} // namespace muster::documents
