#include "graph/Refresh.h"

#include "graph/Permissions.h"
#include "graph/Verification.h"
#include "runtime/Errors.h"
#include "store/EntraId.h"

#include <muster/Keys.h>

namespace muster::graph {

using directory::Mirror;
using directory::RefreshOutcome;
using runtime::Severity;
using namespace std::chrono;

namespace {

constexpr hours kVerifyAfter{7 * 24};
constexpr size_t kRotating = 20;   ///< groups verified in a refresh because it is their turn
constexpr size_t kDemanded = 1000; ///< and because their delta may have left something out
constexpr hours kStale{5 * 24};    ///< Graph forgets a cursor after seven days

/// Counts the requests of a refresh, however it ends.
struct RequestCount
{
    ~RequestCount()
    {
        if (receiver)
            *receiver += sent();
    }
    uint64_t sent() const { return client.requests() - before; }

    const GraphClient& client;
    uint64_t* receiver;
    uint64_t before = client.requests();
};

} // namespace

void requireTenant(const std::optional<TokenClaims>& claims, const estate::Tenant& tenant)
{
    const auto& expected = tenant.directory.tenant;
    if (!claims || claims->tenant.empty() || !store::isEntraId(expected) ||
        lowered(claims->tenant) == lowered(expected))
        return;
    throw ConfigError("the sign-in to " + tenant.name + " gave a token of the tenant " +
                      oneLine(claims->tenant, 64) + " instead of " + expected +
                      ": check tenant and authority");
}

Refresh::Refresh(const RefreshContext& context, Session& session)
    : _context(context), _session(session), _startedAt(context.clock.now())
{}

RefreshOutcome Refresh::run(const directory::Source::Options& options)
{
    const RequestCount count{_session.client, options.requests};
    try
    {
        _claims = claimsOf(_session.token.get(_context.cancellation));
        lookAtClaims();
        readAll(options);
    }
    catch (const RetryError& error)
    {
        if (!wasComplete())
            throw;
        _outcome.complete = false;
        _outcome.problem = error.what();
    }
    catch (const RejectedError& error)
    {
        _outcome.complete = false;
        _outcome.problem = error.what();
    }
    findStale();
    _outcome.requests = count.sent();
    return std::move(_outcome);
}

void Refresh::lookAtClaims()
{
    requireTenant(_claims, _context.tenant);
    for (const auto* resource : {"users", "groups"})
    {
        const auto& permission = permissionFor(resource);
        if (permission.isGranted(_claims) == false)
            throw ConfigError("the application may not read the " + std::string(resource) + " of " +
                              _context.tenant.name + ": " + permission.remedy());
    }
    const auto& hidden = hiddenMembersPermission();
    const bool readsHidden = hidden.isGranted(_claims).value_or(false);
    _context.mirror.setReadsHidden(readsHidden);
}

void Refresh::readAll(const directory::Source::Options& options)
{
    for (const auto& resource : resources())
        readResource(resource);
    const auto hiddenGroups = _context.mirror.hiddenGroups();
    if (hiddenGroups > 0)
        add("hidden-members", Severity::Warning,
            std::to_string(hiddenGroups) + " groups of " + _context.tenant.name +
                " hide their members, which stay as last known: to have them read, " +
                hiddenMembersPermission().remedy());
    verify(options.verifyGroups);
    _outcome.complete = true;
}

void Refresh::readResource(const Resource& resource)
{
    const auto& permission = permissionFor(resource.name);
    const bool isDevices = resource.kind == "device";
    auto ending = DeltaChain::Ending::Forbidden;
    if (permission.isGranted(_claims) != false)
    {
        DeltaChain chain(_context, resource);
        ending = chain.run();
        for (const auto& what : chain.skipped())
            add("graph-entry-skipped", Severity::Warning,
                "Graph gave " + what + " in " + _context.tenant.name + ": it was passed over");
    }
    if (ending == DeltaChain::Ending::Whole)
        return;
    if (!isDevices)
        throw ConfigError("Graph refuses the " + resource.name + " of " + _context.tenant.name +
                          " (403): " + permission.remedy());
    add("devices-unreadable", Severity::Info,
        "the devices of " + _context.tenant.name + " are not read: to have them, " +
            permission.remedy());
}

void Refresh::verify(const std::vector<std::string>& named)
{
    auto groups = _context.mirror.dueForVerification(runtime::Instant(milliseconds(1)), kDemanded);
    const auto turn =
        _context.mirror.dueForVerification(_startedAt - kVerifyAfter, groups.size() + kRotating);
    // Those that are demanded come first in both lists.
    for (auto at = groups.size(); at < turn.size(); ++at)
        groups.push_back(turn[at]);
    for (const auto& group : named)
    {
        if (store::isEntraId(group) &&
            std::find(groups.begin(), groups.end(), lowered(group)) == groups.end())
            groups.push_back(lowered(group));
    }
    Verification verification(_context, _startedAt);
    verification.run(groups);
    if (verification.isForbidden())
        add("members-unreadable", Severity::Warning,
            "Graph refuses to list the members of groups of " + _context.tenant.name +
                ", so what its changes leave out stays unseen: " +
                permissionFor("groups").remedy());
}

void Refresh::findStale()
{
    if (_outcome.complete)
        return;
    const auto cursor = _context.mirror.cursor(Mirror::Copy::Live, "groups");
    if (!cursor || !cursor->mirrored)
        return;
    const auto saved = runtime::fromMilliseconds(cursor->savedAt);
    if (_startedAt - saved > kStale)
        add("mirror-stale", Severity::Error,
            "the groups of " + _context.tenant.name + " were last read on " +
                runtime::toText(saved) +
                ": Graph forgets after seven days what was read, and all is read again then");
}

void Refresh::add(const std::string& code, Severity severity, const std::string& message)
{
    _outcome.findings.push_back({.code = code, .severity = severity, .message = message});
}

bool Refresh::wasComplete()
{
    const auto users = _context.mirror.cursor(Mirror::Copy::Live, "users");
    const auto groups = _context.mirror.cursor(Mirror::Copy::Live, "groups");
    return users && users->mirrored && groups && groups->mirrored;
}

} // namespace muster::graph
