#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace muster::runtime {

/// Thread-safe. Wakes those who wait; who looked at rings() before looking for work misses no ring.
class Bell
{
public:
    void ring()
    {
        {
            const std::lock_guard lock(_mutex);
            ++_rings;
        }
        _rung.notify_all();
    }
    uint64_t rings() const
    {
        const std::lock_guard lock(_mutex);
        return _rings;
    }

    /// Waits until it has rung since `seen`, at most for as long.
    void wait(uint64_t seen, std::chrono::milliseconds longest)
    {
        std::unique_lock lock(_mutex);
        _rung.wait_for(lock, longest, [&] { return _rings != seen; });
    }

private:
    mutable std::mutex _mutex; ///< guards _rings
    std::condition_variable _rung;
    uint64_t _rings = 0;
};

} // namespace muster::runtime
