#include "plugins/Catalog.h"
#include "runtime/Errors.h"
#include "store/Store.h"
#include "support/FreshTest.h"

#include "support/TemporaryDirectory.h"
#include "support/TestClock.h"

#include <filesystem>
#include <fstream>
#include <thread>

using namespace muster;
using namespace muster::plugins;
namespace fs = std::filesystem;

namespace {

template <typename Function>
std::string configError(const Function& function)
{
    try
    {
        function();
    }
    catch (const ConfigError& error)
    {
        return error.what();
    }
    return "no error";
}

class NoRecords : public Records
{
public:
    std::vector<SeenRecord> find(const std::string&, const std::string&) override { return {}; }
};

} // namespace

#define ASSERT_SAYS(expected, text)                                                                \
    CPPUNIT_ASSERT_MESSAGE(text, std::string(text).find(expected) != std::string::npos)

class CatalogTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CatalogTest);
    FRESH_TEST(loadsATargetWrittenInC);
    FRESH_TEST(refusesTargetBuiltForNewerAbi);
    FRESH_TEST(refusesTargetBuiltForAnotherMajorAbi);
    FRESH_TEST(refusesTargetWhoseManifestSaysNewerAbi);
    FRESH_TEST(refusesTargetThatIsNotWhatItsManifestSays);
    FRESH_TEST(refusesLibraryWithoutTheSymbol);
    FRESH_TEST(refusesTargetThatLacksAFunction);
    FRESH_TEST(refusesTargetWithAMissingSymbolBeforeItRuns);
    FRESH_TEST(refusesSettingsThatTheSchemaDoesNotAllow);
    FRESH_TEST(loadsAModeOnceByIdOrNumber);
    FRESH_TEST(refusesModeOfAnotherInterface);
    FRESH_TEST(listsBrokenPluginsWithTheReason);
    FRESH_TEST(namesThePluginsThereAreWhenOneIsUnknown);
    FRESH_TEST(prefersTheFirstFolderForAnId);
    FRESH_TEST(isEmptyWithoutFolders);
    FRESH_TEST(refusesALibraryForAnotherProcessorWithoutLoadingIt);
    FRESH_TEST(refusesAFileThatIsNoLibrary);
    FRESH_TEST(usesTheFilesOfOthersAsTheyWereFirst);
    FRESH_TEST(usesChangedFilesThatSomebodyTrusts);
    FRESH_TEST(usesChangedFilesThatCameWithMuster);
    FRESH_TEST(refusesFilesThatOtherUsersMayChange);
    FRESH_TEST(usesNothingOfOthersInSafeMode);
    FRESH_TEST(namesTheRemedyForATrustThatIsNotNeeded);
    CPPUNIT_TEST_SUITE_END();

public:
    void loadsATargetWrittenInC()
    {
        put("targets", "fixture", "target", kTarget);
        const auto channel = catalog().openTarget("fixture", {"desk", Json::object()});
        const auto findings = channel->check({}, {});
        CPPUNIT_ASSERT_EQUAL(std::string("C speaks"), findings.at(0).message);
    }

    void refusesTargetBuiltForNewerAbi()
    {
        put("targets", "fixture", "target_newer", kTarget);
        ASSERT_SAYS("install a newer Muster", openError());
    }

    void refusesTargetBuiltForAnotherMajorAbi()
    {
        put("targets", "fixture", "target_major", kTarget);
        ASSERT_SAYS("get a newer version of the plugin", openError());
    }

    void refusesTargetWhoseManifestSaysNewerAbi()
    {
        put("targets", "fixture", "target",
            std::string(kTarget).replace(std::string(kTarget).find("1.0"), 3, "1.9"));
        auto loaded = catalog();
        ASSERT_SAYS("version 1.9", loaded.list().at(0).problem);
        ASSERT_SAYS("cannot be used", configError([&] {
                        loaded.openTarget("fixture", {"desk", Json::object()});
                    }));
    }

    void refusesTargetThatIsNotWhatItsManifestSays()
    {
        put("targets", "fixture", "target_other", kTarget);
        ASSERT_SAYS("it is other 1, and its plugin.json describes fixture 1", openError());
    }

    void refusesLibraryWithoutTheSymbol()
    {
        put("targets", "fixture", "target_nosymbol", kTarget);
        ASSERT_SAYS("does not export muster_plugin", openError());
    }

    void refusesTargetThatLacksAFunction()
    {
        put("targets", "fixture", "target_noread", kTarget);
        ASSERT_SAYS("lacks a part", openError());
    }

    void refusesTargetWithAMissingSymbolBeforeItRuns()
    {
        put("targets", "fixture", "target_undefined", kTarget);
        ASSERT_SAYS("cannot be loaded", openError());
    }

    void refusesSettingsThatTheSchemaDoesNotAllow()
    {
        put("targets", "fixture", "target", kTarget);
        const auto message = configError([&] {
            catalog().openTarget("fixture", {"desk", {{"depth", "deep"}, {"hight", 1}}});
        });
        ASSERT_SAYS("target desk (plugin fixture), settings: ", message);
        ASSERT_SAYS("depth: must be an integer", message);
        ASSERT_SAYS("hight: is not known", message);
    }

    void loadsAModeOnceByIdOrNumber()
    {
        put("modes", "plain", "mode_plain", kMode);
        auto loaded = catalog();
        CPPUNIT_ASSERT_EQUAL(std::string("plain"), loaded.mode("7").id);
        const auto& mode = loaded.loadMode("plain");
        CPPUNIT_ASSERT(&mode == &loaded.loadMode("plain"));
        Group group;
        group.name = "Finance";
        NoRecords none;
        CPPUNIT_ASSERT_EQUAL(std::string("there is a group Finance"),
                             mode.derive(group, none, {}).notes.at(0).message);
    }

    void refusesModeOfAnotherInterface()
    {
        put("modes", "plain", "mode_older", kMode);
        ASSERT_SAYS("built for another version of Mode.h",
                    configError([&] { catalog().loadMode("plain"); }));
    }

    void listsBrokenPluginsWithTheReason()
    {
        put("targets", "fixture", "target", "{");
        put("modes", "plain", "mode_plain", kMode);
        fs::remove(_directory / "modes/plain.so");
        const auto entries = catalog().list();
        CPPUNIT_ASSERT_EQUAL(size_t{2}, entries.size());
        ASSERT_SAYS("plain.so is missing", entries[0].problem);
        CPPUNIT_ASSERT_EQUAL(std::string("fixture"), entries[1].id);
        ASSERT_SAYS("is not JSON", entries[1].problem);
    }

    void namesThePluginsThereAreWhenOneIsUnknown()
    {
        put("targets", "fixture", "target", kTarget);
        auto loaded = catalog();
        ASSERT_SAYS("there are: fixture", configError([&] { loaded.target("fixtur"); }));
        ASSERT_SAYS("there are: none", configError([&] { loaded.mode("7"); }));
    }

    void prefersTheFirstFolderForAnId()
    {
        put("targets", "fixture", "target", kTarget);
        put("targets", "second", "target", kTarget);
        auto loaded = catalog();
        ASSERT_SAYS("another plugin has this id", loaded.list().at(1).problem);
        CPPUNIT_ASSERT_NO_THROW(loaded.openTarget("fixture", {"desk", Json::object()}));
    }

    void isEmptyWithoutFolders()
    {
        CPPUNIT_ASSERT(Catalog({_directory / "nowhere"}, _clock).list().empty());
    }

    void refusesALibraryForAnotherProcessorWithoutLoadingIt()
    {
        put("targets", "fixture", "target", kTarget);
        std::fstream file(_directory / "targets/fixture.so",
                          std::ios::in | std::ios::out | std::ios::binary);
        constexpr std::streamoff kMachine = 18; // Elf64_Ehdr, e_machine
        file.seekp(kMachine).put(8).put(0);     // EM_MIPS
        file.close();
        ASSERT_SAYS("another kind of processor", catalog().list().at(0).problem);
        ASSERT_SAYS("another kind of processor", openError());
    }

    void refusesAFileThatIsNoLibrary()
    {
        put("targets", "fixture", "target", kTarget);
        std::ofstream(_directory / "targets/fixture.so") << "#!/bin/sh\n";
        ASSERT_SAYS("it is no shared library", openError());
    }

    void usesTheFilesOfOthersAsTheyWereFirst()
    {
        put("targets", "fixture", "target", kTarget);
        openOfOthers();
        change("targets/fixture.json");
        ASSERT_SAYS("muster plugins --trust fixture", configError([&] { openOfOthers(); }));
        ASSERT_SAYS("muster plugins --trust fixture", ofOthers().list().at(0).problem);
    }

    void usesChangedFilesThatSomebodyTrusts()
    {
        put("targets", "fixture", "target", kTarget);
        openOfOthers();
        change("targets/fixture.so");
        ofOthers().trust("fixture");
        CPPUNIT_ASSERT_NO_THROW(openOfOthers());
    }

    void usesChangedFilesThatCameWithMuster()
    {
        put("targets", "fixture", "target", kTarget);
        const auto openShipped = [&] {
            Catalog({_directory.path()}, _clock, {.store = &_store})
                .openTarget("fixture", {"desk", Json::object()});
        };
        openShipped();
        change("targets/fixture.json");
        CPPUNIT_ASSERT_NO_THROW(openShipped());
    }

    void refusesFilesThatOtherUsersMayChange()
    {
        put("targets", "fixture", "target", kTarget);
        for (const char* const name : {"targets/fixture.so", "targets/fixture.json", "targets"})
        {
            const auto place = _directory / name;
            const auto before = fs::status(place).permissions();
            fs::permissions(place, fs::perms::others_write, fs::perm_options::add);
            ASSERT_SAYS("others may write to", configError([&] { openOfOthers(); }));
            fs::permissions(place, before);
        }
        CPPUNIT_ASSERT_NO_THROW(openOfOthers());
    }

    void usesNothingOfOthersInSafeMode()
    {
        put("targets", "fixture", "target", kTarget);
        Catalog careful({_directory / "nowhere", _directory.path()}, _clock,
                        {.safeMode = "safe mode: be careful"});
        ASSERT_SAYS("safe mode: be careful", configError([&] {
                        careful.openTarget("fixture", {"desk", Json::object()});
                    }));
    }

    void namesTheRemedyForATrustThatIsNotNeeded()
    {
        CPPUNIT_ASSERT_THROW(catalog().trust("fixture"), UsageError);
    }

private:
    static constexpr const char* kTarget = R"({"id": "fixture", "name": "Fixture", "version": "1",
        "abi": "1.0", "records": {"contact": []}, "settings": {"type": "object",
        "properties": {"depth": {"type": "integer"}}, "additionalProperties": false}})";
    static constexpr const char* kMode = R"({"id": "plain", "name": "Plain", "version": "1",
        "number": 7, "records": ["contact"]})";

    void put(const std::string& family, const std::string& name, const std::string& fixture,
             const std::string& manifest)
    {
        const auto folder = fs::path(_directory / family);
        fs::create_directories(folder);
        fs::copy_file(fs::path(MUSTER_FIXTURES) / (fixture + ".so"), folder / (name + ".so"));
        std::ofstream(folder / (name + ".json")) << manifest;
    }

    /// As a folder of plugins.path.
    Catalog ofOthers()
    {
        return Catalog({_directory / "nowhere", _directory.path()}, _clock, {.store = &_store});
    }

    void openOfOthers() { ofOthers().openTarget("fixture", {"desk", Json::object()}); }

    void change(const std::string& name)
    {
        std::ofstream(_directory / name, std::ios::app) << "\n";
    }

    Catalog catalog() { return Catalog({_directory.path()}, _clock); }

    std::string openError()
    {
        return configError([&] { catalog().openTarget("fixture", {"desk", Json::object()}); });
    }

    tests::TemporaryDirectory _directory;
    tests::TemporaryDirectory _data;
    tests::TestClock _clock;
    store::Store _store{_data.path()};
};

CPPUNIT_TEST_SUITE_REGISTRATION(CatalogTest);
