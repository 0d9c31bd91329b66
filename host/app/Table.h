#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace muster::app {

/// Text for a terminal from text of the outside: control characters and bytes that are not UTF-8
/// become '?', line breaks a space, so that a group's name cannot steer the terminal.
std::string printable(const std::string& text);

/// How many columns of a terminal a text takes; wide characters take two.
size_t columnsOf(const std::string& text);

enum class Colour
{
    None,
    Green,
    Yellow,
    Red,
    Faint
};

/// Rows under a heading, aligned. Numbers stand to the right. The last column is wrapped at `width`
/// (0: never).
class Table
{
public:
    struct Cell
    {
        std::string text;
        Colour colour = Colour::None;
        bool isNumber = false;

        Cell(std::string value, Colour shade = Colour::None);
        Cell(const char* value);
        Cell(int64_t value);
    };
    using Row = std::vector<Cell>;

    explicit Table(std::vector<std::string> heading) : _heading(std::move(heading)) {}

    void add(Row row) { _rows.push_back(std::move(row)); }
    bool isEmpty() const { return _rows.empty(); }

    void print(std::ostream& out, size_t width, bool colours) const;

private:
    std::vector<std::string> _heading;
    std::vector<Row> _rows;
};

/// `text` in a colour, when there are colours.
std::string coloured(const std::string& text, Colour colour, bool colours);

} // namespace muster::app
