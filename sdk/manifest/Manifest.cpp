#include "manifest/Manifest.h"

#include <algorithm>
#include <charconv>

namespace muster::plugins {

using Json = nlohmann::json;

namespace {

constexpr size_t kMaxBytes = 1u << 20;
constexpr int kMaxDepth =
    40; ///< of a schema in it; deeper ones would exhaust the validator's stack

[[noreturn]] void fail(const std::string& file, const std::string& why)
{
    throw ManifestError(file + ": " + why);
}

/// Reads the members of a manifest and says which one is wrong.
class Reader
{
public:
    Reader(const std::string& text, const std::string& file, const std::set<std::string>& known)
        : _file(file)
    {
        if (text.size() > kMaxBytes)
            fail(file, "it is larger than 1 MiB");
        bool isTooDeep = false;
        const auto watch = [&](int depth, Json::parse_event_t, Json&) {
            isTooDeep = isTooDeep || depth > kMaxDepth;
            return depth <= kMaxDepth;
        };
        try
        {
            _json = Json::parse(text, watch);
        }
        catch (const Json::exception& error)
        {
            // "[json.exception.parse_error.101] parse error at line 3, column 5: ..."
            const std::string what = error.what();
            fail(file, "it is not JSON: " + what.substr(what.find("] ") + 2));
        }
        if (isTooDeep)
            fail(file, "it is nested too deeply");
        if (!_json.is_object())
            fail(file, "it is not a JSON object");
        for (const auto& [key, value] : _json.items())
            if (!known.count(key))
                fail(file, "the key \"" + key + "\" is not known");
    }

    std::string text(const Json& object, const char* key, const std::string& where = {}) const
    {
        const auto value = member(object, key, where);
        if (!value.is_string() || value.get_ref<const std::string&>().empty())
            fail(_file, "\"" + where + key + "\" must be a text that is not empty");
        return value;
    }
    std::string text(const char* key) const { return text(_json, key); }

    std::string id() const
    {
        const auto value = text("id");
        const auto isFine = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        };
        if (value.size() > 64 || !std::all_of(value.begin(), value.end(), isFine))
            fail(_file, "\"id\" may hold a-z, 0-9 and -, at most 64 of them");
        return value;
    }

    std::vector<std::string> texts(const Json& value, const std::string& key) const
    {
        std::vector<std::string> result;
        for (const auto& item : array(value, key))
            if (item.is_string())
                result.push_back(item);
            else
                fail(_file, "\"" + key + "\" must be a list of texts");
        return result;
    }

    /// By value: callers loop over what optional() gives them.
    Json array(const Json& value, const std::string& key) const
    {
        if (value.is_null())
            return Json::array();
        if (!value.is_array())
            fail(_file, "\"" + key + "\" must be a list");
        return value;
    }

    double number(const Json& object, const char* key, double fallback, double most) const
    {
        if (!object.contains(key))
            return fallback;
        const auto& value = object[key];
        if (!value.is_number() || !(value > 0) || !(value <= most))
            fail(_file, std::string("\"limits.") + key + "\" must be a number above 0 and up to " +
                            Json(most).dump());
        return value;
    }

    /// A JSON Schema; an empty one when there is none.
    Json schema(const char* key) const
    {
        const auto value = _json.value(key, Json{{"type", "object"}});
        if (!value.is_object())
            fail(_file, std::string("\"") + key + "\" must be a JSON Schema");
        // What it thinks of an empty object does not matter here, only that it can think.
        for (const auto& fault : schemaFaults(value, Json::object()))
            if (fault.rfind("the schema cannot be used", 0) == 0)
                fail(_file, std::string("\"") + key + "\": " + fault);
        return value;
    }

    std::vector<LinkKind> links() const
    {
        std::vector<LinkKind> result;
        for (const auto& link : array(_json.value("links", Json()), "links"))
        {
            if (!link.is_object())
                fail(_file, "\"links\" must be a list of objects with \"from\" and \"to\"");
            const auto isExclusive = link.value("exclusive", Json(false));
            if (!isExclusive.is_boolean())
                fail(_file, "\"links.exclusive\" must be true or false");
            const auto said = link.value("said", Json("into-destination"));
            if (said != "with-source" && said != "into-destination")
                fail(_file, "\"links.said\" must be with-source or into-destination");
            result.push_back({text(link, "from", "links."), text(link, "to", "links."), isExclusive,
                              isExclusive || said == "with-source",
                              texts(link.value("roles", Json()), "links.roles")});
        }
        return result;
    }

    Json optional(const char* key) const { return _json.value(key, Json()); }
    const std::string& file() const { return _file; }

private:
    Json member(const Json& object, const char* key, const std::string& where) const
    {
        if (!object.contains(key))
            fail(_file, "\"" + where + key + "\" is missing");
        return object[key];
    }

    std::string _file;
    Json _json;
};

/// "1.0" into 1 and 0.
std::pair<int, int> parseAbi(const std::string& text, const std::string& file)
{
    int major = 0;
    int minor = 0;
    const auto* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, major);
    const auto isSplit = first.ec == std::errc() && first.ptr != end && *first.ptr == '.';
    const auto second = isSplit ? std::from_chars(first.ptr + 1, end, minor) : first;
    if (!isSplit || second.ec != std::errc() || second.ptr != end || major < 0 || minor < 0)
        fail(file, R"("abi" must be the version of target.h, like "1.0")");
    return {major, minor};
}

std::map<std::string, std::set<std::string>> parseRecords(const Reader& reader)
{
    static const std::set<std::string> kActions{"create", "update", "activate", "retire"};
    const auto records = reader.optional("records");
    if (!records.is_object() || records.empty())
        fail(reader.file(),
             "\"records\" must say which kinds it holds and what can be done with them");
    std::map<std::string, std::set<std::string>> result;
    for (const auto& [kind, actions] : records.items())
    {
        auto& can = result[kind];
        for (const auto& action : reader.texts(actions, "records." + kind))
            if (!kActions.count(action))
                fail(reader.file(), "\"records." + kind + "\": " + action +
                                        " is not one of create, update, activate, retire");
            else
                can.insert(action);
    }
    return result;
}

std::map<std::string, std::string> parseWithin(const Reader& reader, const TargetManifest& manifest)
{
    std::map<std::string, std::string> result;
    const auto within = reader.optional("within");
    if (!within.is_null() && !within.is_object())
        fail(reader.file(), "\"within\" must say of kinds which kind they are parts of");
    for (const auto& [kind, container] : within.items())
    {
        result[kind] = container.is_string() ? container.get<std::string>() : std::string();
        if (!manifest.records.count(kind) || !manifest.records.count(result[kind]))
            fail(reader.file(), "\"within." + kind + "\": \"records\" lacks one of the kinds");
    }
    return result;
}

bool declares(const Json& schema, const std::string& setting)
{
    const auto properties = schema.value("properties", Json());
    return properties.is_object() && properties.contains(setting);
}

std::vector<Origin> parseOrigins(const Reader& reader, const Json& settings)
{
    std::vector<Origin> result;
    for (const auto& origin : reader.array(reader.optional("origins"), "origins"))
    {
        Origin place;
        if (origin.is_object())
        {
            const auto urls = origin.value("urls", Json());
            const auto isText = [](const Json& url) { return url.is_string(); };
            if (!urls.is_object() || urls.empty() || !std::all_of(urls.begin(), urls.end(), isText))
                fail(reader.file(), "\"origins.urls\" must say which value stands for which URL");
            place = {reader.text(origin, "setting", "origins."), urls};
        }
        else if (origin.is_string())
            place.setting = origin;
        else
            fail(reader.file(), "\"origins\" must be a list of settings");
        if (!declares(settings, place.setting))
            fail(reader.file(), "\"origins\" names the setting " + place.setting +
                                    ", which \"settings\" does not have");
        result.push_back(std::move(place));
    }
    return result;
}

std::vector<CredentialPlace> parseCredentials(const Reader& reader, const Json& settings)
{
    std::vector<CredentialPlace> result;
    for (const auto& place : reader.array(reader.optional("credentials"), "credentials"))
    {
        if (!place.is_object())
            fail(reader.file(), "\"credentials\" must be a list of objects");
        CredentialPlace credential{reader.text(place, "setting", "credentials."),
                                   reader.text(place, "header", "credentials."),
                                   reader.text(place, "format", "credentials.")};
        if (credential.format.find("{}") == credential.format.npos)
            fail(reader.file(), "\"credentials.format\" must hold {} for the secret");
        if (!declares(settings, credential.setting))
            fail(reader.file(), "\"credentials\" names the setting " + credential.setting +
                                    ", which \"settings\" does not have");
        result.push_back(std::move(credential));
    }
    return result;
}

} // namespace

std::string Origin::url(const Json& settings) const
{
    const auto value = settings.value(setting, Json());
    if (!value.is_string() || urls.empty())
        return value.is_string() ? value.get<std::string>() : std::string();
    const auto found = urls.find(value.get<std::string>());
    return found == urls.end() ? std::string() : found->second;
}

const std::string& LinkKind::roleFor(const std::string& role) const
{
    const auto isKnown = std::find(roles.begin(), roles.end(), role) != roles.end();
    return roles.empty() || isKnown ? role : roles.front();
}

bool ModeManifest::isExpected(const std::string& kind) const
{
    return std::find(expects.begin(), expects.end(), kind) != expects.end();
}

const LinkKind* TargetManifest::findLink(const std::string& from, const std::string& to) const
{
    const auto found = std::find_if(links.begin(), links.end(), [&](const LinkKind& link) {
        return link.from == from && link.to == to;
    });
    return found == links.end() ? nullptr : &*found;
}

bool TargetManifest::can(const std::string& kind, const std::string& action) const
{
    const auto found = records.find(kind);
    return found != records.end() && found->second.count(action) > 0;
}

ModeManifest parseModeManifest(const std::string& text, const std::string& file)
{
    const Reader reader(text, file,
                        {"$schema", "id", "name", "version", "number", "records", "expects", "sees",
                         "documents", "links", "settings"});
    ModeManifest manifest;
    manifest.id = reader.id();
    manifest.name = reader.text("name");
    manifest.version = reader.text("version");
    const auto number = reader.optional("number");
    if (!number.is_null() && (!number.is_number_integer() || number < 0 || number > 999))
        fail(file, "\"number\" must be the vendor's number of the mode");
    manifest.number = number.is_null() ? 0 : number.get<int>();
    manifest.records = reader.texts(reader.optional("records"), "records");
    if (manifest.records.empty())
        fail(file, "\"records\" must say which kinds it claims");
    manifest.expects = reader.texts(reader.optional("expects"), "expects");
    manifest.sees = reader.texts(reader.optional("sees"), "sees");
    const auto documents = reader.optional("documents");
    if (!documents.is_null() && !documents.is_boolean())
        fail(file, "\"documents\" must be true or false");
    manifest.isDocumenting = documents == true;
    manifest.links = reader.links();
    manifest.settings = reader.schema("settings");
    return manifest;
}

TargetManifest parseTargetManifest(const std::string& text, const std::string& file)
{
    const Reader reader(text, file,
                        {"$schema", "id", "name", "version", "abi", "records", "links", "within",
                         "limits", "origins", "credentials", "scope", "settings"});
    TargetManifest manifest;
    manifest.id = reader.id();
    manifest.name = reader.text("name");
    manifest.version = reader.text("version");
    std::tie(manifest.abiMajor, manifest.abiMinor) = parseAbi(reader.text("abi"), file);
    manifest.records = parseRecords(reader);
    manifest.links = reader.links();
    for (const auto& link : manifest.links)
        if (!manifest.records.count(link.from) || !manifest.records.count(link.to))
            fail(file, "\"links\" names " + link.from + " and " + link.to +
                           ", of which \"records\" lacks one");
    manifest.within = parseWithin(reader, manifest);

    auto limits = reader.optional("limits");
    if (limits.is_null())
        limits = Json::object();
    if (!limits.is_object())
        fail(file, "\"limits\" must be an object");
    manifest.batch = static_cast<size_t>(reader.number(limits, "batch", 100, 10'000));
    manifest.parallel = static_cast<size_t>(reader.number(limits, "parallel", 4, 100));
    manifest.perSecond = reader.number(limits, "perSecond", 5, 10'000);
    if (manifest.batch == 0 || manifest.parallel == 0)
        fail(file, "\"limits.batch\" and \"limits.parallel\" must be at least 1");

    manifest.scope = reader.schema("scope");
    manifest.settings = reader.schema("settings");
    manifest.origins = parseOrigins(reader, manifest.settings);
    manifest.credentials = parseCredentials(reader, manifest.settings);
    return manifest;
}

std::string misfit(const ModeManifest& mode, const TargetManifest& target)
{
    std::string lacks;
    const auto add = [&](const std::string& what) { lacks += (lacks.empty() ? "" : ", ") + what; };
    for (const auto* kinds : {&mode.records, &mode.expects})
        for (const auto& kind : *kinds)
            if (!target.records.count(kind))
                add("records of the kind " + kind);
    for (const auto& link : mode.links)
        if (!target.findLink(link.from, link.to))
            add("links from " + link.from + " to " + link.to);
    // Looking for records by their keys came with version 1.1 of target.h.
    if (lacks.empty() && !mode.expects.empty() && target.abiMajor == 1 && target.abiMinor < 1)
        add("records that only people make (it was built for target.h 1.0)");
    if (lacks.empty())
        return {};
    return "the target plugin " + target.id + " cannot hold what the mode " + mode.id +
           " claims: " + lacks;
}

Places placesOf(const ModeManifest& mode, const TargetManifest& target)
{
    Places places;
    for (const auto& kind : mode.records)
    {
        const auto container = target.within.find(kind);
        const bool isInExpected =
            container != target.within.end() && mode.isExpected(container->second);
        (isInExpected ? places.inExpected : places.inScope).push_back(kind);
    }
    return places;
}

std::string missingInScope(const ModeManifest& mode, const TargetManifest& target,
                           const Json& scope)
{
    for (const auto& kind : placesOf(mode, target).inScope)
        if (const auto container = target.within.find(kind);
            container != target.within.end() && !scope.contains(container->second))
            return container->second;
    return {};
}

} // namespace muster::plugins
