#pragma once

#include "plugins/RunnerProcess.h"
#include "runner/Frames.h"
#include "runtime/FileDescriptor.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
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
    /// Throws ConfigError when it cannot be started.
    ChildProcess(Spawner& spawner, const ChildOptions& options);

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

    /// As of runner::Share.
    void allow(std::chrono::seconds time);
    void rest();
    std::string excess();

    /// Ends it if it has not ended, and says how it ended: "crashed (signal 11, …)".
    std::string end();

    /// The last lines it printed.
    std::string output() const;

private:
    void pump(short events, std::chrono::milliseconds wait);
    void readFrames();
    void readOutput();
    void keepOutput(std::string_view text);

    struct Unmap
    {
        void operator()(uint32_t* page) const;
    };

    runtime::FileDescriptor _connection;
    runtime::FileDescriptor _printed; ///< its stdout and stderr
    std::unique_ptr<uint32_t, Unmap> _cancelled;
    std::unique_ptr<RunnerProcess> _runner;
    bool _isConnected = true;
    runner::FrameBuffer _frames;
    std::deque<std::string> _lines;
    std::string _line; ///< that is not at its end yet
    std::string _ended;
};

} // namespace muster::plugins
