#include "plugins/ChildPort.h"

#include "runtime/Errors.h"

#include <muster/target.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace muster::plugins {

namespace {

using namespace std::chrono_literals;
using runner::FrameKind;
using runner::Function;
using std::chrono::steady_clock;

/// How soon a cancel is seen while the plugin is silent.
constexpr auto kLookEvery = 50ms;
/// target.h, is_cancelled.
constexpr auto kGrace = 2s;
/// The processor is allowed anew each second, in whole seconds.
constexpr auto kMargin = 2s;
/// create looks at settings and no further, and so does a load.
constexpr auto kLongestCreate = 10s;

const char* nameOf(Function function)
{
    static constexpr const char* kNames[] = {"create",     "check",     "read",       "apply",
                                             "tickets",    "ticket",    "places",     "set_status",
                                             "write_note", "subscribe", "unsubscribe"};
    return kNames[static_cast<size_t>(function)];
}

std::string secondsOf(std::chrono::milliseconds time)
{
    const auto tenths = (time.count() + 50) / 100;
    return std::to_string(tenths / 10) +
           (tenths % 10 ? "." + std::to_string(tenths % 10) : std::string()) + " s";
}

} // namespace

/// A call under way: hears the child, serves what it asks for, and watches the time.
class ChildPort::Conversation
{
public:
    Conversation(ChildProcess& child, runner::Caller& caller, std::chrono::milliseconds deadline,
                 std::string what)
        : _child(child), _caller(caller), _deadline(deadline), _what(std::move(what))
    {}

    void say(FrameKind kind, int32_t value, std::string_view text)
    {
        if (!_child.send(kind, value, text, _deadline))
            fail(_child.isConnected() ? "did not listen for " + secondsOf(_deadline)
                                      : std::string());
    }

    /// The frame that ends the call.
    runner::Frame hearEnd()
    {
        allow();
        while (true)
        {
            auto frame = hear();
            switch (frame.kind)
            {
            case FrameKind::Line:
                _caller.line(frame.text);
                break;
            case FrameKind::Log:
                _caller.log(frame.value, frame.text);
                break;
            case FrameKind::Wait:
                say(FrameKind::Returned, _caller.wait(numberIn(frame.text)), {});
                break;
            case FrameKind::Http:
                say(FrameKind::Returned, exchange(frame.text), {});
                break;
            case FrameKind::Loaded:
            case FrameKind::Refused:
            case FrameKind::Done:
            case FrameKind::Threw:
            case FrameKind::Closed:
                _child.rest();
                return frame;
            default:
                fail("did not keep to the protocol");
            }
            heard();
        }
    }

    /// Ends the child and tells why.
    [[noreturn]] void fail(const std::string& why)
    {
        const auto how = _child.end();
        throw runner::PluginGone("the plugin " + (why.empty() ? how : why) + " during " + _what +
                                 (why.empty() ? "" : ", and was ended"));
    }

private:
    void allow()
    {
        _heardAt = _allowedAt = steady_clock::now();
        _child.allow(std::chrono::ceil<std::chrono::seconds>(_deadline) + kMargin);
    }

    void heard()
    {
        _heardAt = steady_clock::now();
        if (_heardAt - _allowedAt > 1s)
            allow();
    }

    runner::Frame hear()
    {
        while (true)
        {
            watch();
            try
            {
                if (auto frame = _child.receive(kLookEvery))
                    return std::move(*frame);
            }
            catch (const std::invalid_argument& error)
            {
                fail(std::string("said ") + error.what());
            }
            if (!_child.isConnected())
                fail({});
        }
    }

    void watch()
    {
        const auto now = steady_clock::now();
        if (!_toldAt && _caller.isCancelled())
        {
            _child.setCancelled(true);
            _toldAt = now;
        }
        if (_toldAt && now - *_toldAt > kGrace)
            fail("did not end within two seconds of being told to");
        if (now - _heardAt > _deadline)
            fail("gave no sign of life for " + secondsOf(_deadline));
        if (const auto excess = _child.excess(); !excess.empty())
            fail(excess);
    }

    int32_t exchange(const std::string& requests)
    {
        // The answers come from the middle of the http service, where nothing may be thrown.
        std::exception_ptr gone;
        const auto status = _caller.http(requests, [&](std::string_view line) {
            try
            {
                if (!gone)
                    say(FrameKind::Answer, 0, line);
            }
            catch (...)
            {
                gone = std::current_exception();
            }
        });
        if (gone)
            std::rethrow_exception(gone);
        return status;
    }

    static uint64_t numberIn(const std::string& text)
    {
        uint64_t number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        return number;
    }

    ChildProcess& _child;
    runner::Caller& _caller;
    std::chrono::milliseconds _deadline;
    std::string _what;
    steady_clock::time_point _heardAt = {};
    steady_clock::time_point _allowedAt = {};
    std::optional<steady_clock::time_point> _toldAt = {};
};

ChildPort::ChildPort(Spawner& spawner, const ChildOptions& options, runner::Described described)
    : _spawner(spawner), _options(options), _described(std::move(described))
{}

void ChildPort::load(runner::Caller& caller)
{
    _child = std::make_unique<ChildProcess>(_spawner, _options);
    const auto time = std::min<std::chrono::milliseconds>(_options.deadline, kLongestCreate);
    Conversation conversation(*_child, caller, time, "loading");
    conversation.say(FrameKind::Load, 0,
                     nlohmann::json{{"file", _described.file},
                                    {"id", _described.id},
                                    {"version", _described.version},
                                    {"memory", _options.memoryBytes}}
                         .dump());
    const auto frame = conversation.hearEnd();
    if (frame.kind == FrameKind::Refused)
        throw ConfigError(frame.text);
    if (frame.kind != FrameKind::Loaded)
        conversation.fail("did not keep to the protocol");
}

int32_t ChildPort::call(Function function, std::string_view text, runner::Caller& caller)
{
    auto time = _options.deadline;
    if (function == Function::Create)
    {
        load(caller);
        time = std::min<std::chrono::milliseconds>(time, kLongestCreate);
    }
    if (!_child)
        throw std::logic_error("a plugin is called before it is made");
    Conversation conversation(*_child, caller, time, nameOf(function));
    _child->setCancelled(false);
    conversation.say(FrameKind::Call, static_cast<int32_t>(function), text);
    const auto frame = conversation.hearEnd();
    if (frame.kind == FrameKind::Threw)
        throw runner::PluginThrew();
    if (frame.kind != FrameKind::Done)
        conversation.fail("did not keep to the protocol");
    if (function == Function::Create)
        _hasTickets = frame.text == "tickets";
    return frame.value;
}

void ChildPort::close(runner::Caller& caller)
{
    if (!_child)
        return;
    Conversation conversation(*_child, caller, kGrace, "destroy");
    conversation.say(FrameKind::Close, 0, {});
    conversation.hearEnd();
}

} // namespace muster::plugins
