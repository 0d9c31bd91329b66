#pragma once

#include <cppunit/TestCase.h>
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace muster::testing {

/// A test case whose fixture lives while it runs. CppUnit's own makes the fixtures of all cases at
/// the start and never destroys them: a store, a server or a folder of each would stay behind.
template <typename Fixture>
class FreshTest : public CppUnit::TestCase
{
public:
    using Method = void (Fixture::*)();

    FreshTest(const std::string& name, Method method) : CppUnit::TestCase(name), _method(method) {}

    void runTest() override
    {
        Fixture fixture;
        fixture.setUp();
        (fixture.*_method)();
    }

private:
    Method _method;
};

} // namespace muster::testing

/// In the place of CPPUNIT_TEST; what tearDown() would do is for the fixture's destructor.
#define FRESH_TEST(method)                                                                         \
    CPPUNIT_TEST_SUITE_ADD_TEST((new muster::testing::FreshTest<TestFixtureType>(                  \
        context.getTestNameFor(#method), &TestFixtureType::method)))
