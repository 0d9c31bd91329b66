#include "report/Message.h"
#include "support/FreshTest.h"

#include <sstream>

namespace muster::report {

class MessageTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(MessageTest);
    FRESH_TEST(asciiHeadersStayAsTheyAre);
    FRESH_TEST(otherHeadersAreWordsOfWholeCharacters);
    FRESH_TEST(lineBreaksCannotAddHeaders);
    CPPUNIT_TEST_SUITE_END();

public:
    void asciiHeadersStayAsTheyAre()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("Muster: 3 customers"), headerText("Muster: 3 customers"));
    }

    void otherHeadersAreWordsOfWholeCharacters()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("=?UTF-8?B?TcO8bGxlcg==?="), headerText("Müller"));
        std::string text;
        for (int index = 0; index < 50; ++index)
            text += "ab\xf0\x9f\x98\x80";
        std::istringstream words(headerText(text));
        size_t characters = 0;
        for (std::string word; words >> word;)
        {
            CPPUNIT_ASSERT_MESSAGE(word, word.size() <= 75);
            // Whole characters: each word has as many bytes as its Base64 says, and none begins in
            // the middle of a character (10xxxxxx begins with g to v in Base64).
            CPPUNIT_ASSERT_MESSAGE(word, word[10] < 'g' || word[10] > 'v');
            ++characters;
        }
        CPPUNIT_ASSERT(characters > 5);
    }

    void lineBreaksCannotAddHeaders()
    {
        const auto text = mimeOf({.from = "muster@example.com",
                                  .to = {"ada@example.com"},
                                  .subject = "Muster: Evil\r\nBcc: eve@example.com",
                                  .text = "text\n",
                                  .html = "<p>html</p>\n"},
                                 runtime::Instant(std::chrono::hours(24)), "1");
        CPPUNIT_ASSERT_MESSAGE(text, text.find("\nBcc:") == text.npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("Subject: Muster: Evil  Bcc") != text.npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MessageTest);

} // namespace muster::report
