#include <muster/testing/SettingsTable.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace muster::testing {

namespace {

/// Keeps the order of the file, which its author chose.
using Ordered = nlohmann::ordered_json;

bool isRequired(const Ordered& schema, const std::string& name)
{
    const auto required = schema.value("required", Ordered::array());
    return std::find(required.begin(), required.end(), name) != required.end();
}

/// A text for a cell of a table.
std::string cell(std::string text)
{
    std::replace(text.begin(), text.end(), '\n', ' ');
    for (size_t at = 0; (at = text.find('|', at)) != text.npos; at += 2)
        text.insert(at, 1, '\\');
    return text;
}

std::string row(const std::string& path, const Ordered& property, bool required)
{
    const auto fallback = property.value("default", Ordered());
    std::string shown;
    if (required)
        shown = "required";
    else if (!fallback.is_null())
        shown = fallback.is_string() ? fallback.get<std::string>() : fallback.dump();
    const auto type =
        property.value("writeOnly", false) ? "secret" : property.value("type", std::string());
    return "| `" + path + "` | " + type + " |" + (shown.empty() ? "" : " " + cell(shown)) + " | " +
           cell(property.value("description", "")) + " |\n";
}

void collectRows(const Ordered& schema, const std::string& path, std::string& rows)
{
    const auto properties = schema.value("properties", Ordered::object());
    for (const auto& [name, property] : properties.items())
    {
        if (property.contains("description"))
            rows += row(path + name, property, isRequired(schema, name));
        collectRows(property, path + name + ".", rows);
        if (const auto each = property.value("additionalProperties", Ordered()); each.is_object())
            collectRows(each, path + name + ".*.", rows);
    }
}

} // namespace

std::string settingsTable(const std::string& manifest)
{
    std::string rows = "| setting | type | default | what it says |\n|---|---|---|---|\n";
    const auto json = Ordered::parse(manifest);
    if (!json.is_object() || !json.contains("settings"))
        throw std::runtime_error("it has no \"settings\"");
    collectRows(json["settings"], {}, rows);
    return rows;
}

std::string withSettingsTable(const std::string& readme, const std::string& table)
{
    const std::string heading = "## Settings\n";
    const auto start = readme.rfind("\n" + heading);
    if (start == readme.npos)
        throw std::runtime_error("it has no heading \"## Settings\", under which the table goes");
    const auto from = start + 1 + heading.size();
    const auto end = std::min(readme.find("\n## ", from), readme.size());
    const auto first = readme.find("\n|", from - 1);
    if (first >= end)
        return readme.substr(0, from) + "\n" + table + readme.substr(from);
    auto last = first + 1;
    while (last < readme.size() && readme[last] == '|')
        last = std::min(readme.find('\n', last), readme.size() - 1) + 1;
    return readme.substr(0, first + 1) + table + readme.substr(last);
}

} // namespace muster::testing
