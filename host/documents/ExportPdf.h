#pragma once

#include "documents/Document.h"
#include "documents/PdfFlow.h"
#include "runtime/Clock.h"

#include <functional>
#include <ostream>
#include <string>

namespace muster::documents {

/// What became of an export as PDF.
struct PdfSummary
{
    size_t pages = 0;
    size_t unknownCharacters = 0; ///< that no font of this machine has; the pages show boxes
};

/// A document, with its lists, as PDF. `at` is the date on its pages. Throws std::runtime_error, or
/// what the stream throws, when it cannot be written.
PdfSummary writePdf(const Document& document, runtime::Instant at, std::ostream& out);

/// Where a click on a document that another one names leads to.
using LinkTo = std::function<PdfLink(const Reference&)>;

/// Draws a document from the top of a page on. Of a runbook each is found by `place`.
void drawDocument(PdfFlow& flow, const Document& document, const LinkTo& linkTo);

/// How the pages show a status, beside its word.
PdfColour colourOf(Status status);

/// The organization of a document, for people to read.
std::string organizationOf(const Document& document);

/// 2026-01-31 09:30 UTC, of an RFC 3339 time in UTC; another text stays as it is.
std::string readableTime(const std::string& time);

/// Writes what `compose` draws, which is called twice: first to learn how many pages there will be.
/// It must flow the same way both times, whatever the numbers it shows.
PdfSummary writePages(const Pdf::About& about, std::ostream& out,
                      const std::function<void(Pdf&, PdfFlow&)>& compose);

} // namespace muster::documents
