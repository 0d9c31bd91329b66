#include "GlueQuery.h"

#include <Poco/URI.h>

#include <charconv>

namespace muster::sandbox {

namespace {

constexpr std::size_t kMaxPage = 1000;

GlueError badQuery(const std::string& detail)
{
    return {400, detail, ""};
}

bool isOneOf(const std::vector<std::string>& names, const std::string& name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// The parts between commas; "\," is a comma.
std::vector<std::string> listOf(const std::string& text)
{
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',')
            parts.back() += text[++i];
        else if (text[i] == ',')
            parts.emplace_back();
        else
            parts.back() += text[i];
    }
    return parts;
}

/// "filter[name]" and "filter" give "name"; nothing for another parameter.
std::optional<std::string> memberOf(const std::string& parameter, const std::string& object)
{
    const std::string start = object + '[';
    if (parameter.rfind(start, 0) != 0 || parameter.back() != ']')
        return std::nullopt;
    return kebabCase(parameter.substr(start.size(), parameter.size() - start.size() - 1));
}

std::string filterText(const Json& value)
{
    if (value.is_null())
        return {};
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// "2024-01-01, *": both ends belong to it, "*" is open.
bool isWithin(const std::string& range, const std::string& time)
{
    const auto comma = range.find(',');
    const std::string from = range.substr(0, comma);
    std::string to = comma == std::string::npos ? "*" : range.substr(comma + 1);
    to.erase(0, to.find_first_not_of(' '));
    return (from == "*" || from <= time) && (to == "*" || time <= to);
}

} // namespace

GlueQuery::GlueQuery(const Request& request, const GlueListRules& rules, Route route)
    : _request(request), _route(route)
{
    for (const auto& [name, value] : request.query)
        read(name, value, rules);
}

void GlueQuery::read(const std::string& name, const std::string& value, const GlueListRules& rules)
{
    if (const auto filter = memberOf(name, "filter"))
    {
        if (_route == Route::Nested)
            return;
        if (!isOneOf(rules.filters, *filter))
            throw badQuery("Filter " + *filter + " is not allowed");
        _filters.emplace_back(*filter, value);
    }
    else if (const auto page = memberOf(name, "page"))
        readPage(*page, value);
    else if (name == "sort")
    {
        for (const auto& each : listOf(value))
        {
            const bool isDescending = !each.empty() && each[0] == '-';
            const std::string field = kebabCase(each.substr(isDescending ? 1 : 0));
            if (!isOneOf(rules.sorts, field))
                throw badQuery("Sort by " + field + " is not allowed");
            _sorts.push_back({field, isDescending});
        }
    }
    else if (name == "include")
    {
        for (const auto& each : listOf(value))
        {
            if (!isOneOf(rules.includes, kebabCase(each)))
                throw badQuery("Include of " + each + " is not allowed");
            _includes.insert(kebabCase(each));
        }
    }
}

void GlueQuery::readPage(const std::string& name, const std::string& value)
{
    if (_route == Route::Single)
        throw badQuery("Page parameters are not allowed");
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size() || number == 0 ||
        (name != "number" && name != "size"))
        throw badQuery("page[" + name + "] is wrong");
    if (name == "number")
        _number = std::min<std::size_t>(number, 1'000'000'000);
    else
        _size = std::min(number, kMaxPage);
}

std::vector<std::string> GlueQuery::filter(const std::string& name) const
{
    for (const auto& [filter, value] : _filters)
    {
        if (filter == name)
            return listOf(value);
    }
    return {};
}

bool GlueQuery::matches(const std::string& name, const std::string& wanted, const Json& value)
{
    if (name == "created-at" || name == "updated-at")
        return isWithin(wanted, filterText(value));
    const auto values = listOf(wanted);
    if (value.is_boolean() && isOneOf(values, value.get<bool>() ? "1" : "0"))
        return true;
    return isOneOf(values, filterText(value));
}

Json GlueQuery::finished(Json data, Json included, std::size_t total) const
{
    const std::size_t last = std::max<std::size_t>(1, (total + _size - 1) / _size);
    const Json next = _number < last ? Json(_number + 1) : Json();
    const Json previous = _number > 1 ? Json(_number - 1) : Json();
    Json links{{"self", link(_number)}, {"first", link(1)}};
    links["prev"] = previous.is_null() ? Json() : Json(link(_number - 1));
    links["next"] = next.is_null() ? Json() : Json(link(_number + 1));
    links["last"] = link(last);
    Json document{{"data", std::move(data)}};
    if (!_includes.empty())
        document["included"] = std::move(included);
    document["meta"] = {{"current-page", _number}, {"next-page", next},
                        {"prev-page", previous},   {"total-pages", last},
                        {"total-count", total},    {"filters", Json::object()}};
    document["links"] = std::move(links);
    return document;
}

std::string GlueQuery::link(std::size_t number) const
{
    std::string query;
    const auto add = [&](const std::string& name, const std::string& value) {
        query += query.empty() ? '?' : '&';
        Poco::URI::encode(name, "[]&=+#", query);
        query += '=';
        Poco::URI::encode(value, "[]&=+#,", query);
    };
    for (const auto& [name, value] : _request.query)
    {
        if (!memberOf(name, "page"))
            add(name, value);
    }
    add("page[number]", std::to_string(number));
    add("page[size]", std::to_string(_size));
    return _request.baseUrl + _request.path + query;
}

} // namespace muster::sandbox
