#include "plugins/PluginInstance.h"

#include "manifest/PartedSettings.h"
#include "runtime/Errors.h"
#include "runtime/Shortened.h"

#include <muster/target.h>

#include <Poco/Logger.h>

#include <algorithm>
#include <utility>

namespace muster::plugins {

using runner::Function;
using runtime::shortened;

namespace {

constexpr size_t kMaxMessage = 2000; ///< of what a plugin says to people
/// Log messages at once, and then each second.
constexpr double kMostLogged = 200;
constexpr double kLoggedPerSecond = 20;

Poco::Message::Priority priorityOf(int32_t level)
{
    return level >= MUSTER_LOG_ERROR     ? Poco::Message::PRIO_ERROR
           : level == MUSTER_LOG_WARNING ? Poco::Message::PRIO_WARNING
           : level == MUSTER_LOG_INFO    ? Poco::Message::PRIO_INFORMATION
                                         : Poco::Message::PRIO_DEBUG;
}

} // namespace

PluginInstance::PluginInstance(std::unique_ptr<runner::Port> port, const TargetManifest& manifest,
                               const ChannelOptions& options, runtime::Clock& clock,
                               HostHttp::SendAll sendAll)
    : _port(std::move(port)),
      _plugin(manifest.id),
      _target(options.target),
      _clock(clock),
      _redact(partSettings(manifest, options.settings).secrets),
      _http(manifest, options.settings, clock, std::move(sendAll),
            [this](const std::string& line) { write(MUSTER_LOG_DEBUG, line); }),
      _mayLog(kMostLogged),
      _loggedAt(clock.steady())
{
    const runtime::Cancellation never;
    Call call{never, {}};
    run(call, Function::Create, partSettings(manifest, options.settings).open.dump());
    if (call.status != MUSTER_OK && call.uncalled == nullptr && call.gone.empty() &&
        call.violation.empty())
        call.status = MUSTER_CONFIG;
    if (call.message.empty())
        call.message = "the plugin could not be started";
    if (!call.violation.empty())
        throw ConfigError(named(call.violation));
    throwIfFailed(call);
    _isMade = true;
}

PluginInstance::~PluginInstance()
{
    _port->close(*this);
}

std::string PluginInstance::told(const std::string& text) const
{
    auto message = shortened(_redact(text), kMaxMessage);
    // It does not move the cursor of a terminal, nor begin a line of a log.
    std::replace_if(
        message.begin(), message.end(),
        [](char one) { return static_cast<unsigned char>(one) < 0x20 || one == 0x7F; }, ' ');
    return message;
}

void PluginInstance::run(Call& call, Function function, const std::string& text)
{
    struct Current
    {
        Current(Call*& place, Call& current) : _place(place) { _place = &current; }
        ~Current() { _place = nullptr; }
        Call*& _place;
    } current(_call, call);
    const auto before = _http.requests();
    try
    {
        call.status = _port->call(function, text, *this);
    }
    catch (const runner::PluginGone& error)
    {
        call.gone = _redact(error.what());
        write(MUSTER_LOG_ERROR, call.gone);
    }
    catch (const runner::PluginThrew& error)
    {
        if (call.violation.empty())
            call.violation = error.what();
    }
    catch (const std::exception&)
    {
        call.uncalled = std::current_exception();
    }
    if (!call.violation.empty())
        write(MUSTER_LOG_ERROR, call.violation);
    const std::lock_guard lock(_countMutex);
    _requests[std::this_thread::get_id()] += _http.requests() - before;
}

uint64_t PluginInstance::requests() const
{
    const std::lock_guard lock(_countMutex);
    const auto found = _requests.find(std::this_thread::get_id());
    return found == _requests.end() ? 0 : found->second;
}

void PluginInstance::throwIfFailed(const Call& call) const
{
    if (call.hostError)
        rethrowOurs(call.hostError);
    if (call.uncalled)
        rethrowNamed(call.uncalled);
    if (!call.violation.empty())
        throw RejectedError(named(call.violation));
    if (!call.gone.empty() && call.cancellation.isRequested())
        throw CancelledError();
    if (!call.gone.empty())
        throw RetryError(named(call.gone));
    const auto message =
        named(call.message.empty() ? "the plugin failed and did not say why" : call.message);
    switch (call.status)
    {
    case MUSTER_OK:
        return;
    case MUSTER_CONFIG:
        throw ConfigError(message);
    case MUSTER_RETRY:
        throw RetryError(message);
    case MUSTER_CANCELLED:
        if (call.cancellation.isRequested())
            throw CancelledError();
        throw RejectedError(named("the plugin says that it was cancelled, and it was not"));
    default:
        throw RejectedError(message);
    }
}

std::string PluginInstance::named(const std::string& message) const
{
    return "target " + _target + " (plugin " + _plugin + "): " + message;
}

/// What our own side could not take.
void PluginInstance::rethrowOurs(const std::exception_ptr& error) const
{
    try
    {
        std::rethrow_exception(error);
    }
    catch (const std::bad_alloc&)
    {
        throw RejectedError(named("what the plugin says does not fit into memory"));
    }
}

/// The same error, with the names of target and plugin.
void PluginInstance::rethrowNamed(const std::exception_ptr& error) const
{
    try
    {
        std::rethrow_exception(error);
    }
    catch (const RetryError& retry)
    {
        throw RetryError(named(retry.what()));
    }
    catch (const ConfigError& config)
    {
        throw ConfigError(named(config.what()));
    }
}

// What the plugin may ask for: nothing may be thrown into it.

void PluginInstance::log(int32_t level, std::string_view message)
{
    if (!mayLog())
        return;
    if (const auto count = std::exchange(_unlogged, 0); count > 0)
        write(MUSTER_LOG_WARNING,
              std::to_string(count) + " messages of the plugin were left out: it says too much");
    write(level, message);
}

void PluginInstance::write(int32_t level, std::string_view message)
{
    try
    {
        const auto priority = priorityOf(level);
        if (auto& logger = Poco::Logger::get("targets." + _target); logger.is(priority))
            logger.log(Poco::Message(logger.name(), told(std::string(message)), priority));
    }
    catch (...)
    {}
}

/// No plugin fills the disk.
bool PluginInstance::mayLog()
{
    const auto now = _clock.steady();
    const auto elapsed = std::chrono::duration<double>(now - _loggedAt).count();
    _loggedAt = now;
    _mayLog = std::min(kMostLogged, _mayLog + elapsed * kLoggedPerSecond);
    if (_mayLog < 1)
    {
        ++_unlogged;
        return false;
    }
    _mayLog -= 1;
    return true;
}

bool PluginInstance::isCancelled()
{
    return _call && _call->isOver();
}

int32_t PluginInstance::wait(uint64_t milliseconds)
{
    if (!_call || _call->isOver())
        return MUSTER_CANCELLED;
    try
    {
        constexpr uint64_t kLongest = 600'000;
        _clock.sleep(std::chrono::milliseconds(std::min(milliseconds, kLongest)),
                     _call->cancellation);
        return MUSTER_OK;
    }
    catch (...)
    {
        return MUSTER_CANCELLED;
    }
}

int32_t PluginInstance::http(std::string_view requests, const Answer& answer)
{
    auto* const call = _call;
    if (!call || !_isMade)
    {
        if (call)
            call->violation = "the plugin sends requests while it is made";
        return MUSTER_REJECTED;
    }
    if (call->isOver() && !call->cancellation.isRequested())
        return MUSTER_REJECTED;
    try
    {
        _http.exchange(requests, answer, call->cancellation);
        return call->cancellation.isRequested() ? MUSTER_CANCELLED : MUSTER_OK;
    }
    catch (const std::exception& error)
    {
        call->violation =
            std::string("the plugin's requests make no sense: ") + _redact(error.what());
        return MUSTER_REJECTED;
    }
    catch (...)
    {
        return MUSTER_REJECTED;
    }
}

void PluginInstance::line(std::string_view text)
{
    auto* const call = _call;
    if (!call || call->hostError || !call->violation.empty())
        return;
    try
    {
        const auto line = parseLine(text);
        if (line.what == "error")
        {
            const auto setting = line.value.value("setting", "");
            call->message = told((setting.empty() ? "" : setting + ": ") +
                                 line.value.value("message", "the plugin did not say why"));
        }
        else if (call->onLine)
            call->onLine(line);
    }
    catch (const std::exception& error)
    {
        constexpr size_t kMaxQuote = 200;
        call->violation =
            told(std::string("the plugin said something that makes no sense (") + error.what() +
                 "): " + shortened(std::string(text.substr(0, kMaxQuote + 1)), kMaxQuote));
    }
}

} // namespace muster::plugins
