#pragma once

#include "http/HttpClient.h"
#include "runtime/Clock.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>

namespace muster::graph {

/// How a tenant's requests are held back, and how often and how long a failing one is tried.
struct RequestPolicy
{
    int tries = 8;
    int triesToReach = 4; ///< when nobody listens, which waiting betters less often
    std::chrono::milliseconds patience{300'000}; ///< from the first try to the last
    std::chrono::milliseconds timeout{120'000};  ///< of one try
    std::chrono::milliseconds firstDelay{500};   ///< doubled with each try, with jitter
    std::chrono::milliseconds longestDelay{60'000};
    /// Resource units per window (contracts/graph.md, section 4.1): those of the smallest tenants,
    /// which one request at a time does not reach in larger ones either.
    double units = 3'500;
    std::chrono::milliseconds window{10'000};

    int triesFor(http::Failure failure) const
    {
        return failure == http::Failure::Unsent ? std::min(tries, triesToReach) : tries;
    }
};

/// Used by one thread at a time. Keeps one tenant's requests within what Graph grants.
class Throttle
{
public:
    Throttle(runtime::Clock& clock, const RequestPolicy& policy);

    /// Waits until a request may go.
    void beforeRequest(const runtime::Cancellation& cancellation);

    /// Learns from an answer: x-ms-resource-unit and x-ms-throttle-limit-percentage.
    void afterAnswer(const http::HttpResponse& response);

    /// How long to wait before try number `next` (2 is the first repetition): what the answer asks
    /// for, else exponential back-off with jitter.
    std::chrono::milliseconds delayBefore(int next, std::optional<std::chrono::milliseconds> asked);

private:
    runtime::Clock& _clock;
    const RequestPolicy& _policy;
    double _units;
    std::chrono::steady_clock::time_point _filledAt;
    std::chrono::milliseconds _pause{0};
    std::minstd_rand _random{std::random_device()()};
};

} // namespace muster::graph
