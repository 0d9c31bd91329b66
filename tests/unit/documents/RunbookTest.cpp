#include "documents/Runbook.h"
#include "ExportFixture.h"
#include "support/FreshTest.h"
#include "support/PdfReader.h"

#include <sstream>

namespace muster::documents {

using tests::PdfReader;

/// An organization's documents in one PDF.
class RunbookTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RunbookTest);
    FRESH_TEST(titlePageCountsTheStatuses);
    FRESH_TEST(contentsNameThePageOfEachDocument);
    FRESH_TEST(outlineLeadsToEachDocument);
    FRESH_TEST(nestedGroupLeadsToItsDocument);
    FRESH_TEST(organizationsStandApart);
    FRESH_TEST(eachPageNamesItsOrganization);
    FRESH_TEST(longHeadingStandsAboveWhatItIsAbout);
    FRESH_TEST(runbookOfNothingSaysSo);
    FRESH_TEST(manyDocumentsAreAllThere);
    FRESH_TEST(sameDocumentsGiveTheSameBytes);
    CPPUNIT_TEST_SUITE_END();

    static std::string runbook(const std::vector<Document>& documents)
    {
        std::ostringstream out;
        writeRunbook(documents, kExportedAt, out);
        return out.str();
    }

    static std::vector<Document> three()
    {
        auto payroll = document("11111111-0000-4000-8000-000000000002", "Payroll");
        payroll.status = Status::Orphaned;
        auto sales = document("11111111-0000-4000-8000-000000000004", "Sales", Type::Microsoft365);
        sales.status = Status::Disabled;
        return {fullDocument(), payroll, sales};
    }

    static std::vector<std::string> pagesOf(const PdfReader& reader)
    {
        std::vector<std::string> pages;
        std::istringstream text(reader.text());
        for (std::string page; std::getline(text, page, '\f');)
            pages.push_back(page);
        return pages;
    }

    static void holds(const std::string& text, const std::string& part)
    {
        if (text.find(part) == std::string::npos)
            CPPUNIT_FAIL("no \"" + part + "\" in: " + text);
    }

public:
    void titlePageCountsTheStatuses()
    {
        const PdfReader reader(runbook(three()));
        const auto words = reader.words();
        const auto lineOf = [&](double top) {
            std::string line;
            for (const auto& word : words)
                if (word.top > top - 2 && word.top < top + 2)
                    line += word.text + " ";
            return line;
        };
        std::vector<std::string> lines;
        for (size_t i = 1; i < words.size() && lines.size() < 3; ++i)
            if (words[i].text == "Groups" && words[i].left < 200)
                lines.push_back(lineOf(words[i].top));
        CPPUNIT_ASSERT(lines.size() >= 2);
        holds(lines[0], "Microsoft 365: Groups 0 0 1 1");
        holds(lines[1], "Entra ID: Security Groups 1 1 0 2");
    }

    void contentsNameThePageOfEachDocument()
    {
        const auto pages = pagesOf(PdfReader(runbook(three())));
        holds(pages.at(0), "Contoso Ltd");
        const auto& contents = pages.at(1);
        holds(contents, "Contents");
        for (const std::string name : {"Sales", "Finance Admins", "Payroll"})
        {
            const auto at = contents.find(name);
            CPPUNIT_ASSERT_MESSAGE(name, at != std::string::npos);
        }
        holds(pages.at(2), "Sales");
        holds(pages.at(3), "Finance Admins");
        holds(pages.back(), "Payroll");
        holds(contents, "\n" + std::to_string(pages.size()) + "\n");
    }

    void outlineLeadsToEachDocument()
    {
        const auto links = PdfReader(runbook(three())).links();
        const auto outline = links.substr(links.find("<outline>"));
        holds(outline, ">Contents</item>");
        holds(outline, "<item page=\"3\">Microsoft 365: Groups</item>");
        holds(outline, "<item page=\"3\">Sales</item>");
        holds(outline, "<item page=\"4\">Finance Admins</item>");
    }

    void nestedGroupLeadsToItsDocument()
    {
        const PdfReader reader(runbook(three()));
        const auto last = std::to_string(reader.pages());
        holds(reader.links(), "#" + last + "\">Payroll</a>");
    }

    void organizationsStandApart()
    {
        auto documents = three();
        documents[2].tenant = "fabrikam";
        documents[2].tenantName = "Fabrikam GmbH";
        const PdfReader reader(runbook(documents));
        holds(reader.text(), "2 organizations");
        holds(reader.text(), "Contoso Ltd, Entra ID: Security Groups");
        holds(reader.text(), "Fabrikam GmbH, Microsoft 365: Groups");
        holds(reader.links(), ">Fabrikam GmbH</item>");
    }

    void eachPageNamesItsOrganization()
    {
        auto documents = three();
        documents[2].tenant = "fabrikam";
        documents[2].tenantName = "Fabrikam GmbH";
        const auto pages = pagesOf(PdfReader(runbook(documents)));
        for (size_t i = 2; i < pages.size(); ++i)
            holds(pages[i].substr(0, 20), i + 1 < pages.size() ? "Contoso Ltd" : "Fabrikam GmbH");
    }

    void longHeadingStandsAboveWhatItIsAbout()
    {
        auto documents = three();
        documents[2].tenant = "fabrikam";
        for (int i = 0; i < 20; ++i)
            documents[2].tenantName += "Fabrikam ";
        documents[2].tenantName += "Limited";
        documents[2].name = "Entry";
        double bottom = 0;
        for (const auto& word : PdfReader(runbook(documents)).words())
        {
            if (word.text == "Limited," && bottom == 0)
                bottom = word.bottom;
            if (word.text != "Entry")
                continue;
            CPPUNIT_ASSERT(bottom > 0 && word.top > bottom);
            return;
        }
        CPPUNIT_FAIL("no entry");
    }

    void runbookOfNothingSaysSo()
    {
        const PdfReader reader(runbook({}));
        holds(reader.text(), "No documents");
        CPPUNIT_ASSERT_EQUAL(size_t(2), reader.pages());
    }

    void manyDocumentsAreAllThere()
    {
        std::vector<Document> documents;
        for (int i = 0; i < 300; ++i)
            documents.push_back(document(std::to_string(i), "Group " + std::to_string(i)));
        const PdfReader reader(runbook(documents));
        const auto pages = pagesOf(reader);
        // The title page and seven pages of contents.
        const auto first = pages.size() - 300;
        CPPUNIT_ASSERT(first > 4 && first < 12);
        for (size_t i = 0; i < 300; ++i)
            holds(pages.at(first + i), "Group " + std::to_string(i) + "\n");
    }

    void sameDocumentsGiveTheSameBytes() { CPPUNIT_ASSERT(runbook(three()) == runbook(three())); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RunbookTest);

} // namespace muster::documents
