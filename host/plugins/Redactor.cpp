#include "plugins/Redactor.h"

#include <Poco/Base64Encoder.h>
#include <Poco/URI.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace muster::plugins {

namespace {

using Json = nlohmann::json;

constexpr size_t kShortest = 4;
constexpr const char* kPlaceholder = "[secret]";

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

std::string inJson(const std::string& text)
{
    const auto quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
    return quoted.substr(1, quoted.size() - 2);
}

std::string inUrl(const std::string& text)
{
    std::string result;
    Poco::URI::encode(text, "!?#/'\",;:$&()[]*+=@", result);
    return result;
}

std::string inBase64(const std::string& text)
{
    std::ostringstream stream;
    Poco::Base64Encoder encoder(stream);
    encoder.rdbuf()->setLineLength(0);
    encoder << text;
    encoder.close();
    return stream.str();
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

Redactor::Redactor(const std::vector<std::string>& secrets)
{
    std::set<std::string> forms;
    for (const auto& secret : secrets)
        if (secret.size() >= kShortest)
            forms.insert({secret, inJson(secret), inUrl(secret), inBase64(secret)});
    _forms.assign(forms.begin(), forms.end());
    std::stable_sort(_forms.begin(), _forms.end(),
                     [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string Redactor::operator()(std::string text) const
{
    for (const auto& form : _forms)
        for (auto at = text.find(form); at != text.npos; at = text.find(form, at))
            text.replace(at, form.size(), kPlaceholder);
    return text;
}

} // namespace muster::plugins
