#include <muster/Digest.h>
#include <muster/Keys.h>

#include "support/FreshTest.h"

using namespace muster;

class KeysTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(KeysTest);
    FRESH_TEST(tagsAreMadeOfNames);
    FRESH_TEST(namesCompareWithoutCaseInEveryLanguage);
    FRESH_TEST(whatIsNoUtf8IsNoLetter);
    FRESH_TEST(digestsAreThoseThatPluginAuthorsGet);
    CPPUNIT_TEST_SUITE_END();

public:
    void tagsAreMadeOfNames()
    {
        isTag("it-support-team", "IT Support Team");
        isTag("equipe-r-d", "Équipe R&D");
        isTag("equipe-r-d", "E\u0301quipe  R & D ");
        isTag("c++", "C++");
        isTag(".net", ".NET");
        isTag("c#", "C#");
        isTag("#1", "#1");
        isTag("x", "--x--");
        isTag("x", "+-x");
        isTag("a---b", "a - b");
        isTag("zo-c-i-ca-se", "Żółc i Ça & Šé");
        isTag("nguyen-thi-anh", "Nguyễn Thị Ánh");
        isTag("stra-e", "Straße");
        isTag("", "日本");
        isTag("", "&-+");
        isTag("", "");
    }

    void namesCompareWithoutCaseInEveryLanguage()
    {
        isKey("sales", "  SALES\t");
        isKey("äöü ß", "ÄÖÜ ß");
        isKey("łódź", "ŁÓDŹ");
        isKey("ελλάς", "ΕΛΛΆς");
        isKey("отдел ёж", "ОТДЕЛ ЁЖ");
        isKey("日本 x", "日本 X");
        isKey("a × b", "A × B");
        isKey("😀 a", "😀 A");
    }

    void whatIsNoUtf8IsNoLetter()
    {
        isTag("a-b", "a\xff\xc3 b");
        isKey("a\uFFFD", "A\xc3");
    }

    void digestsAreThoseThatPluginAuthorsGet()
    {
        // Of FNV-1a's own test vectors.
        CPPUNIT_ASSERT_EQUAL(std::string("cbf29ce484222325"), digest(""));
        CPPUNIT_ASSERT_EQUAL(std::string("af63dc4c8601ec8c"), digest("a"));
        CPPUNIT_ASSERT_EQUAL(std::string("85944171f73967e8"), digest("foobar"));
    }

private:
    static void isTag(const std::string& tag, const std::string& name)
    {
        CPPUNIT_ASSERT_EQUAL(tag, slug(name));
    }

    static void isKey(const std::string& key, const std::string& name)
    {
        CPPUNIT_ASSERT_EQUAL(key, nameKeyNoCase(name));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(KeysTest);
