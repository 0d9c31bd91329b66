#include "Table.h"

#include <algorithm>

namespace muster::bench {

namespace {

constexpr size_t kIndent = 2;

std::string padded(const std::string& text, size_t width)
{
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

} // namespace

void Table::addColumn(const std::string& title)
{
    _columns.push_back(title);
}

void Table::add(const std::string& section, const std::string& row, const std::string& figure)
{
    auto found = std::find_if(_rows.begin(), _rows.end(), [&](const Row& each) {
        return each.section == section && each.name == row;
    });
    if (found == _rows.end())
    {
        // A row that only later columns have still stands with its section.
        const auto last = std::find_if(_rows.rbegin(), _rows.rend(),
                                       [&](const Row& each) { return each.section == section; });
        found = _rows.insert(last == _rows.rend() ? _rows.end() : last.base(), {section, row, {}});
    }
    found->figures.resize(_columns.size());
    found->figures.back() = figure;
}

std::string Table::text() const
{
    size_t nameWidth = 0;
    for (const auto& row : _rows)
        nameWidth = std::max({nameWidth, row.section.size(), row.name.size() + kIndent});
    std::vector<size_t> widths;
    for (size_t column = 0; column < _columns.size(); ++column)
    {
        widths.push_back(_columns[column].size());
        for (const auto& row : _rows)
            if (column < row.figures.size())
                widths.back() = std::max(widths.back(), row.figures[column].size());
    }
    const auto line = [&](const std::string& name, const std::vector<std::string>& figures) {
        auto text = name + std::string(nameWidth - name.size(), ' ');
        for (size_t column = 0; column < _columns.size(); ++column)
            text += "  " + padded(column < figures.size() ? figures[column] : "", widths[column]);
        return text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
    };
    auto text = line("", _columns);
    std::string section;
    for (const auto& row : _rows)
    {
        if (row.section != section)
            text += "\n" + row.section + "\n";
        section = row.section;
        text += line(std::string(kIndent, ' ') + row.name, row.figures);
    }
    return text;
}

} // namespace muster::bench
