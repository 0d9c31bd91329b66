#include "store/Dialect.h"

#include <algorithm>
#include <stdexcept>

namespace muster::store::dialect {

std::string rows(std::string_view parameter, std::string_view columns)
{
    std::string select;
    size_t index = 0;
    while (!columns.empty())
    {
        const auto comma = columns.find(',');
        auto column = columns.substr(0, comma);
        columns = comma == columns.npos ? std::string_view() : columns.substr(comma + 1);
        column.remove_prefix(std::min(column.find_first_not_of(' '), column.size()));
        const auto space = column.find(' ');
        if (space == column.npos)
            throw std::logic_error("a column of rows() has no type");
        select += select.empty() ? "(SELECT " : ", ";
        select += "json_extract(value, '$[" + std::to_string(index++) + "]') AS " +
                  std::string(column.substr(0, space));
    }
    return select + " FROM json_each(" + std::string(parameter) + "))";
}

std::string idsIn(std::string_view parameter)
{
    return "(SELECT id FROM " + rows(parameter, "id integer") + ")";
}

std::string mergePatch(std::string_view base, std::string_view patch)
{
    return "json_patch(" + std::string(base) + ", " + std::string(patch) + ")";
}

std::string member(std::string_view document, std::string_view name)
{
    return "json_extract(" + std::string(document) + ", '$." + std::string(name) + "')";
}

std::string temporaryTable(std::string_view name, std::string_view columns)
{
    return "CREATE TEMP TABLE IF NOT EXISTS " + std::string(name) + "(" + std::string(columns) +
           ")";
}

} // namespace muster::store::dialect
