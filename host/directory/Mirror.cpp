#include "directory/Mirror.h"

#include "directory/MirrorChange.h"

#include <stdexcept>

namespace muster::directory {

using runtime::toMilliseconds;

namespace {

/// Each resource is staged in a copy of its own, so that one resync cannot disturb another.
int64_t copyNumber(Mirror::Copy copy, const std::string& resource)
{
    if (copy == Mirror::Copy::Live)
        return 0;
    if (resource == "users")
        return 1;
    return resource == "devices" ? 2 : 3;
}

std::string kindOf(const std::string& resource)
{
    return resource.substr(0, resource.size() - 1);
}

} // namespace

Mirror::Mirror(store::Database& database, int64_t tenantId, const runtime::Clock& clock)
    : _database(database), _tenantId(tenantId), _clock(clock)
{}

std::optional<Cursor> Mirror::cursor(Copy copy, const std::string& resource)
{
    std::optional<Cursor> found;
    _database.query<std::string, int64_t, int64_t, std::string, int64_t, int64_t>(
        "SELECT link, complete, mirrored, selected, started_at, saved_at FROM cursor"
        " WHERE resource = $1 AND directory ="
        " (SELECT id FROM directory WHERE tenant = $2 AND staged = $3)",
        {resource, _tenantId, copyNumber(copy, resource)},
        [&](const std::string& link, int64_t complete, int64_t mirrored,
            const std::string& selected, int64_t startedAt, int64_t savedAt) {
            found = {.link = link,
                     .complete = complete != 0,
                     .mirrored = mirrored != 0,
                     .selected = selected,
                     .startedAt = startedAt,
                     .savedAt = savedAt};
        });
    return found;
}

void Mirror::apply(Copy copy, const Page& page, const std::string& resource, const Cursor& next)
{
    MirrorChange change(_database, _tenantId, copyNumber(copy, resource),
                        toMilliseconds(_clock.now()));
    change.applyObjects(page.kind, page.objects);
    change.applyMemberships(page.memberships);
    change.saveCursor(resource, next);
    change.commit();
}

void Mirror::saveCursor(Copy copy, const std::string& resource, const Cursor& cursor)
{
    MirrorChange change(_database, _tenantId, copyNumber(copy, resource),
                        toMilliseconds(_clock.now()));
    change.saveCursor(resource, cursor);
    change.commit();
}

void Mirror::beginResync(const std::string& resource)
{
    MirrorChange change(_database, _tenantId, copyNumber(Copy::Staged, resource),
                        toMilliseconds(_clock.now()));
    change.clear(change.directory());
    change.commit();
}

void Mirror::finishResync(const std::string& resource, const Cursor& next)
{
    const auto staged =
        _database.value<int64_t>("SELECT id FROM directory WHERE tenant = $1 AND staged = $2",
                                 {_tenantId, copyNumber(Copy::Staged, resource)});
    if (!staged)
        throw std::logic_error("no resync of " + resource + " was begun");
    MirrorChange change(_database, _tenantId, 0, toMilliseconds(_clock.now()));
    change.takeOver(kindOf(resource), *staged);
    change.saveCursor(resource, next);
    change.clear(*staged);
    change.commit();
}

void Mirror::replaceMembers(const std::string& group, Role role,
                            const std::vector<std::pair<std::string, std::string>>& idsAndKinds,
                            runtime::Instant settled)
{
    MirrorChange change(_database, _tenantId, 0, toMilliseconds(_clock.now()));
    change.replaceMembers(group, role, idsAndKinds, toMilliseconds(settled));
    change.commit();
}

void Mirror::setReadsHidden(bool readsHidden)
{
    const auto value = int64_t(readsHidden);
    const auto before = _database.value<int64_t>(
        "SELECT reads_hidden FROM directory WHERE tenant = $1 AND staged = 0", {_tenantId});
    if (before.value_or(1) == value)
        return;
    MirrorChange change(_database, _tenantId, 0, toMilliseconds(_clock.now()));
    _database.execute("UPDATE directory SET reads_hidden = $1 WHERE id = $2",
                      {value, change.directory()});
    // What the delta left out while they could not be read it does not tell afterwards.
    if (readsHidden)
        _database.execute("UPDATE object SET verified_at = 0 WHERE directory = $1"
                          " AND kind = 'group' AND " +
                              isHidden("object"),
                          {change.directory()});
    change.touchHidden();
    change.commit();
}

int64_t Mirror::hiddenGroups()
{
    return _database
        .value<int64_t>(
            "SELECT count(*) FROM directory d CROSS JOIN object o"
            " WHERE o.directory = d.id AND d.tenant = $1 AND d.staged = 0 AND d.reads_hidden = 0"
            " AND o.kind = 'group' AND o.state = 'live' AND " +
                isHidden("o"),
            {_tenantId})
        .value_or(0);
}

std::vector<std::string> Mirror::dueForVerification(runtime::Instant before, size_t limit)
{
    std::vector<std::string> due;
    _database.query<std::string>("SELECT entra_text(o.entra) FROM directory d CROSS JOIN object o"
                                 " WHERE o.directory = d.id AND d.tenant = $1 AND d.staged = 0 AND "
                                 "o.kind = 'group' AND o.state = 'live'"
                                 " AND o.verified_at < $2 AND (d.reads_hidden = 1 OR " +
                                     isHidden("o") +
                                     " IS NOT TRUE) ORDER BY o.verified_at, o.id LIMIT $3",
                                 {_tenantId, toMilliseconds(before), static_cast<int64_t>(limit)},
                                 [&](std::string id) { due.push_back(std::move(id)); });
    return due;
}

void Mirror::markVerified(const std::string& group)
{
    _database.execute("UPDATE object SET verified_at = $1 WHERE entra = entra_id($2)"
                      " AND directory ="
                      " (SELECT id FROM directory WHERE tenant = $3 AND staged = 0)",
                      {toMilliseconds(_clock.now()), group, _tenantId});
}

} // namespace muster::directory
