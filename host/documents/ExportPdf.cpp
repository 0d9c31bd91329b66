#include "documents/ExportPdf.h"

#include "documents/Columns.h"
#include "documents/PlainText.h"
#include "estate/Field.h"

#include <Poco/URI.h>

namespace muster::documents {

namespace {

using Values = std::vector<PdfFlow::Value>;

constexpr size_t kLongName = 60; ///< bytes; the headline of a longer one is set smaller
constexpr double kHeadline = 20;
constexpr double kLongHeadline = 13;

std::string addressLink(const std::string& scheme, const std::string& address)
{
    std::string encoded;
    Poco::URI::encode(plainLine(address), scheme.empty() ? "" : "?&#/%", encoded);
    return scheme + encoded;
}

Values linked(const std::vector<Reference>& references, const LinkTo& linkTo)
{
    Values values;
    for (const auto& reference : references)
    {
        const auto link = linkTo(reference);
        const bool leadsOn = !link.place.empty() || !link.uri.empty();
        values.push_back({plainLine(reference.name), link, leadsOn ? ink::kLink : ink::kText});
    }
    return values;
}

Values lines(const std::vector<std::string>& texts)
{
    Values values;
    for (const auto& text : texts)
        values.push_back({plainLine(text)});
    return values;
}

Values valuesOf(const Document& document, const Column& column, const LinkTo& linkTo)
{
    const auto& lists = document.lists;
    const auto& key = column.key;
    if (key == "nested")
        return linked(lists.nested, linkTo);
    if (key == "members" || key == "devices")
        return linked(key == "members" ? lists.members : lists.devices,
                      [](const Reference&) { return PdfLink{}; });
    if (key == "membersText" || key == "devicesText")
        return lines(key == "membersText" ? lists.membersText : lists.devicesText);
    if (key == "owners")
        return lines(lists.owners);
    const auto text = cellOf(document, column).text;
    if (text.empty())
        return {};
    if (key == "mail")
        return {{text, {.uri = addressLink("mailto:", text)}, ink::kLink}};
    if (key == "status")
        return {{text, {}, colourOf(document.status)}};
    return {{key == "updated" ? readableTime(text) : text}};
}

void drawRow(PdfFlow& flow, const std::string& label, Values values)
{
    auto title = label;
    if (values.size() > 1)
        title += ": " + std::to_string(values.size());
    if (values.empty())
        values.push_back({"–", {}, ink::kFaint});
    flow.row(title, values);
}

std::string accessOf(const Access& access)
{
    if (access.isForEveryone)
        return "Everyone who has access to the organization";
    std::vector<std::string> whom;
    if (!access.groups.empty())
        whom.push_back("groups: " + estate::listed(access.groups));
    if (!access.people.empty())
        whom.push_back("people: " + estate::listed(access.people));
    return whom.empty() ? "Nobody" : "Only " + estate::listed(whom);
}

std::string remarkOf(const Document& document)
{
    auto remark = document.reason;
    if (document.isArchived && document.archivedAt)
    {
        remark += remark.empty() ? "" : "; ";
        remark += "archived " + readableTime(runtime::toText(*document.archivedAt));
        if (!document.archivedBy.empty())
            remark += " by " + document.archivedBy;
    }
    return remark;
}

void drawHead(PdfFlow& flow, const Document& document)
{
    const auto name = plainLine(document.name);
    flow.paragraph(titleOf(document.type), {9, true, ink::kFaint});
    flow.paragraph(name, {name.size() > kLongName ? kLongHeadline : kHeadline, true, ink::kText});
    flow.space(6);
    flow.badge(titleOf(document.status), colourOf(document.status), remarkOf(document));
    flow.space(6);
    flow.paragraph(document.isMadeByHand ? "Made by hand, never synced"
                                         : "Managed by integration " + plainLine(document.tenant),
                   {9, false, ink::kFaint});
}

void drawIdentity(PdfFlow& flow, const Document& document)
{
    flow.heading("Where it belongs");
    drawRow(flow, "Organization", {{organizationOf(document)}});
    drawRow(flow, document.isMadeByHand ? "Document" : "Entra Object", {{document.id}});
    if (!document.entraTenant.empty())
        drawRow(flow, "Entra Tenant", {{document.entraTenant}});
    drawRow(flow, "Access", {{accessOf(document.access)}});
    if (!document.manageUrl.empty())
        drawRow(flow, "Manage",
                {{document.manageUrl, {.uri = addressLink("", document.manageUrl)}, ink::kLink}});
}

} // namespace

PdfColour colourOf(Status status)
{
    switch (status)
    {
    case Status::Enabled:
        return {0.10, 0.45, 0.25};
    case Status::Orphaned:
        return {0.60, 0.38, 0.0};
    case Status::Disabled:
        break;
    }
    return {0.70, 0.14, 0.10};
}

std::string organizationOf(const Document& document)
{
    return document.tenantName.empty() ? document.tenant : document.tenantName;
}

std::string readableTime(const std::string& time)
{
    constexpr size_t kSize = 20; // 2026-01-31T09:30:00Z
    if (time.size() != kSize || time[10] != 'T' || time.back() != 'Z')
        return time;
    return time.substr(0, 10) + " " + time.substr(11, 5) + " UTC";
}

void drawDocument(PdfFlow& flow, const Document& document, const LinkTo& linkTo)
{
    drawHead(flow, document);
    flow.heading(document.isMadeByHand ? "Fields" : "From Entra ID");
    for (const auto& column : columns())
        if (column.isOf(document.type))
            drawRow(flow, column.title, valuesOf(document, column, linkTo));
    if (!document.ownFields.empty())
    {
        flow.heading("Own fields");
        for (const auto& [name, text] : document.ownFields)
            drawRow(flow, name, {{text}});
    }
    if (!document.lists.nestedIn.empty())
    {
        flow.heading("Related items");
        drawRow(flow, "Nested In", linked(document.lists.nestedIn, linkTo));
    }
    drawIdentity(flow, document);
}

PdfSummary writePages(const Pdf::About& about, std::ostream& out,
                      const std::function<void(Pdf&, PdfFlow&)>& compose)
{
    PdfFlow::Frame frame = {readableTime(runtime::toText(about.date)), 0};
    {
        Pdf measured(nullptr, about);
        PdfFlow flow(measured, frame);
        compose(measured, flow);
        frame.pages = flow.page();
    }
    Pdf pdf(&out, about);
    PdfFlow flow(pdf, frame);
    compose(pdf, flow);
    flow.finish();
    return {frame.pages, pdf.unknownCharacters()};
}

PdfSummary writePdf(const Document& document, runtime::Instant at, std::ostream& out)
{
    const Pdf::About about = {.title = plainLine(document.name),
                              .author = "Muster",
                              .subject = titleOf(document.type) + ", " +
                                         plainLine(organizationOf(document)),
                              .date = at};
    return writePages(about, out, [&](Pdf&, PdfFlow& flow) {
        flow.startPage(organizationOf(document), document.name);
        drawDocument(flow, document, [](const Reference&) { return PdfLink{}; });
    });
}

} // namespace muster::documents
