#include "plugins/Lines.h"

#include <algorithm>
#include <stdexcept>

namespace muster::plugins {

namespace {

/// Enough for any record; a plugin that says more has lost its way.
constexpr size_t kMaxLine = 4u << 20;
/// What is nested deeper exhausts the stack of whoever copies it.
constexpr int kMaxDepth = 64;

std::string requiredText(const Json& value, const char* key)
{
    const auto text = value.at(key).get<std::string>();
    if (text.empty())
        throw std::invalid_argument(std::string("\"") + key + "\" is empty");
    return text;
}

std::string optionalText(const Json& value, const char* key)
{
    const auto found = value.find(key);
    return found == value.end() || found->is_null() ? std::string() : found->get<std::string>();
}

Json toJson(const RemoteEnd& end)
{
    return {{"kind", end.kind}, {"key", end.key}, {"remoteId", end.remoteId}};
}

Json toJson(const ChangeRequest& change)
{
    Json result{{"id", change.id}, {"action", toText(change.action)}};
    if (change.action == Action::Link || change.action == Action::Unlink)
    {
        result["from"] = toJson(change.from);
        result["to"] = toJson(change.to);
        if (change.action == Action::Link)
            result["role"] = change.role;
    }
    else
    {
        result["kind"] = change.kind;
        result["key"] = change.key;
        result["name"] = change.name;
        result["fields"] = change.fields.is_object() ? change.fields : Json::object();
        if (!change.remoteId.empty())
            result["remoteId"] = change.remoteId;
        if (change.within)
            result["within"] = toJson(*change.within);
    }
    if (change.doubt)
        result["doubt"] = true;
    return result;
}

} // namespace

Line parseLine(std::string_view text)
{
    if (text.size() > kMaxLine)
        throw std::invalid_argument("a line of " + std::to_string(text.size()) + " bytes");
    auto json = Json::parse(text, [](int depth, Json::parse_event_t, const Json&) {
        if (depth > kMaxDepth)
            throw std::invalid_argument("it is nested too deeply");
        return true;
    });
    if (!json.is_object() || json.size() != 1 || !json.begin()->is_object())
        throw std::invalid_argument("a line must be an object of one object: {\"record\":{...}}");
    auto member = json.begin();
    return {member.key(), std::move(member.value())};
}

std::vector<Line> parseLines(std::string_view text)
{
    std::vector<Line> result;
    while (!text.empty())
    {
        const auto end = std::min(text.find('\n'), text.size());
        if (end > 0)
            result.push_back(parseLine(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

std::string toLine(const std::string& what, Json value)
{
    Json line = Json::object();
    line[what] = std::move(value);
    return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string toCheckText(const std::vector<Json>& scopes)
{
    std::string text;
    for (const auto& scope : scopes)
        text += toLine("scope", scope) + '\n';
    return text;
}

std::string toReadText(const ReadRequest& request)
{
    const auto places = [](const std::vector<ReadRequest::Place>& list) {
        Json array = Json::array();
        for (const auto& place : list)
            array.push_back({{"kind", place.kind}, {"remoteId", place.remoteId}});
        return array;
    };
    Json read{{"scope", request.scope},
              {"kinds", request.kinds},
              {"linksInto", places(request.linksInto)}};
    for (const auto& name : request.find)
        read["find"].push_back({{"kind", name.kind}, {"key", name.key}});
    if (!request.within.empty())
        read["within"] = places(request.within);
    return toLine("read", std::move(read));
}

std::string toApplyText(const Json& scope, const ChangeRequest* first, size_t count)
{
    auto text = toLine("scope", scope) + '\n';
    for (size_t i = 0; i < count; ++i)
        text += toLine("change", toJson(first[i])) + '\n';
    return text;
}

RemoteRecord toRecord(const Json& value)
{
    RemoteRecord record;
    record.kind = requiredText(value, "kind");
    if (value.contains("key"))
        record.key = requiredText(value, "key");
    record.remoteId = requiredText(value, "remoteId");
    record.name = optionalText(value, "name");
    record.active = value.value("active", true);
    record.fields = value.value("fields", Json::object());
    if (!record.fields.is_object())
        throw std::invalid_argument("\"fields\" is no object");
    if (const auto within = value.find("within"); within != value.end() && !within->is_null())
        record.within = {requiredText(*within, "kind"), {}, requiredText(*within, "remoteId")};
    record.tags = value.value("tags", record.tags);
    record.aliases = value.value("aliases", record.aliases);
    return record;
}

RemoteLink toLink(const Json& value)
{
    const auto& from = value.at("from");
    const auto& to = value.at("to");
    return {requiredText(from, "kind"),   requiredText(from, "remoteId"), requiredText(to, "kind"),
            requiredText(to, "remoteId"), optionalText(value, "role"),    optionalText(to, "key")};
}

Outcome toOutcome(const Json& value)
{
    static const std::vector<std::pair<std::string, OutcomeState>> kStates{
        {"applied", OutcomeState::Applied},
        {"unchanged", OutcomeState::Unchanged},
        {"rejected", OutcomeState::Rejected},
        {"retry", OutcomeState::Retry}};
    Outcome outcome;
    outcome.id = value.at("id").get<int64_t>();
    const auto text = value.at("state").get<std::string>();
    const auto state = std::find_if(kStates.begin(), kStates.end(),
                                    [&](const auto& known) { return known.first == text; });
    if (state == kStates.end())
        throw std::invalid_argument("there is no state \"" + text + "\"");
    outcome.state = state->second;
    outcome.message = optionalText(value, "message");
    outcome.unknown = value.value("unknown", false);
    outcome.adopted = value.value("adopted", false);
    outcome.limit = value.value("limit", false);
    outcome.gone = value.value("gone", false);
    if (const auto after = value.value("retryAfter", Json()); after.is_number())
        outcome.retryAfter = std::chrono::milliseconds(
            static_cast<int64_t>(std::clamp(after.get<double>(), 0.0, 86'400'000.0)));
    if (const auto record = value.find("record"); record != value.end() && !record->is_null())
        outcome.record = toRecord(*record);
    return outcome;
}

runtime::Finding toFinding(const Json& value)
{
    return {requiredText(value, "code"), runtime::severityFromText(optionalText(value, "severity")),
            requiredText(value, "message")};
}

} // namespace muster::plugins
