#include "GraphDelta.h"

#include "GraphTypes.h"

#include <algorithm>
#include <atomic>
#include <regex>

namespace muster::sandbox {

namespace {

/// $filter takes nothing but ids: id eq 'a' or id eq 'b', at most 50 (contract 3.1).
std::vector<std::string> idsOfFilter(const std::string& filter)
{
    static const std::regex whole(R"(\s*id\s+eq\s+'[^']*'(\s+or\s+id\s+eq\s+'[^']*')*\s*)",
                                  std::regex::icase);
    static const std::regex quoted("'([^']*)'");
    if (!std::regex_match(filter, whole))
        throw GraphError(400, "Request_UnsupportedQuery",
                         "The specified filter to the reference property query is currently not "
                         "supported.");
    std::vector<std::string> ids;
    for (std::sregex_iterator id(filter.begin(), filter.end(), quoted), end; id != end; ++id)
        ids.push_back((*id)[1]);
    if (ids.size() > 50)
        throw GraphError(400, "Request_BadRequest", "Too many ids are given in $filter.");
    return ids;
}

/// The tokens are spent: everything is to be read anew (contract 3.5).
[[noreturn]] void refuseExpired(const GraphCall& call, const DeltaCursor& cursor,
                                SettingsValues::ExpiredCursor how)
{
    if (how == SettingsValues::ExpiredCursor::NotFound)
        throw GraphError(400, "syncStateNotFound",
                         "The sync state generation is not found. The delta token is expired and "
                         "data must be synchronized again.");
    std::string location =
        call.request.baseUrl + "/v1.0/" + graphType(cursor.kind).collection + "/delta?";
    for (std::size_t i = 0; i < cursor.select.size(); ++i)
        location += (i == 0 ? "$select=" : ",") + cursor.select[i];
    if (!cursor.select.empty())
        location += '&';
    for (std::size_t i = 0; i < cursor.ids.size(); ++i)
        location +=
            std::string(i == 0 ? "$filter=" : "%20or%20") + "id%20eq%20'" + cursor.ids[i] + '\'';
    if (!cursor.ids.empty())
        location += '&';
    throw GraphError(410, "resyncRequired", "Resync is required.",
                     {{"Location", location + "$deltatoken="}});
}

/// The last change that a delta shows: people may come late, as replication goes (contract 3.6).
std::uint32_t lastChange(const GraphCall& call, World::Kind kind, const World& world)
{
    const std::uint32_t behind = kind == World::Kind::User ? call.settings.usersBehind : 0;
    return world.sequence() - std::min(world.sequence(), behind);
}

} // namespace

Response GraphDelta::answer(const GraphCall& call, World::Kind kind) const
{
    call.refuse({"$expand", "$top", "$orderby", "$search", "$skip"});
    return _directory.read(call.app.tenant, [&](const World& world) {
        return Response{.body = page(call, kind, world)};
    });
}

std::string GraphDelta::page(const GraphCall& call, World::Kind kind, const World& world) const
{
    DeltaCursor cursor = cursorOf(call, kind, world);
    const auto select = cursor.select;
    const bool isLatest =
        equalsWithoutCase(call.request.parameter("$deltatoken").value_or(""), "latest");
    std::string values;
    bool isLast = isLatest;
    if (!isLatest && !call.request.tweak.emptyPage)
    {
        const DeltaReader::Options options{
            .minimal = call.request.header("Prefer").find("return=minimal") != std::string::npos,
            .hiddenMembership = call.app.hasAny({"Member.Read.Hidden"})};
        auto read = DeltaReader(world, call.settings, options, std::move(cursor)).read();
        values = std::move(read.values);
        cursor = std::move(read.next);
        isLast = read.isLast;
    }
    Json head{{"@odata.context", contextOf(call.request, graphType(kind).collection, select)}};
    if (isLast)
        head["@odata.deltaLink"] = linkTo(call, std::move(cursor), "$deltatoken");
    else
        head["@odata.nextLink"] = linkTo(call, std::move(cursor), "$skiptoken");
    std::string body = head.dump();
    body.back() = ',';
    return body + "\"value\":[" + values + "]}";
}

DeltaCursor GraphDelta::cursorOf(const GraphCall& call, World::Kind kind, const World& world) const
{
    const auto skip = call.request.parameter("$skiptoken");
    const auto delta = call.request.parameter("$deltatoken");
    if (skip)
    {
        call.refuse({"$select", "$filter", "$deltatoken"});
        return fromToken(call, kind, world, *skip);
    }
    if (!delta || delta->empty() || equalsWithoutCase(*delta, "latest"))
    {
        DeltaCursor cursor = newRound(call, kind, world);
        if (delta && !delta->empty())
        {
            cursor.round = DeltaCursor::Round::Changes;
            cursor.since = cursor.position = cursor.until;
        }
        return cursor;
    }
    call.refuse({"$filter"});
    DeltaCursor cursor = fromToken(call, kind, world, *delta);
    if (const auto select = call.select(); !select.empty())
        cursor.select = select;
    cursor.position = cursor.since;
    cursor.until = std::max(cursor.since, lastChange(call, kind, world));
    return cursor;
}

DeltaCursor GraphDelta::newRound(const GraphCall& call, World::Kind kind, const World& world) const
{
    const auto filter = call.request.parameter("$filter");
    return {.tenant = world.tenant(),
            .kind = kind,
            .select = call.select(),
            .ids = filter ? idsOfFilter(*filter) : std::vector<std::string>{},
            .until = lastChange(call, kind, world)};
}

DeltaCursor GraphDelta::fromToken(const GraphCall& call, World::Kind kind, const World& world,
                                  const std::string& token) const
{
    auto cursor = DeltaCursor::decode(token.substr(0, token.find('.')));
    if (!cursor || cursor->kind != kind || cursor->tenant != world.tenant() ||
        cursor->until > world.sequence())
        throw GraphError(400, "Request_BadRequest", "The token of the delta query is not valid.");
    if (call.request.tweak.cursor != Tweak::Cursor::Valid)
        refuseExpired(call, *cursor,
                      call.request.tweak.cursor == Tweak::Cursor::Gone
                          ? SettingsValues::ExpiredCursor::Gone
                          : SettingsValues::ExpiredCursor::NotFound);
    if (_clock.now() - cursor->issued > call.settings.cursorLifetime)
        refuseExpired(call, *cursor, call.settings.expiredCursor);
    return *cursor;
}

/// What stands behind the dot means nothing: it makes the link after an empty page another one, and
/// as long as the settings say.
std::string GraphDelta::linkTo(const GraphCall& call, DeltaCursor cursor, const char* option) const
{
    static std::atomic<unsigned> emptyPages{0};
    const std::string path =
        call.request.baseUrl + "/v1.0/" + graphType(cursor.kind).collection + "/delta?";
    cursor.issued = _clock.now();
    std::string link = path + option + '=' + cursor.encode();
    if (call.request.tweak.emptyPage)
        link += '.' + std::to_string(++emptyPages);
    if (call.settings.cursorPadding > 0)
        link += '.' + std::string(call.settings.cursorPadding, 'x');
    return link;
}

} // namespace muster::sandbox
