#include "app/Rendering.h"
#include "support/FreshTest.h"

#include <sstream>

namespace muster::app {

class RenderingTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RenderingTest);
    FRESH_TEST(actionsStandInTheOrderTheyAreDone);
    FRESH_TEST(changesAreATable);
    FRESH_TEST(countsTakeTheirPlural);
    CPPUNIT_TEST_SUITE_END();

    std::ostringstream _out;
    std::ostringstream _err;
    Console _console{_out, _err};

    static Json link(int number)
    {
        const auto address = "p" + std::to_string(number) + "@x.example";
        return {{"id", number},     {"action", "link"},  {"kind", "contact"},
                {"key", address},   {"name", address},   {"toKind", "contact-group"},
                {"toKey", "Sales"}, {"role", "regular"}, {"reason", "in the Entra group"},
                {"group", ""},      {"state", "applied"}};
    }

public:
    void actionsStandInTheOrderTheyAreDone()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("3 create, 2 link, 1 unlink"),
                             actionsOf({{"unlink", 1}, {"link", 2}, {"create", 3}, {"retire", 0}}));
    }

    void changesAreATable()
    {
        showChanges(_console, Json::array({link(1)}), Outcomes::Shown);
        const auto text = _out.str();
        for (const auto* part :
             {"p1@x.example", "Sales", "regular", "in the Entra group", "applied"})
            CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != text.npos);
    }

    void countsTakeTheirPlural()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("1 group"), counted(1, "group"));
        CPPUNIT_ASSERT_EQUAL(std::string("0 groups"), counted(0, "group"));
        CPPUNIT_ASSERT_EQUAL(std::string("12 groups"), counted(12, "group"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RenderingTest);

} // namespace muster::app
