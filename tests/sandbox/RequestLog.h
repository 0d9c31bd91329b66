#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace muster::sandbox {

using Json = nlohmann::ordered_json;

/// Counts the requests by service and route, and how many ran at once and in a second. Thread-safe.
class RequestLog
{
public:
    /// A request that is being answered, from construction to destruction.
    class Running
    {
    public:
        Running(RequestLog& log, std::string service, const std::string& route);
        ~Running();
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;

    private:
        RequestLog& _log;
        std::string _service;
    };

    /// Counts a request inside a $batch, which is no request of its own.
    void countBatchItem(const std::string& route);

    Json json() const;
    void clear();
    /// {"requests","maxConcurrent","maxPerSecond"} of a service.
    Json service(const std::string& name) const;

private:
    struct Counts
    {
        std::size_t total = 0;
        std::size_t running = 0;
        std::size_t maxConcurrent = 0;
        std::size_t maxPerSecond = 0;
        std::deque<std::chrono::steady_clock::time_point> lastSecond{};
    };

    mutable std::mutex _mutex; ///< guards what follows
    std::map<std::string, Counts> _services;
    std::map<std::string, std::size_t> _routes;
    std::map<std::string, std::size_t> _batchItems;
};

} // namespace muster::sandbox
