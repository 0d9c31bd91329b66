#include "Http.h"

#include <Poco/URI.h>

#include <algorithm>
#include <cctype>

namespace muster::sandbox {

std::optional<std::string> Request::parameter(std::string_view name) const
{
    for (const auto& [key, value] : query)
    {
        if (equalsWithoutCase(key, name))
            return value;
    }
    return std::nullopt;
}

std::string Request::header(std::string_view name) const
{
    for (const auto& [key, value] : headers)
    {
        if (equalsWithoutCase(key, name))
            return value;
    }
    return {};
}

void Request::setTarget(std::string_view target)
{
    const auto mark = target.find('?');
    path.clear();
    Poco::URI::decode(std::string(target.substr(0, mark)), path);
    rawQuery = mark == std::string_view::npos ? "" : std::string(target.substr(mark + 1));
    query.clear();
    std::string_view rest = rawQuery;
    while (!rest.empty())
    {
        const auto end = std::min(rest.find('&'), rest.size());
        const auto pair = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const auto equals = pair.find('=');
        std::string key;
        std::string value;
        Poco::URI::decode(std::string(pair.substr(0, equals)), key, true);
        if (equals != std::string_view::npos)
            Poco::URI::decode(std::string(pair.substr(equals + 1)), value, true);
        if (!key.empty())
            query.emplace_back(std::move(key), std::move(value));
    }
}

Response Response::json(int status, const Json& body)
{
    return {.status = status, .body = body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

std::vector<std::string> segments(std::string_view path)
{
    std::vector<std::string> result;
    while (!path.empty())
    {
        const auto end = std::min(path.find('/'), path.size());
        if (end > 0)
            result.emplace_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return result;
}

std::string lowerCase(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

bool equalsWithoutCase(std::string_view left, std::string_view right)
{
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(),
                                                     [](unsigned char a, unsigned char b) {
                                                         return std::tolower(a) == std::tolower(b);
                                                     });
}

} // namespace muster::sandbox
