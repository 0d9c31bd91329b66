#include "documents/ExportCsv.h"
#include "ExportFixture.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <random>
#include <sstream>

namespace muster::documents {

/// Documents as CSV.
class ExportCsvTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ExportCsvTest);
    FRESH_TEST(chosenColumnsAreWrittenInTheirOrder);
    FRESH_TEST(unknownColumnIsRefused);
    FRESH_TEST(everythingIsWrittenByDefault);
    FRESH_TEST(ownFieldsOfAllDocumentsAreColumns);
    FRESH_TEST(commasQuotesAndLineBreaksAreQuoted);
    FRESH_TEST(formulasAreTexts);
    FRESH_TEST(titleOfAnOwnFieldIsNoFormula);
    FRESH_TEST(whatIsNotUtf8IsReplaced);
    FRESH_TEST(oddTextsAreReadBack);
    CPPUNIT_TEST_SUITE_END();

    static std::string csv(const std::vector<Document>& documents,
                           const std::vector<std::string>& columns)
    {
        std::ostringstream out;
        writeCsv(documents, columns, out);
        return out.str();
    }

    static std::string cellOfName(const std::string& name)
    {
        const std::string heading = "\xEF\xBB\xBFGroup Name\r\n";
        const auto text = csv({document("1", name)}, {"name"});
        CPPUNIT_ASSERT_EQUAL(heading, text.substr(0, heading.size()));
        CPPUNIT_ASSERT_EQUAL(std::string("\r\n"), text.substr(text.size() - 2));
        return text.substr(heading.size(), text.size() - heading.size() - 2);
    }

    /// RFC 4180, section 2, read strictly.
    static std::vector<std::vector<std::string>> rowsOf(const std::string& text)
    {
        std::vector<std::vector<std::string>> rows(1, {""});
        bool isQuoted = false;
        for (size_t i = 3; i < text.size(); ++i)
        {
            auto& cell = rows.back().back();
            if (isQuoted && text[i] == '"' && text.compare(i + 1, 1, "\"") == 0)
                cell += text[i++];
            else if (text[i] == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted && text[i] == ',')
                rows.back().emplace_back();
            else if (!isQuoted && text.compare(i, 2, "\r\n") == 0)
            {
                rows.push_back({""});
                ++i;
            }
            else
                cell += text[i];
        }
        rows.pop_back();
        return rows;
    }

public:
    void chosenColumnsAreWrittenInTheirOrder()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("\xEF\xBB\xBFSync Status,Group Name,Members (Not Matched To A Contact)\r\n"
                        "Enabled,Finance Admins,\"Cy Dee <cy@contoso.com>; "
                        "Di Eve <di@contoso.com> (disabled)\"\r\n"),
            csv({fullDocument()}, {"status", "name", "membersText"}));
    }

    void unknownColumnIsRefused()
    {
        CPPUNIT_ASSERT_THROW(csv({fullDocument()}, {"colour"}), UsageError);
    }

    void everythingIsWrittenByDefault()
    {
        const auto text = csv({fullDocument()}, {});
        for (const std::string part :
             {"Group Name", "Owners", "Managed By Integration", "Ann Bo; Bob Cole", "LAPTOP-7",
              "Payroll", "Entra ID: Security Groups", "The finance director",
              "11111111-0000-4000-8000-000000000001", "everyone"})
            CPPUNIT_ASSERT_MESSAGE(part, text.find(part) != std::string::npos);
    }

    void ownFieldsOfAllDocumentsAreColumns()
    {
        auto other = document("2", "Sales");
        other.ownFields = {{"Budget", "12"}};
        const auto rows = rowsOf(csv({fullDocument(), other}, {}));
        CPPUNIT_ASSERT_EQUAL(size_t(3), rows.size());
        const auto width = rows[0].size();
        CPPUNIT_ASSERT_EQUAL(std::string("Approver"), rows[0][width - 3]);
        CPPUNIT_ASSERT_EQUAL(std::string("Budget"), rows[0][width - 2]);
        CPPUNIT_ASSERT_EQUAL(std::string(), rows[1].at(width - 2));
        CPPUNIT_ASSERT_EQUAL(std::string("12"), rows[2].at(width - 2));
    }

    void commasQuotesAndLineBreaksAreQuoted()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("Plain name"), cellOfName("Plain name"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"a, b\""), cellOfName("a, b"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"the \"\"A\"\" team\""), cellOfName("the \"A\" team"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"a\r\nb\""), cellOfName("a\r\nb"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"a\nb\""), cellOfName("a\nb"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"<b>&amp;</b> 😀 مجموعة\""),
                             cellOfName("<b>&amp;</b> 😀 مجموعة"));
    }

    void formulasAreTexts()
    {
        for (const std::string name :
             {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0"})
        {
            const auto cell = rowsOf(csv({document("1", name)}, {"name"})).at(1).at(0);
            CPPUNIT_ASSERT_EQUAL("'" + name, cell);
        }
        CPPUNIT_ASSERT_EQUAL(std::string("\"'=HYPERLINK(\"\"x\"\")\""),
                             cellOfName("=HYPERLINK(\"x\")"));
        CPPUNIT_ASSERT_EQUAL(std::string("a=1"), cellOfName("a=1"));
        CPPUNIT_ASSERT_EQUAL(std::string("'quoted"), cellOfName("'quoted"));
    }

    void titleOfAnOwnFieldIsNoFormula()
    {
        auto odd = document("1", "Sales");
        odd.ownFields = {{"=1+1", "@x"}};
        const auto rows = rowsOf(csv({odd}, {}));
        CPPUNIT_ASSERT_EQUAL(std::string("'=1+1"), rows[0].back());
        CPPUNIT_ASSERT_EQUAL(std::string("'@x"), rows[1].back());
    }

    void whatIsNotUtf8IsReplaced()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("a\uFFFDb"), cellOfName("a\xFF"
                                                                 "b"));
        CPPUNIT_ASSERT_EQUAL(std::string("a\uFFFDb"), cellOfName(std::string("a\0b", 3)));
    }

    void oddTextsAreReadBack()
    {
        std::mt19937 random(11);
        const std::string characters = "\",;\r\n\t =+-@'abc";
        for (int round = 0; round < 500; ++round)
        {
            std::vector<Document> documents;
            for (int i = 0; i < 3; ++i)
            {
                std::string odd = "x";
                for (int j = 0; j < 20; ++j)
                    odd += characters[random() % characters.size()];
                documents.push_back(document("1", odd));
                documents.back().description = odd + "\"";
            }
            const auto rows = rowsOf(csv(documents, {"name", "description"}));
            CPPUNIT_ASSERT_EQUAL(size_t(4), rows.size());
            for (size_t i = 0; i < 3; ++i)
            {
                CPPUNIT_ASSERT_EQUAL(documents[i].name, rows[i + 1].at(0));
                CPPUNIT_ASSERT_EQUAL(documents[i].description, rows[i + 1].at(1));
            }
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExportCsvTest);

} // namespace muster::documents
