#include "plugins/Pace.h"

#include <algorithm>

namespace muster::plugins {

using namespace std::chrono;

Pace::Pace(double perSecond, runtime::Clock& clock)
    : _clock(clock),
      _most(std::max<size_t>(1, static_cast<size_t>(perSecond))),
      _stretch(duration_cast<steady_clock::duration>(
          duration<double>(static_cast<double>(_most) / perSecond)))
{}

milliseconds Pace::next()
{
    if (const auto left = paused(); left.count() > 0)
        return left;
    const auto now = _clock.steady();
    if (_starts.size() == _most)
    {
        const auto free = _starts.front() + _stretch;
        if (now < free)
            return ceil<milliseconds>(free - now);
        _starts.pop_front();
    }
    _starts.push_back(now);
    return milliseconds(0);
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
