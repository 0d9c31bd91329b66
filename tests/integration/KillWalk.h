#pragma once

#include "Scenario.h"

namespace muster::integration {

/// Ends syncs with kill -9 at the points where that could matter (see killpoint/killpoint.c),
/// starts them again, and compares what comes of it with what an undisturbed sync does.
class KillWalk
{
public:
    /// The sync that is killed is the first one of that tenant; or, with changes, the one after
    /// them.
    explicit KillWalk(Json tenant, Json changes = nullptr, Mode mode = Mode::OwnersAndMembers);

    /// Which points: every `stride`th, the first one being `first` (from 1).
    struct Points
    {
        size_t first = 1;
        size_t stride = 1;
    };
    void walk(const Points& points) const;

    /// About `wanted` points, spread over the sync's whole length.
    void walkSome(size_t wanted) const;

private:
    void prepare(Scenario& scenario) const;
    size_t countPoints() const;
    bool killAt(size_t point) const;

    Json _tenant;
    Json _changes;
    Mode _mode;
};

/// Runs muster with the library that ends it at a point; 0: never, but points are counted.
Finished runKilledAt(size_t point, const Installation& host,
                     const std::vector<std::string>& arguments);

/// How many points the last run of the installation had that was not killed.
size_t pointsOf(const Installation& host);

} // namespace muster::integration
