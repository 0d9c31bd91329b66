#pragma once

#include "plugins/Catalog.h"
#include "plugins/HostHttp.h"
#include "plugins/Lines.h"
#include "runner/Port.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"

#include <muster/target.h>

#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace muster::plugins {

/// Called by one thread at a time. An instance of a target plugin behind a port, with what it may
/// ask of the host. What it does wrong is kept with the call, in words that name target and plugin
/// once they are thrown.
class PluginInstance : private runner::Caller
{
public:
    /// Makes the instance. `clock` outlives it. Throws ConfigError when the plugin cannot live with
    /// the settings, which must be valid by the manifest, and RetryError when it crashes over them.
    PluginInstance(std::unique_ptr<runner::Port> port, const TargetManifest& manifest,
                   const ChannelOptions& options, runtime::Clock& clock, HostHttp::SendAll sendAll);
    ~PluginInstance() override;
    PluginInstance(const PluginInstance&) = delete;
    PluginInstance& operator=(const PluginInstance&) = delete;

    using OnLine = std::function<void(const Line&)>;

    /// What is known of a call.
    struct Call
    {
        const runtime::Cancellation& cancellation;
        OnLine onLine; ///< throws std::exception when the plugin may not say that
        int32_t status = MUSTER_REJECTED;
        std::string message = {};   ///< the plugin's last error
        std::string violation = {}; ///< what it said or did that makes no sense, the first time
        std::string gone = {};      ///< how the plugin ended in the middle of it
        std::exception_ptr uncalled = {};  ///< why the plugin was not called at all
        std::exception_ptr hostError = {}; ///< thrown by our own side while it took a line

        bool isOver() const
        {
            return cancellation.isRequested() || hostError || !violation.empty();
        }
    };

    /// Calls the plugin; what it says and does goes to `call`.
    void run(Call& call, runner::Function function, const std::string& text);

    /// Throws what stands in `call`: RetryError, RejectedError, ConfigError, CancelledError.
    void throwIfFailed(const Call& call) const;

    bool hasTickets() const { return _port->hasTickets(); }

    /// A text of the plugin's for people: without secrets, of a bounded length.
    std::string told(const std::string& text) const;

    /// A message with the names of target and plugin.
    std::string named(const std::string& message) const;

    /// Sent by this thread. For any thread.
    uint64_t requests() const;

private:
    void rethrowNamed(const std::exception_ptr& error) const;
    [[noreturn]] void rethrowOurs(const std::exception_ptr& error) const;
    void write(int32_t level, std::string_view message);
    bool mayLog();

    void line(std::string_view line) override;
    void log(int32_t level, std::string_view message) override;
    bool isCancelled() override;
    int32_t wait(uint64_t milliseconds) override;
    int32_t http(std::string_view requests, const Answer& answer) override;

    std::unique_ptr<runner::Port> _port;
    std::string _plugin;
    std::string _target;
    runtime::Clock& _clock;
    http::Redactor _redact;
    HostHttp _http;
    double _mayLog; ///< messages, from _loggedAt on
    std::chrono::steady_clock::time_point _loggedAt;
    size_t _unlogged = 0;
    Call* _call = nullptr; ///< under way
    bool _isMade = false;
    mutable std::mutex _countMutex; ///< guards _requests
    std::map<std::thread::id, uint64_t> _requests;
};

} // namespace muster::plugins
