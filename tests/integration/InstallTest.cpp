#include "Process.h"
#include "support/FreshTest.h"
#include "support/TemporaryDirectory.h"

#include <filesystem>
#include <fstream>
#include <string>

namespace muster::integration {

namespace fs = std::filesystem;

/// What `cmake --install` puts in place, used from there.
class InstallTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(InstallTest);
    FRESH_TEST(bringsEveryPluginThatWasBuilt);
    FRESH_TEST(bringsTheProgramsThatItsUnitsStart);
    CPPUNIT_TEST_SUITE_END();

public:
    InstallTest()
    {
        const auto installed = run({.program = "/usr/bin/cmake",
                                    .arguments = {"--install", MUSTER_BINARY_DIR, "--prefix",
                                                  _usr.string(), "--component", "muster"}});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(installed.describe(), 0, installed.exitCode);
    }

    void bringsEveryPluginThatWasBuilt()
    {
        const auto plugins = run({.program = _usr / "bin/muster",
                                  .arguments = {"--data", _root / "data", "--json", "plugins"}})
                                 .json();
        size_t built = 0;
        for (const char* const family : {"modes", "targets"})
            for (const auto& entry :
                 fs::directory_iterator(MUSTER_BINARY_DIR "/lib/muster/" + std::string(family)))
                built += entry.path().extension() == ".so";
        CPPUNIT_ASSERT_EQUAL_MESSAGE(plugins.dump(), built, plugins.at("plugins").size());
        for (const auto& plugin : plugins.at("plugins"))
            CPPUNIT_ASSERT_EQUAL(std::string(), plugin.at("problem").get<std::string>());
    }

    void bringsTheProgramsThatItsUnitsStart()
    {
        const std::string start = "ExecStart=/usr/";
        size_t started = 0;
        for (const auto& unit : fs::directory_iterator(_usr / "lib/systemd/system"))
        {
            std::ifstream file(unit.path());
            for (std::string line; std::getline(file, line);)
                if (line.rfind(start, 0) == 0)
                {
                    const auto program = line.substr(start.size(), line.find(' ') - start.size());
                    CPPUNIT_ASSERT_MESSAGE(line, fs::exists(_usr / program));
                    ++started;
                }
        }
        CPPUNIT_ASSERT_EQUAL(size_t{2}, started);
    }

private:
    tests::TemporaryDirectory _root;
    fs::path _usr = fs::path(_root.path()) / "usr";
};

CPPUNIT_TEST_SUITE_REGISTRATION(InstallTest);

} // namespace muster::integration
