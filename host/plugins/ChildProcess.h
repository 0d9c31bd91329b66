#pragma once

#include "plugins/Spawner.h"
#include "runner/Frames.h"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace muster::plugins {

/// Used by one thread at a time. A running muster-target-runner, its frames, and what it prints.
/// It gets no argument, no variable and no open file but what Frames.h names, has a process group
/// of its own, and dies with this process.
class ChildProcess
{
public:
    /// Throws ConfigError when the program cannot be started.
    ChildProcess(Spawner& spawner, const std::string& program);

    /// Kills it when it runs.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// Tells it that the call under way should end, or that a new one begins.
    void setCancelled(bool isCancelled);

    /// Sends a frame; what comes meanwhile is kept. False when it is gone, or took none of it for
    /// `patience`.
    bool send(runner::FrameKind kind, int32_t value, std::string_view text,
              std::chrono::milliseconds patience);

    /// The next frame, waiting up to `wait` for one. Throws std::invalid_argument when it says
    /// what is no frame.
    std::optional<runner::Frame> receive(std::chrono::milliseconds wait);

    /// False once the connection is closed; what was received before is still given out.
    bool isConnected() const { return _isConnected; }

    /// Lets it use so much of the processor from now on.
    void allowProcessor(std::chrono::seconds time);

    /// Ends it if it has not ended, and says how it ended: "crashed (signal 11, …)".
    std::string end();

    /// The last lines it printed.
    std::string output() const;

private:
    void pump(short events, std::chrono::milliseconds wait);
    void readFrames();
    void readOutput();
    void keepOutput(std::string_view text);

    pid_t _process = -1;
    int _connection = -1;
    int _printed = -1; ///< its stdout and stderr
    uint32_t* _cancelled = nullptr;
    bool _isConnected = true;
    runner::FrameBuffer _frames;
    std::deque<std::string> _lines;
    std::string _line; ///< that is not at its end yet
    std::string _ended;
};

} // namespace muster::plugins
