#include "runner/Session.h"

#include "runner/LibraryPort.h"
#include "runner/TargetLibrary.h"
#include "runner/Wall.h"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <exception>

namespace muster::runner {

void Session::run()
{
    while (true)
    {
        const auto frame = hear();
        if (frame.kind == FrameKind::Load && !_port)
            load(frame);
        else if (frame.kind == FrameKind::Call && _port)
            call(frame);
        else if (frame.kind == FrameKind::Close && _port)
        {
            _port->close(*this);
            say(FrameKind::Closed, 0, {});
            ::_exit(0);
        }
        else
            ::_exit(2);
    }
}

void Session::load(const Frame& frame)
{
    try
    {
        const auto asked = nlohmann::json::parse(frame.text);
        const Described described{asked.at("file"), asked.at("id"), asked.at("version")};
        // The constructors of a library run while it is loaded: the wall stands before.
        raiseWall({.pluginFile = described.file, .memoryBytes = asked.at("memory")});
        _port = std::make_unique<LibraryPort>(loadTarget(described));
        closeFiles();
    }
    catch (const std::exception& error)
    {
        say(FrameKind::Refused, 0, error.what());
        ::_exit(0);
    }
    catch (...)
    {
        say(FrameKind::Refused, 0, "it throws an exception while it is loaded");
        ::_exit(0);
    }
    say(FrameKind::Loaded, 0, {});
}

void Session::call(const Frame& frame)
{
    const auto function = static_cast<Function>(frame.value);
    int32_t status = 0;
    try
    {
        status = _port->call(function, frame.text, *this);
    }
    catch (const std::exception&)
    {
        say(FrameKind::Threw, 0, {});
        return;
    }
    const bool tellsTickets = function == Function::Create && _port->hasTickets();
    say(FrameKind::Done, status, tellsTickets ? "tickets" : "");
}

void Session::say(FrameKind kind, int32_t value, std::string_view text)
{
    if (!writeFrame(_protocol, kind, value, text))
        ::_exit(0); // the host is gone
}

Frame Session::hear()
{
    auto frame = readFrame(_protocol);
    if (!frame)
        ::_exit(0);
    return std::move(*frame);
}

void Session::line(std::string_view line)
{
    say(FrameKind::Line, 0, line);
}

void Session::log(int32_t level, std::string_view message)
{
    say(FrameKind::Log, level, message);
}

bool Session::isCancelled()
{
    return *_cancelled != 0;
}

int32_t Session::wait(uint64_t milliseconds)
{
    say(FrameKind::Wait, 0, std::to_string(milliseconds));
    return hear().value;
}

int32_t Session::http(std::string_view requests, const Answer& answer)
{
    say(FrameKind::Http, 0, requests);
    while (true)
    {
        const auto frame = hear();
        if (frame.kind == FrameKind::Returned)
            return frame.value;
        if (frame.kind != FrameKind::Answer)
            ::_exit(2);
        answer(frame.text);
    }
}

} // namespace muster::runner
