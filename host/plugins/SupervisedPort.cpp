#include "plugins/SupervisedPort.h"

#include <muster/target.h>

namespace muster::plugins {

using runner::Function;

SupervisedPort::SupervisedPort(std::shared_ptr<Spawner> spawner, const ChildOptions& options,
                               const runner::Described& described, std::shared_ptr<Health> health,
                               std::function<void()> mayStart)
    : _spawner(std::move(spawner)),
      _health(std::move(health)),
      _mayStart(std::move(mayStart)),
      _port(*_spawner, options, described)
{}

int32_t SupervisedPort::call(Function function, std::string_view text, runner::Caller& caller)
{
    _health->check();
    if (function == Function::Create)
        _settings = text;
    try
    {
        if (!_isMade)
        {
            _mayStart();
            const auto status = _port.call(Function::Create, _settings, caller);
            _isMade = status == MUSTER_OK;
            if (!_isMade || function == Function::Create)
                return status;
        }
        const auto status = _port.call(function, text, caller);
        _health->wentWell();
        return status;
    }
    catch (const runner::PluginGone& error)
    {
        _isMade = false;
        _health->crashed(error.what(), _port.output());
        throw;
    }
}

void SupervisedPort::close(runner::Caller& caller)
{
    if (!_isMade)
        return;
    try
    {
        _port.close(caller);
    }
    catch (const runner::PluginGone& error)
    {
        caller.log(MUSTER_LOG_WARNING, error.what());
        _health->crashed(error.what(), _port.output());
    }
}

} // namespace muster::plugins
