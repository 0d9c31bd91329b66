#include "Throttle.h"

#include <algorithm>
#include <cstdio>

namespace muster::sandbox {

namespace {

std::string decimal(double value, const char* format)
{
    char text[32];
    std::snprintf(text, sizeof(text), format, value);
    return text;
}

} // namespace

std::size_t Throttle::cost(const Request& request, std::size_t base)
{
    std::size_t less = 0;
    if (request.parameter("$expand"))
        ++base;
    if (request.parameter("$select"))
        ++less;
    const std::string top = request.parameter("$top").value_or("");
    if (!top.empty() && top.size() < 3 && std::atoi(top.c_str()) < 20)
        ++less;
    return base > less ? base - less : 1;
}

Throttle::Verdict Throttle::book(const std::string& clientId, const std::string& tenant,
                                 std::size_t units, const SettingsValues& settings)
{
    Verdict verdict{.headers = {{"x-ms-resource-unit", std::to_string(units)}}};
    if (settings.throttleUnits == 0)
        return verdict;
    const std::chrono::duration<double> length(settings.throttleSeconds);
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(_mutex);
    Window& window = _windows[tenant];
    if (now - window.start >= length)
        window = {now, 0};
    window.used += units;

    const double share =
        static_cast<double>(window.used) / static_cast<double>(settings.throttleUnits);
    if (share >= 0.8)
        verdict.headers.emplace_back("x-ms-throttle-limit-percentage",
                                     decimal(std::min(share, 1.8), "%.1f"));
    if (share <= 1.0)
        return verdict;
    verdict.isThrottled = true;
    const std::chrono::duration<double> left = length - (now - window.start);
    verdict.headers.emplace_back("Retry-After", decimal(std::max(left.count(), 0.001), "%.3f"));
    verdict.headers.emplace_back("x-ms-throttle-scope",
                                 "Tenant_Application/ReadWrite/" + clientId + '/' + tenant);
    verdict.headers.emplace_back("x-ms-throttle-information", "ResourceUnitLimitExceeded");
    return verdict;
}

} // namespace muster::sandbox
