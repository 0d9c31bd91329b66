#include "app/Rounds.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

namespace muster::app {

namespace {

constexpr std::chrono::minutes kBetweenRounds{1};

void attempt(const Chore& chore, const runtime::Cancellation& cancellation)
{
    std::string trouble;
    try
    {
        return chore.work(cancellation);
    }
    catch (const CancelledError&)
    {
        return;
    }
    catch (const Poco::Exception& error)
    {
        trouble = error.displayText();
    }
    catch (const std::exception& error)
    {
        trouble = error.what();
    }
    Poco::Logger::get(chore.name).warning(trouble);
}

} // namespace

Rounds::Rounds(std::vector<Chore> chores) : _chores(std::move(chores)), _thread([this] { work(); })
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

void Rounds::work()
{
    while (!_cancellation.isRequested())
    {
        const auto seen = _bell.rings();
        for (const auto& chore : _chores)
            if (!_cancellation.isRequested())
                attempt(chore, _cancellation);
        if (!_cancellation.isRequested())
            _bell.wait(seen, kBetweenRounds);
    }
    const std::lock_guard lock(_mutex);
    _isDone = true;
    _done.notify_all();
}

} // namespace muster::app
