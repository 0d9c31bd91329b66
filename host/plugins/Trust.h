#pragma once

#include "runtime/Clock.h"
#include "store/Store.h"

#include <string>

namespace muster::plugins {

/// The files of a plugin.
struct PluginFiles
{
    std::string family; ///< "mode" or "target"
    std::string id;
    std::string library;
    std::string manifest;
};

/// Thread-safe. Whether the files of a plugin that did not come with Muster may be used: they must
/// be safe from other users, and hold what they held when they were used first, or when somebody
/// trusted them.
class Trust
{
public:
    /// `store` may be null: then files are not remembered. Both outlive it.
    Trust(runtime::Clock& clock, store::Store* store) : _clock(clock), _store(store) {}

    /// Why they may not be used, without running code of them; empty when they may.
    std::string problem(const PluginFiles& files) const;

    /// The same, and remembers files that are used for the first time. Throws ConfigError.
    void use(const PluginFiles& files) const;

    /// From now on what the files hold now is right.
    void trust(const PluginFiles& files) const;

private:
    std::string problem(const PluginFiles& files, bool& isNew) const;
    void remember(const PluginFiles& files, const std::string& digest) const;

    runtime::Clock& _clock;
    store::Store* _store;
};

} // namespace muster::plugins
