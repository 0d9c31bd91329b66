#include "requests/Desk.h"

#include "estate/EstateStore.h"
#include "requests/Modes.h"
#include "runtime/Trouble.h"
#include "store/GivenSecret.h"

#include <muster/Keys.h>

#include <Poco/Logger.h>

#include <algorithm>

namespace muster::requests {

using namespace std::chrono;
using runtime::Instant;
using runtime::troubleOf;

namespace {

/// The longest wait without a look at the clock, which somebody may set.
constexpr milliseconds kLongestPause = seconds(10);
constexpr milliseconds kBetweenEvents = seconds(2);
constexpr milliseconds kPlacesKept = hours(1);
constexpr milliseconds kMostBackOff = minutes(10);
constexpr size_t kMostAnnouncements = 100;

// Contract deskdirector.md, Part 2, section 3, limits.
constexpr size_t kMostChoices = 30;
constexpr size_t kLongestChoice = 100;

bool hasTerm(const std::string& text, const std::string& term)
{
    return nameKeyNoCase(text).find(nameKeyNoCase(term)) != std::string::npos;
}

/// At most so many characters.
std::string shortened(const std::string& text)
{
    std::string result;
    size_t count = 0;
    for (std::string_view rest = text; !rest.empty() && count < kLongestChoice; ++count)
        letters::append(result, letters::take(rest));
    return result;
}

/// Of the address that the target's manifest names first.
std::string originOf(const plugins::TargetManifest& manifest, const estate::Json& settings)
{
    const auto url =
        manifest.origins.empty() ? std::string() : manifest.origins.front().url(settings);
    const auto scheme = url.find("://");
    return scheme == url.npos ? std::string() : url.substr(0, url.find('/', scheme + 3));
}

void warn(const std::string& text)
{
    Poco::Logger::get("requests").warning(text);
}

} // namespace

Desk::Desk(Parts parts, DeskOptions options) : _parts(std::move(parts)), _options(options)
{}

Desk::~Desk()
{
    stop(milliseconds(0));
    for (auto& thread : _threads)
        thread.join();
}

void Desk::start()
{
    const std::lock_guard lock(_mutex);
    for (unsigned worker = 0; worker < _options.workers; ++worker)
    {
        _threads.emplace_back([this] { work(); });
        ++_working;
    }
}

bool Desk::stop(milliseconds deadline)
{
    _cancellation.request();
    _bell.ring();
    std::unique_lock lock(_mutex);
    return _ended.wait_for(lock, deadline, [this] { return _working == 0; });
}

void Desk::changed()
{
    _isEstateChanged = true;
    _bell.ring();
}

bool Desk::announce(const std::string& plugin, const std::string& target, const std::string& secret,
                    const std::vector<std::string>& tickets)
{
    const auto digest = store::digestOf(secret);
    {
        const std::lock_guard lock(_mutex);
        const auto found = std::find_if(_boards.begin(), _boards.end(), [&](const auto& entry) {
            const auto& known = entry.second.setup.target;
            return known.name == target && known.plugin == plugin;
        });
        if (found == _boards.end() || !store::isSameDigest(found->second.digest, digest))
            return false;
        auto& announced = found->second.announced;
        for (const auto& ticket : tickets)
            if (announced.size() < kMostAnnouncements)
                announced.insert(ticket);
    }
    _bell.ring();
    return true;
}

std::optional<Choices> Desk::choices(const ChoiceQuery& query)
{
    std::optional<Setup> setup;
    std::vector<plugins::ScopePlace> places;
    {
        const std::lock_guard lock(_mutex);
        for (const auto& [id, board] : _boards)
            if (board.setup.target.name == query.target &&
                board.setup.target.plugin == query.plugin)
            {
                setup = board.setup;
                places = board.places;
            }
    }
    if (!setup || (query.list != "accounts" && query.list != "modes"))
        return std::nullopt;
    const auto& manifest = _parts.catalog.target(setup->target.plugin);
    Choices choices{{}, originOf(manifest, setup->target.settings)};
    if (query.list == "accounts")
        choices.items = accounts(*setup, query, std::move(places));
    else
        for (const auto& mode : modesFor(_parts.catalog, manifest))
            if (hasTerm(mode.title, query.term))
                choices.items.push_back({mode.title, std::to_string(mode.number)});
    if (choices.items.size() > kMostChoices)
        choices.items.resize(kMostChoices);
    return choices;
}

std::vector<Choice> Desk::accounts(const Setup& setup, const ChoiceQuery& query,
                                   std::vector<plugins::ScopePlace> places)
{
    auto database = _parts.store.connect();
    estate::EstateStore estate(database);
    const Tenants tenants(estate.tenants(), estate.syncs(), setup.target, std::move(places));
    std::vector<const estate::Tenant*> shown;
    if (const auto requestor = requestorOf(query.accessToken); requestor.isKnown())
        shown = tenants.ofPlace(requestor.accountId, requestor.accountName);
    else
        for (const auto& tenant : tenants.all())
            shown.push_back(&tenant);
    std::vector<Choice> choices;
    for (const auto* const tenant : shown)
    {
        const auto& title = tenant->displayName.empty() ? tenant->name : tenant->displayName;
        if (choices.size() < kMostChoices && hasTerm(title, query.term) &&
            _parts.lacks(*tenant).empty())
            choices.push_back({shortened(title), Tenants::identifierOf(*tenant)});
    }
    std::sort(choices.begin(), choices.end(), [](const Choice& left, const Choice& right) {
        return nameKeyNoCase(left.name) < nameKeyNoCase(right.name);
    });
    return choices;
}

bool Desk::step()
{
    if (_isEstateChanged.exchange(false))
        if (const auto trouble = troubleOf([this] { readEstate(); }))
        {
            _isEstateChanged = true;
            warn("the estate cannot be read: " + *trouble);
        }
    auto job = take();
    if (!job)
        return false;
    if (job->request)
        work(*job);
    else
        poll(*job);
    _bell.ring();
    return true;
}

void Desk::work(const Job& job)
{
    const auto trouble =
        troubleOf([&] { Clerk(_parts, job.setup, _deciding).work(*job.request, _cancellation); });
    if (trouble)
    {
        // Not even the channel could be opened; or what became of it could not be stored.
        warn("target " + job.setup.target.name + ", ticket " + job.request->ticket + ": " +
             *trouble);
        postpone(*job.request);
    }
    end(job);
}

void Desk::postpone(const Request& request)
{
    const auto until = _parts.clock.now() + kMostBackOff;
    if (const auto trouble =
            troubleOf([&] { RequestStore(_parts.store).postpone(request.id, until); }))
        warn(*trouble);
}

void Desk::work()
{
    while (!_cancellation.isRequested())
    {
        const auto seen = _bell.rings();
        bool isDone = false;
        if (const auto trouble = troubleOf([&] { isDone = step(); }))
            warn(*trouble);
        if (!isDone)
            _bell.wait(seen, untilNext());
    }
    const std::lock_guard lock(_mutex);
    --_working;
    _ended.notify_all();
}

void Desk::readEstate()
{
    auto database = _parts.store.connect();
    RequestStore store(_parts.store);
    std::map<int64_t, Board> boards;
    for (const auto& target : estate::EstateStore(database).targets())
        if (auto setup = setupOf(target))
        {
            const auto door = store.door(target.id);
            const bool isOpen = door && !setup->event.empty();
            boards[target.id] = {.setup = std::move(*setup),
                                 .nextPoll = _parts.clock.now(),
                                 .digest = isOpen ? door->digest : std::string()};
        }
    const std::lock_guard lock(_mutex);
    for (auto& [target, board] : boards)
        if (const auto known = _boards.find(target); known != _boards.end())
        {
            board.isPolling = known->second.isPolling;
            board.announced = std::move(known->second.announced);
            board.places = std::move(known->second.places);
            board.placesAt = known->second.placesAt;
            if (known->second.setup.target.settings == board.setup.target.settings)
                board.nextPoll = known->second.nextPoll;
        }
    _boards = std::move(boards);
}

std::optional<Desk::Job> Desk::take()
{
    const auto now = _parts.clock.now();
    {
        const std::lock_guard lock(_mutex);
        if (_boards.empty())
            return std::nullopt;
        if (auto job = takePoll(now))
            return job;
    }
    RequestStore store(_parts.store);
    for (const auto& request : store.due(now))
    {
        auto job = begin(request);
        if (!job)
            continue;
        // It may have been worked on since it was read.
        const auto fresh = store.find(request.id);
        if (fresh && fresh->dueAt == request.dueAt && fresh->state == request.state)
            return job;
        end(*job);
    }
    return std::nullopt;
}

/// Nothing when somebody works on it, or may not now.
std::optional<Desk::Job> Desk::begin(const Request& request)
{
    const std::lock_guard lock(_mutex);
    const auto board = _boards.find(request.target);
    const bool isRun = request.state == State::Running;
    if (board == _boards.end() || (isRun && _running + 1 >= std::max(_options.workers, 2u)) ||
        !_busy.insert(request.id).second)
        return std::nullopt;
    _running += isRun ? 1 : 0;
    return Job{.setup = board->second.setup, .request = request};
}

void Desk::end(const Job& job)
{
    const std::lock_guard lock(_mutex);
    _busy.erase(job.request->id);
    _running -= job.request->state == State::Running ? 1 : 0;
}

/// Under _mutex.
std::optional<Desk::Job> Desk::takePoll(Instant now)
{
    for (auto& [target, board] : _boards)
    {
        // A clock that was set back leaves it too far off.
        board.nextPoll = std::min(board.nextPoll, now + std::max(board.setup.poll, kMostBackOff));
        const bool isTold = !board.announced.empty() &&
                            (now >= board.lastPoll + kBetweenEvents || now < board.lastPoll);
        if (board.isPolling || (now < board.nextPoll && !(isTold && board.failures == 0)))
            continue;
        board.isPolling = true;
        Job job{.setup = board.setup,
                .announced = {board.announced.begin(), board.announced.end()},
                .needsPlaces = !board.placesAt || now - *board.placesAt >= kPlacesKept ||
                               now < *board.placesAt};
        board.announced.clear();
        return job;
    }
    return std::nullopt;
}

void Desk::open(const Setup& setup, const std::string& digest)
{
    const std::lock_guard lock(_mutex);
    if (const auto found = _boards.find(setup.target.id); found != _boards.end())
        found->second.digest = digest;
}

void Desk::poll(const Job& job)
{
    std::optional<std::vector<plugins::ScopePlace>> places;
    const auto trouble = troubleOf([&] {
        Clerk clerk(_parts, job.setup, _deciding);
        clerk.keepDoor([&](const std::string& digest) { open(job.setup, digest); }, _cancellation);
        clerk.poll(job.announced, _cancellation);
        if (job.needsPlaces)
            places = clerk.places(_cancellation);
    });
    const auto now = _parts.clock.now();
    const std::lock_guard lock(_mutex);
    const auto found = _boards.find(job.setup.target.id);
    if (found == _boards.end())
        return;
    auto& board = found->second;
    board.isPolling = false;
    board.lastPoll = now;
    if (places)
    {
        board.places = std::move(*places);
        board.placesAt = now;
    }
    board.failures = trouble ? board.failures + 1 : 0;
    constexpr int64_t kDoublings = 6;
    const auto factor = 1LL << std::min(board.failures, kDoublings);
    board.nextPoll =
        now +
        std::max(board.setup.poll, std::min<milliseconds>(board.setup.poll * factor, kMostBackOff));
    if (trouble)
        board.announced.insert(job.announced.begin(), job.announced.end());
    if (board.failures == 1 && !_cancellation.isRequested())
        warn("the tickets of target " + job.setup.target.name +
             " cannot be looked at: " + *trouble);
}

milliseconds Desk::untilNext()
{
    const auto now = _parts.clock.now();
    auto next = now + kLongestPause;
    {
        const std::lock_guard lock(_mutex);
        if (_boards.empty())
            return kLongestPause;
        for (const auto& [target, board] : _boards)
        {
            if (board.isPolling)
                continue;
            next = std::min(next, board.nextPoll);
            if (!board.announced.empty() && board.failures == 0)
                next = std::min(next, board.lastPoll + kBetweenEvents);
        }
    }
    if (const auto due = RequestStore(_parts.store).nextDue(now))
        next = std::min(next, *due);
    return std::max<milliseconds>(next - now, milliseconds(1));
}

} // namespace muster::requests
