#include "plugins/Pace.h"

#include <algorithm>

namespace muster::plugins {

using namespace std::chrono;

namespace {

/// What goes out a second apart may arrive a little less than that apart.
constexpr double kAllowance = 1.05;
constexpr milliseconds kLook{10}; ///< while none of those that may go was sent

} // namespace

Pace::Pace(double perSecond, runtime::Clock& clock)
    : _clock(clock),
      _most(std::max<size_t>(1, static_cast<size_t>(perSecond))),
      _stretch(duration_cast<steady_clock::duration>(
          duration<double>(kAllowance * static_cast<double>(_most) / perSecond)))
{}

milliseconds Pace::next()
{
    if (const auto left = paused(); left.count() > 0)
        return left;
    const auto now = _clock.steady();
    while (!_sent.empty() && _sent.front() + _stretch <= now)
        _sent.pop_front();
    if (_leaving + _sent.size() >= _most)
        return _sent.empty() ? kLook : ceil<milliseconds>(_sent.front() + _stretch - now);
    ++_leaving;
    return milliseconds(0);
}

void Pace::sent()
{
    dropped();
    _sent.push_back(_clock.steady());
}

void Pace::dropped()
{
    _leaving -= std::min<size_t>(_leaving, 1);
}

void Pace::pause(milliseconds duration)
{
    _pausedUntil = std::max(_pausedUntil, _clock.steady() + duration);
}

milliseconds Pace::paused() const
{
    const auto now = _clock.steady();
    return now < _pausedUntil ? ceil<milliseconds>(_pausedUntil - now) : milliseconds(0);
}

} // namespace muster::plugins
