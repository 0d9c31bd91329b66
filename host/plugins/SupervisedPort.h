#pragma once

#include "plugins/ChildPort.h"
#include "plugins/Health.h"

#include <functional>
#include <memory>
#include <string>

namespace muster::plugins {

/// Used by one thread at a time. A plugin in a child that is started again after a crash, with the
/// same settings, when the health of its target allows it.
class SupervisedPort : public runner::Port
{
public:
    /// `mayStart` is called before each start, and throws when there must be none.
    SupervisedPort(std::shared_ptr<Spawner> spawner, const ChildOptions& options,
                   const runner::Described& described, std::shared_ptr<Health> health,
                   std::function<void()> mayStart);

    /// Throws what Health::check does when the plugin cannot be started again yet.
    int32_t call(runner::Function function, std::string_view text, runner::Caller& caller) override;
    bool hasTickets() const override { return _port.hasTickets(); }
    void close(runner::Caller& caller) override;

private:
    std::shared_ptr<Spawner> _spawner; ///< shared by all ports of a catalog
    std::shared_ptr<Health> _health;   ///< shared by all ports of a target
    std::function<void()> _mayStart;
    ChildPort _port;
    std::string _settings;
    bool _isMade = false; ///< there is a child with an instance
};

} // namespace muster::plugins
