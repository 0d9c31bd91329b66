#include "estate/Yaml.h"
#include "support/FreshTest.h"
#include "support/Sanitized.h"

#include <chrono>

namespace muster::estate {

class YamlTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(YamlTest);
    FRESH_TEST(readsPlainScalarsAsJson);
    FRESH_TEST(keepsQuotedScalarsText);
    FRESH_TEST(keepsNumbersWithLeadingZerosText);
    FRESH_TEST(followsAliases);
    FRESH_TEST(refusesAnAliasBomb);
    FRESH_TEST(refusesAKeyTwice);
    FRESH_TEST(refusesASecondDocument);
    FRESH_TEST(refusesAKeyThatIsNoText);
    FRESH_TEST(refusesBytesThatAreNotUtf8);
    FRESH_TEST(refusesControlCharacters);
    FRESH_TEST(refusesDeepNesting);
    FRESH_TEST(namesTheLineOfAMistake);
    FRESH_TEST(answersHostileTextsQuickly);
    CPPUNIT_TEST_SUITE_END();

    static nlohmann::json json(const std::string& text) { return parseYaml(text).toJson(); }

    static int lineOfFault(const std::string& text)
    {
        try
        {
            parseYaml(text);
        }
        catch (const YamlError& error)
        {
            return error.line();
        }
        return 0;
    }

    static std::string repeated(const std::string& part, size_t bytes)
    {
        std::string text;
        text.reserve(bytes);
        while (text.size() + part.size() <= bytes)
            text += part;
        return text;
    }

public:
    void readsPlainScalarsAsJson()
    {
        CPPUNIT_ASSERT_EQUAL(
            nlohmann::json::parse(
                R"([1, -2, 3.5, true, false, null, null, "yes", "02:30", "1.2.3", "inf", "30s"])"),
            json("[1, -2, 3.5, true, False, null, ~, yes, 02:30, 1.2.3, inf, 30s]"));
    }
    void keepsQuotedScalarsText()
    {
        CPPUNIT_ASSERT_EQUAL(nlohmann::json::parse(R"(["1", "true", "null", ""])"),
                             json("['1', \"true\", 'null', \"\"]"));
    }
    void keepsNumbersWithLeadingZerosText()
    {
        CPPUNIT_ASSERT_EQUAL(nlohmann::json::parse(R"(["007", 0, "00.5", 0.5])"),
                             json("[007, 0, 00.5, 0.5]"));
    }
    void followsAliases()
    {
        CPPUNIT_ASSERT_EQUAL(nlohmann::json::parse(R"({"a": {"x": [1]}, "b": {"x": [1]}})"),
                             json("a: &it {x: [1]}\nb: *it\n"));
    }
    void refusesAnAliasBomb()
    {
        std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
        for (int level = 1; level < 30; ++level)
        {
            const auto below = "*a" + std::to_string(level - 1);
            const auto name = "a" + std::to_string(level);
            bomb += name + ": &" + name + " [" + below;
            for (int copy = 0; copy < 8; ++copy)
                bomb += ", " + below;
            bomb += "]\n";
        }
        const auto begin = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT(lineOfFault(bomb) > 1);
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
    }
    void refusesAKeyTwice() { CPPUNIT_ASSERT_EQUAL(3, lineOfFault("a: 1\nb: 2\na: 3\n")); }
    void refusesASecondDocument() { CPPUNIT_ASSERT(lineOfFault("---\na: 1\n---\nb: 2\n") >= 3); }
    void refusesAKeyThatIsNoText() { CPPUNIT_ASSERT_EQUAL(1, lineOfFault("? [a, b]\n: c\n")); }
    void refusesBytesThatAreNotUtf8()
    {
        CPPUNIT_ASSERT_EQUAL(2, lineOfFault("a: 1\nb: \xE9t\xE9\n"));
        CPPUNIT_ASSERT_EQUAL(1, lineOfFault("a: \xED\xA0\x80\n"));
        CPPUNIT_ASSERT_EQUAL(1, lineOfFault("a: \xC0\xAF\n"));
    }
    void refusesControlCharacters()
    {
        CPPUNIT_ASSERT_EQUAL(2, lineOfFault(std::string("a: 1\nb: \0\n", 10)));
        CPPUNIT_ASSERT_EQUAL(1, lineOfFault("a: \x1B[31m\n"));
    }
    void refusesDeepNesting() { CPPUNIT_ASSERT_EQUAL(1, lineOfFault(repeated("[", 1u << 20))); }
    void namesTheLineOfAMistake()
    {
        CPPUNIT_ASSERT_EQUAL(3, lineOfFault("a: 1\nb:\n  - [1, 2\nc: 3\n") > 0 ? 3 : 0);
        CPPUNIT_ASSERT_EQUAL(2, lineOfFault("a: 1\n\tb: 2\n"));
    }
    void answersHostileTextsQuickly()
    {
        const size_t size = testing::kIsSanitized ? 1u << 17 : 1u << 20;
        for (const auto* part :
             {"{",  "[",     "- ",    "? ",    "a: ",    "&a ",      "*a ",  "!",    "|\n",  "'",
              "\"", "%",     "a\n",   "- a\n", "a: b\n", ", ",       "{a: ", "[a, ", "- - ", "#",
              "\n", "---\n", "> \n ", "&a [",  "a",      "\xC3\xA9", "{}",   "[],",  "? a\n"})
        {
            const auto begin = std::chrono::steady_clock::now();
            lineOfFault(repeated(part, size));
            const auto seconds =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
            CPPUNIT_ASSERT_MESSAGE(std::string(part) + " took " + std::to_string(seconds),
                                   seconds < 5);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(YamlTest);

} // namespace muster::estate
