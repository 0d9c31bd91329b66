#include "estate/Field.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace muster::estate {

namespace {

constexpr size_t kLongestShown = 60;
constexpr size_t kMostFaults = 200;

/// How many letters must change to make one word of the other.
size_t distance(const std::string& left, const std::string& right)
{
    std::vector<size_t> row(right.size() + 1);
    for (size_t column = 0; column <= right.size(); ++column)
        row[column] = column;
    for (size_t index = 1; index <= left.size(); ++index)
    {
        size_t diagonal = row[0];
        row[0] = index;
        for (size_t column = 1; column <= right.size(); ++column)
        {
            const auto above = row[column];
            const size_t change = left[index - 1] == right[column - 1] ? 0 : 1;
            row[column] = std::min({above + 1, row[column - 1] + 1, diagonal + change});
            diagonal = above;
        }
    }
    return row.back();
}

std::string shown(const std::string& text)
{
    return "'" + (text.size() > kLongestShown ? text.substr(0, kLongestShown) + "…" : text) + "'";
}

} // namespace

std::string listed(const std::vector<std::string>& words, const std::string& conjunction)
{
    const auto last = " " + conjunction + " ";
    std::string text;
    for (size_t index = 0; index < words.size(); ++index)
        text += (index == 0 ? "" : index + 1 == words.size() ? last : ", ") + words[index];
    return text;
}

std::string suggestion(const std::string& unknown, const std::vector<std::string>& known)
{
    const auto fold = [](std::string text) {
        text = text.substr(0, kLongestShown);
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return text;
    };
    const std::string* nearest = nullptr;
    size_t least = std::max<size_t>(2, unknown.size() / 3) + 1;
    for (const auto& word : known)
    {
        const auto letters = distance(fold(unknown), fold(word));
        if (letters < least)
        {
            least = letters;
            nearest = &word;
        }
    }
    if (nearest)
        return "did you mean '" + *nearest + "'?";
    return known.empty() ? "there is none yet" : "there is " + listed(known);
}

Field::Field(const YamlNode& root, const EstateFile& file, std::vector<Fault>& faults)
    : _node(&root), _line(root.line), _file(&file), _faults(&faults)
{}

Field::Field(const Field& parent, const YamlNode* node, int line, std::string path)
    : _node(node), _line(line), _path(std::move(path)), _file(parent._file), _faults(parent._faults)
{}

Field Field::member(const std::string& key) const
{
    const auto path = _path.empty() ? key : _path + "." + key;
    if (_node)
        for (const auto& member : _node->members)
            if (member.key == key)
                return Field(*this, &member, member.keyLine, path);
    return Field(*this, nullptr, _line, path);
}

std::vector<std::pair<std::string, Field>> Field::members() const
{
    std::vector<std::pair<std::string, Field>> result;
    if (isGiven() && !isMap())
        fault("must hold keys with values (key: value), one a line");
    if (isMap())
        for (const auto& member : _node->members)
            result.emplace_back(member.key,
                                Field(*this, &member, member.keyLine,
                                      _path.empty() ? member.key : _path + "." + member.key));
    return result;
}

std::vector<Field> Field::items() const
{
    std::vector<Field> result;
    if (isGiven() && !isList())
        fault("must be a list: begin each item with '- '");
    if (isList())
        for (const auto& item : _node->items)
            result.push_back(
                Field(*this, &item, item.line, _path + "[" + std::to_string(result.size()) + "]"));
    return result;
}

void Field::refuseOthers(std::initializer_list<const char*> known) const
{
    const std::vector<std::string> words(known.begin(), known.end());
    for (const auto& [key, value] : members())
        if (std::find(words.begin(), words.end(), key) == words.end())
            value.fault("is no key here: " + suggestion(key, words));
}

bool Field::require(const std::string& what) const
{
    if (!isGiven())
        fault("is missing: " + what);
    return isGiven();
}

std::string Field::text(const std::string& otherwise) const
{
    if (!isGiven())
        return otherwise;
    if (!isScalar())
    {
        fault("must be a single value, not a list or keys");
        return otherwise;
    }
    return _node->text;
}

int64_t Field::integer(int64_t otherwise, int64_t least, int64_t most) const
{
    if (!isGiven())
        return otherwise;
    int64_t value = 0;
    const auto digits = text();
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = end.ec == std::errc() && end.ptr == digits.data() + digits.size();
    if (isScalar() && (!whole || value < least || value > most))
        fault(shown(digits) + " is not a whole number from " + std::to_string(least) + " to " +
              std::to_string(most));
    return whole ? value : otherwise;
}

std::optional<size_t> Field::indexIn(const std::vector<std::string>& texts) const
{
    if (!isGiven())
        return std::nullopt;
    const auto value = text();
    const auto found = std::find(texts.begin(), texts.end(), value);
    if (found != texts.end())
        return static_cast<size_t>(found - texts.begin());
    if (isScalar())
        fault(shown(value) + " is none of " + listed(texts));
    return std::nullopt;
}

void Field::fault(const std::string& message) const
{
    _faults->push_back({_file->name, _line, _path, message});
    if (_faults->size() >= kMostFaults)
        throw EstateError(*_faults);
}

void Field::faultAt(const std::string& path, const std::string& message) const
{
    Field place = *this;
    std::string key;
    const auto descend = [&] {
        if (key.empty())
            return;
        if (key.front() == '[')
        {
            const auto items = place.isList() ? place.items() : std::vector<Field>();
            size_t index = items.size();
            std::from_chars(key.data() + 1, key.data() + key.size(), index);
            place = index < items.size()
                        ? items[index]
                        : Field(place, nullptr, place._line, place._path + key + "]");
        }
        else
            place = place.member(key);
        key.clear();
    };
    for (const char c : path)
    {
        if (c == '.' || c == '[' || c == ']')
            descend();
        if (c != '.' && c != ']')
            key += c;
    }
    descend();
    place.fault(message);
}

} // namespace muster::estate
