#include "store/Migrations.h"

#include "runtime/Errors.h"

#include <array>
#include <vector>

namespace muster::store {

namespace {

/// The statements of each version, in order. A version that was released is never edited: the next
/// change is a new version. Times are milliseconds since 1970, UTC.
const std::vector<std::vector<std::string>> kVersions = {
    {
        // The estate: what `muster apply` declared. A removed name keeps its row and history.
        R"(CREATE TABLE tenant(
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            document TEXT NOT NULL,
            removed_at INTEGER) STRICT)",
        R"(CREATE TABLE target(
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            document TEXT NOT NULL,
            removed_at INTEGER) STRICT)",
        // seen: counts the changes of what modes look at in it.
        R"(CREATE TABLE scope(
            id INTEGER PRIMARY KEY,
            target INTEGER NOT NULL REFERENCES target(id),
            document TEXT NOT NULL,
            seen INTEGER NOT NULL DEFAULT 0,
            UNIQUE(target, document)) STRICT)",
        R"(CREATE TABLE sync(
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            tenant INTEGER NOT NULL REFERENCES tenant(id),
            target INTEGER NOT NULL REFERENCES target(id),
            scope INTEGER NOT NULL REFERENCES scope(id),
            position INTEGER NOT NULL,
            document TEXT NOT NULL,
            removed_at INTEGER,
            derived_seq INTEGER NOT NULL DEFAULT 0,
            derived_as TEXT NOT NULL DEFAULT '') STRICT)",
        R"(CREATE TABLE secret(
            name TEXT PRIMARY KEY,
            sealed TEXT NOT NULL,
            changed_at INTEGER NOT NULL) STRICT)",

        // The directory: the mirror of a tenant. staged 1 is a second copy that a resync fills
        // beside the live one. seq counts the changes; a group's `touched` is the seq of its last.
        // reads_hidden 0: the app may not see the members of hidden-membership groups. domain: of
        // most people's user names, once it was asked for.
        R"(CREATE TABLE directory(
            id INTEGER PRIMARY KEY,
            tenant INTEGER NOT NULL REFERENCES tenant(id),
            staged INTEGER NOT NULL,
            seq INTEGER NOT NULL DEFAULT 0,
            reads_hidden INTEGER NOT NULL DEFAULT 1,
            domain TEXT NOT NULL DEFAULT '',
            UNIQUE(tenant, staged)) STRICT)",
        // kind: group, user, device, or another Graph type. state: unknown (only referred to so
        // far), live, deleted (restorable), gone. attributes: the selected Graph properties.
        R"(CREATE TABLE object(
            id INTEGER PRIMARY KEY,
            directory INTEGER NOT NULL REFERENCES directory(id),
            entra BLOB NOT NULL,
            kind TEXT NOT NULL,
            state TEXT NOT NULL,
            attributes TEXT NOT NULL DEFAULT '{}',
            touched INTEGER NOT NULL DEFAULT 0,
            changed_at INTEGER NOT NULL,
            verified_at INTEGER NOT NULL DEFAULT 0,
            UNIQUE(directory, entra)) STRICT)",
        "CREATE INDEX object_touched ON object(directory, touched) WHERE kind = 'group'",
        "CREATE INDEX object_verified ON object(directory, verified_at) WHERE kind = 'group' AND "
        "state = 'live'",
        // Groups with hidden membership: few, and looked for in every refresh.
        "CREATE INDEX object_hidden ON object(directory) WHERE kind = 'group' AND "
        "lower(json_extract(attributes, '$.visibility')) = 'hiddenmembership'",
        // role: 0 member, 1 owner.
        R"(CREATE TABLE membership(
            grp INTEGER NOT NULL,
            role INTEGER NOT NULL,
            member INTEGER NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY(grp, role, member)) STRICT, WITHOUT ROWID)",
        "CREATE INDEX membership_member ON membership(member, grp)",
        R"(CREATE TABLE past_membership(
            grp INTEGER NOT NULL,
            role INTEGER NOT NULL,
            member INTEGER NOT NULL,
            since INTEGER NOT NULL,
            until INTEGER NOT NULL) STRICT)",
        "CREATE INDEX past_membership_grp ON past_membership(grp, member)",
        "CREATE INDEX past_membership_member ON past_membership(member)",
        // complete 1: link is a deltaLink, the chain before it was applied whole. complete 0: link
        // is the nextLink at which an unfinished chain goes on (empty: from its start).
        R"(CREATE TABLE cursor(
            directory INTEGER NOT NULL REFERENCES directory(id),
            resource TEXT NOT NULL,
            link TEXT NOT NULL,
            complete INTEGER NOT NULL,
            mirrored INTEGER NOT NULL DEFAULT 0,
            selected TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            saved_at INTEGER NOT NULL,
            PRIMARY KEY(directory, resource)) STRICT)",
        // origin says who keeps the row: refresh, or access (of the application to the tenant).
        R"(CREATE TABLE tenant_finding(
            tenant INTEGER NOT NULL REFERENCES tenant(id),
            origin TEXT NOT NULL DEFAULT 'refresh',
            code TEXT NOT NULL,
            severity TEXT NOT NULL,
            message TEXT NOT NULL,
            grp TEXT NOT NULL,
            key TEXT NOT NULL) STRICT)",
        // What the application's permissions allow; missing: what to do so that they do.
        R"(CREATE TABLE tenant_offer(
            tenant INTEGER NOT NULL REFERENCES tenant(id),
            name TEXT NOT NULL,
            missing TEXT NOT NULL,
            looked_at INTEGER NOT NULL,
            PRIMARY KEY(tenant, name)) STRICT)",

        // Which groups are switched on for a target, and who switched them.
        R"(CREATE TABLE selection(
            grp INTEGER NOT NULL REFERENCES object(id),
            target INTEGER NOT NULL REFERENCES target(id),
            selected INTEGER NOT NULL,
            origin TEXT NOT NULL,
            PRIMARY KEY(grp, target)) STRICT, WITHOUT ROWID)",
        "CREATE INDEX selection_target ON selection(target, selected, grp)",
        // seq: the directory's, up to which the groups have an answer.
        R"(CREATE TABLE selection_rule(
            tenant INTEGER NOT NULL REFERENCES tenant(id),
            target INTEGER NOT NULL REFERENCES target(id),
            document TEXT NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY(tenant, target)) STRICT)",
        R"(CREATE TABLE selection_log(
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            target INTEGER NOT NULL,
            grp INTEGER NOT NULL,
            selected INTEGER NOT NULL) STRICT)",

        // Records and links: who claims them, and what the target has (the ledger). A record with a
        // remote_id exists in the target; a link with a role does. origin: created, adopted, or
        // found (there, and not ours). dirty 1: claims and ledger may differ; the planner looks. 2:
        // the target's limit is reached. 3: it waits for a record that only people make. 4: a
        // person undid what was done to it, and it is left alone until its claims change. within:
        // the record that it is a part of, with whose key and a slash its own key begins; 0: it is
        // in the scope.
        R"(CREATE TABLE record(
            id INTEGER PRIMARY KEY,
            scope INTEGER NOT NULL REFERENCES scope(id),
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            subject TEXT,
            within INTEGER NOT NULL DEFAULT 0,
            remote_id TEXT,
            name TEXT NOT NULL DEFAULT '',
            fields TEXT NOT NULL DEFAULT '{}',
            active INTEGER NOT NULL DEFAULT 1,
            tags TEXT NOT NULL DEFAULT '[]',
            origin TEXT NOT NULL DEFAULT '',
            links_read_at INTEGER NOT NULL DEFAULT 0,
            written_at INTEGER NOT NULL DEFAULT 0,
            dirty INTEGER NOT NULL DEFAULT 0,
            UNIQUE(scope, kind, key)) STRICT)",
        "CREATE INDEX record_remote ON record(scope, kind, remote_id) WHERE remote_id IS NOT NULL",
        "CREATE INDEX record_subject ON record(scope, kind, subject) WHERE subject IS NOT NULL",
        "CREATE INDEX record_within ON record(within) WHERE within <> 0",
        "CREATE INDEX record_dirty ON record(scope, kind, id) WHERE dirty = 1",
        "CREATE INDEX record_undone ON record(scope) WHERE dirty = 4",
        "CREATE INDEX record_links_read ON record(scope, kind, links_read_at) WHERE remote_id IS "
        "NOT NULL",
        // By which modes look for records that only people make.
        R"(CREATE TABLE record_alias(
            scope INTEGER NOT NULL,
            kind TEXT NOT NULL,
            alias TEXT NOT NULL,
            record INTEGER NOT NULL REFERENCES record(id),
            PRIMARY KEY(scope, kind, alias, record)) STRICT, WITHOUT ROWID)",
        "CREATE INDEX record_alias_record ON record_alias(record)",
        // What people did to documents in a target, until the register takes it up: the fields
        // before and after; none after: it was deleted.
        R"(CREATE TABLE drift(
            id INTEGER PRIMARY KEY,
            record INTEGER NOT NULL REFERENCES record(id),
            at INTEGER NOT NULL,
            before TEXT NOT NULL,
            after TEXT) STRICT)",
        "CREATE INDEX drift_record ON drift(record)",
        R"(CREATE TABLE content(
            id INTEGER PRIMARY KEY,
            document TEXT NOT NULL UNIQUE) STRICT)",
        R"(CREATE TABLE claim(
            sync INTEGER NOT NULL,
            grp INTEGER NOT NULL,
            record INTEGER NOT NULL,
            content INTEGER NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY(sync, grp, record, content)) STRICT, WITHOUT ROWID)",
        "CREATE INDEX claim_record ON claim(record)",
        R"(CREATE TABLE link(
            id INTEGER PRIMARY KEY,
            scope INTEGER NOT NULL REFERENCES scope(id),
            source INTEGER NOT NULL REFERENCES record(id),
            destination INTEGER NOT NULL REFERENCES record(id),
            role TEXT,
            origin TEXT NOT NULL DEFAULT '',
            written_at INTEGER NOT NULL DEFAULT 0,
            dirty INTEGER NOT NULL DEFAULT 0,
            UNIQUE(source, destination)) STRICT)",
        "CREATE INDEX link_destination ON link(destination)",
        "CREATE INDEX link_dirty ON link(scope, id) WHERE dirty = 1",
        "CREATE INDEX link_undone ON link(scope) WHERE dirty = 4",
        // Of the claims to links of which a record has one, the first by rank wins.
        R"(CREATE TABLE link_claim(
            sync INTEGER NOT NULL,
            grp INTEGER NOT NULL,
            link INTEGER NOT NULL,
            role TEXT NOT NULL,
            rank TEXT NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY(sync, grp, link)) STRICT, WITHOUT ROWID)",
        "CREATE INDEX link_claim_link ON link_claim(link)",
        // When the records of a kind in a scope were last read whole: 0 is a cold ledger.
        R"(CREATE TABLE coverage(
            scope INTEGER NOT NULL REFERENCES scope(id),
            kind TEXT NOT NULL,
            read_at INTEGER NOT NULL,
            PRIMARY KEY(scope, kind)) STRICT)",
        // Findings that stand for a sync. origin says who keeps the row: derive (with its group),
        // plan, read, find, gone (the record that documents named), schedule, or run (with the
        // record or link that was refused).
        R"(CREATE TABLE finding(
            sync INTEGER NOT NULL REFERENCES sync(id),
            origin TEXT NOT NULL,
            grp INTEGER,
            record INTEGER,
            link INTEGER,
            code TEXT NOT NULL,
            severity TEXT NOT NULL,
            message TEXT NOT NULL,
            key TEXT NOT NULL) STRICT)",
        "CREATE INDEX finding_sync ON finding(sync, origin, grp)",

        // Who may ask over HTTP: a digest of what is shown once.
        R"(CREATE TABLE token(
            name TEXT PRIMARY KEY,
            role TEXT NOT NULL,
            tenants TEXT NOT NULL,
            in_groups TEXT NOT NULL,
            digest TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL) STRICT)",

        // Plans, and the journal of their runs: a change is intended before its call and has its
        // outcome after. undoes: the run whose changes the plan puts back.
        R"(CREATE TABLE plan(
            id INTEGER PRIMARY KEY,
            sync INTEGER NOT NULL REFERENCES sync(id),
            made_at INTEGER NOT NULL,
            verdict TEXT NOT NULL,
            guards TEXT NOT NULL,
            complete INTEGER NOT NULL,
            undoes INTEGER) STRICT)",
        "CREATE INDEX plan_sync ON plan(sync, id)",
        // state: planned, held, intended, applied, unchanged, failed, waiting (for a dependency or
        // a retry), superseded (what an undo leaves, since it was changed again).
        R"(CREATE TABLE change(
            id INTEGER PRIMARY KEY,
            plan INTEGER NOT NULL REFERENCES plan(id),
            phase INTEGER NOT NULL,
            action TEXT NOT NULL,
            record INTEGER,
            link INTEGER,
            grp INTEGER,
            document TEXT NOT NULL,
            reason TEXT NOT NULL,
            state TEXT NOT NULL,
            message TEXT NOT NULL DEFAULT '',
            run INTEGER,
            at INTEGER NOT NULL DEFAULT 0) STRICT)",
        "CREATE INDEX change_plan ON change(plan, phase, id)",
        "CREATE INDEX change_record ON change(record) WHERE record IS NOT NULL",
        "CREATE INDEX change_link ON change(link) WHERE link IS NOT NULL",
        "CREATE INDEX change_intended ON change(run) WHERE state = 'intended'",
        R"(CREATE TABLE run(
            id INTEGER PRIMARY KEY,
            sync INTEGER NOT NULL REFERENCES sync(id),
            plan INTEGER,
            state TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            ended_at INTEGER,
            source_requests INTEGER NOT NULL DEFAULT 0,
            target_requests INTEGER NOT NULL DEFAULT 0,
            approved INTEGER NOT NULL DEFAULT 0,
            message TEXT NOT NULL DEFAULT '') STRICT)",
        "CREATE INDEX run_sync ON run(sync, id)",
        "CREATE INDEX run_plan ON run(plan)",
        "CREATE INDEX run_running ON run(sync) WHERE state = 'running'",

        // The reports that were mailed, by the local day on which they were due: skipped (none was
        // to be sent), sending, sent. until: where what it told ended.
        R"(CREATE TABLE report_mail(
            day TEXT PRIMARY KEY,
            state TEXT NOT NULL,
            until INTEGER NOT NULL) STRICT)",

        // When a sync runs next, and what keeps it from it. entry: a fingerprint of the estate's
        // entries that the row is about. attempts: runs in a row that failed or were partial.
        R"(CREATE TABLE schedule(
            sync INTEGER PRIMARY KEY REFERENCES sync(id),
            entry INTEGER NOT NULL,
            next_at INTEGER,
            last_at INTEGER,
            attempts INTEGER NOT NULL,
            failures INTEGER NOT NULL,
            retry_at INTEGER,
            quarantined_at INTEGER,
            reason TEXT NOT NULL) STRICT)",

        // Syncs asked for through tickets. answers: of the form, as they were last looked at.
        // baseline: the latest run of the sync when the request was accepted. note: to be written,
        // before anything else; note_tried 1: it may be there. due_at: when there is something to
        // do.
        R"(CREATE TABLE request(
            id INTEGER PRIMARY KEY,
            target INTEGER NOT NULL REFERENCES target(id),
            ticket TEXT NOT NULL,
            state TEXT NOT NULL,
            summary TEXT NOT NULL DEFAULT '',
            contact TEXT NOT NULL DEFAULT '',
            answers TEXT NOT NULL DEFAULT '',
            tenant TEXT NOT NULL DEFAULT '',
            mode TEXT NOT NULL DEFAULT '',
            sync TEXT NOT NULL DEFAULT '',
            baseline INTEGER NOT NULL DEFAULT 0,
            run INTEGER NOT NULL DEFAULT 0,
            note TEXT NOT NULL DEFAULT '',
            note_tried INTEGER NOT NULL DEFAULT 0,
            notes INTEGER NOT NULL DEFAULT 0,
            message TEXT NOT NULL DEFAULT '',
            attempts INTEGER NOT NULL DEFAULT 0,
            seen_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            due_at INTEGER,
            UNIQUE(target, ticket)) STRICT)",
        "CREATE INDEX request_due ON request(due_at) WHERE due_at IS NOT NULL",
        // Where a target announces tickets: a digest of the secret in the door's address, which
        // only the target has.
        R"(CREATE TABLE request_door(
            target INTEGER PRIMARY KEY REFERENCES target(id),
            event TEXT NOT NULL,
            url TEXT NOT NULL,
            digest TEXT NOT NULL,
            subscription TEXT NOT NULL) STRICT)",

        // The register of documented groups. entra: the group's id, or one made up for a document
        // that was made by hand, which has no grp. scope: where the ids in `lists` are from.
        // fields, lists: short texts and long lists, as they were last kept true; counts: how long
        // the lists are. presence: wanted, unselected, untyped, gone; off 1: a person switched it
        // off. deleted_at: the row is a tombstone, and the group is not documented again;
        // deleted_in: the target in which people deleted it, until somebody answers.
        R"(CREATE TABLE document(
            id INTEGER PRIMARY KEY,
            tenant INTEGER NOT NULL REFERENCES tenant(id),
            entra BLOB NOT NULL,
            grp INTEGER,
            scope INTEGER NOT NULL DEFAULT 0,
            type TEXT NOT NULL,
            name TEXT NOT NULL,
            folded TEXT NOT NULL,
            fields TEXT NOT NULL DEFAULT '{}',
            lists TEXT NOT NULL DEFAULT '{}',
            counts TEXT NOT NULL DEFAULT '{}',
            own TEXT NOT NULL DEFAULT '{}',
            access TEXT NOT NULL DEFAULT '{}',
            presence TEXT NOT NULL,
            off INTEGER NOT NULL DEFAULT 0,
            archived_at INTEGER,
            archived_by TEXT NOT NULL DEFAULT '',
            deleted_at INTEGER,
            deleted_by TEXT NOT NULL DEFAULT '',
            deleted_in TEXT NOT NULL DEFAULT '',
            UNIQUE(tenant, entra)) STRICT)",
        "CREATE INDEX document_entra ON document(entra)",
        "CREATE INDEX document_grp ON document(grp) WHERE grp IS NOT NULL",
        "CREATE INDEX document_folded ON document(folded, id) WHERE deleted_at IS NULL",
        R"(CREATE TABLE document_nested(
            document INTEGER NOT NULL REFERENCES document(id),
            entra BLOB NOT NULL,
            PRIMARY KEY(document, entra)) STRICT, WITHOUT ROWID)",
        "CREATE INDEX document_nested_entra ON document_nested(entra)",
        // Up to which number of the directory's sequence the documents of a tenant were kept true,
        // and by what beside the groups.
        R"(CREATE TABLE document_update(
            tenant INTEGER PRIMARY KEY REFERENCES tenant(id),
            seq INTEGER NOT NULL,
            derived_as TEXT NOT NULL) STRICT)",
        // What people did to documents.
        R"(CREATE TABLE activity(
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            tenant INTEGER NOT NULL REFERENCES tenant(id),
            entra BLOB NOT NULL,
            name TEXT NOT NULL,
            action TEXT NOT NULL,
            before TEXT NOT NULL,
            after TEXT NOT NULL) STRICT)",
        "CREATE INDEX activity_entra ON activity(entra, id)",
        "CREATE INDEX activity_at ON activity(at)",
    },
    {
        // How the plugins of targets ended that ended badly, the latest few of each.
        R"(CREATE TABLE plugin_crash(
            id INTEGER PRIMARY KEY,
            target TEXT NOT NULL,
            at INTEGER NOT NULL,
            reason TEXT NOT NULL,
            output TEXT NOT NULL) STRICT)",
        "CREATE INDEX plugin_crash_target ON plugin_crash(target, id)",
        // What the files of plugins that did not come with Muster held when they were trusted.
        R"(CREATE TABLE plugin_trust(
            family TEXT NOT NULL,
            id TEXT NOT NULL,
            digest TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (family, id)) STRICT)",
        // Each start of the service since it last ended by itself; no crashed_at: it runs.
        R"(CREATE TABLE service_start(
            id INTEGER PRIMARY KEY,
            crashed_at INTEGER) STRICT)",
    },
};

} // namespace

void migrate(Database& database, const std::function<void()>& backUp)
{
    const auto version = database.value<int64_t>("PRAGMA user_version").value_or(0);
    const auto newest = static_cast<int64_t>(kVersions.size());
    if (version > newest)
        throw ConfigError("the store was made by a newer Muster (schema " +
                          std::to_string(version) + ", this one knows " + std::to_string(newest) +
                          "): install that version, or restore a backup");
    if (version > 0 && version < newest)
        backUp();
    for (auto next = version; next < newest; ++next)
    {
        Transaction transaction(database);
        for (const auto& statement : kVersions[static_cast<size_t>(next)])
            database.execute(statement);
        database.execute("PRAGMA user_version = " + std::to_string(next + 1));
        transaction.commit();
    }
}

} // namespace muster::store
