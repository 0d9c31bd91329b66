#pragma once

#include "runtime/Clock.h"
#include "runtime/Finding.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace muster::sync {

/// What a guard said about a plan.
struct GuardMessage
{
    std::string rule; ///< "removals", "emptied-group", "first-removal", "many-tenants", "stale"
    std::string message;
};

enum class Verdict
{
    Clear,
    Held,
    Refused
};

/// What stands in the way of a plan or run, for the exit code.
enum class Trouble
{
    None,
    Unreachable,
    Configuration,
    Refused ///< by the target or the directory, for good
};

/// A stored plan, without its changes: those are read with PlanStore::eachChange().
struct Plan
{
    int64_t id = 0;
    std::string sync;
    Verdict verdict = Verdict::Clear;
    std::vector<GuardMessage> guards = {};
    std::map<std::string, int64_t> byAction = {}; ///< "create": 3 …
    int64_t changes = 0;
    int64_t held = 0;
    std::vector<runtime::Finding> findings = {}; ///< all that stand for the sync
    Trouble trouble = Trouble::None;
    int64_t undoes = 0; ///< the run whose changes it puts back; 0: none
};

/// One change of a plan, and in a run its outcome.
struct PlannedChange
{
    int64_t id = 0;
    std::string action; ///< create, adopt, update, activate, link, unlink, retire
    std::string kind;   ///< of the record; of a link, of its source
    std::string key;
    std::string name;
    std::string toKind = {}; ///< of a link: its destination
    std::string toKey = {};
    std::string role = {};
    std::string group = {}; ///< Entra object id of the group that asks for it
    std::string groupName = {};
    std::string reason = {};
    std::string state =
        {}; ///< planned, held, intended, applied, unchanged, failed, waiting, superseded
    std::string message = {}; ///< what the target said
    std::string toName = {};
};

enum class RunState
{
    Running,
    Succeeded,
    Partial,
    Held,
    Failed,
    Interrupted
};

struct Run
{
    int64_t id = 0;
    std::string sync;
    int64_t plan = 0; ///< 0: it failed before there was one
    RunState state = RunState::Running;
    Trouble trouble = Trouble::None;
    runtime::Instant startedAt = {};
    runtime::Instant endedAt = {};
    int64_t planned = 0;
    int64_t applied = 0;
    int64_t failed = 0;
    int64_t unchanged = 0;
    int64_t held = 0;
    std::map<std::string, int64_t> byAction = {}; ///< of those applied
    uint64_t sourceRequests = 0;
    uint64_t targetRequests = 0;
    std::string message = {}; ///< why it is not succeeded, and what to do
    std::vector<GuardMessage> guards = {};
    std::vector<runtime::Finding> findings = {}; ///< all that stand for the sync
    int64_t undoes = 0;                          ///< the run whose changes it put back; 0: none
};

/// "3 created, 2 linked", in the order in which changes are done; empty when there are none.
std::string doneText(const std::map<std::string, int64_t>& byAction);

std::string toText(Verdict verdict);
std::string toText(RunState state);
Verdict verdictFromText(const std::string& text);
RunState runStateFromText(const std::string& text);

} // namespace muster::sync
