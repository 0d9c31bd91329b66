#include "TrialFile.h"

#include "HttpSandbox.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace muster::testing {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kSettling{10}; ///< more than search indexes usually need

Json objectOf(const std::string& file)
{
    const auto json = Json::parse(textOf(file), nullptr, false);
    if (!json.is_object())
        throw FileError(file + ": it is no JSON object");
    return json;
}

/// A value that a schema allows, as far as its examples, defaults and types tell.
Json exampleOf(const Json& schema)
{
    if (const auto examples = schema.value("examples", Json::array()); !examples.empty())
        return examples[0];
    if (schema.contains("default"))
        return schema["default"];
    if (const auto values = schema.value("enum", Json::array()); !values.empty())
        return values[0];
    const auto type = schema.value("type", "object");
    if (type == "string")
        return "made-up-value";
    if (type == "integer" || type == "number")
        return schema.value("minimum", Json(1));
    if (type == "boolean")
        return false;
    if (type == "array")
        return Json::array();
    Json object = Json::object();
    const auto properties = schema.value("properties", Json::object());
    for (const auto& name : schema.value("required", Json::array()))
        object[name.get<std::string>()] =
            exampleOf(properties.value(name.get<std::string>(), Json::object()));
    return object;
}

/// A sample of a trial with its number in the place of each {n}.
Json numbered(const Json& sample, const std::string& number)
{
    if (sample.is_string())
    {
        auto text = sample.get<std::string>();
        for (size_t at = 0; (at = text.find("{n}", at)) != text.npos; at += number.size())
            text.replace(at, 3, number);
        return text;
    }
    auto result = sample;
    if (result.is_structured())
        for (auto& inner : result)
            inner = numbered(inner, number);
    return result;
}

Json trialOf(const std::string& file)
{
    static const std::set<std::string> kKnown{"settings", "scope",       "role",
                                              "samples",  "badSettings", "tickets"};
    if (file.empty())
        return Json::object();
    const auto trial = objectOf(file);
    for (const auto& [name, value] : trial.items())
        if (!kKnown.count(name))
            throw FileError(file + ": \"" + name +
                            "\" is not known; it may have settings, scope, role, samples, "
                            "badSettings, tickets");
    const auto samples = trial.value("samples", Json::object());
    for (const auto& [kind, sample] : samples.items())
        for (const auto* member : {"key", "name", "fields"})
            if (!sample.is_object() || !sample.contains(member))
                throw FileError(file + ": the sample of " + kind + " lacks \"" + member + "\"");
    return trial;
}

/// The settings with what plugin.json asks for and no file says.
Json completed(Json settings, const plugins::TargetManifest& manifest,
               const std::map<std::string, std::string>& urls)
{
    for (const auto& origin : manifest.origins)
        if (origin.urls.empty())
        {
            const auto own = urls.find(origin.setting);
            const auto url = own == urls.end() ? urls.find("") : own;
            if (url != urls.end())
                settings[origin.setting] = url->second;
        }
    auto result = exampleOf(manifest.settings);
    result.update(settings);
    return result;
}

/// Throws FileError when the schema of plugin.json refuses what is to be tried.
void requireValid(const Json& schema, const Json& value, const std::string& what,
                  const std::string& file)
{
    std::string faults;
    for (const auto& fault : plugins::schemaFaults(schema, value))
        faults += "\n  " + what + ", " + fault;
    if (!faults.empty())
        throw FileError((file.empty() ? "What was made up from plugin.json's examples, for want of "
                                        "a trial"
                                      : file) +
                        ": the schema in plugin.json refuses it" + faults);
}

/// A scope that is made up may be part of a real system.
Json scopeOf(const TrialFiles& files, const Json& trial, const Json& schema)
{
    if (!files.scope.empty())
    {
        const auto scope = Json::parse(files.scope, nullptr, false);
        if (!scope.is_object())
            throw UsageFault("--scope takes a JSON object, like {\"account\": 42}");
        return scope;
    }
    if (trial.contains("scope"))
        return trial["scope"];
    const auto example = exampleOf(schema);
    if (!files.urls.empty() && !schema.value("properties", Json::object()).empty())
        throw UsageFault("Say which part of the system may be written to: --scope JSON, or "
                         "\"scope\" in the trial. It looks like " +
                         example.dump());
    return example;
}

} // namespace

std::string textOf(const std::string& file)
{
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream || fs::is_directory(file))
        throw FileError(file + ": it cannot be read");
    return text.str();
}

std::string manifestOf(const std::string& library)
{
    const auto named = fs::path(library).replace_extension(".json");
    const auto plain = fs::path(library).replace_filename("plugin.json");
    for (const auto& file : {named, plain})
        if (fs::exists(file))
            return file.string();
    throw FileError(library + ": neither " + named.string() +
                    " nor plugin.json is beside it; "
                    "name the plugin's description with --manifest");
}

plugins::TargetManifest targetManifestIn(const std::string& file)
{
    try
    {
        return plugins::parseTargetManifest(textOf(file), file);
    }
    catch (const plugins::ManifestError& error)
    {
        throw FileError(error.what());
    }
}

Subject subjectOf(const TrialFiles& files, const CheckParts& parts, int& world)
{
    const auto manifest = targetManifestIn(files.manifest);
    if (!fs::exists(files.library))
        throw FileError(files.library + ": there is no such file");
    const auto trial = trialOf(files.trial);
    const auto declared =
        files.settings.empty() ? trial.value("settings", Json::object()) : objectOf(files.settings);
    const auto settings = completed(declared, manifest, files.urls);

    Subject subject;
    subject.library = files.library;
    subject.manifest = files.manifest;
    subject.scope = scopeOf(files, trial, manifest.scope);
    subject.role = trial.value("role", "regular");
    if (!files.urls.empty())
        subject.settling = kSettling;
    subject.sample = [samples = trial.value("samples", Json::object()),
                      &world](const std::string& kind, int n) {
        const auto number = 10 * world + n;
        return samples.contains(kind) ? numbered(samples[kind], std::to_string(number))
                                      : usualSample(kind, number);
    };
    requireValid(manifest.settings, settings, "settings",
                 files.settings.empty() ? files.trial : files.settings);
    requireValid(manifest.scope, subject.scope, "scope",
                 files.scope.empty() ? files.trial : "--scope");
    for (const auto& bad : trial.value("badSettings", Json::array()))
    {
        subject.badSettings.push_back({bad.at("change"), bad.at("setting")});
        auto changed = settings;
        changed.merge_patch(bad.at("change"));
        requireValid(manifest.settings, changed, "badSettings " + bad.at("change").dump(),
                     files.trial);
    }
    subject.world = [=, &world] {
        ++world;
        if (!files.urls.empty())
            return World{httpSandbox(files.urls, manifest, settings), settings};
        if (parts.sandbox)
            return World{parts.sandbox(), settings};
        return World{[](const FakeRequest&) { return FakeAnswer{404, "{}"}; }, settings};
    };
    if (const auto tickets = trial.value("tickets", Json()); tickets.is_object())
    {
        auto changed = settings;
        changed.merge_patch(tickets.value("settings", Json::object()));
        requireValid(manifest.settings, changed, "tickets.settings", files.trial);
        subject.tickets = Subject::Tickets{tickets.value("settings", Json::object()), subject.world,
                                           tickets.at("id"), tickets.at("field")};
    }
    return subject;
}

} // namespace muster::testing
