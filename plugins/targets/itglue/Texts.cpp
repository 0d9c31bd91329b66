#include "Texts.h"

#include <muster/Keys.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <utility>

namespace itglue {

namespace {

/// Elements that begin a line of their own.
bool isBlock(const std::string& element)
{
    static constexpr std::array<std::string_view, 10> kBlocks{"p",  "div",   "li", "ul", "ol",
                                                              "tr", "table", "h1", "h2", "h3"};
    return std::find(kBlocks.begin(), kBlocks.end(), element) != kBlocks.end();
}

/// The character that an entity stands for, without & and ;. Empty when it is none that is known.
std::string characterOf(const std::string& entity)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNamed{
        {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}}};
    for (const auto& [name, text] : kNamed)
        if (entity == name)
            return std::string(text);
    if (entity.size() < 2 || entity.size() > 8 || entity[0] != '#')
        return {};
    const auto isHex = entity[1] == 'x' || entity[1] == 'X';
    char* end = nullptr;
    const auto code = std::strtoul(entity.c_str() + (isHex ? 2 : 1), &end, isHex ? 16 : 10);
    std::string text;
    if (*end == '\0' && code > 0 && code < 0x110000 && (code < 0xD800 || code > 0xDFFF))
        muster::letters::append(text, static_cast<char32_t>(code));
    return text;
}

/// Takes the markup at the front of `rest` away: an element's name, "/" before it when it ends one.
/// Empty when there is none.
std::string takeTag(std::string_view& rest)
{
    const auto end = rest.find('>');
    const auto isTag =
        rest.size() > 1 && end != rest.npos &&
        (std::isalpha(static_cast<unsigned char>(rest[1])) || rest[1] == '/' || rest[1] == '!');
    if (!isTag)
        return {};
    auto name = muster::lowered(rest.substr(1, rest.substr(1, end).find_first_of(" />\t\n", 1)));
    rest.remove_prefix(end + 1);
    return name;
}

/// Takes the entity or character at the front of `rest` away.
std::string takeText(std::string_view& rest)
{
    if (const auto end = rest.find(';'); rest.front() == '&' && end != rest.npos && end < 10)
        if (auto text = characterOf(std::string(rest.substr(1, end - 1))); !text.empty())
        {
            rest.remove_prefix(end + 1);
            return text;
        }
    std::string text(1, rest.front());
    rest.remove_prefix(1);
    return text;
}

} // namespace

std::string escaped(std::string_view text)
{
    std::string html;
    for (const char c : text)
        switch (c)
        {
        case '&':
            html += "&amp;";
            break;
        case '<':
            html += "&lt;";
            break;
        case '>':
            html += "&gt;";
            break;
        case '"':
            html += "&quot;";
            break;
        default:
            html += c;
        }
    return html;
}

std::vector<std::string> linesOf(std::string_view html)
{
    std::vector<std::string> lines;
    std::string line;
    const auto end = [&] { lines.push_back(muster::trimmed(std::exchange(line, {}))); };
    const auto endIfBegun = [&] {
        if (!muster::trimmed(line).empty())
            end();
    };
    while (!html.empty())
    {
        if (html.front() == '<')
            if (auto tag = takeTag(html); !tag.empty())
            {
                if (tag == "br")
                    end();
                else if (isBlock(tag[0] == '/' ? tag.substr(1) : tag))
                    endIfBegun();
                continue;
            }
        if (html.front() == '\n')
        {
            endIfBegun();
            html.remove_prefix(1);
        }
        else
            line += takeText(html);
    }
    endIfBegun();
    return lines;
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator)
{
    std::string text;
    for (const auto& part : parts)
        text.append(text.empty() ? std::string_view() : separator).append(part);
    return text;
}

size_t charactersIn(std::string_view text)
{
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string firstCharacters(std::string_view text, size_t count)
{
    size_t end = 0;
    for (; end < text.size(); ++end)
        if ((static_cast<unsigned char>(text[end]) & 0xC0) != 0x80 && count-- == 0)
            break;
    return std::string(text.substr(0, end));
}

std::string timeNow()
{
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm time{};
    gmtime_r(&now, &time);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &time);
    return text;
}

std::optional<int64_t> secondsOf(const std::string& time)
{
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (time.empty() || time.back() != 'Z' ||
        std::sscanf(time.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d", &year, &month, &day, &hour, &minute,
                    &second) != 6)
        return std::nullopt;
    using namespace std::chrono;
    const year_month_day date{std::chrono::year(year), std::chrono::month(month),
                              std::chrono::day(day)};
    if (!date.ok())
        return std::nullopt;
    const auto days = sys_days(date).time_since_epoch();
    return duration_cast<seconds>(days).count() + hour * 3600 + minute * 60 + second;
}

std::string csvLine(const std::vector<std::string>& cells)
{
    std::string line;
    for (const auto& cell : cells)
    {
        line += line.empty() ? "\"" : ",\"";
        const auto first = cell.find_first_not_of(" \t\r\n");
        if (first != cell.npos && std::string_view("=+-@").find(cell[first]) != std::string::npos)
            line += '\'';
        for (const char c : cell)
            line += c == '"' ? "\"\"" : std::string(1, c);
        line += '"';
    }
    return line + "\r\n";
}

std::string base64(std::string_view bytes)
{
    static constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (size_t i = 0; i < bytes.size(); i += 3)
    {
        uint32_t group = 0;
        for (size_t j = 0; j < 3; ++j)
            group =
                group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
        for (size_t j = 0; j < 4; ++j)
            text += i + j > bytes.size() ? '=' : kDigits[group >> (18 - 6 * j) & 63];
    }
    return text;
}

} // namespace itglue
