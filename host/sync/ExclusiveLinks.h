#pragma once

#include "manifest/Manifest.h"
#include "runtime/Cancellation.h"
#include "store/Database.h"
#include "sync/Planner.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace muster::sync {

/// Used by one thread. Plans the links of which a record has one at most: the service group of a
/// contact. Of several claims the first by rank wins, and the others are findings. A change of
/// mind is one change: the new link takes the place of the old one. The table planned_link then
/// holds the links that it looked at; no other rule is for them.
class ExclusiveLinks
{
public:
    explicit ExclusiveLinks(store::Database& database);

    void plan(const PlanInput& input, int64_t plan, const runtime::Cancellation& cancellation);

private:
    struct Link;
    using Links = std::vector<Link>;

    void planChunk(const PlanInput& input, int64_t plan, const plugins::LinkKind& kind,
                   const std::vector<int64_t>& sources);
    std::vector<Links> linksOf(const PlanInput& input, const plugins::LinkKind& kind,
                               const std::vector<int64_t>& sources);
    void addClaims(const PlanInput& input, std::vector<Links>& all);
    void decide(const PlanInput& input, const plugins::LinkKind& kind, const Links& links);
    void decideWon(const PlanInput& input, const plugins::LinkKind& kind, const Links& links,
                   const Link& winner);
    void decideUnclaimed(const PlanInput& input, const Links& links);
    void noteLoser(const PlanInput& input, const plugins::LinkKind& kind, const Link& winner,
                   const Link& loser);
    void noteKept(const PlanInput& input, const plugins::LinkKind& kind, const Link& kept,
                  const Link& winner);
    void note(const PlanInput& input, const plugins::LinkKind& kind, const Link& link,
              const std::string& what);

    store::Database& _database;
    nlohmann::json _changes;      ///< of the chunk: phase, action, link, group, document, reason
    std::vector<int64_t> _marked; ///< of the chunk: links that are looked at again
    std::vector<int64_t> _kept;   ///< of the chunk: links whose mark stays as it is
};

} // namespace muster::sync
