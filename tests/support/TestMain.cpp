/// Runs the CppUnit suites of a test program: --list prints the names of the cases, --run NAME runs
/// one of them, no argument runs all. Exit 0: all passed, 1: some failed, 2: no such case, 77: the
/// one case was skipped.
#include "support/Skipped.h"

#include <Poco/Exception.h>
#include <cppunit/BriefTestProgressListener.h>
#include <cppunit/CompilerOutputter.h>
#include <cppunit/Message.h>
#include <cppunit/Protector.h>
#include <cppunit/Test.h>
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// Shows the text of a Poco exception, which its what() does not carry, and lets tests be skipped.
class TestProtector : public CppUnit::Protector
{
public:
    explicit TestProtector(size_t& skipped) : _skipped(skipped) {}

    bool protect(const CppUnit::Functor& functor, const CppUnit::ProtectorContext& context) override
    {
        try
        {
            return functor();
        }
        catch (const muster::tests::Skipped& skipped)
        {
            std::cerr << "skipped: " << skipped.why << "\n";
            ++_skipped;
        }
        catch (const Poco::Exception& error)
        {
            reportError(context, CppUnit::Message("uncaught exception", error.displayText()));
        }
        return false;
    }

private:
    size_t& _skipped;
};

void collect(CppUnit::Test* test, std::vector<CppUnit::Test*>& cases)
{
    if (test->getChildTestCount() == 0 && test->countTestCases() == 1)
        cases.push_back(test);
    for (int i = 0; i < test->getChildTestCount(); ++i)
        collect(test->getChildTestAt(i), cases);
}

} // namespace

int main(int argc, char** argv)
{
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const std::unique_ptr<CppUnit::Test> suite(
        CppUnit::TestFactoryRegistry::getRegistry().makeTest());
    std::vector<CppUnit::Test*> cases;
    collect(suite.get(), cases);

    if (!arguments.empty() && arguments[0] == "--list")
    {
        std::set<std::string> names;
        for (const auto* test : cases)
        {
            if (!names.insert(test->getName()).second)
            {
                std::cerr << "two test cases are named " << test->getName() << "\n";
                return 2;
            }
            std::cout << test->getName() << "\n";
        }
        return 0;
    }

    CppUnit::TestResult result;
    CppUnit::TestResultCollector collector;
    CppUnit::BriefTestProgressListener progress;
    result.addListener(&collector);
    result.addListener(&progress);
    size_t skipped = 0;
    result.pushProtector(new TestProtector(skipped));

    size_t count = 0;
    for (auto* test : cases)
    {
        if (arguments.size() == 2 && arguments[0] == "--run" && test->getName() != arguments[1])
            continue;
        test->run(&result);
        ++count;
    }
    CppUnit::CompilerOutputter(&collector, std::cerr).write();
    if (count == 0)
    {
        std::cerr << "no test case has that name\n";
        return 2;
    }
    if (collector.wasSuccessful() && count == 1 && skipped == 1)
        return 77;
    return collector.wasSuccessful() ? 0 : 1;
}
