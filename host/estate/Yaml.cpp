#include "estate/Yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>

namespace muster::estate {

namespace {

constexpr size_t kMaxNodes = 100'000;

/// Builds the tree from the parser's events.
class TreeBuilder : public YAML::EventHandler
{
public:
    YamlNode takeRoot() { return std::move(_root); }
    int documents() const { return _documents; }

    void OnDocumentStart(const YAML::Mark& mark) override
    {
        if (++_documents > 1)
            throw YamlError(mark.line + 1, "a second document begins here: keep one in a file");
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        add({.kind = YamlNode::Kind::Null, .line = mark.line + 1}, anchor, 1);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        const auto found = _anchors.find(anchor);
        if (found == _anchors.end())
            throw YamlError(mark.line + 1, "an alias refers to itself: write the value out");
        add(found->second.node, 0, found->second.size);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override
    {
        add({.kind = YamlNode::Kind::Scalar,
             .line = mark.line + 1,
             .plain = tag == "?",
             .text = value},
            anchor, 1);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override
    {
        open({.kind = YamlNode::Kind::Sequence, .line = mark.line + 1}, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override
    {
        open({.kind = YamlNode::Kind::Map, .line = mark.line + 1}, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Frame
    {
        YamlNode node;
        YAML::anchor_t anchor = 0;
        size_t sizeBefore = 0;
        std::optional<YamlNode> key = {};     ///< of a map, whose value comes next
        std::map<std::string, int> keys = {}; ///< of a map, with their lines
    };
    struct Anchored
    {
        YamlNode node;
        size_t size = 0;
    };

    void open(YamlNode node, YAML::anchor_t anchor)
    {
        if (!_frames.empty() && expectsKey())
            throw YamlError(node.line, "a key must be a single word or text");
        _frames.push_back({std::move(node), anchor, _size});
    }

    void close()
    {
        auto frame = std::move(_frames.back());
        _frames.pop_back();
        add(std::move(frame.node), frame.anchor, 1, _size - frame.sizeBefore);
    }

    bool expectsKey() const
    {
        const auto& frame = _frames.back();
        return frame.node.kind == YamlNode::Kind::Map && !frame.key;
    }

    /// Puts a finished value in its place; `fresh` values of it were not counted yet.
    void add(YamlNode node, YAML::anchor_t anchor, size_t fresh, size_t counted = 0)
    {
        _size += fresh;
        if (_size > kMaxNodes)
            throw YamlError(node.line, "more than 100,000 values: is this an estate file?");
        if (anchor != 0)
        {
            // The copy that is kept for aliases counts too.
            _size += fresh + counted;
            _anchors[anchor] = {node, fresh + counted};
        }
        if (_frames.empty())
        {
            _root = std::move(node);
            return;
        }
        auto& frame = _frames.back();
        if (frame.node.kind == YamlNode::Kind::Sequence)
            frame.node.items.push_back(std::move(node));
        else if (!frame.key)
            frame.key = keyOf(frame, std::move(node));
        else
        {
            node.key = std::move(frame.key->text);
            node.keyLine = frame.key->line;
            frame.node.members.push_back(std::move(node));
            frame.key.reset();
        }
    }

    static YamlNode keyOf(Frame& map, YamlNode key)
    {
        if (key.kind != YamlNode::Kind::Scalar)
            throw YamlError(key.line, "a key must be a single word or text");
        const auto [known, fresh] = map.keys.emplace(key.text, key.line);
        if (!fresh)
            throw YamlError(key.line, "the key '" + key.text + "' stands on line " +
                                          std::to_string(known->second) +
                                          " already: remove one of them");
        return key;
    }

    YamlNode _root;
    std::vector<Frame> _frames;
    std::map<YAML::anchor_t, Anchored> _anchors;
    size_t _size = 0;
    int _documents = 0;
};

/// The bytes of the UTF-8 character at the front of `text` (RFC 3629); 0: there is none.
size_t characterBytes(std::string_view text)
{
    const auto byte = [&](size_t index) { return static_cast<unsigned char>(text[index]); };
    const auto first = byte(0);
    if (first < 0x80)
        return 1;
    const size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < size)
        return 0;
    for (size_t index = 1; index < size; ++index)
        if ((byte(index) & 0xC0) != 0x80)
            return 0;
    const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
    const bool outside = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
    return overlong || outside ? 0 : size;
}

/// Refuses what is no text before the YAML parser, which takes much longer to say so, sees it.
void checkCharacters(std::string_view text)
{
    int line = 1;
    while (!text.empty())
    {
        const auto size = characterBytes(text);
        const auto c = static_cast<unsigned char>(text.front());
        if (size == 0)
            throw YamlError(line, "this is not UTF-8 text: save the file as UTF-8");
        if (c == '\n')
            ++line;
        else if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7F)
            throw YamlError(line, "a control character stands here: is this a text file?");
        text.remove_prefix(size);
    }
}

bool isIntegerText(std::string_view text)
{
    if (!text.empty() && (text.front() == '-' || text.front() == '+'))
        text.remove_prefix(1);
    if (text.empty() || (text.size() > 1 && text.front() == '0'))
        return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<double> decimalOf(std::string_view text)
{
    if (!text.empty() && text.front() == '+')
        text.remove_prefix(1);
    const auto digits = text.find_first_not_of('-');
    // Names such as "inf" and "nan" are text here.
    if (digits == text.npos || !((text[digits] >= '0' && text[digits] <= '9') ||
                                 (text[digits] == '.' && digits + 1 < text.size())))
        return std::nullopt;
    if (text[digits] == '0' && digits + 1 < text.size() && text[digits + 1] >= '0' &&
        text[digits + 1] <= '9')
        return std::nullopt;
    double value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

nlohmann::json scalarToJson(const YamlNode& node)
{
    const std::string_view text = node.text;
    if (!node.plain)
        return node.text;
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
        return nullptr;
    if (text == "true" || text == "True" || text == "TRUE")
        return true;
    if (text == "false" || text == "False" || text == "FALSE")
        return false;
    if (isIntegerText(text))
    {
        const auto digits = text.front() == '+' ? text.substr(1) : text;
        int64_t value = 0;
        if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc())
            return value;
    }
    if (const auto decimal = decimalOf(text))
        return *decimal;
    return node.text;
}

} // namespace

nlohmann::json YamlNode::toJson() const
{
    switch (kind)
    {
    case Kind::Null:
        return nullptr;
    case Kind::Scalar:
        return scalarToJson(*this);
    case Kind::Sequence:
    {
        auto result = nlohmann::json::array();
        for (const auto& item : items)
            result.push_back(item.toJson());
        return result;
    }
    case Kind::Map:
    {
        auto result = nlohmann::json::object();
        for (const auto& member : members)
            result[member.key] = member.toJson();
        return result;
    }
    }
    return nullptr;
}

YamlNode parseYaml(const std::string& text)
{
    checkCharacters(text);
    std::istringstream stream(text);
    TreeBuilder builder;
    try
    {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder))
        {}
    }
    catch (const YAML::Exception& error)
    {
        throw YamlError(error.mark.is_null() ? 1 : error.mark.line + 1,
                        "this is not YAML: " + error.msg);
    }
    return builder.takeRoot();
}

} // namespace muster::estate
