#include "app/Rounds.h"

#include "runtime/Errors.h"
#include "runtime/Trouble.h"

#include <Poco/Logger.h>

namespace muster::app {

namespace {

constexpr std::chrono::minutes kBetweenRounds{1};

} // namespace

Rounds::Rounds(std::string name, Chore chore)
    : _name(std::move(name)), _chore(std::move(chore)), _thread([this] { work(); })
{}

Rounds::~Rounds()
{
    stop(std::chrono::milliseconds(0));
    _thread.join();
}

bool Rounds::stop(std::chrono::milliseconds deadline)
{
    _cancellation.request();
    _bell.ring();
    std::unique_lock lock(_mutex);
    return _done.wait_for(lock, deadline, [this] { return _isDone; });
}

void Rounds::attempt()
{
    const auto trouble = runtime::troubleOf([this] {
        try
        {
            _chore(_cancellation);
        }
        catch (const CancelledError&)
        {} // as it was asked to
    });
    if (trouble)
        Poco::Logger::get(_name).warning(*trouble);
}

void Rounds::work()
{
    while (!_cancellation.isRequested())
    {
        const auto seen = _bell.rings();
        attempt();
        if (!_cancellation.isRequested())
            _bell.wait(seen, kBetweenRounds);
    }
    const std::lock_guard lock(_mutex);
    _isDone = true;
    _done.notify_all();
}

} // namespace muster::app
