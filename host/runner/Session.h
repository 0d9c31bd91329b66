#pragma once

#include "runner/Frames.h"
#include "runner/Port.h"

#include <cstdint>
#include <memory>

namespace muster::runner {

/// Used by one thread. The runner's side of the protocol: loads the plugin behind the wall and does
/// what the host asks, until the host is gone.
class Session : private Caller
{
public:
    /// `protocol` is the connection to the host; `cancelled` memory shared with it.
    Session(int protocol, const volatile uint32_t* cancelled)
        : _protocol(protocol), _cancelled(cancelled)
    {}

    /// Does not return.
    [[noreturn]] void run();

private:
    void load(const Frame& frame);
    void call(const Frame& frame);
    void say(FrameKind kind, int32_t value, std::string_view text);
    Frame hear();

    void line(std::string_view line) override;
    void log(int32_t level, std::string_view message) override;
    bool isCancelled() override;
    int32_t wait(uint64_t milliseconds) override;
    int32_t http(std::string_view requests, const Answer& answer) override;

    int _protocol;
    const volatile uint32_t* _cancelled;
    std::unique_ptr<Port> _port;
};

} // namespace muster::runner
