#include "plugins/Health.h"

#include "plugins/PluginChannel.h"
#include "runtime/Errors.h"

#include <Poco/Logger.h>

#include <algorithm>

namespace muster::plugins {

using namespace std::chrono;

Health::Health(std::string target, runtime::Clock& clock, store::Store* store)
    : _target(std::move(target)), _clock(clock), _store(store)
{
    if (!_store)
        return;
    auto database = _store->connect();
    database.query<int64_t, std::string, std::string>(
        "SELECT at, reason, output FROM plugin_crash WHERE target = $1 ORDER BY id", {_target},
        [&](int64_t at, std::string reason, std::string output) {
            _crashes.push_back(
                {runtime::fromMilliseconds(at), std::move(reason), std::move(output)});
        });
}

bool Health::isDisabledLocked() const
{
    return _crashes.size() >= kMostCrashes &&
           _crashes.back().at - _crashes.front().at <= kCrashWindow;
}

bool Health::isDisabled() const
{
    const std::lock_guard lock(_mutex);
    return isDisabledLocked();
}

std::vector<Health::Crash> Health::crashes() const
{
    const std::lock_guard lock(_mutex);
    return _crashes;
}

void Health::check() const
{
    const std::lock_guard lock(_mutex);
    if (isDisabledLocked())
        throw ConfigError(
            "disabled since " + runtime::toText(_crashes.back().at) +
            ", after five crashes in ten minutes, the last one so: " + _crashes.back().reason +
            "; see `muster plugins` for what it printed; when the cause is gone, run "
            "`muster plugins --enable " +
            _target + "`");
    if (!_restsUntil)
        return;
    const auto left = ceil<milliseconds>(*_restsUntil - _clock.steady());
    if (left.count() > 0)
        throw ResumingError(_crashes.back().reason + "; it is started again in " +
                                std::to_string(ceil<seconds>(left).count()) + " s",
                            left);
}

void Health::crashed(const std::string& reason, const std::string& output)
{
    const std::lock_guard lock(_mutex);
    const auto rest =
        std::min<seconds>(seconds(int64_t{1} << std::min<size_t>(_failures, 10)), kLongestRest);
    ++_failures;
    _restsUntil = _clock.steady() + rest;
    _crashes.push_back({_clock.now(), reason, output});
    if (_crashes.size() > kMostCrashes)
        _crashes.erase(_crashes.begin());
    try
    {
        if (_store)
            keep(_crashes.back());
    }
    catch (const std::exception& error)
    {
        // What becomes of the call under way matters more.
        Poco::Logger::get("plugins").warning("the crash of the plugin of " + _target +
                                             " could not be kept: " + error.what());
    }
}

void Health::keep(const Crash& crash) const
{
    auto database = _store->connect();
    store::Transaction transaction(database);
    database.execute("INSERT INTO plugin_crash(target, at, reason, output) VALUES ($1, $2, $3, $4)",
                     {_target, runtime::toMilliseconds(crash.at), crash.reason, crash.output});
    database.execute("DELETE FROM plugin_crash WHERE target = $1 AND id NOT IN (SELECT id FROM "
                     "plugin_crash WHERE target = $1 ORDER BY id DESC LIMIT $2)",
                     {_target, static_cast<int64_t>(kMostCrashes)});
    transaction.commit();
}

void Health::wentWell()
{
    const std::lock_guard lock(_mutex);
    _failures = 0;
    _restsUntil.reset();
}

void Health::enable()
{
    const std::lock_guard lock(_mutex);
    _crashes.clear();
    _failures = 0;
    _restsUntil.reset();
    if (_store)
        _store->connect().execute("DELETE FROM plugin_crash WHERE target = $1", {_target});
}

} // namespace muster::plugins
