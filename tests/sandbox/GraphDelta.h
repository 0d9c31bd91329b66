#pragma once

#include "Delta.h"
#include "GraphCall.h"

namespace muster::sandbox {

/// Answers /groups/delta, /users/delta and /devices/delta: the query, the tokens and the links
/// around DeltaReader's pages. Thread-safe.
class GraphDelta
{
public:
    GraphDelta(const Directory& directory, const Clock& clock)
        : _directory(directory), _clock(clock)
    {}

    Response answer(const GraphCall& call, World::Kind kind) const;

private:
    DeltaCursor cursorOf(const GraphCall& call, World::Kind kind, const World& world) const;
    DeltaCursor newRound(const GraphCall& call, World::Kind kind, const World& world) const;
    DeltaCursor fromToken(const GraphCall& call, World::Kind kind, const World& world,
                          const std::string& token) const;
    std::string linkTo(const GraphCall& call, DeltaCursor cursor, const char* option) const;
    std::string page(const GraphCall& call, World::Kind kind, const World& world) const;

    const Directory& _directory;
    const Clock& _clock;
};

} // namespace muster::sandbox
