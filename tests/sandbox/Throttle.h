#pragma once

#include "Http.h"
#include "Settings.h"

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace muster::sandbox {

/// The resource units of contracts/graph.md section 4.1: counts them for each tenant in windows of
/// time, and tells what a request is answered with. Thread-safe.
class Throttle
{
public:
    struct Verdict
    {
        bool isThrottled = false;
        Fields headers{}; ///< x-ms-resource-unit and, near or over the limit, x-ms-throttle-*
    };

    /// What a request costs: the base cost of its operation, changed by its query options.
    static std::size_t cost(const Request& request, std::size_t base);

    /// Books the request, also when it is refused.
    Verdict book(const std::string& clientId, const std::string& tenant, std::size_t units,
                 const SettingsValues& settings);

private:
    struct Window
    {
        std::chrono::steady_clock::time_point start;
        std::size_t used = 0;
    };

    std::mutex _mutex; ///< guards _windows
    std::map<std::string, Window> _windows;
};

} // namespace muster::sandbox
