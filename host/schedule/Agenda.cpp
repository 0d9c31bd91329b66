#include "schedule/Agenda.h"

#include "runtime/Errors.h"

#include <algorithm>

namespace muster::schedule {

using namespace std::chrono;
using runtime::Instant;

namespace {

constexpr int64_t kMostFailures = 10;

/// The earlier of two, of which none counts as never.
std::optional<Instant> earlier(std::optional<Instant> left, std::optional<Instant> right)
{
    return left && right ? std::min(*left, *right) : left ? left : right;
}

void recover(SyncState& state)
{
    state.attempts = 0;
    state.failures = 0;
    state.retryAt.reset();
    state.quarantinedAt.reset();
    state.reason.clear();
}

/// The state of a sync whose entry in the estate is new or has changed.
SyncState renewed(const SyncState& before, int64_t entry, const Timetable& timetable, Instant now)
{
    const bool waitsForIt = before.attempts > 0 || (before.nextAt && *before.nextAt <= now);
    SyncState state{.sync = before.sync, .entry = entry, .lastAt = before.lastAt};
    state.nextAt = timetable.next(now);
    if (state.nextAt && waitsForIt)
        state.nextAt = now;
    return state;
}

} // namespace

/// Something that may be taken, and since when.
struct Agenda::Due
{
    Instant at;
    Item* item = nullptr;
    Poll* poll = nullptr;

    const estate::Tenant& tenant() const { return item ? item->declared.tenant : poll->tenant; }
};

std::optional<Instant> Agenda::Item::due() const
{
    if (runningSince || state.quarantinedAt)
        return std::nullopt;
    // What failed waits, whatever the timetable says; a partial run need not hold up what changes.
    return state.failures > 0 ? state.retryAt : earlier(state.nextAt, state.retryAt);
}

void Agenda::adopt(const std::vector<Declared>& declared, const std::vector<SyncState>& stored,
                   Instant now)
{
    auto before = std::move(_syncs);
    _syncs.clear();
    for (const auto& state : stored)
    {
        const auto [item, isNew] = before.try_emplace(state.sync);
        if (isNew)
            item->second.state = item->second.stored = state;
    }
    for (const auto& one : declared)
    {
        auto& item = _syncs[one.sync.id];
        item = std::move(before[one.sync.id]);
        item.declared = one;
        item.state.sync = one.sync.id;
        item.timetable = Timetable::manual();
        item.trouble.clear();
        try
        {
            item.timetable = Timetable::of(one.sync.schedule, one.sync.name);
        }
        catch (const ConfigError& error)
        {
            item.trouble = error.what();
        }
        if (item.state.entry != one.entry)
            item.state = renewed(item.state, one.entry, item.timetable, now);
    }
    adoptPolls(now);
    settle(now);
}

void Agenda::adoptPolls(Instant now)
{
    std::map<std::string, Poll> polls;
    for (const auto& [id, item] : _syncs)
    {
        if (!item.timetable.followsSource())
            continue;
        const auto& tenant = item.declared.tenant;
        auto& poll = polls[tenant.name];
        if (const auto known = _polls.find(tenant.name); known != _polls.end())
            poll = known->second;
        poll.tenant = tenant;
        poll.timetable = Timetable::spread(_poll, tenant.name);
        poll.nextAt = poll.timetable.settled(poll.nextAt, now);
    }
    _polls = std::move(polls);
}

/// Mends what a clock that was set back left too far off.
void Agenda::settle(Instant now)
{
    for (auto& [tenant, poll] : _polls)
    {
        poll.isWanted = false;
        if (poll.nextAt > now + std::max<milliseconds>(_poll, kMostBackOff))
            poll.nextAt = poll.timetable.next(now);
    }
    for (auto& [id, item] : _syncs)
    {
        item.state.nextAt = item.timetable.settled(item.state.nextAt, now);
        if (item.state.retryAt)
            item.state.retryAt = std::min(*item.state.retryAt, now + kMostBackOff);
        if (item.timetable.followsSource() && !item.state.quarantinedAt)
            _polls.at(item.declared.tenant.name).isWanted = true;
    }
}

std::vector<Agenda::Due> Agenda::candidates()
{
    std::vector<Due> result;
    for (auto& [id, item] : _syncs)
        if (const auto at = item.due())
            result.push_back({.at = *at, .item = &item});
    for (auto& [tenant, poll] : _polls)
        if (poll.isWanted && !poll.isRunning)
            result.push_back({.at = *poll.nextAt, .poll = &poll});
    return result;
}

std::optional<Job> Agenda::take(Instant now, Lanes& lanes)
{
    settle(now);
    auto due = candidates();
    std::erase_if(due, [&](const Due& one) { return one.at > now; });
    std::stable_sort(due.begin(), due.end(),
                     [](const Due& left, const Due& right) { return left.at < right.at; });
    for (const auto& one : due)
    {
        auto lane = lanes.tryEnter(one.tenant().name);
        if (!lane)
            continue;
        Job job{.tenant = one.tenant(), .sync = std::nullopt, .lane = std::move(*lane)};
        if (one.item)
        {
            job.sync = one.item->declared.sync;
            one.item->runningSince = now;
        }
        else
            one.poll->isRunning = true;
        return job;
    }
    return std::nullopt;
}

std::optional<Instant> Agenda::nextDue(Instant now) const
{
    std::optional<Instant> next;
    for (const auto& [id, item] : _syncs)
        if (const auto at = item.due(); at && *at > now)
            next = earlier(next, at);
    for (const auto& [tenant, poll] : _polls)
        if (poll.isWanted && !poll.isRunning && poll.nextAt > now)
            next = earlier(next, poll.nextAt);
    return next;
}

void Agenda::ran(int64_t sync, const RunResult& result, Instant now)
{
    const auto found = _syncs.find(sync);
    if (found == _syncs.end())
        return;
    auto& item = found->second;
    auto& state = item.state;
    state.lastAt = now;
    item.runningSince.reset();
    state.nextAt = item.timetable.next(now);
    if (result.end == RunEnd::Succeeded || result.end == RunEnd::Held)
    {
        recover(state);
        return;
    }
    ++state.attempts;
    // One that cannot be reached waits like one that fails, however often.
    state.failures = result.end == RunEnd::Failed        ? state.failures + 1
                     : result.end == RunEnd::Unreachable ? std::max<int64_t>(state.failures, 1)
                                                         : 0;
    state.reason = result.message;
    state.retryAt = now + backOff(state.attempts);
    if (state.failures >= kMostFailures)
    {
        state.quarantinedAt = now;
        state.retryAt.reset();
    }
}

void Agenda::abandoned(const Job& job)
{
    if (job.sync)
    {
        if (const auto item = _syncs.find(job.sync->id); item != _syncs.end())
            item->second.runningSince.reset();
    }
    else if (const auto poll = _polls.find(job.tenant.name); poll != _polls.end())
        poll->second.isRunning = false;
}

void Agenda::polled(const std::string& tenant, bool hasChanged, Instant now)
{
    if (const auto found = _polls.find(tenant); found != _polls.end())
    {
        auto& poll = found->second;
        poll.isRunning = false;
        poll.failures = 0;
        poll.nextAt = poll.timetable.next(now);
    }
    if (!hasChanged)
        return;
    for (auto& [id, item] : _syncs)
        if (item.declared.tenant.name == tenant && item.timetable.followsSource())
            item.state.nextAt = earlier(item.state.nextAt, now);
}

void Agenda::pollFailed(const std::string& tenant, Instant now)
{
    const auto found = _polls.find(tenant);
    if (found == _polls.end())
        return;
    auto& poll = found->second;
    poll.isRunning = false;
    poll.nextAt = std::max(*poll.timetable.next(now), now + backOff(++poll.failures));
}

void Agenda::ranByHand(const std::string& sync, const RunResult& result, Instant now)
{
    for (auto& [id, item] : _syncs)
        if (item.declared.sync.name == sync)
        {
            item.state.lastAt = now;
            if (result.end != RunEnd::Succeeded)
                continue;
            recover(item.state);
            item.state.nextAt = item.timetable.next(now);
        }
}

std::vector<SyncState> Agenda::takeChanges()
{
    std::vector<SyncState> changed;
    for (auto& [id, item] : _syncs)
        if (item.state != item.stored)
        {
            changed.push_back(item.state);
            item.stored = item.state;
        }
    return changed;
}

void Agenda::changesWereLost()
{
    for (auto& [id, item] : _syncs)
        item.stored = {};
}

std::vector<SyncStatus> Agenda::status() const
{
    std::vector<SyncStatus> result;
    for (const auto& [id, item] : _syncs)
        result.push_back({.sync = item.declared.sync.name,
                          .tenant = item.declared.tenant.name,
                          .next = item.due(),
                          .last = item.state.lastAt,
                          .failures = item.state.failures,
                          .quarantinedAt = item.state.quarantinedAt,
                          .reason = item.trouble.empty() ? item.state.reason : item.trouble,
                          .runningSince = item.runningSince});
    return result;
}

} // namespace muster::schedule
