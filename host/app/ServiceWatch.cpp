#include "app/ServiceWatch.h"

#include <chrono>
#include <csignal>
#include <pthread.h>
#include <systemd/sd-daemon.h>

namespace muster::app {

namespace {

using namespace std::chrono_literals;

/// Twice in the time that systemd waits for a sign of life, at least once a second without one.
std::chrono::microseconds interval()
{
    uint64_t microseconds = 0;
    const bool isWatched = sd_watchdog_enabled(0, &microseconds) > 0 && microseconds > 0;
    return isWatched ? std::chrono::microseconds(microseconds / 2) : 1s;
}

} // namespace

ServiceWatch::ServiceWatch(std::function<void()> reload)
    : _reload(std::move(reload)), _thread([this] { watch(); })
{}

ServiceWatch::~ServiceWatch()
{
    _ends = true;
    ::pthread_kill(_thread.native_handle(), SIGHUP);
    _thread.join();
}

void ServiceWatch::stopping()
{
    sd_notify(0, "STOPPING=1");
}

void ServiceWatch::watch()
{
    sd_notify(0, "READY=1");
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGHUP);
    const auto every = interval();
    const timespec wait{std::chrono::duration_cast<std::chrono::seconds>(every).count(),
                        std::chrono::nanoseconds(every % 1s).count()};
    while (!_ends)
    {
        const bool isAsked = ::sigtimedwait(&signals, nullptr, &wait) == SIGHUP;
        if (isAsked && !_ends)
        {
            sd_notify(0, "RELOADING=1");
            _reload();
            sd_notify(0, "READY=1");
        }
        sd_notify(0, "WATCHDOG=1");
    }
}

} // namespace muster::app
