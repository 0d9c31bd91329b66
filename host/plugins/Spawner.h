#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>

namespace muster::plugins {

/// Thread-safe. A thread that starts processes which are to die with this one: the kernel ties them
/// to the thread that started them, and a run's thread ends long before its children's work does.
/// They are killed when the spawner is gone.
class Spawner
{
public:
    Spawner();
    ~Spawner();
    Spawner(const Spawner&) = delete;
    Spawner& operator=(const Spawner&) = delete;

    /// Runs a function in that thread and waits for it. It must not throw.
    void run(const std::function<void()>& function);

private:
    void work();

    std::mutex _mutex; ///< guards what follows but the thread
    std::condition_variable _changed;
    std::queue<std::function<void()>> _functions;
    bool _isEnding = false;
    std::thread _thread;
};

} // namespace muster::plugins
