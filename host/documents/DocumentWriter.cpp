#include "documents/DocumentWriter.h"

#include "store/Dialect.h"

#include <muster/Keys.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace muster::documents {

using nlohmann::json;
using store::JsonRows;
using store::dialect::rows;

namespace {

const std::vector<std::string> kLists = {"members", "membersText", "devices", "devicesText",
                                         "owners"};

/// The fields of a claim as the store has them.
struct Content
{
    json fields;
    json lists = json::object();
    json counts = json::object();
};

Content contentOf(const RecordClaim& claim)
{
    Content content{claim.fields};
    content.fields.erase("status"); // is the register's to say
    for (const auto& name : kLists)
    {
        const auto found = content.fields.find(name);
        if (found == content.fields.end())
            continue;
        content.counts[name] = found->size();
        content.lists[name] = std::move(*found);
        content.fields.erase(found);
    }
    return content;
}

} // namespace

DocumentWriter::DocumentWriter(store::Database& database, int64_t tenant, int64_t scope)
    : _database(database), _tenant(tenant), _scope(scope)
{}

void DocumentWriter::write(const std::vector<Derived>& batch)
{
    auto known = knownOf(batch);
    JsonRows presences;
    JsonRows contents;
    JsonRows documented;
    JsonRows nested;
    for (const auto& derived : batch)
    {
        const auto found = known.find(derived.group);
        const bool isNew = found == known.end();
        auto standing = isNew ? Standing() : found->second.standing;
        const bool isMoved = standing.presence != derived.presence;
        standing.presence = derived.presence;
        if (!isNew && isMoved)
            presences.add(derived.group, toText(derived.presence));
        const bool isDeleted = !isNew && found->second.isDeleted;
        if (!derived.claim || isDeleted || standing.status() != Status::Enabled)
            continue;
        const auto& claim = *derived.claim;
        const auto content = contentOf(claim);
        contents.add(derived.group, claim.key, claim.fields.value("type", std::string("security")),
                     claim.name, nameKeyNoCase(claim.name), content.fields.dump(),
                     content.lists.dump(), content.counts.dump());
        documented.add(claim.key);
        for (const auto& id : derived.nested)
            nested.add(claim.key, id);
    }
    writePresences(presences);
    writeContents(contents);
    writeNested(documented, nested);
}

std::map<int64_t, DocumentWriter::Known> DocumentWriter::knownOf(const std::vector<Derived>& batch)
{
    std::map<int64_t, Known> known;
    std::vector<int64_t> groups;
    for (const auto& derived : batch)
        groups.push_back(derived.group);
    _database.query<int64_t, std::string, bool, bool, bool>(
        "SELECT o.id, d.presence, d.off, d.archived_at IS NOT NULL, d.deleted_at IS NOT NULL "
        "FROM " +
            rows("$2", "id integer") +
            " AS given CROSS JOIN object o CROSS JOIN document d WHERE o.id = given.id AND "
            "d.tenant = $1 AND d.entra = o.entra",
        {_tenant, store::rowsOf(groups)},
        [&](int64_t group, const std::string& presence, bool isOff, bool isArchived,
            bool isDeleted) {
            known[group] = {
                {.presence = presenceFromText(presence), .isOff = isOff, .isArchived = isArchived},
                isDeleted};
        });
    return known;
}

void DocumentWriter::writePresences(const JsonRows& presences)
{
    if (presences.count() == 0)
        return;
    _database.execute("UPDATE document SET presence = now.presence FROM (SELECT d.id, "
                      "given.presence FROM " +
                          rows("$2", "grp integer, presence text") +
                          " AS given CROSS JOIN object o CROSS JOIN document d WHERE o.id = "
                          "given.grp AND d.tenant = $1 AND d.entra = o.entra) AS now WHERE "
                          "document.id = now.id",
                      {_tenant, presences.text()});
}

void DocumentWriter::writeContents(const JsonRows& contents)
{
    if (contents.count() == 0)
        return;
    _database.execute(
        "INSERT INTO document(tenant, entra, grp, scope, type, name, folded, fields, lists, "
        "counts, presence) SELECT $1, entra_id(entra), grp, $2, type, name, folded, fields, lists, "
        "counts, $3 FROM " +
            rows("$4", "grp integer, entra text, type text, name text, folded text, fields text, "
                       "lists text, counts text") +
            " AS given WHERE true ON CONFLICT(tenant, entra) DO UPDATE SET grp = excluded.grp, "
            "scope = excluded.scope, type = excluded.type, name = excluded.name, folded = "
            "excluded.folded, fields = excluded.fields, lists = excluded.lists, counts = "
            "excluded.counts, presence = excluded.presence",
        {_tenant, _scope, toText(Presence::Wanted), contents.text()});
}

void DocumentWriter::writeNested(const JsonRows& documented, const JsonRows& nested)
{
    if (documented.count() == 0)
        return;
    _database.execute("DELETE FROM document_nested WHERE document IN (SELECT d.id FROM " +
                          rows("$2", "entra text") +
                          " AS given CROSS JOIN document d WHERE d.tenant = $1 AND d.entra = "
                          "entra_id(given.entra))",
                      {_tenant, documented.text()});
    _database.execute("INSERT INTO document_nested(document, entra) SELECT DISTINCT d.id, "
                      "entra_id(given.nested) FROM " +
                          rows("$2", "entra text, nested text") +
                          " AS given CROSS JOIN document d WHERE d.tenant = $1 AND d.entra = "
                          "entra_id(given.entra)",
                      {_tenant, nested.text()});
}

} // namespace muster::documents
