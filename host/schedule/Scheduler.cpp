#include "schedule/Scheduler.h"

#include "runtime/Trouble.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <optional>

namespace muster::schedule {

using namespace std::chrono;
using runtime::troubleOf;

namespace {

/// The longest wait without a look at the clock, which somebody may set.
constexpr milliseconds kLongestWait = seconds(10);

Poco::Logger& logger()
{
    return Poco::Logger::get("schedule");
}

} // namespace

Scheduler::Scheduler(SchedulerParts parts, SchedulerOptions options)
    : _parts(std::move(parts)), _options(options), _kept(_parts.store), _agenda(options.poll)
{
    readEstate();
    keep();
    _parts.lanes.onFree([this] { _bell.ring(); });
}

Scheduler::~Scheduler()
{
    _parts.lanes.onFree({});
    stop(milliseconds(0));
    for (auto& thread : _threads)
        thread.join();
}

void Scheduler::start()
{
    const std::lock_guard lock(_mutex);
    for (unsigned worker = 0; worker < _options.workers; ++worker)
    {
        _threads.emplace_back([this] { work(); });
        ++_working;
    }
}

bool Scheduler::stop(milliseconds deadline)
{
    _cancellation.request();
    _bell.ring();
    std::unique_lock lock(_mutex);
    return _ended.wait_for(lock, deadline, [this] { return _working == 0; });
}

void Scheduler::changed()
{
    _isEstateChanged = true;
    _bell.ring();
}

void Scheduler::ranByHand(const std::string& sync, const RunResult& result)
{
    {
        const std::lock_guard lock(_mutex);
        _agenda.ranByHand(sync, result, _parts.clock.now());
    }
    keep();
}

std::vector<SyncStatus> Scheduler::status() const
{
    const std::lock_guard lock(_mutex);
    return _agenda.status();
}

bool Scheduler::step()
{
    if (_isEstateChanged.exchange(false))
        if (const auto trouble = troubleOf([this] { readEstate(); }))
        {
            _isEstateChanged = true;
            logger().error("the estate cannot be read: " + *trouble +
                           ": the schedule goes on as it was");
        }
    auto job = take();
    if (!job)
        return false;
    if (job->sync)
        run(*job);
    else
        poll(*job);
    job.reset();
    keep();
    return true;
}

void Scheduler::work()
{
    while (!_cancellation.isRequested())
    {
        const auto seen = _bell.rings();
        if (!step())
            _bell.wait(seen, untilNext());
    }
    const std::lock_guard lock(_mutex);
    --_working;
    _ended.notify_all();
}

void Scheduler::readEstate()
{
    const std::lock_guard storeLock(_storeMutex);
    const auto declared = _kept.declared();
    const auto states = _kept.states();
    const std::lock_guard lock(_mutex);
    _agenda.adopt(declared, states, _parts.clock.now());
}

std::optional<Job> Scheduler::take()
{
    const std::lock_guard lock(_mutex);
    return _agenda.take(_parts.clock.now(), _parts.lanes);
}

void Scheduler::run(const Job& job)
{
    RunResult result;
    const auto trouble = troubleOf([&] { result = _parts.run(*job.sync, _cancellation); });
    if (trouble)
        result = {.end = RunEnd::Failed, .message = *trouble};
    const std::lock_guard lock(_mutex);
    // It was asked to stop: how it ended then says nothing about the sync.
    if (_cancellation.isRequested() && result.end != RunEnd::Succeeded)
        _agenda.abandoned(job);
    else
        _agenda.ran(job.sync->id, result, _parts.clock.now());
}

void Scheduler::poll(const Job& job)
{
    bool hasChanged = false;
    const auto trouble = troubleOf([&] { hasChanged = _parts.poll(job.tenant, _cancellation); });
    {
        const std::lock_guard lock(_mutex);
        if (trouble && _cancellation.isRequested())
            _agenda.abandoned(job);
        else if (trouble)
            _agenda.pollFailed(job.tenant.name, _parts.clock.now());
        else
            _agenda.polled(job.tenant.name, hasChanged, _parts.clock.now());
    }
    if (trouble && !_cancellation.isRequested())
        logger().warning("tenant " + job.tenant.name + ": " + *trouble);
}

/// Stores what has changed. What cannot be stored is tried again with the next; until then the
/// scheduler goes by what it remembers.
void Scheduler::keep()
{
    const auto trouble = troubleOf([this] {
        const std::lock_guard storeLock(_storeMutex);
        std::vector<SyncState> changes;
        {
            const std::lock_guard lock(_mutex);
            changes = _agenda.takeChanges();
        }
        _kept.write(changes);
    });
    if (!trouble)
        return;
    logger().error("the schedule cannot be stored: " + *trouble);
    const std::lock_guard lock(_mutex);
    _agenda.changesWereLost();
}

milliseconds Scheduler::untilNext() const
{
    const auto now = _parts.clock.now();
    const std::lock_guard lock(_mutex);
    const auto next = _agenda.nextDue(now);
    return next ? std::min<milliseconds>(*next - now, kLongestWait) : kLongestWait;
}

} // namespace muster::schedule
