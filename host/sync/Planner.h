#pragma once

#include "estate/Estate.h"
#include "manifest/Manifest.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "store/Database.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace muster::sync {

/// The order of a plan: each kind of record in the order its mode names them, then links, and
/// retirements last.
inline constexpr int kPhasesPerKind = 10;
inline constexpr int kActivatePhase = 1;
inline constexpr int kUpdatePhase = 2;
inline constexpr int kLinkPhase = 100;
inline constexpr int kUnlinkPhase = 110;
inline constexpr int kRetirePhase = 120;

/// What a plan is made for.
struct PlanInput
{
    const estate::Sync& sync;
    const plugins::ModeManifest& mode;
    const plugins::TargetManifest& target;
    bool complete = false; ///< the directory was read to its end: removals may be planned
};

/// Used by one thread. Compares claims with the ledger, for the records and links that are marked,
/// and stores the changes that close the difference. It knows kinds and fields, and neither Entra
/// nor any target.
class Planner
{
public:
    Planner(store::Database& database, const runtime::Clock& clock);

    /// Stores a plan with verdict clear and returns its id; the guards look at it next.
    int64_t plan(const PlanInput& input, const runtime::Cancellation& cancellation);

private:
    struct Record;
    struct NewChange
    {
        int phase;
        const char* action;
        int64_t record;
        int64_t group;
        nlohmann::json document;
        std::string reason;
    };

    std::vector<std::string> kindsToPlan(const PlanInput& input);
    void forgetRefusals(const estate::Sync& sync);
    void planRecords(const PlanInput& input, int64_t plan, const std::string& kind, int phase,
                     const runtime::Cancellation& cancellation);
    std::map<int64_t, Record> nextRecords(const PlanInput& input, const std::string& kind,
                                          int64_t after);
    /// True when the record needs no change.
    bool decide(const PlanInput& input, int phase, Record& record, std::vector<NewChange>& changes);
    bool decideUnclaimed(const PlanInput& input, const Record& record,
                         std::vector<NewChange>& changes);
    bool decideExpected(const PlanInput& input, const Record& record);
    bool isClaimedElsewhere(const PlanInput& input, const Record& record);
    void release(const PlanInput& input, const Record& record);
    void storeChanges(int64_t plan, const std::vector<NewChange>& changes);
    void noteSharing(const PlanInput& input, const std::map<int64_t, Record>& records);
    void parkLinks(const PlanInput& input);
    void planLinks(const PlanInput& input, int64_t plan, const runtime::Cancellation& cancellation);

    store::Database& _database;
    const runtime::Clock& _clock;
    std::vector<int64_t> _missing; ///< of the plan under way: records that only people make
};

} // namespace muster::sync
