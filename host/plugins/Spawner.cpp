#include "plugins/Spawner.h"

#include <csignal>
#include <future>

namespace muster::plugins {

Spawner::Spawner()
{
    // Signals are for the threads that wait for them.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    _thread = std::thread([this] { work(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Spawner::~Spawner()
{
    {
        const std::lock_guard lock(_mutex);
        _isEnding = true;
    }
    _changed.notify_one();
    _thread.join();
}

void Spawner::run(const std::function<void()>& function)
{
    std::promise<void> done;
    {
        const std::lock_guard lock(_mutex);
        _functions.push([&] {
            function();
            done.set_value();
        });
    }
    _changed.notify_one();
    done.get_future().wait();
}

void Spawner::work()
{
    std::unique_lock lock(_mutex);
    while (true)
    {
        _changed.wait(lock, [this] { return _isEnding || !_functions.empty(); });
        if (_functions.empty())
            return;
        const auto function = std::move(_functions.front());
        _functions.pop();
        lock.unlock();
        function();
        lock.lock();
    }
}

} // namespace muster::plugins
