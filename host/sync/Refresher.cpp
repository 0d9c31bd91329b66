#include "sync/Refresher.h"

#include "runtime/Errors.h"

namespace muster::sync {

Refresher::Refresher(store::Database& database, directory::Source& source)
    : _database(database), _source(source)
{}

directory::RefreshOutcome Refresher::refresh(const estate::Tenant& tenant, Look look,
                                             runtime::Progress& progress,
                                             const runtime::Cancellation& cancellation)
{
    auto found = _done.find(tenant.id);
    if (found == _done.end())
        found = _done.emplace(tenant.id, refreshNow(tenant, look, progress, cancellation)).first;
    if (found->second.failure)
        std::rethrow_exception(found->second.failure);
    return found->second.outcome;
}

Refresher::Done Refresher::refreshNow(const estate::Tenant& tenant, Look look,
                                      runtime::Progress& progress,
                                      const runtime::Cancellation& cancellation)
{
    Done done;
    try
    {
        directory::Source::Options options{.requests = &_requests};
        if (look == Look::AtSelectedGroupsToo)
            options.verifyGroups = selectedGroups(tenant.id);
        done.outcome = _source.refresh(tenant, options, progress, cancellation);
        storeFindings(tenant.id, done.outcome);
    }
    catch (const CancelledError&)
    {
        throw;
    }
    catch (const std::exception&)
    {
        done.failure = std::current_exception();
    }
    return done;
}

std::vector<std::string> Refresher::selectedGroups(int64_t tenant)
{
    std::vector<std::string> ids;
    _database.query<std::string>(
        "SELECT DISTINCT entra_text(g.entra) FROM selection c JOIN object g ON g.id = c.grp "
        "JOIN directory d ON d.id = g.directory WHERE d.tenant = $1 AND d.staged = 0 AND "
        "c.selected = 1 AND g.state = 'live'",
        {tenant}, [&](const std::string& id) { ids.push_back(id); });
    return ids;
}

void Refresher::storeFindings(int64_t tenant, const directory::RefreshOutcome& outcome)
{
    auto findings = outcome.findings;
    if (!outcome.complete)
        findings.push_back(
            {"directory-incomplete", runtime::Severity::Warning,
             "nothing is removed until the directory was read to its end: " + outcome.problem});
    store::Transaction transaction(_database);
    _database.execute("DELETE FROM tenant_finding WHERE tenant = $1 AND origin = 'refresh'",
                      {tenant});
    for (const auto& finding : findings)
        _database.execute("INSERT INTO tenant_finding(tenant, code, severity, message, grp, key) "
                          "VALUES($1, $2, $3, $4, $5, $6)",
                          {tenant, finding.code, runtime::toText(finding.severity), finding.message,
                           finding.group, finding.key});
    transaction.commit();
}

} // namespace muster::sync
