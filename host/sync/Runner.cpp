#include "sync/Runner.h"

#include "runtime/Errors.h"

#include <algorithm>
#include <map>

namespace muster::sync {

using plugins::ChangeRequest;
using plugins::OutcomeState;
using namespace std::chrono_literals;

namespace {

constexpr int kRetries = 3;
constexpr std::chrono::milliseconds kFirstWait{1000};
constexpr std::chrono::milliseconds kLongestWait{60'000};
constexpr std::chrono::milliseconds kSettleEvery{250};

} // namespace

Runner::Runner(store::Database& database, plugins::TargetChannel& channel, runtime::Clock& clock)
    : _database(database), _channel(channel), _clock(clock), _journal(database, clock)
{}

Runner::Stop Runner::execute(const Task& task, runtime::Progress& progress,
                             const runtime::Cancellation& cancellation)
{
    _progress = &progress;
    _done = 0;
    std::vector<int64_t> phases;
    _total = 0;
    _database.query<int64_t, int64_t>(
        "SELECT phase, COUNT(*) FROM change WHERE plan = $1 AND state = 'planned' GROUP BY phase "
        "ORDER BY phase",
        {task.plan}, [&](int64_t phase, int64_t count) {
            phases.push_back(phase);
            _total += static_cast<uint64_t>(count);
        });
    for (const auto phase : phases)
    {
        auto stopped = runPhase(task, phase, cancellation);
        if (!stopped.why.empty())
            return stopped;
    }
    return {};
}

Runner::Stop Runner::runPhase(const Task& task, int64_t phase,
                              const runtime::Cancellation& cancellation)
{
    Retries later;
    _journal.beginPhase(task.run, task.plan, phase);
    int64_t last = 0;
    while (true)
    {
        cancellation.check();
        const auto changes =
            _journal.next(task.plan, phase, last, std::max<size_t>(task.target.batch, 1));
        if (changes.empty())
            break;
        last = changes.back().id;
        auto retries = send(task, changes, cancellation);
        if (retries.changes.size() == changes.size())
        {
            // Nothing gets through: the rest would fare no better.
            retries = sendAgain(task, std::move(retries), cancellation);
            if (retries.changes.size() == changes.size())
            {
                _journal.giveUp(retries.changes, retries.message);
                return {retries.message, retries.isFault};
            }
        }
        std::move(retries.changes.begin(), retries.changes.end(),
                  std::back_inserter(later.changes));
        later.wait = std::max(later.wait, retries.wait);
        later.message = retries.message;
    }
    later = sendAgain(task, std::move(later), cancellation);
    if (!later.changes.empty())
        _journal.giveUp(later.changes, later.message);
    return {};
}

Runner::Retries Runner::sendAgain(const Task& task, Retries retries,
                                  const runtime::Cancellation& cancellation)
{
    auto wait = kFirstWait;
    for (int i = 0; i < kRetries && !retries.changes.empty(); ++i)
    {
        _clock.sleep(std::clamp(retries.wait, wait, kLongestWait), cancellation);
        wait *= 2;
        Retries left;
        const auto batch = std::max<size_t>(task.target.batch, 1);
        for (size_t first = 0; first < retries.changes.size(); first += batch)
        {
            const auto last = std::min(first + batch, retries.changes.size());
            auto again = send(task,
                              {retries.changes.begin() + static_cast<ptrdiff_t>(first),
                               retries.changes.begin() + static_cast<ptrdiff_t>(last)},
                              cancellation);
            std::move(again.changes.begin(), again.changes.end(), std::back_inserter(left.changes));
            left.wait = std::max(left.wait, again.wait);
            if (again.message.empty())
                continue;
            left.message = again.message;
            left.isFault = again.isFault;
        }
        retries = std::move(left);
    }
    return retries;
}

Runner::Retries Runner::send(const Task& task, const std::vector<ChangeRequest>& changes,
                             const runtime::Cancellation& cancellation)
{
    std::map<int64_t, const ChangeRequest*> open;
    for (const auto& change : changes)
        open.emplace(change.id, &change);
    _journal.intend(task.run, changes);

    Retries retries;
    std::vector<Journal::Result> results;
    auto settledAt = _clock.steady();
    const auto settle = [&] {
        _journal.settle(task.run, task.sync.id, results);
        _done += results.size();
        _progress->report(task.sync.name + ": applying changes", _done, _total);
        results.clear();
        settledAt = _clock.steady();
    };
    const auto take = [&](plugins::Outcome outcome) {
        const auto found = open.find(outcome.id);
        if (found == open.end())
            return;
        const auto* change = found->second;
        open.erase(found);
        if (outcome.state == OutcomeState::Retry && outcome.unknown &&
            outcome.retryAfter.value_or(0ms) > kLongestWait)
        {
            // Its fate shows later than this run can wait for.
            auto undecided = *change;
            undecided.doubt = true;
            _journal.giveUp({std::move(undecided)}, outcome.message);
            return;
        }
        if (outcome.state == OutcomeState::Retry)
        {
            retries.changes.push_back(*change);
            retries.changes.back().doubt = change->doubt || outcome.unknown;
            retries.wait =
                std::max(retries.wait, outcome.retryAfter.value_or(std::chrono::milliseconds(0)));
            retries.message = outcome.message;
            retries.isFault = outcome.fault;
            return;
        }
        results.push_back({change, std::move(outcome)});
        if (_clock.steady() - settledAt >= kSettleEvery)
            settle();
    };
    try
    {
        _channel.apply(task.sync.scope, changes, take, cancellation);
    }
    catch (const ConfigError&)
    {
        // What was done before it counts.
        settle();
        _journal.giveUp(retries.changes, retries.message);
        throw;
    }
    settle();
    return retries;
}

} // namespace muster::sync
