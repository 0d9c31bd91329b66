#include "web/Router.h"

#include "estate/Field.h"
#include "runtime/Errors.h"

#include <Poco/URI.h>
#include <muster/Keys.h>

#include <algorithm>
#include <charconv>

namespace muster::web {

namespace {

std::vector<std::string> segmentsOf(const std::string& path)
{
    std::vector<std::string> segments;
    for (size_t begin = 0; begin < path.size();)
    {
        const auto end = std::min(path.find('/', begin), path.size());
        if (end > begin)
            segments.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return segments;
}

/// "{id}" or "{id}.pdf"
bool isParameter(const std::string& segment)
{
    return segment.size() > 2 && segment.front() == '{' && segment.find('}') != segment.npos;
}

std::string nameIn(const std::string& parameter)
{
    return parameter.substr(1, parameter.find('}') - 1);
}

std::string endOf(const std::string& parameter)
{
    return parameter.substr(parameter.find('}') + 1);
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path)
{
    return pattern.size() == path.size() &&
           std::equal(pattern.begin(), pattern.end(), path.begin(),
                      [](const std::string& asked, const std::string& given) {
                          if (!isParameter(asked))
                              return asked == given;
                          const auto end = endOf(asked);
                          return given.size() > end.size() && given.ends_with(end);
                      });
}

const Json& member(const Json& body, const std::string& name)
{
    static const Json kNone;
    const auto found = body.is_object() ? body.find(name) : body.end();
    return found == body.end() ? kNone : *found;
}

Json schemaOf(const Member& member)
{
    Json schema = {{"type", member.type}};
    if (member.type == "array")
        schema["items"] = {{"type", "string"}};
    return schema;
}

Json schemaOf(const std::vector<Member>& members)
{
    auto properties = Json::object();
    for (const auto& member : members)
        properties[member.name] = schemaOf(member);
    return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

void requireKnown(const std::string& name, const std::vector<Member>& members)
{
    std::vector<std::string> known;
    for (const auto& member : members)
        known.push_back(member.name);
    if (std::find(known.begin(), known.end(), name) == known.end())
        throw UsageError("the request takes no \"" + name + "\"" +
                         (known.empty() ? "" : ": " + estate::suggestion(name, known)));
}

/// Throws UsageError for a member of the query or the body that the route does not take.
void requireKnown(const ApiRequest& request, const Route& route)
{
    for (const auto& [name, value] : request.query)
        requireKnown(name, route.query);
    if (!request.body.is_object() && !request.body.is_null())
        throw UsageError("the body of the request must be a JSON object");
    for (const auto& [name, value] : request.body.items())
        requireKnown(name, route.body);
}

[[noreturn]] void refuse(const std::string& name, const std::string& what)
{
    throw UsageError("\"" + name + "\" of the request must be " + what);
}

} // namespace

std::string ApiCall::query(const std::string& name, const std::string& otherwise) const
{
    const auto found = request.query.find(name);
    return found == request.query.end() ? otherwise : found->second;
}

size_t ApiCall::number(const std::string& name, size_t otherwise) const
{
    const auto text = query(name);
    size_t value = otherwise;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!text.empty() && (end.ec != std::errc() || end.ptr != text.data() + text.size()))
        refuse(name, "a whole number, not '" + text + "'");
    return value;
}

std::string ApiCall::actor() const
{
    if (!request.caller.name.empty())
        return request.caller.name;
    const auto told = text("actor");
    return told.empty() ? "somebody on this machine" : told;
}

std::string ApiCall::text(const std::string& name) const
{
    const auto& value = member(request.body, name);
    if (!value.is_null() && !value.is_string())
        refuse(name, "a text");
    return value.is_null() ? std::string() : value.get<std::string>();
}

bool ApiCall::flag(const std::string& name) const
{
    const auto& value = member(request.body, name);
    if (!value.is_null() && !value.is_boolean())
        refuse(name, "true or false");
    return value.is_boolean() && value.get<bool>();
}

std::vector<std::string> ApiCall::texts(const std::string& name) const
{
    const auto& value = member(request.body, name);
    if (value.is_null())
        return {};
    if (!value.is_array() ||
        !std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); }))
        refuse(name, "a list of texts");
    return value.get<std::vector<std::string>>();
}

void Router::add(Route route)
{
    auto segments = segmentsOf(route.pattern);
    _routes.push_back({std::move(route), std::move(segments)});
}

Json Router::paths() const
{
    const Json problem = {{"$ref", "#/components/responses/Problem"}};
    auto paths = Json::object();
    for (const auto& [route, segments] : _routes)
    {
        Json operation = {{"summary", route.summary},
                          {"responses",
                           {{"200",
                             {{"description", "Done."},
                              {"content", {{route.type, {{"schema", Json::object()}}}}}}},
                            {"default", problem}}}};
        for (const auto& segment : segments)
            if (isParameter(segment))
                operation["parameters"].push_back({{"name", nameIn(segment)},
                                                   {"in", "path"},
                                                   {"required", true},
                                                   {"schema", {{"type", "string"}}}});
        for (const auto& member : route.query)
            operation["parameters"].push_back(
                {{"name", member.name}, {"in", "query"}, {"schema", schemaOf(member)}});
        if (!route.body.empty())
            operation["requestBody"] = {
                {"content", {{"application/json", {{"schema", schemaOf(route.body)}}}}}};
        paths[route.pattern][lowered(route.method)] = std::move(operation);
    }
    return paths;
}

ApiResponse Router::route(const ApiRequest& request, runtime::Progress& progress,
                          const runtime::Cancellation& cancellation) const
{
    const auto path = segmentsOf(request.path);
    bool known = false;
    for (const auto& [route, segments] : _routes)
    {
        if (!matches(segments, path))
            continue;
        known = true;
        if (route.method != request.method)
            continue;
        request.caller.require(route.right);
        requireKnown(request, route);
        ApiCall call{request, {}, progress, cancellation};
        for (size_t index = 0; index < path.size(); ++index)
            if (const auto& segment = segments[index]; isParameter(segment))
                Poco::URI::decode(path[index].substr(0, path[index].size() - endOf(segment).size()),
                                  call.parameters[nameIn(segment)]);
        return route.handler(call);
    }
    if (known)
        throw UsageError(request.path + " does not take " + request.method);
    throw MissingError("there is no " + request.path);
}

} // namespace muster::web
