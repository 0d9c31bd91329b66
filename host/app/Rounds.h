#pragma once

#include "runtime/Bell.h"
#include "runtime/Cancellation.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace muster::app {

/// Something that the service looks after beside the schedule of syncs. `work` is called in one
/// thread, again and again, and finds out itself whether there is anything to do; what it throws is
/// logged. It ends soon when the cancellation is requested.
struct Chore
{
    std::string name; ///< of its log
    std::function<void(const runtime::Cancellation&)> work;
};

/// Thread-safe. Does the chores one after the other every minute, on a thread of its own.
class Rounds
{
public:
    explicit Rounds(std::vector<Chore> chores);

    /// Stops, and waits for what is under way for as long as it takes.
    ~Rounds();
    Rounds(const Rounds&) = delete;
    Rounds& operator=(const Rounds&) = delete;

    /// The next round begins at once.
    void hurry() { _bell.ring(); }

    /// Begins nothing more, asks what is under way to stop, and waits for it; false when it was
    /// still under way at the deadline.
    bool stop(std::chrono::milliseconds deadline);

private:
    void work();

    std::vector<Chore> _chores;
    runtime::Cancellation _cancellation;
    runtime::Bell _bell;
    std::mutex _mutex; ///< guards _isDone
    bool _isDone = false;
    std::condition_variable _done;
    std::thread _thread; ///< last: it uses the rest
};

} // namespace muster::app
