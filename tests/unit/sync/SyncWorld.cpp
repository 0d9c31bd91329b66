#include "SyncWorld.h"

#include "directory/Directory.h"
#include "runtime/Progress.h"
#include "sync/Deriver.h"
#include "sync/Guards.h"
#include "sync/PlanStore.h"
#include "sync/Planner.h"
#include "sync/Protection.h"
#include "sync/Runner.h"

#include <muster/People.h>

#include <cstdio>

namespace muster::tests {

using nlohmann::json;

namespace {

class OwnersAndMembers : public Mode
{
public:
    Claims derive(const Group& group, Records&, const json&) const override
    {
        return claimContactGroup(group, true, [](const Person& person) {
            return person.isOwner ? "manager" : "regular";
        });
    }
};

class ServiceGroups : public Mode
{
public:
    Claims derive(const Group& group, Records&, const json&) const override
    {
        RecordClaim record{"service-group", nameKeyNoCase(group.name), group.id, group.name};
        record.expected = "make " + group.name;
        return claimLinks(group, record, false, [](const auto&) { return "member"; });
    }
};

class Accounts : public Mode
{
public:
    Claims derive(const Group& group, Records&, const json&) const override
    {
        Claims claims;
        RecordClaim account{"account", slug(group.name), group.id, group.name};
        account.expected = "tag it " + account.key;
        claims.records.push_back(account);
        claimContacts(group, false, claims, [&](const auto&, RecordClaim& contact) {
            contact.within = {account.kind, account.key};
        });
        return claims;
    }
};

std::string guid(char family, int number)
{
    char text[40];
    std::snprintf(text, sizeof text, "%c0000000-0000-4000-8000-%012d", family, number);
    return text;
}

const runtime::Cancellation kNever;

} // namespace

SyncMode ownersAndMembers()
{
    SyncMode mode;
    mode.manifest.id = "owners-and-members";
    mode.manifest.records = {"contact", "contact-group"};
    mode.manifest.links = {{"contact", "contact-group"}};
    mode.derivation = std::make_unique<OwnersAndMembers>();
    return mode;
}

SyncMode serviceGroups()
{
    SyncMode mode;
    mode.manifest.id = "service-groups";
    mode.manifest.records = {"contact"};
    mode.manifest.expects = {"service-group"};
    mode.manifest.links = {{"contact", "service-group"}};
    mode.derivation = std::make_unique<ServiceGroups>();
    return mode;
}

SyncMode accounts()
{
    SyncMode mode;
    mode.manifest.id = "accounts";
    mode.manifest.records = {"contact"};
    mode.manifest.expects = {"account"};
    mode.derivation = std::make_unique<Accounts>();
    return mode;
}

SyncWorld::SyncWorld(SyncMode syncMode) : _mode(std::move(syncMode))
{
    database.execute("INSERT INTO tenant(id, name, document) VALUES(1, 'contoso', '{}')");
    database.execute("INSERT INTO target(id, name, document) VALUES(1, 'desk', '{}')");
    database.execute("INSERT INTO scope(id, target, document) VALUES(1, 1, '{\"account\":42}')");
    database.execute(
        "INSERT INTO sync(id, name, tenant, target, scope, position, document) "
        "VALUES(1, 'contoso-groups', 1, 1, 1, 0, '{\"mode\":\"owners-and-members\"}')");
    syncSettings.id = syncSettings.tenantId = syncSettings.targetId = syncSettings.scopeId = 1;
    syncSettings.name = "contoso-groups";
    syncSettings.scope = {{"account", 42}};
    syncSettings.target = tenant.name = "desk";
    tenant.groups = {{"desk", true}};
    manifest.records = {{"contact", {"create", "update", "activate", "retire"}},
                        {"contact-group", {"create", "update"}},
                        {"service-group", {}},
                        {"account", {}},
                        {"configuration", {}},
                        {"group-document", {"create", "update", "retire"}}};
    manifest.links = {{"contact", "contact-group"},
                      {"contact", "service-group", true, true},
                      {"group-document", "group-document", false, true}};
    manifest.within = {{"contact", "account"}};
    manifest.batch = 10;
}

void SyncWorld::apply(const directory::Page& page)
{
    const auto resource = page.kind + "s";
    _mirror.apply(directory::Mirror::Copy::Live, page, resource,
                  {"https://graph.example/delta", true, true, "", 0, 0});
}

std::string SyncWorld::idOfPerson(int number) const
{
    return guid('a', number);
}

std::string SyncWorld::idOfGroup(int number) const
{
    return guid('b', number);
}

void SyncWorld::person(int number, const std::string& address, const std::string& attributes)
{
    json properties = {{"displayName", "Person " + std::to_string(number)},
                       {"givenName", "Person"},
                       {"surname", std::to_string(number)},
                       {"mail", address},
                       {"userPrincipalName", "u" + std::to_string(number) + "@contoso.example"},
                       {"accountEnabled", true}};
    properties.merge_patch(json::parse(attributes));
    apply({"user",
           {{idOfPerson(number), directory::ObjectChange::What::Present, properties.dump()}},
           {}});
}

void SyncWorld::removePerson(int number)
{
    apply({"user", {{idOfPerson(number), directory::ObjectChange::What::Deleted, "{}"}}, {}});
}

void SyncWorld::group(int number, const std::string& name, const std::string& attributes)
{
    json properties = {{"displayName", name},
                       {"securityEnabled", true},
                       {"mailEnabled", false},
                       {"groupTypes", json::array()}};
    properties.update(json::parse(attributes));
    apply({"group",
           {{idOfGroup(number), directory::ObjectChange::What::Present, properties.dump()}},
           {}});
    select(number);
}

void SyncWorld::device(int number, const std::string& name)
{
    const json properties = {{"displayName", name}};
    apply({"device",
           {{guid('d', number), directory::ObjectChange::What::Present, properties.dump()}},
           {}});
}

void SyncWorld::holds(int groupNumber, int deviceNumber)
{
    apply({"group", {}, {{idOfGroup(groupNumber), guid('d', deviceNumber), "device"}}});
}

void SyncWorld::nests(int groupNumber, int nestedNumber, bool removed)
{
    apply({"group",
           {},
           {{idOfGroup(groupNumber), idOfGroup(nestedNumber), "group", directory::Role::Member,
             removed}}});
}

void SyncWorld::removeGroup(int number)
{
    apply({"group", {{idOfGroup(number), directory::ObjectChange::What::Deleted, "{}"}}, {}});
}

void SyncWorld::member(int groupNumber, int personNumber, bool removed, directory::Role role)
{
    apply(
        {"group", {}, {{idOfGroup(groupNumber), idOfPerson(personNumber), "user", role, removed}}});
}

int64_t SyncWorld::ourGroup(int number)
{
    return directory::Directory(database, 1).findGroup(idOfGroup(number)).value();
}

void SyncWorld::select(int groupNumber, bool selected)
{
    const auto id = ourGroup(groupNumber);
    database.execute(
        "INSERT INTO selection(grp, target, selected, origin) VALUES($1, 1, $2, "
        "'manual') ON CONFLICT(grp, target) DO UPDATE SET selected = excluded.selected",
        {id, int64_t{selected ? 1 : 0}});
    directory::Directory(database, 1).touch({id});
}

void SyncWorld::derive(bool fully)
{
    runtime::SilentProgress silent;
    if (fully)
        database.execute("UPDATE sync SET derived_seq = 0");
    auto order =
        _mode.manifest.expects.empty() ? std::nullopt : std::optional(tenant.groups.front());
    sync::Owners owners(database, syncSettings.tenantId, syncSettings.scopeId);
    sync::Deriver(database, clock)
        .derive({syncSettings, *_mode.derivation, "as", std::move(order), owners}, silent, kNever);
}

sync::Work SyncWorld::work(bool complete)
{
    return {syncSettings, tenant,   _mode.manifest, *_mode.derivation, manifest, target,
            protect,      complete, keeper};
}

void SyncWorld::read(bool verify)
{
    runtime::SilentProgress silent;
    sync::Preparation(database, clock)
        .readTarget(work(), verify ? sync::Verify::Now : sync::Verify::WhenDue, silent, kNever);
}

int64_t SyncWorld::plan(bool complete)
{
    const auto id = sync::Planner(database, clock)
                        .plan({syncSettings, _mode.manifest, manifest, complete}, kNever);
    sync::Protection(database).apply(syncSettings, protect, id);
    sync::Guards(database, clock).judge(syncSettings, id);
    return id;
}

int64_t SyncWorld::planUndo(int64_t run)
{
    runtime::SilentProgress silent;
    return sync::Preparation(database, clock).prepareUndo(work(), run, silent, kNever);
}

std::string SyncWorld::run(int64_t plan, bool approved)
{
    sync::Journal journal(database, clock);
    runtime::SilentProgress silent;
    const auto run = journal.begin(1);
    journal.attach(run, plan, approved);
    const auto stopped = sync::Runner(database, target, clock)
                             .execute({syncSettings, manifest, plan, run}, silent, kNever)
                             .why;
    journal.settleRest(run, plan);
    journal.end(run, "succeeded", stopped);
    return stopped;
}

void SyncWorld::sync(bool approved)
{
    derive();
    read();
    run(plan(), approved);
}

std::vector<std::string> SyncWorld::changes(int64_t plan)
{
    std::vector<std::string> lines;
    sync::PlanStore(database).eachPlanned(plan, 0, [&](const sync::PlannedChange& change) {
        lines.push_back(change.toKey.empty()
                            ? change.action + " " + change.kind + " " + change.key
                            : change.action + " " + change.key + " " + change.toKey +
                                  (change.role.empty() ? "" : " " + change.role));
    });
    return lines;
}

sync::Verdict SyncWorld::verdict(int64_t plan)
{
    return sync::PlanStore(database).plan(plan).verdict;
}

std::vector<std::string> SyncWorld::findings()
{
    std::vector<std::string> lines;
    for (const auto& finding : sync::PlanStore(database).findings(1))
        lines.push_back(finding.code + " " + finding.key);
    return lines;
}

std::vector<std::string> SyncWorld::claims()
{
    std::vector<std::string> lines;
    const auto keep = [&](const std::string& line) { lines.push_back(line); };
    database.query<std::string>(
        "SELECT entra_text(g.entra) || ' ' || r.kind || ' ' || r.key || ' ' || t.document FROM "
        "claim c JOIN record r ON r.id = c.record JOIN content t ON t.id = c.content JOIN object g "
        "ON g.id = c.grp ORDER BY 1",
        {}, keep);
    database.query<std::string>(
        "SELECT entra_text(g.entra) || ' ' || s.key || ' in ' || d.key || ' ' || c.role FROM "
        "link_claim c JOIN link l ON l.id = c.link JOIN record s ON s.id = l.source JOIN record d "
        "ON d.id = l.destination JOIN object g ON g.id = c.grp ORDER BY 1",
        {}, keep);
    return lines;
}

} // namespace muster::tests
