#include "support/FreshTest.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

std::string textOf(const fs::path& file)
{
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

bool isRequired(const Json& schema, const std::string& name)
{
    const auto required = schema.value("required", Json::array());
    return std::find(required.begin(), required.end(), name) != required.end();
}

/// The lines of a README's table of settings, from the schema in plugin.json.
void collectRows(const Json& schema, const std::string& path, std::string& rows)
{
    const auto add = [&](const std::string& name, const Json& property, bool required) {
        const auto fallback = property.value("default", Json());
        const auto shown = fallback.is_string() ? fallback.get<std::string>()
                           : fallback.is_null() ? std::string()
                                                : fallback.dump();
        const auto isSecret = property.value("writeOnly", false);
        const auto first = required ? std::string(" required") : shown.empty() ? "" : " " + shown;
        rows += "| `" + path + name + "` | " + (isSecret ? "secret" : property.value("type", "")) +
                " |" + first + " | " + property.value("description", "") + " |\n";
    };
    const auto properties = schema.value("properties", Json::object());
    // In the order of the file, which the schema's author chose.
    for (const auto& [name, property] : properties.items())
    {
        if (property.contains("description"))
            add(name, property, isRequired(schema, name));
        collectRows(property, path + name + ".", rows);
        if (const auto each = property.value("additionalProperties", Json()); each.is_object())
            collectRows(each, path + name + ".*.", rows);
    }
}

std::vector<std::string> linesOf(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    std::sort(lines.begin(), lines.end());
    return lines;
}

} // namespace

/// The READMEs of the targets say what their plugin.json says.
class ReadmeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ReadmeTest);
    FRESH_TEST(tableOfSettingsIsThatOfTheManifest);
    CPPUNIT_TEST_SUITE_END();

public:
    void tableOfSettingsIsThatOfTheManifest()
    {
        size_t count = 0;
        for (const auto& folder : fs::directory_iterator(MUSTER_SOURCE_DIR "/plugins/targets"))
        {
            if (!fs::exists(folder.path() / "plugin.json"))
                continue;
            ++count;
            std::string expected;
            collectRows(Json::parse(textOf(folder.path() / "plugin.json")).at("settings"), {},
                        expected);
            std::string found;
            const auto readme = textOf(folder.path() / "README.md");
            const auto start = readme.find("## Settings");
            CPPUNIT_ASSERT(start != readme.npos);
            for (const auto& line :
                 linesOf(readme.substr(start, readme.find("\n## ", start + 1) - start)))
                if (line.rfind("| `", 0) == 0)
                    found += line + "\n";
            for (const auto& line : linesOf(expected))
                CPPUNIT_ASSERT_MESSAGE("the README lacks: " + line, found.find(line) != found.npos);
            CPPUNIT_ASSERT_EQUAL(linesOf(expected).size(), linesOf(found).size());
        }
        CPPUNIT_ASSERT(count > 0);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReadmeTest);
