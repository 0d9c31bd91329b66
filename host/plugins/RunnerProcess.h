#pragma once

#include "plugins/ChildOptions.h"
#include "plugins/Spawner.h"

#include <chrono>
#include <memory>
#include <string>

namespace muster::plugins {

/// What a runner starts with, in the places that runner/Frames.h names.
struct RunnerFiles
{
    int protocol;
    int cancel;
    int printed; ///< its stdout and stderr
};

/// Used by one thread at a time. The process of a muster-target-runner, which dies with this one.
/// How it was started is hidden here. Killed in the end, when it still runs.
class RunnerProcess
{
public:
    virtual ~RunnerProcess() = default;

    /// As of runner::Share.
    virtual void allow(std::chrono::seconds time) = 0;
    virtual void rest() = 0;
    virtual std::string excess() = 0;

    /// Gives it so long to end itself, kills it then, and says how it ended: "crashed (signal 11,
    /// …)". Called once.
    virtual std::string end(std::chrono::milliseconds patience) = 0;
};

/// A process of this user, or what the socket of `options` starts. Throws ConfigError when it
/// cannot be started. `files` stay the caller's.
std::unique_ptr<RunnerProcess> startRunner(Spawner& spawner, const ChildOptions& options,
                                           const RunnerFiles& files);

} // namespace muster::plugins
