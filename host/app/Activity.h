#pragma once

#include "runtime/Progress.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace muster::app {

/// Thread-safe. How far the syncs are that the service runs by itself.
class Activity
{
public:
    struct State
    {
        std::string what;
        uint64_t done = 0;
        uint64_t total = 0; ///< 0: nobody knows
    };

    /// The progress of one sync, from now until this is destroyed. The activity outlives it.
    class Watch : public runtime::Progress
    {
    public:
        Watch(Activity& activity, std::string sync);
        ~Watch() override;
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

        void report(std::string_view what, uint64_t done, uint64_t total) override;

    private:
        Activity& _activity;
        std::string _sync;
    };

    /// Nothing when the sync is not under way.
    std::optional<State> of(const std::string& sync) const;

private:
    mutable std::mutex _mutex; ///< guards _states
    std::map<std::string, State> _states;
};

} // namespace muster::app
