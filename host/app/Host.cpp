#include "app/Host.h"

#include "runtime/Errors.h"

namespace muster::app {

Host::Host(const HostOptions& options)
    : _lock(options.dataDirectory),
      _store(options.dataDirectory),
      _secrets(_store, _clock),
      _resolver(_secrets),
      _catalog(options.pluginDirectories, _clock),
      _source(_store, _clock,
              [this](const estate::SecretReference& reference) {
                  return _resolver.resolve(reference);
              }),
      _syncs({_store, _catalog, _source, _clock,
              [this](const estate::Target& target) { return openTarget(target); }}),
      _api({_store, _clock, _secrets, _resolver, _catalog, _source, _syncs,
            [this](const estate::Target& target) { return openTarget(target); }})
{}

std::unique_ptr<plugins::TargetChannel> Host::openTarget(const estate::Target& target)
{
    try
    {
        plugins::ChannelOptions options{.target = target.name,
                                        .settings = _resolver.resolve(target.settings)};
        // Extra trust is the host's: the plugin opens no connection.
        options.caFile = options.settings.value("caFile", "");
        options.settings.erase("caFile");
        return _catalog.openTarget(target.plugin, options);
    }
    catch (const ConfigError& error)
    {
        throw ConfigError("target " + target.name + ": " + error.what());
    }
}

} // namespace muster::app
