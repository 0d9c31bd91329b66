#include "Glue.h"

#include "GlueView.h"
#include "World.h"

#include <algorithm>
#include <array>
#include <memory>

namespace muster::sandbox {

namespace {

constexpr std::size_t kMaxBody = 10 * 1024 * 1024;
constexpr std::int64_t kLogDays = 30;
constexpr int kMaxLogPage = 5;

bool isJsonApi(const std::string& contentType)
{
    const std::string type = lowerCase(contentType.substr(0, contentType.find(';')));
    return type == "application/vnd.api+json";
}

Json recordsJson(const std::map<GlueId, GlueRecord>& records)
{
    Json json = Json::array();
    for (const auto& [id, record] : records)
    {
        Json each{{"id", id}};
        if (record.organization != 0)
            each["organization-id"] = record.organization;
        each.update(record.attributes);
        if (record.isSynced)
            each["synced"] = true;
        each["updated-at"] = timeText(record.times.updated);
        json.push_back(std::move(each));
    }
    return json;
}

} // namespace

Glue::Glue(const Settings& settings, const Clock& clock, const RequestLog& log, std::string apiKey)
    : _settings(settings),
      _clock(clock),
      _log(log),
      _apiKey(std::move(apiKey)),
      _records(clock),
      _assets(_records, settings),
      _types(_records, settings),
      _objects(_records, settings),
      _links(_records, settings)
{}

bool Glue::owns(const std::string& path) const
{
    const auto parts = segments(path);
    return !parts.empty() &&
           (parts[0] == "logs" || parts[0] == "flexible_asset_types" ||
            parts[0] == "flexible_asset_fields" || GlueKind::ofPath(parts[0]) != nullptr);
}

Route Glue::route(const Request& request)
{
    const auto call = std::make_shared<const GlueCall>(request);
    GlueRoute route = find(*call);
    if (!route.answer)
        route = {"itglue.unknown",
                 [](const GlueCall&) -> Response { throw GlueError::notFound(); }};
    const std::string name = route.name;
    return {name, [this, call, route = std::move(route)] { return answer(*call, route); }};
}

GlueRoute Glue::find(const GlueCall& call)
{
    const std::string& method = call.request.method;
    const GluePath path = segments(call.request.path);
    if (path[0] == "logs" && path.size() == 1 && method == "GET")
        return {"glue.logs.list", [this](const GlueCall& c) { return listLogs(c); }};
    const bool isRelationship = path.size() >= 4 && path.size() <= 5 && path[2] == "relationships";
    if (isRelationship && (path[3] == "attachments" || path[3] == "related_items"))
        return _links.find(method, path);
    if (path[0] == "flexible_assets")
        return _assets.find(method, path);
    if (path[0] == "flexible_asset_types" || path[0] == "flexible_asset_fields")
        return _types.find(method, path);
    if (!isRelationship || path[0] != "organizations")
        return _objects.find(method, path);
    if (path[1].find_first_not_of("0123456789") != std::string::npos || path[1].size() > 18)
        return {};
    const GlueId organization = glueIdOf(path[1]);
    const GluePath rest(path.begin() + 3, path.end());
    if (rest[0] != "flexible_assets")
        return _objects.findIn(organization, method, rest, call.sendsList());
    if (method != "POST" || rest.size() != 1)
        return {};
    return {call.sendsList() ? "flexibleAssets.bulkCreate" : "flexibleAssets.create",
            [this, organization](const GlueCall& c) { return _assets.createIn(c, organization); }};
}

Response Glue::answer(const GlueCall& call, const GlueRoute& route)
{
    const std::lock_guard lock(_mutex);
    if (auto refusal = refuse(call))
        return *refusal;
    Response response;
    try
    {
        if (call.hasBody() && call.body.is_discarded())
            throw GlueError{400, "The request body is not valid JSON", ""};
        response = route.answer(call);
    }
    catch (const GlueError& error)
    {
        response = glueRefusal(error);
    }
    catch (const nlohmann::json::exception& error)
    {
        response = glueRefusal({400, std::string("The body is wrong: ") + error.what(), "data"});
    }
    if (call.request.method != "GET")
        _writes.push_back(
            {_clock.milliseconds(), call.request.method, call.request.path, response.status});
    return response;
}

/// What is refused before anybody looks at the call.
std::optional<Response> Glue::refuse(const GlueCall& call)
{
    if (call.request.header("x-api-key") != _apiKey)
        return Response::json(403, {{"message", "Forbidden"}});
    if (auto throttled = throttle())
        return throttled;
    if (call.request.body.size() > kMaxBody)
        return Response::json(413, {{"message", "Request Too Long"}});
    if (call.hasBody() && !isJsonApi(call.request.header("Content-Type")))
        return glueRefusal({415, "The Content-Type header must be application/vnd.api+json", ""});
    return std::nullopt;
}

/// The limit is the account's. What is refused does not count.
std::optional<Response> Glue::throttle()
{
    const SettingsValues settings = _settings.values();
    if (settings.glueRequests == 0)
        return std::nullopt;
    const std::int64_t now = _clock.now();
    while (!_window.empty() && _window.front() + settings.glueSeconds <= now)
        _window.pop_front();
    if (_window.size() < settings.glueRequests)
    {
        _window.push_back(now);
        return std::nullopt;
    }
    Response response = Response::json(429, {{"message", "Too Many Requests"}});
    if (settings.glueRetryAfter)
        response.headers.emplace_back("Retry-After",
                                      std::to_string(_window.front() + settings.glueSeconds - now));
    return response;
}

/// The last 30 days, at most 5 pages.
Response Glue::listLogs(const GlueCall& call) const
{
    static const GlueListRules kRules{.filters = {"created-at"}, .sorts = {"created-at"}};
    const GlueQuery query(call.request, kRules, GlueQuery::Route::List);
    const auto number = call.request.parameter("page[number]");
    if (number && glueIdOf(*number) > kMaxLogPage)
        throw GlueError{400, "page[number] may be 1 to 5", ""};
    const std::string oldest = timeText(_clock.milliseconds() - std::chrono::hours(24 * kLogDays));
    std::vector<const Json*> logs;
    for (const Json& log : _records.logs())
    {
        if (log.at("created-at").get<std::string>() >= oldest)
            logs.push_back(&log);
    }
    return glueAnswer(
        200, query.page(
                 logs, [](const Json& log, const std::string& name) { return log.at(name); },
                 [](const Json& log, Json&) {
                     Json attributes = log;
                     attributes.erase("id");
                     return Json{{"id", log.at("id").dump()},
                                 {"type", "logs"},
                                 {"attributes", std::move(attributes)}};
                 }));
}

Json Glue::typesJson() const
{
    const GlueView view(_records, _settings.values());
    Json json = Json::array();
    for (const auto& [id, type] : _records.types())
    {
        Json each{{"id", id}};
        each.update(view.type(type)["attributes"]);
        each["native"] = type.isNative;
        each["fields"] = Json::array();
        for (const GlueField* const field : type.fieldsInOrder())
        {
            each["fields"].push_back({{"id", field->id}});
            each["fields"].back().update(view.field(*field)["attributes"]);
            each["fields"].back()["remote"] = field->isRemote;
        }
        json.push_back(std::move(each));
    }
    return json;
}

Json Glue::assetsJson() const
{
    Json json = Json::array();
    for (const auto& [id, asset] : _records.assets())
    {
        Json traits = Json::object();
        for (const GlueField* const field : _records.type(asset.type).fieldsInOrder())
        {
            const auto found = asset.traits.find(field->id);
            if (found != asset.traits.end())
                traits[field->nameKey] = found->second;
        }
        json.push_back({{"id", id},
                        {"organization-id", asset.organization},
                        {"flexible-asset-type-id", asset.type},
                        {"name", asset.name},
                        {"archived", asset.archived},
                        {"restricted", asset.restricted},
                        {"traits", std::move(traits)},
                        {"created-at", timeText(asset.times.created)},
                        {"updated-at", timeText(asset.times.updated)}});
    }
    return json;
}

Json Glue::state() const
{
    const std::lock_guard lock(_mutex);
    Json state = Json::object();
    for (const GlueKind& kind : GlueKind::all())
    {
        if (kind.path != "flexible_assets")
            state[kind.path] = recordsJson(_records.records(kind.path));
    }
    state["types"] = typesJson();
    state["assets"] = assetsJson();
    state["relatedItems"] = _records.relationsJson();
    state["attachments"] = Json::array();
    for (const auto& [id, attachment] : _records.attachments())
        state["attachments"].push_back({{"id", id},
                                        {"owner", {attachment.owner.kind, attachment.owner.id}},
                                        {"name", attachment.name},
                                        {"content", attachment.content}});
    state["logs"] = _records.logs();
    state["writes"] = Json::array();
    for (const auto& write : _writes)
        state["writes"].push_back({{"at", timeText(write.at)},
                                   {"method", write.method},
                                   {"path", write.path},
                                   {"status", write.status}});
    state.update(_log.service(name()));
    return state;
}

} // namespace muster::sandbox
