#pragma once

#include "plugins/Catalog.h"
#include "plugins/PluginInstance.h"
#include "plugins/PluginRequests.h"
#include "plugins/TargetChannel.h"
#include "runtime/Errors.h"

#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>

namespace muster::plugins {

/// The plugin is not called yet because it crashed a moment ago.
class ResumingError : public RetryError
{
public:
    ResumingError(const std::string& message, std::chrono::milliseconds after)
        : RetryError(message), _after(after)
    {}
    std::chrono::milliseconds after() const { return _after; }

private:
    std::chrono::milliseconds _after;
};

/// Thread-safe: calls are queued. A target plugin behind a port. Nothing that the plugin says or
/// does gets further than this class unless it is what target.h asks for: what it says that makes
/// no sense is an error or an unknown outcome, in words that name the target, the plugin and the
/// change.
class PluginChannel : public TargetChannel
{
public:
    /// Makes an instance of the plugin. `clock` outlives the channel. Throws ConfigError when the
    /// plugin cannot live with the settings, which must be valid by the manifest, and RetryError
    /// when it crashes over them.
    PluginChannel(std::unique_ptr<runner::Port> port, const TargetManifest& manifest,
                  const ChannelOptions& options, runtime::Clock& clock, HostHttp::SendAll sendAll);

    std::vector<runtime::Finding> check(const std::vector<Json>& scopes,
                                        const runtime::Cancellation& cancellation) override;
    void read(const ReadRequest& request, const OnRecord& record, const OnLink& link,
              const runtime::Cancellation& cancellation) override;
    void apply(const Json& scope, const std::vector<ChangeRequest>& changes,
               const std::function<void(Outcome)>& outcome,
               const runtime::Cancellation& cancellation) override;
    uint64_t requests() const override;
    RequestChannel* tickets() override { return _requestChannel ? &*_requestChannel : nullptr; }

private:
    using Call = PluginInstance::Call;
    struct Batch;

    std::string applyBatch(const Json& scope, Batch& batch,
                           const runtime::Cancellation& cancellation);
    void suspect(const Batch& batch);
    std::string untried(const Batch& batch, const std::exception_ptr& why);
    static void sayUntried(const Batch& batch, const std::string& why, Outcome outcome);
    void checkRecord(const RemoteRecord& record) const;
    void checkLink(const RemoteLink& link) const;

    TargetManifest _manifest;
    std::mutex _mutex; ///< held while the plugin is called; guards what follows
    PluginInstance _instance;
    std::set<std::string> _suspects; ///< changes over which the plugin crashed, as described
    std::optional<PluginRequests> _requestChannel;
};

} // namespace muster::plugins
