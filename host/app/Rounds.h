#pragma once

#include "runtime/Bell.h"
#include "runtime/Cancellation.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace muster::app {

/// Thread-safe. Something that the service looks after beside the schedule of syncs: does it every
/// minute, on a thread of its own.
class Rounds
{
public:
    /// Finds out itself whether there is anything to do, and ends soon when the cancellation is
    /// requested. What it throws is logged.
    using Chore = std::function<void(const runtime::Cancellation&)>;

    /// `name` is that of its log.
    Rounds(std::string name, Chore chore);

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
    void attempt();

    std::string _name;
    Chore _chore;
    runtime::Cancellation _cancellation;
    runtime::Bell _bell;
    std::mutex _mutex; ///< guards _isDone
    bool _isDone = false;
    std::condition_variable _done;
    std::thread _thread; ///< last: it uses the rest
};

} // namespace muster::app
