#include "FastClock.h"
#include "plugins/Catalog.h"
#include "runtime/Cancellation.h"
#include "support/Child.h"
#include "support/FreshTest.h"
#include "support/Skipped.h"
#include "support/TemporaryDirectory.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace muster;
namespace fs = std::filesystem;

namespace {

const std::string kMemory = MUSTER_SOURCE_DIR "/sdk/examples/memory/";
const std::string kInclude = " -I " MUSTER_SOURCE_DIR "/sdk/include";

} // namespace

/// One target, written in several languages and built by several compilers: each keeps the rules,
/// and the host works with it.
class LanguageTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LanguageTest);
    FRESH_TEST(targetBuiltByGccKeepsTheRules);
    FRESH_TEST(targetBuiltByClangWithLibcxxKeepsTheRules);
    FRESH_TEST(targetInC99KeepsTheRules);
    FRESH_TEST(targetInRustKeepsTheRules);
    FRESH_TEST(targetsOfEveryEarlierBorderKeepTheRules);
    CPPUNIT_TEST_SUITE_END();

public:
    void targetBuiltByGccKeepsTheRules()
    {
        fs::copy(MUSTER_BINARY_DIR "/tests/plugins/targets/memory.so", library());
        assertKeepsTheRules(kMemory);
    }

    void targetBuiltByClangWithLibcxxKeepsTheRules()
    {
        require("clang++");
        if (run("echo '#include <string>' | clang++ -stdlib=libc++ -fsyntax-only -x c++ -") != 0)
            throw tests::Skipped("there is no libc++; scripts/setup --tests installs it");
        build("clang++ -std=c++17 -O1 -stdlib=libc++ -shared -fPIC -Wl,-z,defs -Wl,-z,now "
              "-Wl,--version-script=" MUSTER_SOURCE_DIR "/sdk/cmake/target.map" +
              kInclude + " " + kMemory + "Memory.cpp");
        CPPUNIT_ASSERT_MESSAGE("it does not use libc++",
                               run("ldd " + library() + " | grep -q libc++") == 0);
        assertKeepsTheRules(kMemory);
    }

    void targetInC99KeepsTheRules()
    {
        for (const std::string compiler : {"gcc", "clang"})
        {
            require(compiler);
            buildC(compiler, kMemory, kInclude);
            assertKeepsTheRules(kMemory);
        }
    }

    void targetInRustKeepsTheRules()
    {
        require("rustc");
        build("rustc --edition 2021 -O --crate-type cdylib --crate-name memory " + kMemory +
              "memory.rs");
        assertKeepsTheRules(kMemory);
    }

    /// tests/plugins/abi-1.3 and so on: sources with the header they were written for.
    void targetsOfEveryEarlierBorderKeepTheRules()
    {
        require("gcc");
        size_t count = 0;
        for (const auto& folder : fs::directory_iterator(MUSTER_SOURCE_DIR "/tests/plugins"))
        {
            const auto name = folder.path().filename().string();
            if (name.rfind("abi-", 0) != 0)
                continue;
            ++count;
            const auto source = folder.path().string() + "/";
            const auto manifest = plugins::Json::parse(tests::readFile(source + "plugin.json"));
            CPPUNIT_ASSERT_EQUAL(name.substr(4), manifest["abi"].get<std::string>());
            buildC("gcc", source, " -I " + source);
            assertKeepsTheRules(source);
        }
        CPPUNIT_ASSERT(count > 0);
    }

private:
    std::string library() const { return _directory / "lib/targets/memory.so"; }

    int run(const std::string& command)
    {
        tests::Child child({"/bin/sh", "-c", command}, _directory / "output");
        child.wait();
        return child.exitCode();
    }

    void require(const std::string& compiler)
    {
        if (run("command -v " + compiler) != 0)
            throw tests::Skipped("there is no " + compiler + "; scripts/setup --tests installs it");
    }

    void build(const std::string& command)
    {
        const auto code = run(command + " -o " + library());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(command + tests::readFile(_directory / "output"), 0, code);
    }

    void buildC(const std::string& compiler, const std::string& folder, const std::string& include)
    {
        build(compiler +
              " -std=c99 -pedantic -Wall -Wextra -Werror -O1 -shared -fPIC "
              "-fvisibility=hidden" +
              include + " " + folder + "memory.c");
    }

    void assertKeepsTheRules(const std::string& folder)
    {
        const auto manifest = _directory / "lib/targets/memory.json";
        fs::copy_file(folder + "plugin.json", manifest, fs::copy_options::overwrite_existing);
        const auto code = run(MUSTER_BINARY_DIR "/bin/muster-target-check " + library() +
                              " --trial " + folder + "trial.json");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(tests::readFile(_directory / "output"), 0, code);
        assertHostWorksWithIt();
    }

    void assertHostWorksWithIt() const
    {
        tests::FastClock clock;
        const runtime::Cancellation never;
        plugins::Catalog catalog({_directory / "lib"}, clock);
        const auto channel = catalog.openTarget("memory", {"room", {{"size", 1}}});
        CPPUNIT_ASSERT_EQUAL(std::string("room-ready"),
                             channel->check({{{"room", "blue"}}}, never).at(0).code);

        plugins::ChangeRequest ann;
        ann.id = 1;
        ann.action = plugins::Action::Create;
        ann.kind = "person";
        ann.key = ann.name = "Ann \"Bo\" \xc3\xa9\n\xf0\x9f\x8e\xb5";
        ann.fields = {{"note", "a\\b\t\x01"}};
        auto bob = ann;
        bob.id = 2;
        bob.key = "bob";
        std::vector<plugins::Outcome> outcomes;
        channel->apply(
            {{"room", "blue"}}, {ann, bob},
            [&](plugins::Outcome outcome) { outcomes.push_back(std::move(outcome)); }, never);
        CPPUNIT_ASSERT_EQUAL(size_t{2}, outcomes.size());
        CPPUNIT_ASSERT(outcomes[0].state == plugins::OutcomeState::Applied);
        CPPUNIT_ASSERT(outcomes[1].state == plugins::OutcomeState::Rejected);

        std::vector<plugins::RemoteRecord> records;
        plugins::ReadRequest all;
        all.scope = {{"room", "blue"}};
        all.kinds = {"person", "team"};
        channel->read(
            all, [&](plugins::RemoteRecord record) { records.push_back(std::move(record)); },
            [](plugins::RemoteLink) {}, never);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, records.size());
        CPPUNIT_ASSERT_EQUAL(ann.key, records[0].key);
        CPPUNIT_ASSERT(ann.fields == records[0].fields);
    }

    tests::TemporaryDirectory _directory;
    const bool _isMade = fs::create_directories(_directory / "lib/targets");
};

CPPUNIT_TEST_SUITE_REGISTRATION(LanguageTest);
