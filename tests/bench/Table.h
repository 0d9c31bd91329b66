#pragma once

#include <string>
#include <utility>
#include <vector>

namespace muster::bench {

/// Figures by section, row and column, printed aligned. Rows stand in the order they came.
class Table
{
public:
    /// Starts a column; the figures that follow stand in it.
    void addColumn(const std::string& title);

    void add(const std::string& section, const std::string& row, const std::string& figure);

    std::string text() const;

private:
    struct Row
    {
        std::string section;
        std::string name;
        std::vector<std::string> figures;
    };

    std::vector<std::string> _columns;
    std::vector<Row> _rows;
};

} // namespace muster::bench
