#include "app/Interrupt.h"

#include <atomic>
#include <csignal>
#include <unistd.h>

namespace muster::app {

namespace {

constexpr int kInterruptedExit = 130;

/// What the handler reaches: a signal handler takes no argument of ours.
std::atomic<runtime::Cancellation*> current{nullptr};

void onSignal(int)
{
    auto* cancellation = current.load();
    if (!cancellation || cancellation->isRequested())
        ::_exit(kInterruptedExit);
    cancellation->request();
    constexpr char kText[] = "\nmuster: ending cleanly; press Ctrl-C again to end at once\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kText, sizeof kText - 1);
}

void handle(void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

} // namespace

Interrupt::Interrupt()
{
    current = &_cancellation;
    handle(onSignal);
}

Interrupt::~Interrupt()
{
    handle(SIG_DFL);
    current = nullptr;
}

} // namespace muster::app
