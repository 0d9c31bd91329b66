#include "app/Console.h"

#include <cstdlib>
#include <iostream>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace muster::app {

namespace {

constexpr std::chrono::milliseconds kBetweenReports{100};
constexpr size_t kMostSecretBytes = 65539; ///< more than is taken, with a line break
constexpr int kBetweenLooks = 100;         ///< milliseconds

/// Turns the terminal's echo off while it lives.
class SilentTerminal
{
public:
    SilentTerminal()
    {
        if (::tcgetattr(STDIN_FILENO, &_before) != 0)
            return;
        auto silent = _before;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        _changed = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    ~SilentTerminal()
    {
        if (_changed)
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &_before);
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;

private:
    termios _before = {};
    bool _changed = false;
};

} // namespace

Console Console::standard()
{
    const bool takesColours = !std::getenv("NO_COLOR");
    const bool outIsTerminal = ::isatty(STDOUT_FILENO) == 1;
    const bool errIsTerminal = ::isatty(STDERR_FILENO) == 1;
    winsize size = {};
    if (outIsTerminal)
        ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    return {.out = std::cout,
            .err = std::cerr,
            .colours = outIsTerminal && takesColours,
            .colourErrors = errIsTerminal && takesColours,
            .width = size.ws_col,
            .showsProgress = errIsTerminal};
}

void TerminalProgress::report(std::string_view what, uint64_t done, uint64_t total)
{
    const auto now = std::chrono::steady_clock::now();
    if (_shown && what == _what && now - _shownAt < kBetweenReports)
        return;
    _err << "\r\x1b[K" << printable(std::string(what));
    if (done > 0)
        _err << " " << done;
    if (total > 0)
        _err << " of " << total;
    _err << std::flush;
    _what = what;
    _shown = true;
    _shownAt = now;
}

void TerminalProgress::clear()
{
    if (_shown)
        _err << "\r\x1b[K" << std::flush;
    _shown = false;
}

std::string readSecret(const Console& console, const std::string& name,
                       const runtime::Cancellation& cancellation)
{
    std::string value;
    if (::isatty(STDIN_FILENO) == 1)
    {
        console.err << "Value of " << name << " (it is not shown): " << std::flush;
        const SilentTerminal silent;
        // A signal must not end the process while the echo is off.
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        while (::poll(&input, 1, kBetweenLooks) <= 0)
            cancellation.check();
        std::getline(std::cin, value);
        console.err << "\n";
    }
    else
    {
        value.resize(kMostSecretBytes);
        std::cin.read(value.data(), static_cast<std::streamsize>(value.size()));
        value.resize(static_cast<size_t>(std::cin.gcount()));
    }
    if (!value.empty() && value.back() == '\n')
        value.pop_back();
    if (!value.empty() && value.back() == '\r')
        value.pop_back();
    return value;
}

} // namespace muster::app
