#pragma once

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace muster::estate {

/// A value of a YAML document and the line it begins on (the first is 1).
struct YamlNode
{
    enum class Kind
    {
        Null,
        Scalar,
        Sequence,
        Map
    };

    Kind kind = Kind::Null;
    int line = 1;
    bool plain = false; ///< a scalar without quotes: it may mean a number or true
    std::string text = {};
    std::vector<YamlNode> items = {};
    std::vector<YamlNode> members = {}; ///< each with its key
    std::string key = {};
    int keyLine = 0;

    /// The value as JSON; plain scalars become null, booleans and numbers as YAML 1.2's core schema
    /// says, but a number with a zero in front stays text.
    nlohmann::json toJson() const;
};

/// What is wrong with a YAML text, and on which line.
class YamlError : public std::runtime_error
{
public:
    YamlError(int line, const std::string& message) : std::runtime_error(message), _line(line) {}
    int line() const { return _line; }

private:
    int _line;
};

/// Parses a text of one document; an empty one gives Null. Anchors and aliases are followed as long
/// as the whole stays small. Throws YamlError: not UTF-8, not YAML, several documents, a key twice,
/// a key that is no text, or more than 100,000 values.
YamlNode parseYaml(const std::string& text);

} // namespace muster::estate
