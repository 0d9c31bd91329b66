#pragma once

#include "plugins/ChildOptions.h"
#include "manifest/Manifest.h"
#include "plugins/TargetChannel.h"
#include "runtime/Clock.h"

#include <muster/Mode.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster::store {
class Store;
}

namespace muster::plugins {

class Health;

/// What a channel to a target needs beside its settings.
struct ChannelOptions
{
    std::string target;      ///< the target's name in the estate, for messages
    Json settings;           ///< as declared, secrets resolved into plain strings
    std::string caFile = {}; ///< extra trust
};

/// How the plugins of a catalog are run.
struct CatalogOptions
{
    std::optional<ChildOptions> children = {}; ///< none: targets run in this process
    store::Store* store = nullptr;             ///< keeps what must not be forgotten; may be null
    std::string safeMode = {}; ///< why only what came with Muster may be used; empty: all may
};

/// Thread-safe after construction. The mode and target plugins in the plugin folders: reads
/// DIR/modes/*.json and DIR/targets/*.json with the shared library beside each. A plugin that
/// cannot be used is listed with the reason, and refused when it is asked for.
class Catalog
{
public:
    /// `directories`: the first, "lib/muster" of the installation, is trusted as Muster itself is;
    /// those of plugins.path follow, whose plugins are used as Trust says.
    Catalog(const std::vector<std::string>& directories, runtime::Clock& clock,
            const CatalogOptions& options = {});
    ~Catalog();

    struct Entry
    {
        std::string family; ///< "mode" or "target"
        std::string id;
        std::string name;
        std::string version;
        std::string file;
        std::string problem; ///< why it cannot be used; empty: it can
    };
    std::vector<Entry> list() const;

    /// By id or by the vendor's number as text. Throws ConfigError that lists those there are.
    const ModeManifest& mode(const std::string& idOrNumber) const;
    const TargetManifest& target(const std::string& id) const;

    /// Loads the mode's library at first use; it is never unloaded. Owned by the catalog.
    const Mode& loadMode(const std::string& id);

    /// Loads the target's library, validates the settings against its schema, and makes a channel:
    /// no connection is opened yet.
    std::unique_ptr<TargetChannel> openTarget(const std::string& id, const ChannelOptions& options);

    /// Uses the files of a plugin as they are now. Throws MissingError when there is none of the
    /// id, and ConfigError when its files can be changed by others.
    void trust(const std::string& id);

    /// Where the plugins of targets run.
    enum class Isolation
    {
        None,  ///< in this process
        Child, ///< in processes of this user
        User   ///< in processes, each of a user of its own
    };
    Isolation isolation() const;

    /// How the plugin of a target of the estate fares in its children.
    std::shared_ptr<Health> health(const std::string& target);

private:
    class Implementation;
    std::unique_ptr<Implementation> _implementation;
};

} // namespace muster::plugins
