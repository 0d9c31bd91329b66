#pragma once

#include "plugins/Catalog.h"
#include "plugins/HostHttp.h"
#include "plugins/InProcessRequests.h"
#include "plugins/Lines.h"
#include "plugins/TargetChannel.h"

#include <muster/target.h>

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace muster::plugins {

/// Thread-safe: calls are queued. A target plugin in this process. Nothing that the plugin says or
/// does gets further than this class unless it is what target.h asks for: what it says that makes
/// no sense is an error or an unknown outcome, in words that name the target, the plugin and the
/// change.
class InProcessChannel : public TargetChannel
{
public:
    /// Makes an instance of the plugin. `plugin` and `clock` outlive the channel. Throws
    /// ConfigError when the plugin cannot live with the settings, which must be valid by the
    /// manifest.
    InProcessChannel(const struct muster_plugin& plugin, const TargetManifest& manifest,
                     const ChannelOptions& options, runtime::Clock& clock,
                     HostHttp::SendAll sendAll);
    ~InProcessChannel() override;
    InProcessChannel(const InProcessChannel&) = delete;
    InProcessChannel& operator=(const InProcessChannel&) = delete;

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
    struct Call;
    struct Batch;
    using OnLine = std::function<void(const Line&)>;
    using Function = std::function<int32_t(const muster_sink&)>;

    void openTickets();
    void run(Call& call, const Function& function);
    std::string applyBatch(const Json& scope, Batch& batch,
                           const runtime::Cancellation& cancellation);
    void checkRecord(const RemoteRecord& record) const;
    void checkLink(const RemoteLink& link) const;
    void throwIfFailed(const Call& call) const;
    std::string named(const std::string& message) const;
    void log(int32_t level, const std::string& message) const;

    static void onLog(void* context, int32_t level, muster_text message);
    static int32_t onIsCancelled(void* context);
    static int32_t onWait(void* context, uint64_t milliseconds);
    static int32_t onHttp(void* context, muster_text requests, const muster_sink* answers);
    static const void* onGetExtension(void* context, const char* id);
    static void onLine(void* context, muster_text line);

    const struct muster_plugin& _plugin;
    TargetManifest _manifest;
    std::string _target;
    runtime::Clock& _clock;
    http::Redactor _redact;
    HostHttp _http;
    muster_host _host;
    std::mutex _mutex; ///< held while the plugin is called; guards _call and _instance
    Call* _call = nullptr;
    void* _instance = nullptr;
    std::optional<InProcessRequests> _requestChannel;
    mutable std::mutex _countMutex; ///< guards _requests
    std::map<std::thread::id, uint64_t> _requests;
};

} // namespace muster::plugins
