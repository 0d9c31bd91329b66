#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

/// What stands between the host and the code of a target plugin. Both the host and
/// muster-target-runner use it; it knows neither Poco nor the rest of the host.
namespace muster::runner {

/// The functions of a plugin (sdk target.h, muster_plugin and muster_requests).
enum class Function : int32_t
{
    Create, ///< the text is the settings
    Check,
    Read,
    Apply,
    Tickets,
    Ticket,
    Places,
    SetStatus,
    WriteNote,
    Subscribe,
    Unsubscribe
};

/// What a plugin may ask of its host while it is called; statuses are those of target.h. Called in
/// the thread of the call. Throws nothing.
class Caller
{
public:
    virtual ~Caller() = default;

    virtual void line(std::string_view line) = 0;
    virtual void log(int32_t level, std::string_view message) = 0;
    virtual bool isCancelled() = 0;
    virtual int32_t wait(uint64_t milliseconds) = 0;

    using Answer = std::function<void(std::string_view line)>;
    virtual int32_t http(std::string_view requests, const Answer& answer) = 0;
};

/// The plugin did not return from a call: its process ended, or was ended because it did not
/// answer. What it did of the call is not known. The text says what happened, for an administrator.
class PluginGone : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// The plugin threw an exception out of a function.
class PluginThrew : public std::runtime_error
{
public:
    PluginThrew() : std::runtime_error("the plugin threw an exception at the host") {}
};

/// Used by one thread at a time. One instance of a target plugin, wherever it runs.
class Port
{
public:
    virtual ~Port() = default;

    /// Calls a function and gives its status. Create comes first and once. `caller` is used during
    /// the call only. Throws PluginGone and PluginThrew; ConfigError and RetryError when the plugin
    /// was not called at all.
    virtual int32_t call(Function function, std::string_view text, Caller& caller) = 0;

    /// Whether the plugin has the functions from Tickets on; known when Create was called.
    virtual bool hasTickets() const = 0;

    /// Ends the instance; no call follows. Throws PluginGone.
    virtual void close(Caller& caller) = 0;
};

} // namespace muster::runner
