#include "report/Rendering.h"
#include "support/Child.h"
#include "support/FreshTest.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace muster::report {

using runtime::Severity;

/// The forms of a report. With UPDATE_GOLDEN in the environment the golden files are written anew.
class RenderingTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RenderingTest);
    FRESH_TEST(textIsTheGoldenOne);
    FRESH_TEST(htmlIsTheGoldenOne);
    FRESH_TEST(textStaysWithin78Columns);
    FRESH_TEST(htmlShowsNamesAsTheyAre);
    FRESH_TEST(htmlAsksForNothingFromOutside);
    FRESH_TEST(quietDaySaysSo);
    FRESH_TEST(subjectSaysTheOutcome);
    FRESH_TEST(timesAreShownInTheZone);
    FRESH_TEST(jsonHoldsTheModel);
    CPPUNIT_TEST_SUITE_END();

    static SyncReport groups()
    {
        return {
            .name = "contoso-groups",
            .mode = "contact-groups",
            .target = "desk",
            .done = {{"create", 12}, {"link", 28}, {"unlink", 1}, {"activate", 1}},
            .runs = {{"succeeded", 94}, {"partial", 1}, {"held", 1}},
            .lastRun = 97,
            .lastState = "held",
            .lastMessage = "37 of 120 memberships would be removed, over the limit of 20 %",
            .held = 37,
            .failed = 2,
            .failures = {{.count = 2,
                          .messages = {"the contact is in 50 groups already, which is the most "
                                       "that DeskDirector allows"}}},
            .troubles = {{.code = "partial",
                          .count = 1,
                          .messages = {"run 17: 1 of 4 changes failed: muster run 17 shows it"}}},
            .findings = {{.code = "address-missing",
                          .count = 12,
                          .messages = {"Zoë Müller has no address: give her one in Entra",
                                       "Bob Büro has no address: give him one in Entra",
                                       "Scanner <3rd floor> has no address & was skipped"}}}};
    }
    static Report busy()
    {
        Report report{.since = runtime::fromMilliseconds(1'795'330'800'000),
                      .until = runtime::fromMilliseconds(1'795'417'200'000),
                      .zone = "Europe/Berlin"};
        report.tasks = {
            {Severity::Error, "Fabrikam GmbH", "fabrikam-people",
             "the schedule runs it no more, for it failed again and again: the API key was refused",
             "mend that, then run muster sync fabrikam-people"},
            {Severity::Warning,
             "Contoso Ltd",
             {},
             "the client secret of the application 9a1b0000-0000-4000-8000-000000000002 expires on "
             "2026-12-01T00:00:00Z: make a new one in Entra and give it with muster secret set "
             "contoso-graph",
             {}},
            {Severity::Warning, "Contoso Ltd", "contoso-groups",
             "37 changes are held: 37 of 120 memberships would be removed, over the limit of 20 %",
             "muster run 97 shows them; muster sync contoso-groups --approve lets them pass this "
             "once"}};
        report.customers = {
            {.name = "contoso",
             .displayName = "Contoso Ltd",
             .findings = {{.code = "credentials-expire",
                           .count = 1,
                           .messages = {"the client secret expires on 2026-12-01T00:00:00Z"}}},
             .syncs = {groups()}},
            {.name = "fabrikam",
             .displayName = "Fabrikam GmbH",
             .syncs = {{.name = "fabrikam-people",
                        .mode = "contacts",
                        .target = "desk",
                        .runs = {{"failed", 10}},
                        .lastRun = 90,
                        .lastState = "failed",
                        .lastMessage = "the API key was refused",
                        .isQuarantined = true,
                        .quarantineReason = "the API key was refused"},
                       {.name = "fabrikam-docs",
                        .mode = "group-documents",
                        .target = "docs",
                        .isManual = true}}},
            {.name = "quiet", .displayName = "quiet"}};
        return report;
    }

    static void isGolden(const std::string& name, const std::string& text)
    {
        const auto file = std::string(MUSTER_SOURCE_DIR "/tests/unit/report/golden/") + name;
        if (std::getenv("UPDATE_GOLDEN"))
            std::ofstream(file) << text;
        CPPUNIT_ASSERT_EQUAL(tests::readFile(file), text);
    }
    static size_t countOf(const std::string& text, const std::string& part)
    {
        size_t count = 0;
        for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1))
            ++count;
        return count;
    }

public:
    void textIsTheGoldenOne() { isGolden("report.txt", toText(busy())); }

    void htmlIsTheGoldenOne() { isGolden("report.html", toHtml(busy())); }

    void textStaysWithin78Columns()
    {
        auto report = busy();
        report.customers.front().displayName = std::string(30, 'w') + " " + std::string(60, 'w');
        std::istringstream lines(toText(report));
        for (std::string line; std::getline(lines, line);)
        {
            size_t columns = 0;
            for (const char each : line)
                columns += (static_cast<unsigned char>(each) & 0xC0U) == 0x80U ? 0 : 1;
            CPPUNIT_ASSERT_MESSAGE(line, columns <= 78 || line.find("www") != line.npos);
        }
    }

    void htmlShowsNamesAsTheyAre()
    {
        auto report = busy();
        report.customers.front().displayName = "<script>alert(1)</script>\"'&";
        report.customers.front().syncs.front().name = "<img src=x onerror=y>";
        report.tasks.front().what = "</td></table><b>";
        const auto html = toHtml(report);
        CPPUNIT_ASSERT_EQUAL(size_t(0), countOf(html, "<script"));
        CPPUNIT_ASSERT_EQUAL(size_t(0), countOf(html, "<img"));
        CPPUNIT_ASSERT_EQUAL(countOf(html, "<table"), countOf(html, "</table>"));
        CPPUNIT_ASSERT_EQUAL(countOf(html, "<p "), countOf(html, "</p>"));
        CPPUNIT_ASSERT(html.find("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;") !=
                       html.npos);
    }

    void htmlAsksForNothingFromOutside()
    {
        const auto html = toHtml(busy());
        for (const auto* part : {"http:", "https:", "src=", "href=", "<style", "<link", "url("})
            CPPUNIT_ASSERT_MESSAGE(part, html.find(part) == html.npos);
    }

    void quietDaySaysSo()
    {
        auto report = busy();
        report.tasks.clear();
        report.customers = {{.name = "contoso",
                             .displayName = "Contoso Ltd",
                             .syncs = {{.name = "contoso-groups",
                                        .mode = "contacts",
                                        .target = "desk",
                                        .runs = {{"succeeded", 1}},
                                        .lastRun = 1,
                                        .lastState = "succeeded"}}}};
        CPPUNIT_ASSERT_EQUAL(std::string("Muster: Contoso Ltd, no changes"), subjectOf(report));
        const auto text = toText(report);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("WHAT NEEDS A PERSON\n\nNothing.\n") != text.npos);
        CPPUNIT_ASSERT_MESSAGE(text,
                               text.find("nothing changed\n    1 run: 1 succeeded") != text.npos);
    }

    void subjectSaysTheOutcome()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("Muster: 3 customers, 42 changes, 1 held, 1 failed, "
                                         "1 stopped"),
                             subjectOf(busy()));
        CPPUNIT_ASSERT_EQUAL(std::string("Muster: 0 customers, no changes"), subjectOf({}));
    }

    void timesAreShownInTheZone()
    {
        const auto instant = runtime::fromMilliseconds(1'795'330'800'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22 08:00"), timeText(instant, "Europe/Berlin"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22 07:00"), timeText(instant, "no zone"));
    }

    void jsonHoldsTheModel()
    {
        const auto document = toJson(busy());
        CPPUNIT_ASSERT_EQUAL(subjectOf(busy()), document["subject"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(size_t(3), document["tasks"].size());
        const auto& sync = document["customers"][0]["syncs"][0];
        CPPUNIT_ASSERT_EQUAL(28, sync["changes"]["link"].get<int>());
        CPPUNIT_ASSERT_EQUAL(37, sync["held"].get<int>());
        CPPUNIT_ASSERT_EQUAL(12, sync["findings"][0]["count"].get<int>());
        CPPUNIT_ASSERT_EQUAL(std::string("partial"),
                             sync["troubles"][0]["state"].get<std::string>());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RenderingTest);

} // namespace muster::report
