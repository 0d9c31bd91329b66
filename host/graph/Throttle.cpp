#include "graph/Throttle.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace muster::graph {

using namespace std::chrono;

namespace {

/// Graph tells the used share of the limit from here on; requests are thinned out before it is 1.
constexpr double kNearLimit = 0.8;
constexpr duration<double> kLongestPause{2.0};

std::optional<double> numberIn(const std::string& text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || !std::isfinite(value) || value < 0)
        return std::nullopt;
    return value;
}

} // namespace

Throttle::Throttle(runtime::Clock& clock, const RequestPolicy& policy)
    : _clock(clock), _policy(policy), _units(policy.units), _filledAt(clock.steady())
{}

void Throttle::beforeRequest(const runtime::Cancellation& cancellation)
{
    const auto now = _clock.steady();
    const double perSecond = _policy.units / duration<double>(_policy.window).count();
    _units =
        std::min(_policy.units, _units + perSecond * duration<double>(now - _filledAt).count());
    _filledAt = now;
    auto wait = std::exchange(_pause, milliseconds(0));
    if (_units < 1)
        wait = std::max(wait, ceil<milliseconds>(duration<double>((1 - _units) / perSecond)));
    if (wait.count() > 0)
        _clock.sleep(wait, cancellation);
}

void Throttle::afterAnswer(const http::HttpResponse& response)
{
    _units -= numberIn(response.header("x-ms-resource-unit")).value_or(1);
    if (const auto used = numberIn(response.header("x-ms-throttle-limit-percentage")))
    {
        const auto near = std::clamp((*used - kNearLimit) / (1 - kNearLimit), 0.0, 1.0);
        _pause = duration_cast<milliseconds>(kLongestPause * near);
    }
}

milliseconds Throttle::delayBefore(int next, std::optional<milliseconds> asked)
{
    const auto doubled = _policy.firstDelay * (1LL << std::clamp(next - 2, 0, 20));
    const auto longest = std::min<milliseconds>(doubled, _policy.longestDelay);
    std::uniform_int_distribution<long long> jitter(longest.count() / 2, longest.count());
    const milliseconds delay(jitter(_random));
    // A little more than asked for, so that many who wait do not come back at one instant.
    return asked ? *asked + milliseconds(jitter(_random) / 10) : delay;
}

} // namespace muster::graph
