#include "app/Activity.h"

namespace muster::app {

Activity::Watch::Watch(Activity& activity, std::string sync)
    : _activity(activity), _sync(std::move(sync))
{}

Activity::Watch::~Watch()
{
    const std::lock_guard lock(_activity._mutex);
    _activity._states.erase(_sync);
}

void Activity::Watch::report(std::string_view what, uint64_t done, uint64_t total)
{
    const std::lock_guard lock(_activity._mutex);
    _activity._states[_sync] = {std::string(what), done, total};
}

std::optional<Activity::State> Activity::of(const std::string& sync) const
{
    const std::lock_guard lock(_mutex);
    const auto found = _states.find(sync);
    return found == _states.end() ? std::nullopt : std::optional(found->second);
}

} // namespace muster::app
