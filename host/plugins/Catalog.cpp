#include "plugins/Catalog.h"

#include "http/HttpClient.h"
#include "plugins/PluginChannel.h"
#include "plugins/SupervisedPort.h"
#include "plugins/Trust.h"
#include "runner/LibraryPort.h"
#include "runner/TargetLibrary.h"
#include "runtime/Errors.h"

#include <Poco/ClassLoader.h>
#include <Poco/Exception.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>

namespace muster::plugins {

namespace fs = std::filesystem;

namespace {

std::string readText(const fs::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream)
        throw ConfigError(file.string() + ": it cannot be read");
    return text.str();
}

template <typename Manifest>
struct Plugin
{
    Catalog::Entry entry;
    Manifest manifest; ///< meaningless when the entry has a problem
    bool isShipped;    ///< it came with Muster
    PluginFiles files() const
    {
        return {entry.family, entry.id, entry.file,
                fs::path(entry.file).replace_extension(".json")};
    }
};

std::vector<fs::path> manifestFiles(const fs::path& folder)
{
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& file : fs::directory_iterator(folder, error))
        if (file.path().extension() == ".json")
            files.push_back(file.path());
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

class Catalog::Implementation
{
public:
    Implementation(const std::vector<std::string>& directories, runtime::Clock& clock,
                   const CatalogOptions& options)
        : _clock(clock), _options(options), _trust(std::make_shared<Trust>(clock, options.store))
    {
        for (const auto& directory : directories)
        {
            scan(fs::path(directory) / "modes", "mode", _modes, &parseModeManifest);
            scan(fs::path(directory) / "targets", "target", _targets, &parseTargetManifest);
            _areShipped = false;
        }
        for (auto& plugin : _targets)
            if (plugin.entry.problem.empty())
                plugin.entry.problem =
                    runner::abiProblem(static_cast<uint64_t>(plugin.manifest.abiMajor),
                                       static_cast<uint64_t>(plugin.manifest.abiMinor));
    }

    std::vector<Entry> list() const
    {
        std::vector<Entry> entries;
        const auto add = [&](const auto& plugin) {
            entries.push_back(plugin.entry);
            if (entries.back().problem.empty() && !plugin.isShipped)
                entries.back().problem = _trust->problem(plugin.files());
        };
        std::for_each(_modes.begin(), _modes.end(), add);
        std::for_each(_targets.begin(), _targets.end(), add);
        return entries;
    }

    const Plugin<ModeManifest>& mode(const std::string& idOrNumber) const
    {
        return find(
            _modes, "mode",
            [&](const auto& plugin) {
                return plugin.entry.id == idOrNumber ||
                       (plugin.manifest.number > 0 &&
                        std::to_string(plugin.manifest.number) == idOrNumber);
            },
            idOrNumber);
    }

    const Plugin<TargetManifest>& target(const std::string& id) const
    {
        return find(
            _targets, "target", [&](const auto& plugin) { return plugin.entry.id == id; }, id);
    }

    const Mode& loadMode(const std::string& id)
    {
        const auto& plugin = mode(id);
        const std::lock_guard lock(_mutex);
        auto& loaded = _loadedModes[plugin.entry.id];
        if (!loaded && !plugin.isShipped)
            _trust->use(plugin.files());
        if (!loaded)
            loaded = createMode(plugin.entry.file);
        return *loaded;
    }

    std::unique_ptr<TargetChannel> openTarget(const std::string& id, const ChannelOptions& options)
    {
        const auto& plugin = target(id);
        std::string faults;
        for (const auto& fault : schemaFaults(plugin.manifest.settings, options.settings))
            faults += (faults.empty() ? "" : "; ") + fault;
        if (!faults.empty())
            throw ConfigError("target " + options.target + " (plugin " + plugin.manifest.id +
                              "), settings: " + faults);
        // Shared by the copies of the function that sends, and used by one channel alone.
        auto client = std::make_shared<http::HttpClient>(http::HttpOptions{options.caFile});
        const auto sendAll = [client](const auto& requests, size_t parallel, const auto& pace,
                                      const auto& answer, const auto& cancellation) {
            client->sendAll(requests, parallel, pace, answer, cancellation);
        };
        return std::make_unique<PluginChannel>(openPort(plugin, options.target), plugin.manifest,
                                               options, _clock, sendAll);
    }

    void trust(const std::string& id)
    {
        bool isKnown = false;
        const auto take = [&](const auto& plugin) {
            if (plugin.isShipped || plugin.entry.id != id)
                return;
            isKnown = true;
            _trust->trust(plugin.files());
            if (const auto why = _trust->problem(plugin.files()); !why.empty())
                throw ConfigError(why);
        };
        std::for_each(_modes.begin(), _modes.end(), take);
        std::for_each(_targets.begin(), _targets.end(), take);
        if (!isKnown)
            throw MissingError("there is no plugin '" + id +
                               "' in the folders of plugins.path: see `muster plugins`; what came "
                               "with Muster is trusted with it");
    }

    Isolation isolation() const
    {
        if (!_options.children)
            return Isolation::None;
        return _options.children->socket.empty() ? Isolation::Child : Isolation::User;
    }

    std::shared_ptr<Health> health(const std::string& target)
    {
        const std::lock_guard lock(_mutex);
        return healthLocked(target);
    }

private:
    template <typename Manifest>
    void scan(const fs::path& folder, const std::string& family,
              std::vector<Plugin<Manifest>>& plugins,
              Manifest (*parse)(const std::string&, const std::string&))
    {
        for (const auto& file : manifestFiles(folder))
        {
            auto library = file;
            library.replace_extension(".so");
            Plugin<Manifest> plugin;
            plugin.isShipped = _areShipped;
            plugin.entry = {family, file.stem().string(),           {},
                            {},     fs::absolute(library).string(), {}};
            try
            {
                plugin.manifest = parse(readText(file), file.string());
                plugin.entry.id = plugin.manifest.id;
                plugin.entry.name = plugin.manifest.name;
                plugin.entry.version = plugin.manifest.version;
                if (!fs::exists(library))
                    plugin.entry.problem = library.string() + " is missing beside its description";
                else
                    plugin.entry.problem = runner::libraryProblem(library.string());
                if (!plugin.isShipped && !_options.safeMode.empty())
                    plugin.entry.problem = _options.safeMode;
            }
            catch (const ConfigError& error)
            {
                plugin.entry.problem = error.what();
            }
            catch (const ManifestError& error)
            {
                plugin.entry.problem =
                    error.what() + std::string(". This is the plugin's own description: get "
                                               "the plugin again, or ask its author to mend it");
            }
            for (const auto& other : plugins)
                if (other.entry.id == plugin.entry.id && plugin.entry.problem.empty())
                    plugin.entry.problem = "another plugin has this id: " + other.entry.file;
            plugins.push_back(std::move(plugin));
        }
    }

    /// The first that matches and can be used, else the first that matches.
    template <typename Plugins, typename Matches>
    static const typename Plugins::value_type&
    find(const Plugins& plugins, const std::string& family, const Matches& matches,
         const std::string& asked)
    {
        const typename Plugins::value_type* broken = nullptr;
        std::string known;
        for (const auto& plugin : plugins)
        {
            if (matches(plugin) && plugin.entry.problem.empty())
                return plugin;
            if (matches(plugin) && !broken)
                broken = &plugin;
            if (plugin.entry.problem.empty())
                known += (known.empty() ? "" : ", ") + plugin.entry.id;
        }
        if (broken)
            throw ConfigError("the " + family + " plugin " + asked +
                              " cannot be used: " + broken->entry.problem);
        throw ConfigError("there is no " + family + " \"" + asked +
                          "\"; there are: " + (known.empty() ? "none (see plugins.path)" : known));
    }

    std::unique_ptr<runner::Port> openPort(const Plugin<TargetManifest>& plugin,
                                           const std::string& target)
    {
        const runner::Described described{plugin.entry.file, plugin.manifest.id,
                                          plugin.manifest.version};
        // Each time it is started, also after a crash.
        const auto mayStart = [trust = _trust, files = plugin.files(),
                               isShipped = plugin.isShipped] {
            if (!isShipped)
                trust->use(files);
        };
        const std::lock_guard lock(_mutex);
        if (_options.children)
        {
            if (!_spawner)
                _spawner = std::make_shared<Spawner>();
            return std::make_unique<SupervisedPort>(_spawner, *_options.children, described,
                                                    healthLocked(target), mayStart);
        }
        mayStart();
        // One load at a time: dlerror and the constructors of libraries are not for two threads.
        return std::make_unique<runner::LibraryPort>(runner::loadTarget(described));
    }

    std::shared_ptr<Health> healthLocked(const std::string& target)
    {
        auto& health = _health[target];
        if (!health)
            health = std::make_shared<Health>(target, _clock, _options.store);
        return health;
    }

    std::unique_ptr<Mode> createMode(const std::string& file)
    {
        try
        {
            _loader.loadLibrary(file);
            const auto& manifest = _loader.manifestFor(file);
            if (manifest.size() != 1)
                throw ConfigError(file + ": it must export one class of mode");
            return std::unique_ptr<Mode>((*manifest.begin())->create());
        }
        catch (const Poco::LibraryLoadException& error)
        {
            if (error.message().rfind("Manifest class mismatch", 0) == 0)
                throw ConfigError(file + ": it was built for another version of Mode.h: get the "
                                         "version of the plugin that came with this Muster");
            throw ConfigError(file + ": it cannot be loaded: " + error.message());
        }
        catch (const Poco::Exception& error)
        {
            throw ConfigError(file + ": it cannot be loaded: " + error.displayText());
        }
    }

    runtime::Clock& _clock;
    const CatalogOptions _options;
    const std::shared_ptr<Trust> _trust; ///< shared with the ports
    bool _areShipped = true;             ///< those that are scanned now
    std::vector<Plugin<ModeManifest>> _modes;
    std::vector<Plugin<TargetManifest>> _targets;
    std::mutex _mutex;               ///< guards what follows
    Poco::ClassLoader<Mode> _loader; ///< never unloads
    std::map<std::string, std::unique_ptr<Mode>> _loadedModes;
    std::shared_ptr<Spawner> _spawner;                      ///< shared with the ports
    std::map<std::string, std::shared_ptr<Health>> _health; ///< by target; shared with the ports
};

Catalog::Catalog(const std::vector<std::string>& directories, runtime::Clock& clock,
                 const CatalogOptions& options)
    : _implementation(std::make_unique<Implementation>(directories, clock, options))
{}

Catalog::~Catalog() = default;

std::vector<Catalog::Entry> Catalog::list() const
{
    return _implementation->list();
}

const ModeManifest& Catalog::mode(const std::string& idOrNumber) const
{
    return _implementation->mode(idOrNumber).manifest;
}

const TargetManifest& Catalog::target(const std::string& id) const
{
    return _implementation->target(id).manifest;
}

const Mode& Catalog::loadMode(const std::string& id)
{
    return _implementation->loadMode(id);
}

std::unique_ptr<TargetChannel> Catalog::openTarget(const std::string& id,
                                                   const ChannelOptions& options)
{
    return _implementation->openTarget(id, options);
}

void Catalog::trust(const std::string& id)
{
    _implementation->trust(id);
}

Catalog::Isolation Catalog::isolation() const
{
    return _implementation->isolation();
}

std::shared_ptr<Health> Catalog::health(const std::string& target)
{
    return _implementation->health(target);
}

} // namespace muster::plugins
