#include "documents/ExportCsv.h"
#include "documents/Runbook.h"
#include "web/DocumentCall.h"
#include "web/DocumentJson.h"
#include "web/Resources.h"

#include <Poco/Logger.h>

#include <utility>

namespace muster::web {

namespace {

using documents::Document;
using Documents = std::shared_ptr<std::vector<Document>>;

const std::string kPdf = "application/pdf";
const std::string kCsv = "text/csv; charset=utf-8";

/// The documents that the filter chooses, with all that they hold; only pages and cells are made
/// while an answer is written, so that what is wrong with the request is told in its place.
Documents documentsFor(ApiParts& parts, const ApiCall& call, const documents::Filter& filter)
{
    auto database = parts.store.connect();
    requireTenant(database, call.request.caller, filter.tenant);
    updateRegister(parts, database, call);
    documents::Reader reader(database, sightOf(call.request.caller));
    auto found = std::make_shared<std::vector<Document>>();
    const auto take = [&](documents::Entry& entry) {
        call.cancellation.check();
        found->push_back(std::move(entry.document));
    };
    if (filter.ids.empty())
        reader.each(filter, documents::Detail::Lists, take);
    else
        for (auto& entry :
             reader.find(filter, documents::Detail::Lists, documents::Tombstones::Hidden))
            take(entry);
    return found;
}

void warnOfFonts(const documents::PdfSummary& summary)
{
    if (summary.unknownCharacters == 0)
        return;
    poco_warning(Poco::Logger::get("documents"),
                 "no font of this machine has " + std::to_string(summary.unknownCharacters) +
                     " of the characters in a PDF, which shows boxes in their place: install "
                     "fonts-noto-core, fonts-noto-cjk and fonts-symbola");
}

ApiResponse onePdf(ApiParts& parts, const ApiCall& call)
{
    auto filter = filterOf(call);
    filter.ids = {call.parameters.at("id")};
    const auto found = documentsFor(parts, call, filter);
    const auto now = parts.clock.now();
    return {.stream =
                [found, now](std::ostream& out) {
                    warnOfFonts(documents::writePdf(found->front(), now, out));
                },
            .type = kPdf,
            .fileName = found->front().id + ".pdf"};
}

ApiResponse runbook(ApiParts& parts, const ApiCall& call)
{
    const auto found = documentsFor(parts, call, filterOf(call));
    const auto now = parts.clock.now();
    return {
        .stream = [found, now](std::ostream& out) { warnOfFonts(writeRunbook(*found, now, out)); },
        .type = kPdf,
        .fileName = "runbook.pdf"};
}

ApiResponse asCsv(ApiParts& parts, const ApiCall& call)
{
    const auto keys = call.query("columns");
    const auto columns = keys == "all" ? std::vector<std::string>() : listIn(keys);
    documents::columnsOf(columns);
    const auto found = documentsFor(parts, call, filterOf(call));
    return {.stream = [found,
                       columns](std::ostream& out) { documents::writeCsv(*found, columns, out); },
            .type = kCsv,
            .fileName = "documents.csv"};
}

ApiResponse asJson(ApiParts& parts, const ApiCall& call)
{
    const auto found = documentsFor(parts, call, filterOf(call));
    return {.stream =
                [found](std::ostream& out) {
                    const char* separator = "";
                    out << "{\"documents\":[";
                    for (const auto& document : *found)
                        out << std::exchange(separator, ",\n") << textOf(pageOf(document));
                    out << "]}\n";
                },
            .fileName = "documents.json"};
}

} // namespace

void addExports(Router& router, ApiParts& parts)
{
    auto withColumns = documentQuery();
    withColumns.push_back({"columns"});
    router.add({.pattern = "/documents/{id}.pdf",
                .summary = "A document, by its id, as PDF; ?tenant= where two have the id.",
                .query = {{"tenant"}},
                .right = Right::KeepDocuments,
                .handler = [&](const ApiCall& call) { return onePdf(parts, call); },
                .type = kPdf});
    router.add({.pattern = "/runbook",
                .summary = "The documents that the query chooses as one PDF, with contents, by "
                           "organization and type.",
                .query = documentQuery(),
                .right = Right::KeepDocuments,
                .handler = [&](const ApiCall& call) { return runbook(parts, call); },
                .type = kPdf});
    router.add({.pattern = "/documents.csv",
                .summary = "The documents that the query chooses as CSV, with whole lists; "
                           "?columns= (keys with commas) says which columns.",
                .query = withColumns,
                .right = Right::KeepDocuments,
                .handler = [&](const ApiCall& call) { return asCsv(parts, call); },
                .type = kCsv});
    router.add({.pattern = "/documents.json",
                .summary = "The documents that the query chooses, each with all that its page "
                           "shows, in one file.",
                .query = documentQuery(),
                .right = Right::KeepDocuments,
                .handler = [&](const ApiCall& call) { return asJson(parts, call); }});
}

} // namespace muster::web
