#include "EstateFixture.h"

#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <cstdlib>

namespace muster::estate {

class SecretResolverTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SecretResolverTest);
    FRESH_TEST(findsSecretsVariablesAndFiles);
    FRESH_TEST(dropsOnlyTheLastLineBreakOfAFile);
    FRESH_TEST(replacesReferencesAnywhereInSettings);
    FRESH_TEST(leavesOtherObjectsAlone);
    FRESH_TEST(refusesAnEmptyFile);
    FRESH_TEST(refusesAnEmptyReference);
    CPPUNIT_TEST_SUITE_END();

    EstateFixture _fixture;

public:
    void findsSecretsVariablesAndFiles()
    {
        ::setenv("MUSTER_TEST_SECRET", "from the environment", 1);
        const auto file = _fixture.writeFile("secret.txt", "from a file\r\n");
        const auto& resolver = _fixture.resolver();
        CPPUNIT_ASSERT_EQUAL(std::string("the desk key"),
                             resolver.resolve(SecretReference{.secret = "desk-key"}));
        CPPUNIT_ASSERT_EQUAL(
            std::string("from the environment"),
            resolver.resolve(SecretReference{.environment = "MUSTER_TEST_SECRET"}));
        CPPUNIT_ASSERT_EQUAL(std::string("from a file"),
                             resolver.resolve(SecretReference{.file = file}));
    }
    void dropsOnlyTheLastLineBreakOfAFile()
    {
        const auto file = _fixture.writeFile("secret.txt", " two\nlines \n\n");
        CPPUNIT_ASSERT_EQUAL(std::string(" two\nlines \n"),
                             _fixture.resolver().resolve(SecretReference{.file = file}));
    }
    void replacesReferencesAnywhereInSettings()
    {
        const auto settings = Json::parse(
            R"({"a": {"secret": "desk-key"}, "list": [{"deep": {"secret": "graph-secret"}}], "n": 3})");
        CPPUNIT_ASSERT_EQUAL(
            Json::parse(R"({"a": "the desk key", "list": [{"deep": "the graph secret"}], "n": 3})"),
            _fixture.resolver().resolve(settings));
    }
    void leavesOtherObjectsAlone()
    {
        const auto settings =
            Json::parse(R"({"secret": "x", "other": 1, "file": {"secret": 7}, "env": {}})");
        CPPUNIT_ASSERT_EQUAL(settings, _fixture.resolver().resolve(settings));
    }
    void refusesAnEmptyFile()
    {
        const auto file = _fixture.writeFile("secret.txt", "\n");
        CPPUNIT_ASSERT_THROW(_fixture.resolver().resolve(SecretReference{.file = file}),
                             ConfigError);
    }
    void refusesAnEmptyReference()
    {
        CPPUNIT_ASSERT_THROW(_fixture.resolver().resolve(SecretReference{}), ConfigError);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SecretResolverTest);

} // namespace muster::estate
