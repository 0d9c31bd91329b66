#pragma once

#include "GlueCall.h"

#include <algorithm>
#include <functional>
#include <set>

namespace muster::sandbox {

/// The filter, sort, include and page parameters of a read (contracts/itglue.md section 1.3).
/// Methods throw GlueError: 400 for what the route does not know. Used by one thread.
class GlueQuery
{
public:
    enum class Route
    {
        List,
        Nested, ///< filters are not looked at
        Single  ///< has no pages
    };

    GlueQuery(const Request& request, const GlueListRules& rules, Route route);

    /// The values of a filter; empty when it is not given.
    std::vector<std::string> filter(const std::string& name) const;
    const std::set<std::string>& includes() const { return _includes; }
    bool hasFilters() const { return !_filters.empty(); }

    /// Whether the filters let a record pass.
    template <typename Record, typename ValueOf>
    bool passes(const Record& record, ValueOf valueOf) const
    {
        return std::all_of(_filters.begin(), _filters.end(), [&](const auto& filter) {
            return matches(filter.first, filter.second, valueOf(record, filter.first));
        });
    }

    /// The page of the records that the filters let pass. valueOf(record, name) gives what is
    /// filtered and sorted by; render(record, included) gives an object and adds to included.
    template <typename Record, typename ValueOf, typename Render>
    Json page(const std::vector<const Record*>& records, ValueOf valueOf, Render render) const
    {
        std::vector<const Record*> shown;
        for (const Record* const record : records)
        {
            if (passes(*record, valueOf))
                shown.push_back(record);
        }
        for (auto sort = _sorts.rbegin(); sort != _sorts.rend(); ++sort)
            sortBy(shown, *sort, valueOf);
        Json data = Json::array();
        Json included = Json::array();
        for (std::size_t i = (_number - 1) * _size; i < std::min(_number * _size, shown.size());
             ++i)
            data.push_back(render(*shown[i], included));
        return finished(std::move(data), std::move(included), shown.size());
    }

private:
    struct Sort
    {
        std::string name;
        bool isDescending;
    };

    void read(const std::string& name, const std::string& value, const GlueListRules& rules);
    void readPage(const std::string& name, const std::string& value);
    static bool matches(const std::string& name, const std::string& wanted, const Json& value);
    Json finished(Json data, Json included, std::size_t total) const;
    std::string link(std::size_t number) const;

    template <typename Record, typename ValueOf>
    static void sortBy(std::vector<const Record*>& records, const Sort& sort, ValueOf valueOf)
    {
        std::vector<std::pair<Json, const Record*>> keyed;
        for (const Record* const record : records)
            keyed.emplace_back(valueOf(*record, sort.name), record);
        std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
            return sort.isDescending ? b.first < a.first : a.first < b.first;
        });
        std::transform(keyed.begin(), keyed.end(), records.begin(),
                       [](const auto& pair) { return pair.second; });
    }

    const Request& _request;
    Route _route;
    std::vector<std::pair<std::string, std::string>> _filters;
    std::vector<Sort> _sorts;
    std::set<std::string> _includes;
    std::size_t _number = 1;
    std::size_t _size = 50;
};

} // namespace muster::sandbox
