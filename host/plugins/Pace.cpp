#include "plugins/Pace.h"

#include <algorithm>

namespace muster::plugins {

using namespace std::chrono;

namespace {

/// What goes out a second apart may arrive a little less than that apart.
constexpr double kAllowance = 1.05;
constexpr seconds kBudgetAllowance{1};
constexpr milliseconds kLook{10}; ///< while none of those that may go was sent

} // namespace

Pace::Pace(double perSecond, runtime::Clock& clock, const std::optional<Budget>& budget)
    : _clock(clock)
{
    // A stretch is a second, or more when that has less than one request.
    const auto most = std::max<size_t>(1, static_cast<size_t>(perSecond));
    const duration<double> stretch(kAllowance * static_cast<double>(most) / perSecond);
    _limits.push_back({most, duration_cast<steady_clock::duration>(stretch)});
    if (budget)
        _limits.push_back({std::max<size_t>(1, budget->requests),
                           budget->window + std::min(budget->window, kBudgetAllowance)});
}

milliseconds Pace::next()
{
    if (const auto left = paused(); left.count() > 0)
        return left;
    const auto now = _clock.steady();
    steady_clock::duration longest{0};
    steady_clock::duration wait{0};
    for (const auto& limit : _limits)
    {
        longest = std::max(longest, limit.stretch);
        wait = std::max(wait, waitFor(limit, now));
    }
    while (!_sent.empty() && _sent.front() + longest <= now)
        _sent.pop_front();
    if (wait.count() > 0)
        return ceil<milliseconds>(wait);
    ++_leaving;
    return milliseconds(0);
}

steady_clock::duration Pace::waitFor(const Limit& limit, Time now) const
{
    if (_leaving >= limit.most)
        return kLook;
    const auto left = limit.most - _leaving;
    if (_sent.size() < left)
        return {};
    // There is room once so many of the last ones are as old as the stretch.
    return std::max(_sent[_sent.size() - left] + limit.stretch - now, steady_clock::duration{0});
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
