#include "GlueHtml.h"

#include "Http.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace muster::sandbox {

namespace {

bool isLetter(char c)
{
    return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

bool isSpace(char c)
{
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}

/// Reads HTML once, from the start to the end.
class Sanitizer
{
public:
    explicit Sanitizer(std::string_view html) : _left(html) {}

    std::string run()
    {
        while (!_left.empty())
        {
            if (_left.substr(0, 4) == "<!--")
                skipPast("-->");
            else if (_left[0] == '<' && _left.size() > 1 && (isLetter(_left[1]) || _left[1] == '/'))
                readTag();
            else
                readText();
        }
        return std::move(_result);
    }

private:
    void skipPast(std::string_view end)
    {
        const auto found = lowerCase(_left).find(end);
        _left.remove_prefix(found == std::string::npos ? _left.size() : found + end.size());
    }

    void readText()
    {
        const char c = _left[0];
        if (c == '&')
            return readEntity();
        _left.remove_prefix(1);
        if (c == '<' || c == '>')
            _result += c == '<' ? "&lt;" : "&gt;";
        else
            _result += c;
    }

    void readEntity()
    {
        const auto end = _left.find(';');
        const std::string_view entity =
            _left.substr(0, end == std::string_view::npos ? 1 : end + 1);
        const bool isOne = entity.size() > 2 && entity.size() < 12 &&
                           entity.find_first_of(" <&", 1) == std::string_view::npos;
        _left.remove_prefix(isOne ? entity.size() : 1);
        if (!isOne)
            _result += "&amp;";
        else if (entity == "&quot;")
            _result += '"';
        else if (entity == "&#39;" || entity == "&apos;")
            _result += '\'';
        else
            _result += entity;
    }

    void readTag()
    {
        static const std::set<std::string> kDropped{"script", "style", "iframe", "object", "embed"};
        const auto nameEnd = std::min(_left.find_first_of(" \t\r\n/>", 2), _left.size());
        const std::string name = lowerCase(_left.substr(1, nameEnd - 1));
        _left.remove_prefix(nameEnd);
        const std::string attributes = readAttributes();
        if (kDropped.count(name) > 0)
            skipPast("</" + name + ">");
        else if (name[0] != '/' || kDropped.count(name.substr(1)) == 0)
            _result += '<' + name + (name[0] == '/' ? "" : attributes) + '>';
    }

    /// The attributes that may stay, each with a space before it; leaves the tag behind.
    std::string readAttributes()
    {
        std::string kept;
        while (!_left.empty() && _left[0] != '>')
        {
            if (isSpace(_left[0]) || _left[0] == '/')
            {
                _left.remove_prefix(1);
                continue;
            }
            const auto end = std::min(_left.find_first_of(" \t\r\n=>", 1), _left.size());
            const std::string name = lowerCase(_left.substr(0, end));
            _left.remove_prefix(end);
            const std::string value = readValue();
            const bool isScript =
                name.rfind("on", 0) == 0 || lowerCase(value).find("javascript:") == 0;
            if (!isScript)
                kept += ' ' + name + "=\"" + value + '"';
        }
        _left.remove_prefix(std::min<std::size_t>(1, _left.size()));
        return kept;
    }

    std::string readValue()
    {
        if (_left.empty() || _left[0] != '=')
            return {};
        _left.remove_prefix(1);
        const char quote = _left.empty() ? ' ' : _left[0];
        const bool isQuoted = quote == '"' || quote == '\'';
        if (isQuoted)
            _left.remove_prefix(1);
        const auto end =
            std::min(isQuoted ? _left.find(quote) : _left.find_first_of(" \t\r\n>"), _left.size());
        const std::string value(_left.substr(0, end));
        _left.remove_prefix(std::min(end + (isQuoted ? 1 : 0), _left.size()));
        return value;
    }

    std::string_view _left;
    std::string _result;
};

} // namespace

std::string sanitizedHtml(std::string_view html)
{
    return Sanitizer(html).run();
}

} // namespace muster::sandbox
