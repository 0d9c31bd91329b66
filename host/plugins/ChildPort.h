#pragma once

#include "plugins/ChildOptions.h"
#include "plugins/ChildProcess.h"
#include "runner/Port.h"
#include "runner/TargetLibrary.h"

#include <memory>
#include <string>
#include <string_view>

namespace muster::plugins {

/// Used by one thread at a time. A target plugin in a child process of its own, behind the wall of
/// muster-target-runner. A child that does not keep to target.h is killed: two seconds after it was
/// told that the call is cancelled, at the deadline, and when it does not keep to the protocol.
class ChildPort : public runner::Port
{
public:
    /// `spawner` outlives it.
    ChildPort(Spawner& spawner, const ChildOptions& options, runner::Described described);

    /// Create starts the child; throws ConfigError when it cannot load the plugin.
    int32_t call(runner::Function function, std::string_view text, runner::Caller& caller) override;
    bool hasTickets() const override { return _hasTickets; }
    void close(runner::Caller& caller) override;

    /// The last lines that the plugin printed.
    std::string output() const { return _child ? _child->output() : std::string(); }

private:
    class Conversation;

    void load(runner::Caller& caller);

    Spawner& _spawner;
    ChildOptions _options;
    runner::Described _described;
    std::unique_ptr<ChildProcess> _child;
    bool _hasTickets = false;
};

} // namespace muster::plugins
