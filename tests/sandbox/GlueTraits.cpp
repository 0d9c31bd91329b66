#include "GlueTraits.h"

#include "Base64.h"
#include "GlueHtml.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace muster::sandbox {

namespace {

GlueError wrongTrait(const GlueField& field, const std::string& what)
{
    return {422, field.name + ' ' + what, "data/attributes/traits/" + field.nameKey};
}

std::size_t characters(const std::string& text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

bool isDate(const std::string& text)
{
    if (text.size() != 10)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        const bool isDash = i == 4 || i == 7;
        if (isDash ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    }
    return true;
}

bool isOption(const Json& options, const std::string& text)
{
    std::istringstream lines(options.is_string() ? options.get<std::string>() : "");
    for (std::string line; std::getline(lines, line);)
    {
        if (line == text)
            return true;
    }
    return false;
}

std::optional<GlueId> tagId(const Json& value)
{
    if (value.is_number_integer())
        return value.get<GlueId>();
    if (!value.is_string())
        return std::nullopt;
    const auto text = value.get<std::string>();
    GlueId id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(id)
                                                                    : std::nullopt;
}

} // namespace

std::string contentTypeOf(const std::string& name)
{
    const auto dot = name.rfind('.');
    const std::string end = dot == std::string::npos ? "" : name.substr(dot);
    if (end == ".csv")
        return "text/csv";
    if (end == ".png")
        return "image/png";
    return end == ".pdf" ? "application/pdf" : "application/octet-stream";
}

std::map<GlueId, Json> GlueTraits::read(const GlueType& type, GlueId organization,
                                        const Json& traits) const
{
    if (!traits.is_object())
        throw GlueError{422, "Traits must be an object", "data/attributes/traits"};
    std::map<GlueId, Json> result;
    for (const auto& [key, value] : traits.items())
    {
        const GlueField* const field = type.field(key);
        if (field == nullptr || field->kind == "Header")
            throw GlueError{422, "Request contains invalid trait keys", "data/attributes/traits"};
        Json kept = readOne(*field, organization, value);
        if (!kept.is_null())
            result[field->id] = std::move(kept);
    }
    for (const auto& [id, field] : type.fields)
    {
        if (field.required && result.count(id) == 0)
            throw wrongTrait(field, "can't be blank");
    }
    return result;
}

Json GlueTraits::readOne(const GlueField& field, GlueId organization, const Json& value) const
{
    if (value.is_null())
        return nullptr;
    if (field.kind == "Tag")
        return readTags(field, organization, value);
    if (field.kind == "Upload")
        return readUpload(field, value);
    if (field.kind == "Checkbox")
    {
        if (!value.is_boolean())
            throw wrongTrait(field, "must be true or false");
        return value;
    }
    if (field.kind == "Number" || field.kind == "Percent")
    {
        if (!value.is_number())
            throw wrongTrait(field, "is not a number");
        return value;
    }
    return readText(field, value);
}

Json GlueTraits::readText(const GlueField& field, const Json& value) const
{
    if (!value.is_string())
        throw wrongTrait(field, "is not a text");
    auto text = value.get<std::string>();
    if (field.kind == "Select" && !isOption(field.defaultValue, text))
        throw wrongTrait(field, "is not included in the list");
    if (field.kind == "Date" && !isDate(text))
        throw wrongTrait(field, "is not a date such as 2024-01-31");
    if (field.kind == "Text" && characters(text) > _settings.glueTextCharacters)
        throw wrongTrait(field, "is too long (maximum is " +
                                    std::to_string(_settings.glueTextCharacters) + " characters)");
    if (field.kind == "Textbox" && text.size() > _settings.glueTextboxBytes)
        throw wrongTrait(field, "is too large");
    if (field.kind == "Textbox" && _settings.glueSanitizesHtml)
        text = sanitizedHtml(text);
    return text.empty() ? Json() : Json(std::move(text));
}

Json GlueTraits::readTags(const GlueField& field, GlueId organization, const Json& value) const
{
    const GlueKind& kind = *field.target();
    Json ids = Json::array();
    for (const Json& each : value.is_array() ? value : Json::array({value}))
    {
        const auto id = tagId(each);
        if (!id)
            throw wrongTrait(field, "is neither an id nor a list of ids");
        const GlueRef target{kind.path, *id};
        const GlueId owner = _records.organizationOf(target);
        if (!_records.exists(target) || (!kind.belongsToAll && owner != organization))
            throw GlueError::inaccessible();
        if (kind.path == "flexible_assets" &&
            field.tagType != "FlexibleAssetType: " + std::to_string(_records.assets().at(*id).type))
            throw GlueError::inaccessible();
        ids.push_back(*id);
    }
    if (ids.size() > _settings.glueTags)
        throw wrongTrait(field, "has too many tags");
    return ids.empty() ? Json() : ids;
}

/// What an upload reads as has no content: written back, it is lost.
Json GlueTraits::readUpload(const GlueField& field, const Json& value)
{
    if (!value.is_object())
        throw wrongTrait(field, "is no file");
    const Json file = kebabNames(value);
    if (!file.contains("content"))
        return nullptr;
    const auto content = fromBase64(file.at("content").get<std::string>());
    if (!content)
        throw wrongTrait(field, "is not in base64");
    const std::string name = file.value("file-name", "file");
    return {{"content-type", contentTypeOf(name)},
            {"name", name},
            {"size", content->size()},
            {"url", kGlueSite + "/uploads/" + name}};
}

Json GlueTraits::shown(const GlueType& type, const GlueAsset& asset) const
{
    Json traits = Json::object();
    for (const GlueField* const field : type.fieldsInOrder())
    {
        const auto found = asset.traits.find(field->id);
        if (found == asset.traits.end() || field->kind == "Password")
            continue;
        traits[field->nameKey] =
            field->kind == "Tag" ? shownTags(*field, found->second) : found->second;
    }
    return traits;
}

/// The values come from the last to the first: their order says nothing.
Json GlueTraits::shownTags(const GlueField& field, const Json& ids) const
{
    const GlueKind& kind = *field.target();
    Json values = Json::array();
    for (auto each = ids.rbegin(); each != ids.rend(); ++each)
    {
        const GlueRef ref{kind.path, each->get<GlueId>()};
        const GlueId organization = _records.organizationOf(ref);
        Json value{{"id", ref.id}, {"name", _records.displayName(ref)}};
        if (const GlueRecord* const record = _records.find(ref);
            record != nullptr && kind.path == "configurations")
            value["hostname"] = record->attributes.value("hostname", Json());
        if (organization != 0 && kind.path != "flexible_assets")
            value["organization-name"] = _records.displayName({"organizations", organization});
        value["resource-url"] = kGlueSite + '/' + std::to_string(organization) + '/' + kind.path +
                                '/' + std::to_string(ref.id);
        values.push_back(std::move(value));
    }
    if (_settings.glueDoublesTags && !values.empty())
        values.push_back(values.front());
    const bool isAsset = kind.path == "flexible_assets";
    return {{"type", isAsset ? "FlexibleAssetTypes" : kind.tagType}, {"values", std::move(values)}};
}

std::string GlueTraits::title(const GlueType& type, const GlueAsset& asset)
{
    std::string title;
    for (const GlueField* const field : type.fieldsInOrder())
    {
        const auto found = asset.traits.find(field->id);
        if (!field->useForTitle || found == asset.traits.end())
            continue;
        const Json& value = found->second;
        title += (title.empty() ? "" : " ") +
                 (value.is_string() ? value.get<std::string>() : value.dump());
    }
    return title;
}

} // namespace muster::sandbox
