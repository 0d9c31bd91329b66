#include "GlueCall.h"

#include <charconv>

namespace muster::sandbox {

namespace {

constexpr const char* kJsonApi = "application/vnd.api+json";

std::string statusWord(int status)
{
    switch (status)
    {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 415:
        return "Unsupported Media Type";
    case 422:
        return "Unprocessable Entity";
    default:
        return "Internal Server Error";
    }
}

Json kebabAttributes(const Json& object)
{
    if (!object.is_object())
        throw GlueError{400, "The data must be an object with attributes"};
    const Json attributes = object.value("attributes", Json::object());
    if (!attributes.is_object())
        throw GlueError{400, "The attributes must be an object", "data/attributes"};
    return kebabNames(attributes);
}

} // namespace

GlueCall::GlueCall(const Request& source)
    : request(source), body(Json::parse(source.body, nullptr, false))
{}

bool GlueCall::sendsList() const
{
    return body.is_object() && body.contains("data") && body["data"].is_array();
}

const Json& GlueCall::data() const
{
    if (!body.is_object() || !body.contains("data"))
        throw GlueError{400, "The request body must be JSON with a member data", ""};
    return body["data"];
}

Json GlueCall::attributes(const std::string& resource) const
{
    if (data().is_array())
        throw GlueError{422, "bulk action not allowed for " + resource + " using this route",
                        "data", true};
    return kebabAttributes(data());
}

std::vector<Json> GlueCall::list() const
{
    std::vector<Json> result;
    for (const Json& each : data().is_array() ? data() : Json::array({data()}))
        result.push_back(kebabAttributes(each));
    return result;
}

Response glueAnswer(int status, const Json& body)
{
    Response response = Response::json(status, body);
    response.contentType = kJsonApi;
    return response;
}

Response glueRefusal(const GlueError& error)
{
    if (error.status == 404)
        return {.status = 404,
                .contentType = "text/html; charset=utf-8",
                .body = "<!DOCTYPE html>\n<html>\n<head><title>The page you were looking for "
                        "doesn't exist (404)</title></head>\n<body>\n<h1>The page you were "
                        "looking for doesn't exist.</h1>\n</body>\n</html>\n"};
    Json json = error.isWorded ? Json{{"status", "unprocessable_entity"}, {"title", error.detail}}
                               : Json{{"status", error.status},
                                      {"title", statusWord(error.status)},
                                      {"detail", error.detail}};
    if (!error.pointer.empty())
        json["source"] = {{"pointer", error.pointer}};
    return glueAnswer(error.status, {{"errors", Json::array({json})}});
}

GlueId glueIdOf(const std::string& text)
{
    GlueId id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size())
        throw GlueError::notFound();
    return id;
}

std::optional<GlueId> glueIdOf(const Json& attributes, const char* name)
{
    const auto found = attributes.find(name);
    if (found == attributes.end() || found->is_null())
        return std::nullopt;
    if (found->is_number_integer())
        return found->get<GlueId>();
    if (found->is_string())
        return glueIdOf(found->get<std::string>());
    throw GlueError{422, std::string(name) + " is not an id",
                    std::string("data/attributes/") + name};
}

Json applyBulk(const std::vector<Json>& changes, const SettingsValues& settings,
               const std::function<std::function<Json()>(const Json&)>& check)
{
    using Mode = SettingsValues::GlueBulk;
    if (changes.size() > settings.glueBulkItems)
        throw GlueError{422, "Too many items: a request may have at most " +
                                 std::to_string(settings.glueBulkItems)};
    Json results = Json::array();
    if (settings.glueBulk == Mode::UntilError)
    {
        for (const Json& change : changes)
            results.push_back(check(change)());
        return results;
    }
    std::vector<std::function<Json()>> apply;
    for (const Json& change : changes)
        apply.push_back(check(change));
    const bool isHalf = settings.glueBulk == Mode::Half && changes.size() > 1;
    apply.resize(isHalf ? apply.size() / 2 : apply.size());
    for (const auto& each : apply)
        results.push_back(each());
    if (isHalf)
        throw GlueError{500, "The request was not completed"};
    return results;
}

} // namespace muster::sandbox
