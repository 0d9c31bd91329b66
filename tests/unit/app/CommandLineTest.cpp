#include "app/CommandLine.h"
#include "support/FreshTest.h"

#include <sstream>

namespace muster::app {

class CommandLineTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CommandLineTest);
    FRESH_TEST(findsTheCommand);
    FRESH_TEST(takesGlobalOptionsBeforeAndAfterTheCommand);
    FRESH_TEST(everyCommandHasAManualWithAnExampleOfItself);
    FRESH_TEST(overviewNamesEveryCommand);
    FRESH_TEST(noCommandIsWrongUsage);
    FRESH_TEST(misspelledCommandIsToldTheNearest);
    FRESH_TEST(unexpectedArgumentIsNamedWithItsCommand);
    FRESH_TEST(missingArgumentIsNamed);
    FRESH_TEST(complaintsCannotSteerTheTerminal);
    CPPUNIT_TEST_SUITE_END();

    std::ostringstream _out;
    std::ostringstream _err;

    CommandLine::Parsed parse(CommandLine& line, const std::vector<std::string>& arguments)
    {
        return line.parse(arguments, _out, _err);
    }

    static std::vector<std::string> names()
    {
        return {"apply", "check", "groups",  "plan",    "sync",  "runs",
                "run",   "why",   "tenants", "plugins", "secret"};
    }

    void contains(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != text.npos);
    }

public:
    void findsTheCommand()
    {
        CommandLine line;
        const auto parsed = parse(line, {"plan", "contoso-groups"});
        CPPUNIT_ASSERT(parsed.command);
        CPPUNIT_ASSERT_EQUAL(std::string("plan"), parsed.command->manual().name);
        CPPUNIT_ASSERT(!line.options().json);
    }

    void takesGlobalOptionsBeforeAndAfterTheCommand()
    {
        CommandLine before;
        CPPUNIT_ASSERT(parse(before, {"--data", "d", "--json", "runs"}).command);
        CPPUNIT_ASSERT(before.options().json && before.options().data == "d");
        CommandLine after;
        CPPUNIT_ASSERT(parse(after, {"runs", "--json", "--data", "d"}).command);
        CPPUNIT_ASSERT(after.options().json && after.options().data == "d");
    }

    void everyCommandHasAManualWithAnExampleOfItself()
    {
        for (const auto& name : names())
        {
            _out.str({});
            CommandLine line;
            const auto parsed = parse(line, {name, "--help"});
            CPPUNIT_ASSERT(!parsed.command);
            CPPUNIT_ASSERT_EQUAL(0, parsed.exitCode);
            const auto text = _out.str();
            for (const auto* part :
                 {"NAME\n", "SYNOPSIS\n", "DESCRIPTION\n", "OPTIONS\n", "EXIT STATUS\n",
                  "\n       75  ", "\n       78  ", "EXAMPLE\n", "--json"})
                contains(text, part);
            const auto example = text.substr(text.find("EXAMPLE\n"));
            contains(example, "muster " + name);
            std::istringstream lines(text);
            for (std::string each; std::getline(lines, each);)
                CPPUNIT_ASSERT_MESSAGE(each, each.size() <= 100);
        }
    }

    void overviewNamesEveryCommand()
    {
        CommandLine line;
        CPPUNIT_ASSERT_EQUAL(0, parse(line, {"--help"}).exitCode);
        for (const auto& name : names())
            contains(_out.str(), "\n  " + name + " ");
    }

    void noCommandIsWrongUsage()
    {
        CommandLine line;
        const auto parsed = parse(line, {});
        CPPUNIT_ASSERT(!parsed.command);
        CPPUNIT_ASSERT_EQUAL(2, parsed.exitCode);
        contains(_err.str(), "Commands:");
        CPPUNIT_ASSERT(_out.str().empty());
    }

    void misspelledCommandIsToldTheNearest()
    {
        CommandLine line;
        CPPUNIT_ASSERT_EQUAL(2, parse(line, {"snyc"}).exitCode);
        contains(_err.str(), "there is no command 'snyc'");
        contains(_err.str(), "sync");
    }

    void unexpectedArgumentIsNamedWithItsCommand()
    {
        CommandLine line;
        CPPUNIT_ASSERT_EQUAL(2, parse(line, {"plugins", "--fast"}).exitCode);
        contains(_err.str(), "'--fast' was not expected by muster plugins");
        contains(_err.str(), "muster plugins --help tells how to use it.");
    }

    void missingArgumentIsNamed()
    {
        CommandLine line;
        CPPUNIT_ASSERT_EQUAL(2, parse(line, {"why", "desk"}).exitCode);
        contains(_err.str(), "KEY");
    }

    void complaintsCannotSteerTheTerminal()
    {
        CommandLine line;
        CPPUNIT_ASSERT_EQUAL(2, parse(line, {"\x1b[2J"}).exitCode);
        CPPUNIT_ASSERT(_err.str().find('\x1b') == std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CommandLineTest);

} // namespace muster::app
