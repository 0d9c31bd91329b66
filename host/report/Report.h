#pragma once

#include "runtime/Clock.h"
#include "runtime/Finding.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster::report {

/// How many of many are told; the rest is a number.
constexpr size_t kMostTold = 3;

/// Findings of one code that stand, or failures: how many, and the first few.
struct Group
{
    std::string code = {}; ///< empty for failures
    runtime::Severity severity = runtime::Severity::Warning;
    int64_t count = 0;
    std::vector<std::string> messages = {}; ///< different ones, at most kMostTold
};

/// What became of a sync since the report begins.
struct SyncReport
{
    std::string name;
    std::string mode;
    std::string target;
    std::map<std::string, int64_t> done = {}; ///< changes applied, by action
    std::map<std::string, int64_t> runs = {}; ///< by state
    int64_t lastRun = 0;                      ///< the latest one's number; 0: it did not run
    int64_t undoes = 0; ///< the run that the latest one puts back; 0: it is no undo
    std::string lastState = {};
    std::string lastMessage = {}; ///< why the latest run did not succeed
    int64_t held = 0;             ///< changes that wait for approval since the latest run
    int64_t failed = 0;           ///< changes that the latest run could not make
    std::vector<Group> failures = {};
    std::vector<Group> troubles = {}; ///< runs that were not whole, by state as `code`
    std::vector<Group> findings = {}; ///< that stand
    bool isManual = false;
    bool isQuarantined = false;
    std::string quarantineReason = {};
};

/// A tenant with its syncs.
struct CustomerReport
{
    std::string name;
    std::string displayName;
    std::vector<Group> findings = {}; ///< that stand for the tenant
    std::vector<SyncReport> syncs = {};
};

/// Something that waits for a person.
struct Task
{
    runtime::Severity severity = runtime::Severity::Warning;
    std::string customer;  ///< as it is shown
    std::string sync = {}; ///< empty: it is about the tenant
    std::string what;
    std::string remedy = {}; ///< what to do
};

/// What happened in a stretch of time, and what stands at its end.
struct Report
{
    runtime::Instant since;
    runtime::Instant until;
    std::string zone = "UTC"; ///< in which times are shown
    std::vector<Task> tasks = {};
    std::vector<CustomerReport> customers = {};
};

/// "Muster: 3 customers, 42 changes, 1 held"
std::string subjectOf(const Report& report);

/// "Contoso Ltd (contoso)"
std::string titleOf(const CustomerReport& customer);

/// "96 runs: 95 succeeded, 1 partial"
std::string runsText(const SyncReport& sync);

/// "contact-groups into desk"
std::string routeText(const SyncReport& sync);

/// "address-missing (warning): 12"
std::string headText(const Group& group);

/// "2026-01-31 09:30" in the zone, UTC where this machine does not know it.
std::string timeText(runtime::Instant instant, const std::string& zone);

} // namespace muster::report
