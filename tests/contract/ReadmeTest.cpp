#include "support/Child.h"
#include "support/FreshTest.h"

#include <muster/testing/SettingsTable.h>

#include <filesystem>
#include <string>

namespace fs = std::filesystem;
using muster::testing::settingsTable;
using muster::testing::withSettingsTable;
using muster::tests::readFile;

/// The READMEs of the targets say what their plugin.json says.
class ReadmeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ReadmeTest);
    FRESH_TEST(tableOfSettingsIsThatOfTheManifest);
    FRESH_TEST(tableHasALineForEachSettingInTheOrderOfTheFile);
    FRESH_TEST(tableTakesThePlaceOfTheOldOneAndLeavesTheRest);
    FRESH_TEST(readmeWithoutTheHeadingIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void tableOfSettingsIsThatOfTheManifest()
    {
        size_t count = 0;
        for (const auto* parent : {"/plugins/targets", "/sdk"})
            for (const auto& folder :
                 fs::directory_iterator(MUSTER_SOURCE_DIR + std::string(parent)))
            {
                const auto manifest = folder.path() / "plugin.json";
                if (!fs::exists(manifest))
                    continue;
                ++count;
                const auto readme = readFile(folder.path() / "README.md");
                CPPUNIT_ASSERT_EQUAL_MESSAGE(
                    "mend it with muster-target-check --readme README.md --manifest plugin.json",
                    withSettingsTable(readme, settingsTable(readFile(manifest))), readme);
            }
        CPPUNIT_ASSERT(count > 2);
    }

    void tableHasALineForEachSettingInTheOrderOfTheFile()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("| setting | type | default | what it says |\n|---|---|---|---|\n"
                        "| `zone` | secret | required | Zed. |\n"
                        "| `pace` | object | | Pace. |\n"
                        "| `pace.tries` | integer | 5 | Tries. |\n"
                        "| `calls.*.path` | string | a\\|b | One of a \\| b. |\n"),
            settingsTable(R"({"settings":{"type":"object","required":["zone"],"properties":{
                "zone":{"type":"string","writeOnly":true,"description":"Zed."},
                "pace":{"type":"object","description":"Pace.","properties":{
                    "tries":{"type":"integer","default":5,"description":"Tries."}}},
                "calls":{"type":"object","additionalProperties":{"properties":{
                    "path":{"type":"string","default":"a|b","description":"One of a | b."}}}}}}})"));
    }

    void tableTakesThePlaceOfTheOldOneAndLeavesTheRest()
    {
        const std::string before = "# A\n\n| x |\n\n## Settings\n\nThese:\n\n";
        const std::string after = "\nMore.\n\n## Other\n\n| y |\n";
        CPPUNIT_ASSERT_EQUAL(
            before + "| new |\n" + after,
            withSettingsTable(before + "| old |\n| older |\n" + after, "| new |\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("\n## Settings\n\n| new |\n"),
                             withSettingsTable("\n## Settings\n", "| new |\n"));
    }

    void readmeWithoutTheHeadingIsRefused()
    {
        CPPUNIT_ASSERT_THROW(withSettingsTable("# A\n", "| new |\n"), std::runtime_error);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReadmeTest);
