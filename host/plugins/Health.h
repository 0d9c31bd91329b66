#pragma once

#include "runtime/Clock.h"
#include "store/Store.h"

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace muster::plugins {

/// Thread-safe. How the plugin of one target fares in its children: after a crash it rests for 1,
/// 2, 4 … 60 seconds, as often as it crashed since it last did a call; five crashes in ten minutes
/// disable it until somebody enables it. Crashes are kept in the store, so that a restart of the
/// host forgets none.
class Health
{
public:
    static constexpr size_t kMostCrashes = 5;
    static constexpr std::chrono::minutes kCrashWindow{10};
    static constexpr std::chrono::seconds kLongestRest{60};

    /// `store` may be null: then this object alone remembers. Both outlive it.
    Health(std::string target, runtime::Clock& clock, store::Store* store);

    struct Crash
    {
        runtime::Instant at;
        std::string reason;
        std::string output; ///< the last lines that the plugin printed
    };

    /// Throws ConfigError when it is disabled, and ResumingError while it rests.
    void check() const;

    /// Throws nothing.
    void crashed(const std::string& reason, const std::string& output);
    void wentWell();
    void enable();

    bool isDisabled() const;

    /// The latest at most five, oldest first.
    std::vector<Crash> crashes() const;

private:
    bool isDisabledLocked() const;
    void keep(const Crash& crash) const;

    std::string _target;
    runtime::Clock& _clock;
    store::Store* _store;
    mutable std::mutex _mutex; ///< guards what follows
    std::vector<Crash> _crashes;
    size_t _failures = 0; ///< since a call went well
    std::optional<std::chrono::steady_clock::time_point> _restsUntil = {};
};

} // namespace muster::plugins
