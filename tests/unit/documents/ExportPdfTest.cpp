#include "documents/ExportPdf.h"
#include "ExportFixture.h"
#include "support/FreshTest.h"
#include "support/PdfReader.h"

#include <algorithm>
#include <random>
#include <sstream>
#include <streambuf>

namespace muster::documents {

using tests::PdfReader;

/// A document as PDF, read back by a reader that was not written here.
class ExportPdfTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ExportPdfTest);
    FRESH_TEST(fieldsStandInTheOrderOfTheVendor);
    FRESH_TEST(microsoft365GroupHasItsAddressAndNoDevices);
    FRESH_TEST(everyListIsWritten);
    FRESH_TEST(ownFieldsAndRelatedItemsAreWritten);
    FRESH_TEST(statusIsAWordWithItsReason);
    FRESH_TEST(archivedDocumentSaysWhenAndByWhom);
    FRESH_TEST(accessOfSomeNamesThem);
    FRESH_TEST(everyPageSaysWhatWhenAndItsNumber);
    FRESH_TEST(longListFlowsOverPages);
    FRESH_TEST(longTextFlowsOverPages);
    FRESH_TEST(addressIsALink);
    FRESH_TEST(namesOfAnyScriptAreReadBack);
    FRESH_TEST(noCharacterIsWithoutAFont);
    FRESH_TEST(nothingStandsOutsideOfThePage);
    FRESH_TEST(sameInputGivesTheSameBytes);
    FRESH_TEST(fileSaysWhatItIs);
    FRESH_TEST(oddTextsDoNoHarm);
    FRESH_TEST(streamThatFailsIsAnError);
    CPPUNIT_TEST_SUITE_END();

    /// Of a client that went away.
    class HungUp : public std::streambuf
    {
        std::streamsize xsputn(const char*, std::streamsize) override
        {
            throw std::length_error("hung up");
        }
    };

    static std::string pdf(const Document& document)
    {
        std::ostringstream out;
        writePdf(document, kExportedAt, out);
        return out.str();
    }

    static std::string textOf(const Document& document) { return PdfReader(pdf(document)).text(); }

    static void holds(const std::string& text, const std::string& part)
    {
        if (text.find(part) == std::string::npos)
            CPPUNIT_FAIL("no \"" + part + "\" in: " + text);
    }

    static void holdsNot(const std::string& text, const std::string& part)
    {
        if (text.find(part) != std::string::npos)
            CPPUNIT_FAIL("\"" + part + "\" in: " + text);
    }

    /// A label may be broken into lines: words only.
    static std::string inOneLine(std::string text)
    {
        std::replace(text.begin(), text.end(), '\n', ' ');
        return text;
    }

    static std::vector<std::string> scripts()
    {
        return {"مجموعة المالية",         // Arabic
                "קבוצת הכספים",           // Hebrew
                "財務部グループ",         // Japanese
                "财务管理员",             // Chinese
                "재무팀",                 // Korean
                "वित्त समूह",               // Hindi
                "กลุ่มการเงิน",              // Thai
                "Группа финансов",        // Russian
                "Nguyễn Thị Hằng",        // Vietnamese
                "Zoe\u0308 Mu\u0308ller", // accents that stand alone
                "😀 Party 🎉",
                "Ομάδα οικονομικών"};
    }

public:
    void fieldsStandInTheOrderOfTheVendor()
    {
        const auto text = inOneLine(textOf(fullDocument()));
        size_t at = 0;
        for (const std::string title :
             {"Group Name", "Nested Groups", "Members (Matched To A", "Members (Not Matched To",
              "Devices (Matched To A", "Devices (Not Matched To", "Domain", "Group Description",
              "Membership Type", "Sync Status", "Updated", "Owners"})
        {
            const auto next = text.find(title, at);
            if (next == std::string::npos)
                CPPUNIT_FAIL("no " + title + " behind place " + std::to_string(at) + ": " + text);
            at = next;
        }
    }

    void microsoft365GroupHasItsAddressAndNoDevices()
    {
        auto document = fullDocument();
        document.type = Type::Microsoft365;
        const auto text = inOneLine(textOf(document));
        holds(text, "Group Email Address");
        holds(text, "finance@contoso.com");
        holdsNot(text, "Devices");
        holdsNot(text, "Nested Groups");
    }

    void everyListIsWritten()
    {
        const auto text = textOf(fullDocument());
        for (const auto* item :
             {"Ann Bo", "Bob Cole", "Cy Dee <cy@contoso.com>", "Di Eve <di@contoso.com> (disabled)",
              "LAPTOP-7", "LAPTOP-8", "LAPTOP-9", "Ann Bo <ann@contoso.com>", "Payroll"})
            holds(text, item);
    }

    void ownFieldsAndRelatedItemsAreWritten()
    {
        const auto text = textOf(fullDocument());
        for (const auto* item :
             {"Approver", "The finance director", "Reviewed", "2025-11", "Nested In", "All Staff"})
            holds(text, item);
    }

    void statusIsAWordWithItsReason()
    {
        auto document = fullDocument();
        document.status = Status::Disabled;
        document.reason = "switched off for this group";
        const auto text = textOf(document);
        holds(text, "Disabled");
        holds(text, "switched off for this group");
    }

    void archivedDocumentSaysWhenAndByWhom()
    {
        auto document = fullDocument();
        document.status = Status::Orphaned;
        document.isArchived = true;
        document.archivedAt = kExportedAt;
        document.archivedBy = "ann";
        const auto text = textOf(document);
        holds(text, "Orphaned");
        holds(text, "archived 2026-01-31 09:30 UTC by ann");
    }

    void accessOfSomeNamesThem()
    {
        auto document = fullDocument();
        document.access = {false, {"Desk"}, {"ann", "bob"}};
        holds(inOneLine(textOf(document)), "Only groups: Desk and people: ann and bob");
    }

    void everyPageSaysWhatWhenAndItsNumber()
    {
        auto document = fullDocument();
        for (int i = 0; i < 200; ++i)
            document.lists.owners.push_back("Owner " + std::to_string(i));
        const PdfReader reader(pdf(document));
        const auto pages = reader.pages();
        std::istringstream text(reader.text());
        std::string page;
        for (size_t number = 1; number <= pages && std::getline(text, page, '\f'); ++number)
        {
            holds(page, "Contoso Ltd");
            holds(page, "Finance Admins");
            holds(page, "2026-01-31 09:30 UTC");
            holds(page, "Page " + std::to_string(number) + " of " + std::to_string(pages));
        }
    }

    void longListFlowsOverPages()
    {
        auto document = fullDocument();
        for (int i = 0; i < 500; ++i)
            document.lists.members.push_back({"", "Member number " + std::to_string(i)});
        const PdfReader reader(pdf(document));
        const auto text = reader.text();
        for (int i = 0; i < 500; ++i)
            holds(text, "Member number " + std::to_string(i) + "\n");
        holds(inOneLine(text), "(continued)");
        CPPUNIT_ASSERT(reader.pages() > 5);
    }

    void longTextFlowsOverPages()
    {
        auto document = fullDocument();
        std::string words;
        for (int i = 0; i < 3000; ++i)
            words += "word" + std::to_string(i) + " ";
        document.ownFields["Notes"] = words;
        const PdfReader reader(pdf(document));
        holds(reader.text(), "word0 ");
        holds(reader.text(), "word2999");
        CPPUNIT_ASSERT(reader.pages() > 5);
    }

    void addressIsALink()
    {
        auto document = fullDocument();
        document.type = Type::Microsoft365;
        document.mail = "it's (all)@contoso.com";
        const auto addresses = PdfReader(pdf(document)).addresses();
        holds(addresses, "mailto:it%27s%20%28all%29@contoso.com");
        holds(addresses, "https://entra.microsoft.com/#view/Groups/groupId/11111111");
    }

    void namesOfAnyScriptAreReadBack()
    {
        for (const auto& name : scripts())
        {
            auto document = fullDocument();
            document.name = name;
            document.lists.owners = {name + " <someone@contoso.com>"};
            holds(textOf(document), name);
        }
    }

    void noCharacterIsWithoutAFont()
    {
        for (const auto& name : scripts())
        {
            std::ostringstream out;
            const auto summary = writePdf(document("1", name), kExportedAt, out);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, size_t(0), summary.unknownCharacters);
        }
    }

    void nothingStandsOutsideOfThePage()
    {
        auto document = fullDocument();
        document.name = std::string(256, 'W');
        document.tenantName = std::string(300, 'M');
        document.ownFields[std::string(200, 'F')] = std::string(2000, 'x');
        document.lists.membersText = scripts();
        document.lists.membersText.push_back("<b>bold</b> & \"quoted\", " + std::string(256, '.'));
        for (const auto& word : PdfReader(pdf(document)).words())
        {
            const bool isInside = word.left >= 30 && word.right <= kPageWidth - 30 &&
                                  word.top >= 20 && word.bottom <= kPageHeight - 20;
            CPPUNIT_ASSERT_MESSAGE(word.text, isInside);
        }
    }

    void sameInputGivesTheSameBytes()
    {
        auto document = fullDocument();
        document.lists.membersText = scripts();
        CPPUNIT_ASSERT(pdf(document) == pdf(document));
    }

    void fileSaysWhatItIs()
    {
        const auto about = PdfReader(pdf(fullDocument())).about();
        holds(about, "Finance Admins\n");
        holds(about, "Muster\n");
        holds(about, "Entra ID: Security Groups, Contoso Ltd\n");
        holds(about, "2026-01-31T09:30:00Z\n");
        holds(about, "A4");
    }

    void oddTextsDoNoHarm()
    {
        std::mt19937 random(7);
        const std::vector<std::string> pieces = {"\xFF",        "\xED\xA0\x80",
                                                 "\xF0\x9F",    std::string(1, '\0'),
                                                 "\x1B[31m",    "\u202E",
                                                 "\u2066",      "\u200D",
                                                 "👩‍💻", "\u0301",
                                                 "\n",          "\r",
                                                 "\t",          "ﷺ",
                                                 "क्ष",          "a",
                                                 " ",           "W",
                                                 "\U000E0041",  "\uFFFF",
                                                 "\u2028",      "'",
                                                 "\\",          "(",
                                                 "\xC0\x80",    "\u0000",
                                                 "中",          "\U0010FFFD",
                                                 "\u0E33",      "-"};
        for (int round = 0; round < 6; ++round)
        {
            std::string odd;
            for (int i = 0; i < 256; ++i)
                odd += pieces[random() % pieces.size()];
            auto document = fullDocument();
            document.name = odd;
            document.description = odd;
            document.mail = odd;
            document.tenantName = odd;
            document.reason = odd;
            document.manageUrl = odd;
            document.ownFields = {{odd, odd}};
            document.lists.owners = {odd, odd};
            CPPUNIT_ASSERT(PdfReader(pdf(document)).pages() > 0);
        }
    }

    void streamThatFailsIsAnError()
    {
        std::ostringstream out;
        out.setstate(std::ios::badbit);
        CPPUNIT_ASSERT_THROW(writePdf(fullDocument(), kExportedAt, out), std::runtime_error);
        HungUp hungUp;
        std::ostream throwing(&hungUp);
        throwing.exceptions(std::ios::badbit);
        CPPUNIT_ASSERT_THROW(writePdf(fullDocument(), kExportedAt, throwing), std::length_error);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExportPdfTest);

} // namespace muster::documents
