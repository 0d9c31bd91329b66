#include "runner/LibraryPort.h"

namespace muster::runner {

namespace {

std::string_view viewOf(muster_text text)
{
    return {text.data ? text.data : "", static_cast<size_t>(text.size)};
}

/// Names who calls, for the time of a call.
class Current
{
public:
    Current(Caller*& place, Caller& caller) : _place(place) { _place = &caller; }
    ~Current() { _place = nullptr; }
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;

private:
    Caller*& _place;
};

} // namespace

LibraryPort::LibraryPort(const struct muster_plugin& plugin)
    : _plugin(plugin), _host{MUSTER_ABI_MAJOR, MUSTER_ABI_MINOR, this,    &onLog,
                             &onIsCancelled,   &onWait,          &onHttp, &onGetExtension}
{}

int32_t LibraryPort::call(Function function, std::string_view text, Caller& caller)
{
    const Current current(_caller, caller);
    const muster_sink sink{this, &onLine};
    try
    {
        return invoke(function, {text.data(), text.size()}, sink);
    }
    catch (...)
    {
        // On the same C++ runtime an exception does cross the border. It must not.
        throw PluginThrew();
    }
}

int32_t LibraryPort::invoke(Function function, muster_text request, const muster_sink& out)
{
    switch (function)
    {
    case Function::Create:
    {
        const auto status = _plugin.create(&_host, request, &out, &_instance);
        if (status == MUSTER_OK && !_instance)
            return MUSTER_CONFIG;
        if (status == MUSTER_OK && _plugin.abi_minor >= 2 && _plugin.get_extension)
            _requests = static_cast<const muster_requests*>(_plugin.get_extension(MUSTER_REQUESTS));
        return status;
    }
    case Function::Check:
        return _plugin.check(_instance, request, &out);
    case Function::Read:
        return _plugin.read(_instance, request, &out);
    case Function::Apply:
        return _plugin.apply(_instance, request, &out);
    case Function::Tickets:
        return _requests->tickets(_instance, &out);
    case Function::Ticket:
        return _requests->ticket(_instance, request, &out);
    case Function::Places:
        return _requests->places(_instance, &out);
    case Function::SetStatus:
        return _requests->set_status(_instance, request, &out);
    case Function::WriteNote:
        return _requests->write_note(_instance, request, &out);
    case Function::Subscribe:
        return _requests->subscribe(_instance, request, &out);
    case Function::Unsubscribe:
        return _requests->unsubscribe(_instance, request, &out);
    }
    return MUSTER_REJECTED;
}

void LibraryPort::close(Caller& caller)
{
    if (!_instance)
        return;
    const Current current(_caller, caller);
    try
    {
        _plugin.destroy(_instance);
    }
    catch (...)
    {
        caller.log(MUSTER_LOG_ERROR, "the plugin threw an exception in destroy");
    }
    _instance = nullptr;
}

void LibraryPort::onLog(void* context, int32_t level, muster_text message)
{
    if (auto* const caller = static_cast<LibraryPort*>(context)->_caller)
        caller->log(level, viewOf(message));
}

int32_t LibraryPort::onIsCancelled(void* context)
{
    auto* const caller = static_cast<LibraryPort*>(context)->_caller;
    return caller && caller->isCancelled() ? 1 : 0;
}

int32_t LibraryPort::onWait(void* context, uint64_t milliseconds)
{
    auto* const caller = static_cast<LibraryPort*>(context)->_caller;
    return caller ? caller->wait(milliseconds) : MUSTER_CANCELLED;
}

int32_t LibraryPort::onHttp(void* context, muster_text requests, const muster_sink* answers)
{
    auto* const caller = static_cast<LibraryPort*>(context)->_caller;
    if (!caller)
        return MUSTER_REJECTED;
    return caller->http(viewOf(requests), [answers](std::string_view line) {
        answers->line(answers->context, {line.data(), line.size()});
    });
}

const void* LibraryPort::onGetExtension(void*, const char*)
{
    return nullptr;
}

void LibraryPort::onLine(void* context, muster_text line)
{
    if (auto* const caller = static_cast<LibraryPort*>(context)->_caller)
        caller->line(viewOf(line));
}

} // namespace muster::runner
