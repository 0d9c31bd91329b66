#include "graph/DeltaChain.h"

#include "runtime/Errors.h"

#include <muster/Keys.h>

#include <future>

namespace muster::graph {

using directory::Cursor;
using directory::Mirror;

namespace {

constexpr int kMostRestarts = 3;
constexpr size_t kMostPages = 200'000;
constexpr size_t kMostSkippedInChain = 20;

/// Errors that say that a link is no good any more (contracts/graph.md, sections 2.1 and 3.5).
bool saysBeginAgain(const GraphAnswer& answer)
{
    if (answer.status == 410)
        return true;
    if (answer.status != 400 && answer.status != 404)
        return false;
    return answer.error.has("syncstatenotfound") || answer.error.has("resyncrequired") ||
           answer.error.has("directory_expiredpagetoken");
}

/// A Location that keeps what was selected; the documentation shows one that does not.
bool keepsSelection(const std::string& location)
{
    const auto lower = lowered(location);
    return lower.find("$select=") != lower.npos || lower.find("%24select=") != lower.npos;
}

} // namespace

/// The next page on its way, in a thread of its own. Destroyed early, it is cancelled and waited
/// for.
class DeltaChain::Prefetch
{
public:
    Prefetch(DeltaChain& chain, const std::string& url)
        : _fetched(std::async(std::launch::async,
                              [this, &chain, url] { return chain.fetch(url, _cancellation); }))
    {}

    ~Prefetch()
    {
        _cancellation.request();
        if (_fetched.valid())
            _fetched.wait();
    }
    Prefetch(const Prefetch&) = delete;
    Prefetch& operator=(const Prefetch&) = delete;

    Fetched take(const runtime::Cancellation& cancellation)
    {
        while (_fetched.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready)
        {
            if (cancellation.isRequested())
                _cancellation.request();
        }
        return _fetched.get();
    }

private:
    runtime::Cancellation _cancellation;
    std::future<Fetched> _fetched;
};

DeltaChain::DeltaChain(const RefreshContext& context, const Resource& resource)
    : _context(context), _resource(resource), _selected(resource.selected())
{}

DeltaChain::Ending DeltaChain::run()
{
    auto position = begin();
    for (int restarts = 0; restarts <= kMostRestarts; ++restarts)
    {
        const auto way = follow(position);
        if (way != Way::Again)
            return way == Way::Whole ? Ending::Whole : Ending::Forbidden;
    }
    throw RejectedError("Graph asked again and again to read the " + _resource.name + " of " +
                        _context.tenant.name + " from the start");
}

DeltaChain::Position DeltaChain::begin()
{
    auto live = _context.mirror.cursor(Mirror::Copy::Live, _resource.name);
    const auto staged = _context.mirror.cursor(Mirror::Copy::Staged, _resource.name);
    const bool isMirrored = live && live->mirrored;
    if (staged && staged->selected == _selected && !staged->complete)
        return {Mirror::Copy::Staged, staged->link, isMirrored, staged->startedAt};
    if (staged && staged->selected == _selected)
    {
        live = *staged; // it became whole, and the process ended before it was taken over
        live->mirrored = true;
        _context.mirror.finishResync(_resource.name, *live);
    }
    if (!live || live->selected != _selected || live->link.empty())
        return beginAgain(isMirrored, !live);
    const auto now = runtime::toMilliseconds(_context.clock.now());
    return {Mirror::Copy::Live, live->link, live->mirrored, live->complete ? now : live->startedAt};
}

DeltaChain::Position DeltaChain::beginAgain(bool isMirrored, bool isEmpty)
{
    // What the live copy has must not stay when the new chain lacks it, so it is compared; only a
    // copy that has nothing is filled directly.
    if (!isEmpty)
        _context.mirror.beginResync(_resource.name);
    return {isEmpty ? Mirror::Copy::Live : Mirror::Copy::Staged,
            _resource.firstUrl(_context.tenant.directory.graph), isMirrored,
            runtime::toMilliseconds(_context.clock.now())};
}

DeltaChain::Fetched DeltaChain::fetch(const std::string& url,
                                      const runtime::Cancellation& cancellation)
{
    Fetched fetched;
    fetched.answer = _context.client.get(
        url,
        [&](std::string body) { fetched.page = _parser.readDelta(std::move(body), _resource); },
        cancellation);
    return fetched;
}

DeltaChain::Way DeltaChain::follow(Position& position)
{
    _seen = {std::hash<std::string>()(position.url)};
    auto fetched = fetch(position.url, _context.cancellation);
    while (true)
    {
        if (!fetched.answer.isSuccess())
            return refused(fetched.answer, position);
        const auto page = std::move(fetched.page);
        requireNewLink(page, position);
        if (page.nextLink.empty())
        {
            store(position, page);
            return Way::Whole;
        }
        Prefetch next(*this, page.nextLink);
        store(position, page);
        position.url = page.nextLink;
        fetched = next.take(_context.cancellation);
    }
}

DeltaChain::Way DeltaChain::refused(const GraphAnswer& answer, Position& position)
{
    if (answer.status == 403)
        return Way::Forbidden;
    const auto first = _resource.firstUrl(_context.tenant.directory.graph);
    // A token that is no good is told in several ways; a link that was made here is not to blame.
    const bool isBadToken =
        answer.status == 400 && answer.error.has("request_badrequest") && position.url != first;
    if (!saysBeginAgain(answer) && !isBadToken)
        throw RejectedError("Graph refused the " + _resource.name + " of " + _context.tenant.name +
                            " (" + std::to_string(answer.status) + "): " + answer.error.text());
    const bool isEmpty = !_context.mirror.cursor(Mirror::Copy::Live, _resource.name);
    position = beginAgain(position.mirrored, isEmpty);
    const auto location = answer.headers.find("location");
    if (location != answer.headers.end() && _context.client.isAtGraph(location->second) &&
        keepsSelection(location->second))
        position.url = location->second;
    return Way::Again;
}

void DeltaChain::requireNewLink(const DeltaPage& page, const Position& position)
{
    const auto& link = page.nextLink.empty() ? page.deltaLink : page.nextLink;
    if (!_context.client.isAtGraph(link))
        throw RejectedError("Graph gave a link to another host in the " + _resource.name + " of " +
                            _context.tenant.name +
                            ", which was not followed: check the tenant's cloud and graph");
    if (page.nextLink.empty())
        return;
    const bool isNew = _seen.insert(std::hash<std::string>()(link)).second;
    if (isNew && _seen.size() <= kMostPages)
        return;
    forget(position);
    throw RejectedError("Graph's pages of the " + _resource.name + " of " + _context.tenant.name +
                        " do not end (" + std::to_string(_seen.size()) +
                        " were read): they are read from the start the next time");
}

/// The chain leads nowhere: the next refresh begins again.
void DeltaChain::forget(const Position& position)
{
    if (position.copy == Mirror::Copy::Staged)
        _context.mirror.beginResync(_resource.name);
    else
        _context.mirror.saveCursor(position.copy, _resource.name,
                                   {.mirrored = position.mirrored, .selected = _selected});
}

void DeltaChain::store(const Position& position, const DeltaPage& page)
{
    const bool isLast = page.nextLink.empty();
    Cursor cursor{.link = isLast ? page.deltaLink : page.nextLink,
                  .complete = isLast,
                  .mirrored = position.mirrored || isLast,
                  .selected = _selected,
                  .startedAt = position.startedAt};
    _context.mirror.apply(position.copy, page.page, _resource.name, cursor);
    if (isLast && position.copy == Mirror::Copy::Staged)
        _context.mirror.finishResync(_resource.name, cursor);
    for (const auto& what : page.skipped)
    {
        if (_skipped.size() < kMostSkippedInChain)
            _skipped.push_back(what);
    }
    _objects += page.page.objects.size();
    _context.progress.report(_context.tenant.name + ": reading " + _resource.name, _objects, 0);
}

} // namespace muster::graph
