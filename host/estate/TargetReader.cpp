#include "estate/Entries.h"
#include "estate/SecretResolver.h"
#include "runtime/Errors.h"

#include <set>

namespace muster::estate {

namespace {

/// The settings of a target: as they are stored, with references, and as the plugin will see them.
struct Settings
{
    Json declared;
    Json resolved;
};

class SettingsReader
{
public:
    SettingsReader(const Field& root, const Surroundings& surroundings)
        : _root(root), _surroundings(surroundings)
    {}

    Settings read() { return read(_root); }

    /// Where secrets stand, as paths below the settings, and which of them lead to no value.
    const std::set<std::string>& secrets() const { return _secrets; }
    const std::set<std::string>& missing() const { return _missing; }

private:
    Settings read(const Field& field)
    {
        if (&field != &_root && isSecretReference(field))
        {
            std::string value;
            const auto reference = readSecret(field, _surroundings, &value);
            const auto path = field.path().substr(_root.path().size() + 1);
            _secrets.insert(path);
            if (value.empty())
                _missing.insert(path);
            return {toJson(reference), value};
        }
        if (field.isMap())
        {
            Settings result{Json::object(), Json::object()};
            for (const auto& [key, value] : field.members())
            {
                auto settings = read(value);
                result.declared[key] = std::move(settings.declared);
                result.resolved[key] = std::move(settings.resolved);
            }
            return result;
        }
        if (field.isList())
        {
            Settings result{Json::array(), Json::array()};
            for (const auto& value : field.items())
            {
                auto settings = read(value);
                result.declared.push_back(std::move(settings.declared));
                result.resolved.push_back(std::move(settings.resolved));
            }
            return result;
        }
        return {field.toJson(), field.toJson()};
    }

    const Field& _root;
    const Surroundings& _surroundings;
    std::set<std::string> _secrets;
    std::set<std::string> _missing;
};

void checkSettings(const Field& field, const plugins::TargetManifest& manifest,
                   const Json& resolved, const SettingsReader& reader)
{
    checkSchema(field, manifest.settings, resolved, reader.missing());
    for (const auto& credential : manifest.credentials)
    {
        const auto value = field.member(credential.setting);
        if (value.isGiven() && !reader.secrets().count(credential.setting))
            value.fault(kSecretInPlainText);
    }
    for (const auto& origin : manifest.origins)
        if (origin.urls.empty())
            readUrl(field.member(origin.setting));
}

std::vector<std::string> readPatterns(const Field& field)
{
    std::vector<std::string> patterns;
    if (!field.isList())
        field.fault("must be a list of addresses, names or patterns of them, or of tags as in "
                    "[\"ceo@*\", \"Board *\", \"tag:vip\"]");
    else
        for (const auto& item : field.items())
            if (item.require("leave out what is empty"))
                patterns.push_back(item.text());
    return patterns;
}

} // namespace

Target readTarget(const Field& field, const Surroundings& surroundings)
{
    field.refuseOthers({"name", "plugin", "settings", "protect"});
    Target target;
    target.name = readName(field.member("name"));
    if (const auto protect = field.member("protect"); protect.isGiven())
        target.protect = readPatterns(protect);
    const auto settings = field.member("settings");
    settings.members(); // a fault when it is no map
    SettingsReader reader(settings, surroundings);
    auto values = settings.isMap() ? reader.read() : Settings{Json::object(), Json::object()};
    // Extra trust is the host's to use: a plugin opens no connection itself.
    if (const auto caFile = settings.member("caFile"); caFile.isGiven())
    {
        values.declared["caFile"] = readPath(caFile, "CERTIFICATE");
        values.resolved.erase("caFile");
    }
    target.settings = std::move(values.declared);

    const auto plugin = field.member("plugin");
    if (!plugin.require("name the plugin of the system; `muster plugins` lists them"))
        return target;
    target.plugin = plugin.text();
    const auto known = surroundings.plugins.find(target.name);
    if (known != surroundings.plugins.end() && known->second != target.plugin)
        plugin.fault("the target '" + target.name + "' is a " + known->second +
                     ": give another system a name of its own");
    try
    {
        checkSettings(settings, surroundings.target(target.plugin), values.resolved, reader);
    }
    catch (const ConfigError& error)
    {
        plugin.fault(error.what());
    }
    return target;
}

} // namespace muster::estate
