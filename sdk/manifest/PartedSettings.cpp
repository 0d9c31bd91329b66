#include "manifest/PartedSettings.h"

#include <set>

namespace muster::plugins {

using Json = nlohmann::json;

namespace {

void collectTexts(const Json& value, std::vector<std::string>& texts)
{
    if (value.is_string())
        texts.push_back(value);
    else if (value.is_structured())
        for (const auto& inner : value)
            collectTexts(inner, texts);
}

void part(const Json& schema, Json& settings, const std::set<std::string>& secretNames,
          std::vector<std::string>& secrets)
{
    const auto properties = schema.is_object() ? schema.value("properties", Json()) : Json();
    if (!settings.is_object())
        return;
    for (auto setting = settings.begin(); setting != settings.end();)
    {
        const auto known =
            properties.is_object() ? properties.value(setting.key(), Json()) : Json();
        const auto isSecret = secretNames.count(setting.key()) > 0 ||
                              (known.is_object() && known.value("writeOnly", Json()) == true);
        if (isSecret)
        {
            collectTexts(*setting, secrets);
            setting = settings.erase(setting);
        }
        else
        {
            part(known, *setting, {}, secrets);
            ++setting;
        }
    }
}

} // namespace

PartedSettings partSettings(const TargetManifest& manifest, const Json& settings)
{
    PartedSettings result{settings, {}};
    std::set<std::string> names;
    for (const auto& place : manifest.credentials)
        names.insert(place.setting);
    part(manifest.settings, result.open, names, result.secrets);
    return result;
}

} // namespace muster::plugins
