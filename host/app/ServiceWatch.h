#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace muster::app {

/// Used by one thread. While it lives, a thread of its own tells systemd that the service is ready
/// (Type=notify), feeds its watchdog (WatchdogSec=), and calls `reload` on each SIGHUP. SIGHUP must
/// be blocked in all threads.
class ServiceWatch
{
public:
    explicit ServiceWatch(std::function<void()> reload);
    ~ServiceWatch();
    ServiceWatch(const ServiceWatch&) = delete;
    ServiceWatch& operator=(const ServiceWatch&) = delete;

    /// The service is about to end; the watchdog is fed until this is destroyed.
    void stopping();

private:
    void watch();

    std::function<void()> _reload;
    std::atomic<bool> _ends{false};
    std::thread _thread;
};

} // namespace muster::app
