#include "support/Child.h"
#include "support/FreshTest.h"
#include "support/TemporaryDirectory.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace muster::tests;
namespace fs = std::filesystem;

namespace {

const std::string kSource = MUSTER_SOURCE_DIR;

/// A piece of code of the tutorial and what the comment above it says to do with it.
struct Listing
{
    std::string verb;
    std::string file;
    std::string text;
};

/// Without the indentation that all lines have, and without white space at the ends of lines.
std::string flush(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    size_t indent = std::string::npos;
    for (std::string line; std::getline(stream, line); lines.push_back(line))
        indent = std::min(indent, line.find_first_not_of(' '));
    std::string result;
    for (const auto& line : lines)
        result += (line.size() > indent ? line.substr(indent) : "") + "\n";
    return result;
}

std::vector<Listing> listingsOf(const std::string& readme)
{
    std::vector<Listing> listings;
    std::istringstream stream(readme);
    std::string comment;
    for (std::string line; std::getline(stream, line);)
    {
        if (line.rfind("<!-- ", 0) == 0)
            comment = line.substr(5, line.find(" -->") - 5);
        if (line.rfind("```", 0) != 0)
            continue;
        std::string text;
        while (std::getline(stream, line) && line != "```")
            text += line + "\n";
        CPPUNIT_ASSERT_MESSAGE("no comment says what to do with:\n" + text, !comment.empty());
        const auto space = comment.rfind(' ');
        const auto hasFile = comment.rfind("part of ", 0) == 0 || comment.rfind("replace ", 0) == 0;
        listings.push_back({hasFile ? comment.substr(0, space) : comment,
                            hasFile ? comment.substr(space + 1) : "", text});
        comment.clear();
    }
    return listings;
}

} // namespace

/// sdk/README.md does what it says, from its first command to its last.
class TutorialTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TutorialTest);
    FRESH_TEST(everyListingDoesWhatItSays);
    FRESH_TEST(installedSdkMakesATargetOutOfTheTree);
    FRESH_TEST(nameThatCannotBeAPluginsIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void everyListingDoesWhatItSays()
    {
        installSdk();
        std::string printed;
        const Listing* replaced = nullptr;
        const auto listings = listingsOf(readFile(kSource + "/sdk/README.md"));
        CPPUNIT_ASSERT(listings.size() > 15);
        for (const auto& listing : listings)
        {
            if (listing.verb == "run")
                printed = run(listing.text);
            else if (listing.verb == "prints")
                assertLines(listing.text, printed);
            else if (listing.verb == "part of")
                assertPart(listing.text, kSource + "/sdk/" + listing.file);
            else if (listing.verb == "replace")
                replaced = &listing;
            else if (listing.verb == "by" && replaced)
                replace(*replaced, listing.text);
            else
                CPPUNIT_FAIL("what is " + listing.verb + " to do with:\n" + listing.text);
        }
    }

    void installedSdkMakesATargetOutOfTheTree()
    {
        installSdk();
        const auto printed =
            run("cd ~ && " + sdk() + "/bin/muster-new-target card-index\n" + sdk() +
                "/bin/muster-target-check "
                "card-index/build/lib/muster/targets/card-index.so");
        assertLines("22 rules kept, 0 broken, 0 not tried", printed);
        assertLines("kept     namesTheCredentialThatIsRefused", printed);
        assertLines("         help: " + sdk() + "/share/muster/sdk/README.md#iswhatitsmanifestsays",
                    run("cd ~\nsed s/0.1.0/9.9.9/ card-index/plugin.json >other.json\n" + sdk() +
                        "/bin/muster-target-check card-index/build/lib/muster/targets/"
                        "card-index.so --manifest other.json || true"));
        CPPUNIT_ASSERT(fs::exists(_directory / "home/card-index/CardIndex.cpp"));
        CPPUNIT_ASSERT(
            readFile(_directory / "home/card-index/README.md").rfind("# Card Index", 0) == 0);
    }

    void nameThatCannotBeAPluginsIsRefused()
    {
        fs::create_directories(_directory / "home");
        for (const std::string name : {"Rolodex", "-x", "a/b", "a--b", "", "7up"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                name, 2, exitCode("scripts/new-target '" + name + "' --into " + _directory.path()));
        fs::create_directories(_directory / "taken");
        CPPUNIT_ASSERT_EQUAL(2, exitCode("scripts/new-target taken --into " + _directory.path()));
        CPPUNIT_ASSERT(fs::is_empty(_directory / "taken"));
    }

private:
    std::string sdk() const { return _directory / "sdk"; }

    void installSdk()
    {
        fs::create_directories(_directory / "home");
        run("cmake --install " MUSTER_BINARY_DIR " --component sdk --prefix " + sdk());
    }

    int exitCode(const std::string& commands)
    {
        std::ofstream(_directory / "commands") << "cd " << _where << "\n"
                                               << commands << "\npwd >" << _directory / "where"
                                               << "\n";
        Child child({"/usr/bin/env", "bash", "-euo", "pipefail", _directory / "commands"},
                    _directory / "printed",
                    {{"HOME", _directory / "home"},
                     {"MUSTER_SDK", sdk()},
                     {"PATH", sdk() + "/bin:" MUSTER_BINARY_DIR "/bin:" + std::getenv("PATH")}});
        child.wait();
        return child.exitCode();
    }

    /// Runs commands where the last ones ended; gives what they printed.
    std::string run(const std::string& commands)
    {
        const auto code = exitCode(commands);
        const auto printed = readFile(_directory / "printed");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(commands + printed, 0, code);
        std::ifstream(_directory / "where") >> _where;
        return printed;
    }

    static void assertLines(const std::string& expected, const std::string& printed)
    {
        std::istringstream lines(expected);
        for (std::string line; std::getline(lines, line);)
            CPPUNIT_ASSERT_MESSAGE(line + "\nis not in\n" + printed,
                                   ("\n" + printed).find("\n" + line + "\n") != std::string::npos);
    }

    /// Some lines of the file that are next to each other.
    static void assertPart(const std::string& text, const std::string& file)
    {
        const auto wanted = flush(text);
        const auto size = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
        std::vector<std::string> lines;
        std::istringstream stream(readFile(file));
        for (std::string line; std::getline(stream, line);)
            lines.push_back(line + "\n");
        for (size_t from = 0; from + size <= lines.size(); ++from)
        {
            std::string part;
            for (size_t i = from; i < from + size; ++i)
                part += lines[i];
            if (flush(part) == wanted)
                return;
        }
        CPPUNIT_FAIL(file + " does not have:\n" + text);
    }

    void replace(const Listing& old, const std::string& text) const
    {
        const auto file = _where + "/" + old.file;
        auto content = readFile(file);
        const auto at = content.find(old.text);
        CPPUNIT_ASSERT_MESSAGE(file + " does not have:\n" + old.text, at != content.npos);
        CPPUNIT_ASSERT_MESSAGE(file + " has twice:\n" + old.text,
                               content.find(old.text, at + 1) == content.npos);
        std::ofstream(file) << content.replace(at, old.text.size(), text);
    }

    TemporaryDirectory _directory;
    std::string _where = kSource;
};

CPPUNIT_TEST_SUITE_REGISTRATION(TutorialTest);
