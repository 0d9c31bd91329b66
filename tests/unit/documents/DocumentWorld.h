#pragma once

#include "directory/MirrorFixture.h"
#include "directory/Selection.h"
#include "documents/ActivityLog.h"
#include "documents/Editor.h"
#include "documents/Reader.h"
#include "documents/Register.h"
#include "estate/Documents.h"
#include "plugins/Catalog.h"

#include <set>
#include <string>
#include <vector>

namespace muster::testing {

using documents::Detail;
using documents::Tombstones;
using nlohmann::json;

/// A tenant with its mirror, and the register of its documents, made by the mode that is shipped.
struct DocumentWorld : MirrorFixture
{
    DocumentWorld()
    {
        tenant.id = 1;
        tenant.name = "contoso";
        tenant.displayName = "Contoso Ltd";
        tenant.directory.tenant = guid(900);
        tenant.directory.scope = "https://graph.microsoft.com/.default";
        tenant.groups = {{.target = "desk", .all = true}};
        database.execute("UPDATE tenant SET document = $1", {estate::documentOf(tenant).dump()});
    }

    /// Documents the tenant's groups in the organization 7 of the target.
    void declareSync(const json& settings = json::object())
    {
        sync.id = 3;
        sync.name = "contoso-docs";
        sync.tenantId = 1;
        sync.targetId = 7;
        sync.scopeId = 5;
        sync.tenant = "contoso";
        sync.target = "desk";
        sync.mode = documents::kMode;
        sync.scope = {{"organization", 7}};
        sync.schedule = "manual";
        sync.settings = settings;
        database.execute("INSERT INTO scope(id, target, document) VALUES(5, 7, $1) ON CONFLICT DO "
                         "NOTHING",
                         {sync.scope.dump()});
        database.execute(
            "INSERT INTO sync(id, name, tenant, target, scope, position, document) VALUES(3, $1, "
            "1, 7, 5, 0, $2) ON CONFLICT(id) DO UPDATE SET document = excluded.document",
            {sync.name, estate::documentOf(sync).dump()});
    }

    void contact(const std::string& remoteId, const std::string& name, const std::string& address)
    {
        const auto record = database.value<int64_t>(
            "INSERT INTO record(scope, kind, key, remote_id, name) VALUES(5, 'contact', $1, $1, "
            "$2) RETURNING id",
            {remoteId, name});
        database.execute("INSERT INTO record_alias(scope, kind, alias, record) VALUES(5, "
                         "'contact', $1, $2)",
                         {address, *record});
    }

    void update() { registry.update(tenant, silent, never); }

    void select(int number, bool isSelected)
    {
        directory::Selection selection(database, clock);
        const std::vector<std::string> group = {guid(number)};
        const std::vector<std::string> none;
        selection.set(tenant, 7, isSelected ? group : none, isSelected ? none : group, "ann");
    }

    documents::Entry entry(int number)
    {
        return documents::Reader(database).findIn(1, guid(number)).value();
    }

    documents::Document page(int number)
    {
        return documents::Reader(database)
            .find({.ids = {guid(number)}}, Detail::Lists, Tombstones::Hidden)
            .front()
            .document;
    }

    std::string status(int number)
    {
        const auto found = documents::Reader(database).findIn(1, guid(number));
        if (!found)
            return "none";
        return found->isDeleted ? "deleted" : documents::toText(found->document.status);
    }

    void edit(int number, const documents::Edit& edit)
    {
        documents::Reader reader(database);
        const auto tombstones = edit.isEnabled == true ? Tombstones::Shown : Tombstones::Hidden;
        editor.edit(reader.find({.ids = {guid(number)}}, Detail::Lists, tombstones), edit);
    }

    void remove(int number)
    {
        documents::Reader reader(database);
        editor.remove(reader.find({.ids = {guid(number)}}, Detail::Counts, Tombstones::Shown),
                      "deleted");
    }

    /// Names, in order.
    std::vector<std::string> names(const documents::Filter& filter = {},
                                   const documents::Sight& sight = {})
    {
        std::vector<std::string> all;
        documents::Reader(database, sight)
            .each(filter, Detail::Counts,
                  [&](const documents::Entry& each) { all.push_back(each.document.name); });
        return all;
    }

    /// "archived by ann", the newest first.
    std::vector<std::string> activity(const documents::ActivityLog::Filter& filter = {})
    {
        std::vector<std::string> all;
        documents::ActivityLog(database, clock).each(filter, [&](const auto& each) {
            all.push_back(each.activity.action + " by " + each.activity.actor);
        });
        return all;
    }

    runtime::SilentProgress silent;
    runtime::Cancellation never;
    estate::Tenant tenant;
    estate::Sync sync;
    plugins::Catalog catalog{{MUSTER_BINARY_DIR "/lib/muster"}, clock};
    documents::Register registry{database, catalog, clock};
    documents::Editor editor{database, clock, "ann"};
};

} // namespace muster::testing
