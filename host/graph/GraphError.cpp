#include "graph/GraphError.h"

#include "graph/JsonText.h"

#include <muster/Keys.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace muster::graph {

namespace {

using Json = nlohmann::json;
constexpr int kDeepest = 8;

void collectCodes(const Json& error, std::vector<std::string>& codes, int depth)
{
    if (!error.is_object() || depth > kDeepest)
        return;
    if (const auto code = textAt(error, "code"); !code.empty())
        codes.push_back(lowered(code));
    for (const auto& [name, value] : error.items())
    {
        if (lowered(name) == "innererror")
            collectCodes(value, codes, depth + 1);
    }
}

} // namespace

bool GraphError::has(const std::string& lowerCaseCode) const
{
    return std::find(codes.begin(), codes.end(), lowerCaseCode) != codes.end();
}

std::string GraphError::text() const
{
    if (code.empty())
        return "no reason given";
    return oneLine(message.empty() ? code : code + ": " + message);
}

GraphError graphErrorFrom(const std::string& body)
{
    const auto document = Json::parse(body, nullptr, false);
    GraphError result;
    if (!document.is_object() || !document.contains("error"))
        return result;
    const auto& error = document["error"];
    if (!error.is_object())
        return result;
    result.code = textAt(error, "code");
    result.message = textAt(error, "message");
    collectCodes(error, result.codes, 0);
    return result;
}

std::string oneLine(const std::string& text, size_t limit)
{
    auto line = text.substr(0, text.find_first_of("\r\n"));
    line.erase(std::remove_if(line.begin(), line.end(),
                              [](unsigned char c) { return c < 32 || c == 127; }),
               line.end());
    if (line.size() > limit)
    {
        line.resize(limit);
        while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0) == 0x80)
            line.pop_back();
        if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xC0)
            line.pop_back();
        line += "…";
    }
    return line;
}

} // namespace muster::graph
