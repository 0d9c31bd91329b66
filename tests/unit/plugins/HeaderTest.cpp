
#include "support/FreshTest.h"
#include "support/Skipped.h"

#include <openssl/sha.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

using namespace muster;

namespace {

const std::string kHeaders = MUSTER_SOURCE_DIR "/sdk/include/muster/";
const std::string kFlags =
    " -pedantic -Wall -Wextra -Wshadow -Wno-pragma-once-outside-header -Werror -fsyntax-only ";

/// The hash of what a compiler sees of a header: comments and white space may change.
std::string hashOf(const std::string& header)
{
    std::ostringstream stream;
    stream << std::ifstream(kHeaders + header).rdbuf();
    const auto text = stream.str();
    std::string code;
    for (size_t i = 0; i < text.size(); ++i)
        if (text.compare(i, 2, "//") == 0)
            i = text.find('\n', i);
        else if (text[i] != ' ' && text[i] != '\n')
            code += text[i];
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    ::SHA256(reinterpret_cast<const unsigned char*>(code.data()), code.size(), digest.data());
    std::string hex;
    for (const auto byte : digest)
    {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", byte);
        hex += digits;
    }
    return hex;
}

void assertCompiles(const std::string& command)
{
    CPPUNIT_ASSERT_EQUAL_MESSAGE(command, 0, std::system(command.c_str()));
}

} // namespace

/// The two headers that plugins are built against. When a hash differs: a change that plugins can
/// notice raises the version (MUSTER_ABI_MINOR or MAJOR; the inline namespace of Mode.h), then the
/// hash here. A new version of target.h also gets a plugin in tests/plugins with a copy of it.
class HeaderTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HeaderTest);
    FRESH_TEST(targetHeaderIsTheOneOfItsVersion);
    FRESH_TEST(modeHeaderIsTheOneOfItsVersion);
    FRESH_TEST(targetHeaderIsC99ToCxx20);
    FRESH_TEST(targetHeaderIsC99ToCxx20ForClang);
    FRESH_TEST(facadeIsCxx17AndCxx20);
    CPPUNIT_TEST_SUITE_END();

public:
    void targetHeaderIsTheOneOfItsVersion() // 1.3
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("9585c3b97e7f233ac8c9574b6cc0708c1f8da28ce61753288cc1783706ca52d0"),
            hashOf("target.h"));
    }

    void modeHeaderIsTheOneOfItsVersion() // v5
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("4cbce676fedbfb7c0d2e1fbe4a760cf6ed6eb2cc855250410f7b2047aaa7c986"),
            hashOf("Mode.h"));
    }

    void targetHeaderIsC99ToCxx20() { assertIsC99ToCxx20("gcc", "g++"); }

    void targetHeaderIsC99ToCxx20ForClang() { assertIsC99ToCxx20("clang", "clang++"); }

    void facadeIsCxx17AndCxx20()
    {
        for (const std::string standard : {"c++17", "c++20"})
            assertCompiles("echo '#include <muster/Rest.hpp>' | " MUSTER_CXX_COMPILER " -std=" +
                           standard + kFlags + "-I " MUSTER_SOURCE_DIR "/sdk/include -x c++ -");
    }

private:
    static void assertIsC99ToCxx20(const std::string& c, const std::string& cxx)
    {
        if (std::system(("command -v " + cxx + " >/dev/null").c_str()) != 0)
            throw tests::Skipped("there is no " + cxx + "; scripts/setup --tests installs it");
        for (const std::string standard : {"c99", "c11", "c17"})
            assertCompiles(c + " -std=" + standard + kFlags + "-x c " + kHeaders + "target.h");
        for (const std::string standard : {"c++11", "c++14", "c++17", "c++20"})
            assertCompiles(cxx + " -std=" + standard + kFlags + "-x c++ " + kHeaders + "target.h");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HeaderTest);
