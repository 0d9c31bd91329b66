#include "app/Table.h"

#include <Poco/TextIterator.h>
#include <Poco/UTF8Encoding.h>

#include <algorithm>
#include <utility>
#include <wchar.h>

namespace muster::app {

namespace {

constexpr size_t kGap = 2;
constexpr size_t kNarrowest = 24; ///< a last column that is wrapped keeps at least so much

/// Characters that move the cursor or turn the direction of writing.
bool isSteering(int character)
{
    return character < 0x20 || (character >= 0x7F && character <= 0x9F) ||
           (character >= 0x202A && character <= 0x202E) ||
           (character >= 0x2066 && character <= 0x2069) || character == 0x200E ||
           character == 0x200F;
}

/// Lines of at most `width` columns, broken at spaces.
std::vector<std::string> wrapped(const std::string& text, size_t width)
{
    std::vector<std::string> lines(1);
    for (size_t begin = 0; begin < text.size();)
    {
        const auto end = std::min(text.find(' ', begin), text.size());
        const auto word = text.substr(begin, end - begin);
        auto& line = lines.back();
        if (!line.empty() && columnsOf(line) + 1 + columnsOf(word) > width)
            lines.push_back(word);
        else
            line += (line.empty() ? "" : " ") + word;
        begin = end + 1;
    }
    return lines;
}

} // namespace

std::string printable(const std::string& text)
{
    const Poco::UTF8Encoding encoding;
    std::string result;
    for (Poco::TextIterator at(text, encoding), end(text); at != end; ++at)
    {
        const int character = *at;
        unsigned char bytes[4];
        const bool isBreak = character == '\n' || character == '\r' || character == '\t';
        const int size = character < 0 ? 0 : encoding.convert(character, bytes, sizeof bytes);
        if (isBreak)
            result += ' ';
        else if (size <= 0 || isSteering(character))
            result += '?';
        else
            result.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
    }
    return result;
}

size_t columnsOf(const std::string& text)
{
    const Poco::UTF8Encoding encoding;
    size_t columns = 0;
    for (Poco::TextIterator at(text, encoding), end(text); at != end; ++at)
        columns += static_cast<size_t>(std::max(::wcwidth(static_cast<wchar_t>(*at)), 0));
    return columns;
}

std::string coloured(const std::string& text, Colour colour, bool colours)
{
    if (!colours || colour == Colour::None)
        return text;
    const char* code = colour == Colour::Green    ? "32"
                       : colour == Colour::Yellow ? "33"
                       : colour == Colour::Red    ? "31"
                                                  : "2";
    return std::string("\x1b[") + code + "m" + text + "\x1b[0m";
}

Table::Cell::Cell(std::string value, Colour shade) : text(printable(value)), colour(shade)
{}

Table::Cell::Cell(const char* value) : text(value)
{}

Table::Cell::Cell(int64_t value) : text(std::to_string(value)), isNumber(true)
{}

void Table::print(std::ostream& out, size_t width, bool colours) const
{
    std::vector<size_t> widths;
    for (size_t column = 0; column < _heading.size(); ++column)
    {
        widths.push_back(columnsOf(_heading[column]));
        for (const auto& row : _rows)
            widths[column] = std::max(widths[column], columnsOf(row[column].text));
    }
    size_t indent = 0;
    for (size_t column = 0; column + 1 < widths.size(); ++column)
        indent += widths[column] + kGap;
    const auto room = width > indent + kNarrowest ? width - indent : width > 0 ? kNarrowest : 0;

    const auto printRow = [&](const Row& row) {
        std::string gap; // only in front of something: no line ends with spaces
        for (size_t column = 0; column + 1 < row.size(); ++column)
        {
            const auto& cell = row[column];
            const std::string space(widths[column] - columnsOf(cell.text), ' ');
            if (cell.isNumber)
                gap += space;
            if (!cell.text.empty())
                out << std::exchange(gap, "") << coloured(cell.text, cell.colour, colours);
            gap += (cell.isNumber ? "" : space) + std::string(kGap, ' ');
        }
        const auto& last = row.back();
        if (last.isNumber)
            gap += std::string(widths.back() - columnsOf(last.text), ' ');
        const auto lines = room > 0 ? wrapped(last.text, room) : std::vector{last.text};
        for (size_t line = 0; line < lines.size(); ++line)
        {
            if (!lines[line].empty())
                out << std::exchange(gap, std::string(indent, ' '))
                    << coloured(lines[line], last.colour, colours);
            out << "\n";
        }
    };

    Row heading;
    for (size_t column = 0; column < _heading.size(); ++column)
    {
        heading.emplace_back(_heading[column], Colour::Faint);
        heading.back().isNumber = !_rows.empty() && _rows.front()[column].isNumber;
    }
    printRow(heading);
    for (const auto& row : _rows)
        printRow(row);
}

} // namespace muster::app
