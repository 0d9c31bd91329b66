#pragma once

#include "estate/Faults.h"
#include "estate/Yaml.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::estate {

/// The text of an estate file.
struct EstateFile
{
    std::string name;   ///< as the user typed it, for messages
    std::string folder; ///< absolute: relative paths in the file begin here
    std::string text;
};

/// Used by one thread. A place in an estate file: a key with its value, or without one. Reading a
/// value of the wrong form notes a fault with file, line and path, and gives the value's default,
/// so that one pass finds all that is wrong. Refers to the file, tree and faults it was made with.
class Field
{
public:
    /// The root of a file.
    Field(const YamlNode& root, const EstateFile& file, std::vector<Fault>& faults);

    /// False when the key is left out or its value is empty (null).
    bool isGiven() const { return _node && _node->kind != YamlNode::Kind::Null; }
    bool isMap() const { return isGiven() && _node->kind == YamlNode::Kind::Map; }
    bool isList() const { return isGiven() && _node->kind == YamlNode::Kind::Sequence; }
    bool isScalar() const { return isGiven() && _node->kind == YamlNode::Kind::Scalar; }
    int line() const { return _line; }
    const std::string& path() const { return _path; }
    const EstateFile& file() const { return *_file; }

    /// A member of a map; asked of anything else, one that is not given.
    Field member(const std::string& key) const;

    /// The members of a map, the items of a list; a fault when it is given and is none.
    std::vector<std::pair<std::string, Field>> members() const;
    std::vector<Field> items() const;

    /// A fault for each key that is not among `known`, with the nearest of them.
    void refuseOthers(std::initializer_list<const char*> known) const;

    /// A fault that says `what` is missing when it is not given. True when it is given.
    bool require(const std::string& what) const;

    /// The text of a scalar, the default when it is not given.
    std::string text(const std::string& otherwise = {}) const;

    int64_t integer(int64_t otherwise, int64_t least, int64_t most) const;

    /// The value as one of an enumeration, whose texts stand in the order of its values.
    template <typename Enumeration>
    Enumeration choice(const std::vector<std::string>& texts, Enumeration otherwise) const
    {
        const auto index = indexIn(texts);
        return index ? static_cast<Enumeration>(*index) : otherwise;
    }

    nlohmann::json toJson() const { return _node ? _node->toJson() : nlohmann::json(); }

    /// Notes a fault. Throws EstateError with all of them when they become too many to read.
    void fault(const std::string& message) const;

    /// A fault at the deepest place that exists on a path such as "pace.perSecond" or "list[2].id".
    void faultAt(const std::string& path, const std::string& message) const;

private:
    std::optional<size_t> indexIn(const std::vector<std::string>& texts) const;
    Field(const Field& parent, const YamlNode* node, int line, std::string path);

    const YamlNode* _node;
    int _line;
    std::string _path;
    const EstateFile* _file;
    std::vector<Fault>* _faults;
};

/// "did you mean 'percent'?" for the nearest of `known`, or the list of them: a remedy.
std::string suggestion(const std::string& unknown, const std::vector<std::string>& known);

/// "a, b and c".
std::string listed(const std::vector<std::string>& words, const std::string& conjunction = "and");

} // namespace muster::estate
