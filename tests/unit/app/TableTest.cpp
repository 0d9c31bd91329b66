#include "app/Table.h"
#include "support/FreshTest.h"

#include <clocale>
#include <sstream>

namespace muster::app {

class TableTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TableTest);
    FRESH_TEST(columnsLineUpAndNumbersStandToTheRight);
    FRESH_TEST(noLineEndsWithSpaces);
    FRESH_TEST(wideCharactersTakeTwoColumns);
    FRESH_TEST(lastColumnIsWrappedBelowItself);
    FRESH_TEST(coloursStandOnlyWhereTheyAreAskedFor);
    FRESH_TEST(textOfTheOutsideCannotSteerTheTerminal);
    CPPUNIT_TEST_SUITE_END();

public:
    TableTest() { std::setlocale(LC_CTYPE, "C.UTF-8"); }

    void columnsLineUpAndNumbersStandToTheRight()
    {
        Table table({"NAME", "MEMBERS", "TYPE"});
        table.add({"Sales", int64_t{7}, "security"});
        table.add({"Finance team", int64_t{1234}, "microsoft365"});
        CPPUNIT_ASSERT_EQUAL(std::string("NAME          MEMBERS  TYPE\n"
                                         "Sales               7  security\n"
                                         "Finance team     1234  microsoft365\n"),
                             text(table));
    }

    void noLineEndsWithSpaces()
    {
        Table table({"A", "B", "C"});
        table.add({"one", "", ""});
        table.add({"", "long enough", ""});
        CPPUNIT_ASSERT_EQUAL(std::string("A    B            C\none\n     long enough\n"),
                             text(table));
    }

    void wideCharactersTakeTwoColumns()
    {
        CPPUNIT_ASSERT_EQUAL(size_t(4), columnsOf("日本"));
        CPPUNIT_ASSERT_EQUAL(size_t(6), columnsOf("Zürich"));
        Table table({"NAME", "X"});
        table.add({"日本語", "1"});
        table.add({"Zürich", "2"});
        CPPUNIT_ASSERT_EQUAL(std::string("NAME    X\n日本語  1\nZürich  2\n"), text(table));
    }

    void lastColumnIsWrappedBelowItself()
    {
        Table table({"CHECK", "WHAT TO DO"});
        table.add({"roles", "grant the permission that is missing, and have it consented to"});
        CPPUNIT_ASSERT_EQUAL(std::string("CHECK  WHAT TO DO\n"
                                         "roles  grant the permission that\n"
                                         "       is missing, and have it\n"
                                         "       consented to\n"),
                             text(table, 34));
    }

    void coloursStandOnlyWhereTheyAreAskedFor()
    {
        Table table({"STATE", "N"});
        table.add({{"failed", Colour::Red}, "1"});
        CPPUNIT_ASSERT(text(table).find('\x1b') == std::string::npos);
        CPPUNIT_ASSERT(text(table, 0, true).find("\x1b[31mfailed\x1b[0m  1\n") !=
                       std::string::npos);
    }

    void textOfTheOutsideCannotSteerTheTerminal()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("a?[2Jb c?"), printable("a\x1b[2Jb\nc\xff"));
        Table table({"NAME", "X"});
        table.add({std::string("\x1b]0;title\x07"), "1"});
        CPPUNIT_ASSERT(text(table).find_first_of("\x1b\x07") == std::string::npos);
    }

private:
    static std::string text(const Table& table, size_t width = 0, bool colours = false)
    {
        std::ostringstream out;
        table.print(out, width, colours);
        return out.str();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TableTest);

} // namespace muster::app
