#include "directory/Directory.h"
#include "directory/Selection.h"
#include "estate/EstateStore.h"
#include "runtime/Errors.h"
#include "sync/Leavings.h"
#include "web/Resources.h"

#include <algorithm>

namespace muster::web {

namespace {

/// The rows of a check: what was looked at, how it is, and what to do.
class Report
{
public:
    enum class Trouble
    {
        None,
        Unreachable,
        Configuration
    };

    void ok(const std::string& kind, const std::string& name, const std::string& check,
            const std::string& message)
    {
        add(kind, name, check, "ok", message);
    }
    void warn(const std::string& kind, const std::string& name, const std::string& check,
              const std::string& message)
    {
        add(kind, name, check, "warning", message);
    }
    void fail(const std::string& kind, const std::string& name, const std::string& check,
              const std::string& message, Trouble trouble)
    {
        add(kind, name, check, "error", message);
        _trouble = std::max(_trouble, trouble);
    }

    /// Runs a check that throws when it fails; true when it did not.
    template <typename Check>
    bool attempt(const std::string& kind, const std::string& name, const std::string& check,
                 const Check& work)
    {
        try
        {
            work();
            return true;
        }
        catch (const RetryError& error)
        {
            fail(kind, name, check, error.what(), Trouble::Unreachable);
        }
        catch (const ConfigError& error)
        {
            fail(kind, name, check, error.what(), Trouble::Configuration);
        }
        catch (const RejectedError& error)
        {
            fail(kind, name, check, error.what(), Trouble::Configuration);
        }
        return false;
    }

    void add(const std::string& kind, const std::string& name,
             const std::vector<runtime::Finding>& findings)
    {
        for (const auto& finding : findings)
            if (finding.severity == runtime::Severity::Info)
                ok(kind, name, finding.code, finding.message);
            else if (finding.severity == runtime::Severity::Warning)
                warn(kind, name, finding.code, finding.message);
            else
                fail(kind, name, finding.code, finding.message,
                     finding.code.find("unreachable") == finding.code.npos ? Trouble::Configuration
                                                                           : Trouble::Unreachable);
    }

    ApiResponse response() &&
    {
        const int exitCode = _trouble == Trouble::Configuration ? 78
                             : _trouble == Trouble::Unreachable ? 75
                                                                : 0;
        return {.exitCode = exitCode, .body = {{"checks", std::move(_rows)}}};
    }

private:
    void add(const std::string& kind, const std::string& name, const std::string& check,
             const char* state, const std::string& message)
    {
        _rows.push_back({{"kind", kind},
                         {"name", name},
                         {"check", check},
                         {"state", state},
                         {"message", message}});
    }

    Json _rows = Json::array();
    Trouble _trouble = Trouble::None;
};

void checkPlugins(ApiParts& parts, Report& report)
{
    for (const auto& entry : parts.catalog.list())
        if (!entry.problem.empty())
            report.warn("plugin", entry.id, "usable", entry.problem);
}

void checkTenant(ApiParts& parts, const estate::Tenant& tenant, const ApiCall& call, Report& report)
{
    call.progress.report("checking the tenant " + tenant.name, 0, 0);
    std::vector<runtime::Finding> findings;
    const bool answered = report.attempt("tenant", tenant.name, "directory", [&] {
        findings = parts.source.check(tenant, call.cancellation);
    });
    report.add("tenant", tenant.name, findings);
    if (answered && findings.empty())
        report.ok("tenant", tenant.name, "directory", "signs in, and may read what it needs");
}

/// Groups that are mirrored, and none switched on: nothing would ever be synced.
void checkSelection(ApiParts& parts, const estate::Tenant& tenant, Report& report)
{
    auto database = parts.store.connect();
    directory::Directory directory(database, tenant.id);
    if (directory.sequence() == 0)
        return;
    directory::Selection selection(database, parts.clock);
    for (const auto& target : targetsOf(parts, tenant))
    {
        int64_t selected = 0;
        directory.eachGroup([&](const directory::GroupSummary& group) {
            selected += selection.isSelected(group.id, target.id) ? 1 : 0;
        });
        if (selected > 0)
            report.ok("tenant", tenant.name, "selection",
                      std::to_string(selected) + (selected == 1 ? " group is" : " groups are") +
                          " switched on for " + target.name);
        else
            report.warn("tenant", tenant.name, "selection",
                        "no group is switched on for " + target.name + ": run `muster groups " +
                            tenant.name + " --target " + target.name + " --enable NAME`");
    }
}

void checkTarget(ApiParts& parts, const estate::Target& target,
                 const std::vector<estate::Sync>& syncs, const ApiCall& call, Report& report)
{
    call.progress.report("checking the target " + target.name, 0, 0);
    std::vector<Json> scopes;
    for (const auto& sync : syncs)
        if (sync.targetId == target.id &&
            std::find(scopes.begin(), scopes.end(), sync.scope) == scopes.end())
            scopes.push_back(sync.scope);
    std::vector<runtime::Finding> findings;
    const bool answered = report.attempt("target", target.name, "connection", [&] {
        findings = parts.openTarget(target)->check(scopes, call.cancellation);
    });
    report.add("target", target.name, findings);
    if (answered && findings.empty())
        report.ok("target", target.name, "connection", "answers, and takes the credentials");
}

void checkSync(ApiParts& parts, const estate::Sync& sync, const estate::Target& target,
               Report& report)
{
    const bool fits = report.attempt("sync", sync.name, "mode", [&] {
        const auto& mode = parts.catalog.mode(sync.mode);
        const auto sentence = plugins::misfit(mode, parts.catalog.target(target.plugin));
        if (!sentence.empty())
            throw ConfigError(sentence);
        parts.catalog.loadMode(sync.mode);
    });
    if (fits)
        report.ok("sync", sync.name, "mode", sync.mode + " into " + target.name);
}

void checkMail(ApiParts& parts, const ApiCall& call, Report& report)
{
    const auto settings = parts.reporter.settings();
    const auto& sender = settings.tenant.empty() ? settings.host : settings.tenant;
    call.progress.report("checking the mail by " + sender, 0, 0);
    if (!report.attempt("mail", sender, "sending",
                        [&] { parts.reporter.check(call.cancellation); }))
        return;
    std::string recipients;
    for (const auto& address : settings.to)
        recipients += (recipients.empty() ? "" : ", ") + address;
    report.ok("mail", sender, "sending",
              "can be sent from " + settings.from + "; reports go to " + recipients +
                  (settings.daily ? " daily" : " when asked for: see report.daily"));
}

ApiResponse check(ApiParts& parts, const ApiCall& call)
{
    auto database = parts.store.connect();
    estate::EstateStore estate(database);
    const auto tenantAsked = call.query("tenant");
    const auto targetAsked = call.query("target");
    if (!tenantAsked.empty())
        estate.tenant(tenantAsked);
    if (!targetAsked.empty())
        estate.target(targetAsked);
    const bool all = tenantAsked.empty() && targetAsked.empty();
    const auto syncs = estate.syncs();

    Report report;
    checkPlugins(parts, report);
    for (const auto& tenant : estate.tenants())
        if (all || tenant.name == tenantAsked)
        {
            checkTenant(parts, tenant, call, report);
            checkSelection(parts, tenant, report);
        }
    for (const auto& target : estate.targets())
        if (all || target.name == targetAsked)
            checkTarget(parts, target, syncs, call, report);
    for (const auto& sync : syncs)
        if (all || sync.tenant == tenantAsked || sync.target == targetAsked)
            checkSync(parts, sync, estate.target(sync.target), report);
    if (const auto mail = parts.reporter.settings();
        mail.isSet() && (all || (!tenantAsked.empty() && mail.tenant == tenantAsked)))
        checkMail(parts, call, report);
    for (const auto& leaving : sync::Leavings(database, parts.clock).all())
        if (all || leaving.sync.tenant == tenantAsked || leaving.sync.target == targetAsked)
            report.warn("sync", leaving.sync.name, "documents", leaving.message());
    // Tenants by themselves have their groups documented in the register.
    if (all && syncs.empty() && (estate.tenants().empty() || !estate.targets().empty()))
        report.warn("estate", "-", "declared",
                    "no sync is declared: write an estate file and run `muster apply FILE`");
    return std::move(report).response();
}

} // namespace

void addChecks(Router& router, ApiParts& parts)
{
    router.add({.pattern = "/checks",
                .summary = "Prove settings, credentials and reachability of all, or of a tenant or "
                           "target.",
                .query = {{"tenant"}, {"target"}},
                .handler = [&](const ApiCall& call) { return check(parts, call); }});
}

} // namespace muster::web
