#include "documents/Runbook.h"

#include "documents/PlainText.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace muster::documents {

namespace {

constexpr auto kRunbook = "Runbook: documented Entra ID groups";

/// A runbook's parts in the order of its pages, and on which page each document begins.
class Book
{
public:
    explicit Book(const std::vector<Document>& documents)
    {
        for (const auto& document : documents)
            _documents.push_back(&document);
        const auto part = [](const Document* document) {
            return std::tuple(organizationOf(*document), document->tenant, document->type);
        };
        std::stable_sort(_documents.begin(), _documents.end(),
                         [&](auto* a, auto* b) { return part(a) < part(b); });
        for (size_t i = 0; i < _documents.size(); ++i)
            _places.emplace(std::pair(_documents[i]->tenant, _documents[i]->id), placeOf(i));
        _pages.resize(_documents.size());
        for (const auto* document : _documents)
            if (_organizations.empty() || _organizations.back() != organizationOf(*document))
                _organizations.push_back(organizationOf(*document));
    }

    std::string title() const
    {
        if (_organizations.size() == 1)
            return plainLine(_organizations.front());
        if (_organizations.empty())
            return "No documents";
        return std::to_string(_organizations.size()) + " organizations";
    }

    void draw(Pdf& pdf, PdfFlow& flow, const std::string& date)
    {
        drawTitlePage(pdf, flow, date);
        drawContents(pdf, flow);
        for (size_t i = 0; i < _documents.size(); ++i)
        {
            flow.startPage(organizationOf(*_documents[i]), _documents[i]->name);
            pdf.place(placeOf(i));
            _pages[i] = flow.page();
            drawDocument(flow, *_documents[i], [&](const Reference& reference) {
                const auto found = _places.find(std::pair(_documents[i]->tenant, reference.id));
                return found == _places.end() ? PdfLink{} : PdfLink{.place = found->second};
            });
        }
        drawOutline(pdf);
    }

private:
    static std::string placeOf(size_t index) { return "document-" + std::to_string(index + 1); }

    bool startsOrganization(size_t index) const
    {
        return index == 0 || _documents[index - 1]->tenant != _documents[index]->tenant;
    }

    bool startsType(size_t index) const
    {
        return startsOrganization(index) || _documents[index - 1]->type != _documents[index]->type;
    }

    std::vector<std::string> counted(const std::string& label, const Type* type) const
    {
        std::vector<std::string> cells = {label};
        size_t all = 0;
        for (const auto status : {Status::Enabled, Status::Orphaned, Status::Disabled})
        {
            const auto count = static_cast<size_t>(
                std::count_if(_documents.begin(), _documents.end(), [&](const auto* document) {
                    return document->status == status && (!type || document->type == *type);
                }));
            all += count;
            cells.push_back(std::to_string(count));
        }
        cells.push_back(std::to_string(all));
        return cells;
    }

    void drawTitlePage(Pdf& pdf, PdfFlow& flow, const std::string& date) const
    {
        flow.startPage(title(), kRunbook);
        pdf.place("title");
        flow.space(150);
        flow.paragraph(title(), {30, true, ink::kText});
        flow.space(4);
        flow.paragraph(kRunbook, {15, false, ink::kFaint});
        flow.space(4);
        flow.paragraph("As of " + date, {10, false, ink::kFaint});
        flow.space(40);
        flow.tableRow({"Type", titleOf(Status::Enabled), titleOf(Status::Orphaned),
                       titleOf(Status::Disabled), "All"},
                      true);
        for (const auto type : {Type::Microsoft365, Type::Security})
            flow.tableRow(counted(titleOf(type), &type), false);
        flow.tableRow(counted("All", nullptr), false);
    }

    void drawContents(Pdf& pdf, PdfFlow& flow) const
    {
        flow.startPage(title(), "Contents");
        pdf.place("contents");
        flow.paragraph("Contents", {20, true, ink::kText});
        for (size_t i = 0; i < _documents.size(); ++i)
        {
            const auto& document = *_documents[i];
            if (startsType(i))
            {
                const auto type = titleOf(document.type);
                flow.heading(_organizations.size() == 1
                                 ? type
                                 : plainLine(organizationOf(document)) + ", " + type);
            }
            flow.entry({.name = document.name,
                        .remark = titleOf(document.status),
                        .remarkColour = colourOf(document.status),
                        .page = _pages[i],
                        .link = {.place = placeOf(i)}});
        }
    }

    void drawOutline(Pdf& pdf) const
    {
        pdf.outline(0, title(), "title");
        pdf.outline(0, "Contents", "contents");
        int organization = 0;
        int type = 0;
        for (size_t i = 0; i < _documents.size(); ++i)
        {
            const auto& document = *_documents[i];
            if (_organizations.size() > 1 && startsOrganization(i))
                organization = pdf.outline(0, plainLine(organizationOf(document)), placeOf(i));
            if (startsType(i))
                type = pdf.outline(organization, titleOf(document.type), placeOf(i));
            pdf.outline(type, plainLine(document.name), placeOf(i));
        }
    }

    std::vector<const Document*> _documents;
    std::vector<std::string> _organizations;
    std::map<std::pair<std::string, std::string>, std::string> _places; ///< by tenant and id
    std::vector<size_t> _pages;
};

} // namespace

PdfSummary writeRunbook(const std::vector<Document>& documents, runtime::Instant at,
                        std::ostream& out)
{
    Book book(documents);
    const Pdf::About about = {
        .title = book.title() + ", runbook", .author = "Muster", .subject = kRunbook, .date = at};
    const auto date = readableTime(runtime::toText(at));
    return writePages(about, out, [&](Pdf& pdf, PdfFlow& flow) { book.draw(pdf, flow, date); });
}

} // namespace muster::documents
