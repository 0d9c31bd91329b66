#pragma once

#include <cppunit/TestCase.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace muster::testing {

/// A test case whose fixture is made when it runs: CppUnit's own makes those of all cases at the
/// start, which costs where a fixture opens a store or a server.
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
        fixture.tearDown();
    }

private:
    Method _method;
};

} // namespace muster::testing

/// In the place of CPPUNIT_TEST.
#define FRESH_TEST(method)                                                                         \
    CPPUNIT_TEST_SUITE_ADD_TEST((new muster::testing::FreshTest<TestFixtureType>(                  \
        context.getTestNameFor(#method), &TestFixtureType::method)))
