#include "graph/GraphSource.h"

#include "graph/AccessLook.h"
#include "graph/Refresh.h"
#include "graph/Session.h"
#include "graph/TenantCheck.h"
#include "runtime/Errors.h"

#include <Poco/URI.h>
#include <nlohmann/json.hpp>

namespace muster::graph {

namespace {

/// True when a session made with `one` serves `other`. The secret is given to it each time.
bool isSameAccess(const estate::DirectorySettings& one, const estate::DirectorySettings& other)
{
    return one.tenant == other.tenant && one.clientId == other.clientId &&
           one.authority == other.authority && one.graph == other.graph &&
           one.scope == other.scope && one.caFile == other.caFile &&
           one.certificateFile == other.certificateFile &&
           one.certificateKeyFile == other.certificateKeyFile;
}

void requireMail(const estate::Tenant& tenant, const std::string& token)
{
    const auto claims = claimsOf(token);
    requireTenant(claims, tenant);
    if (mailPermission().isGranted(claims) == false)
        throw ConfigError("the application may not send mail in the tenant " + tenant.name + ": " +
                          mailPermission().remedy());
}

} // namespace

GraphSource::GraphSource(const store::Store& store, runtime::Clock& clock, SecretValue secretValue,
                         const RequestPolicy& policy)
    : _store(store), _clock(clock), _secretValue(std::move(secretValue)), _policy(policy)
{}

GraphSource::~GraphSource() = default;

std::shared_ptr<Session> GraphSource::session(const estate::Tenant& tenant)
{
    const std::lock_guard lock(_mutex);
    auto& session = _sessions[tenant.id];
    if (!session || !isSameAccess(session->settings, tenant.directory))
        session = std::make_shared<Session>(tenant.directory, _clock, _policy);
    return session;
}

directory::RefreshOutcome GraphSource::refresh(const estate::Tenant& tenant, const Options& options,
                                               runtime::Progress& progress,
                                               const runtime::Cancellation& cancellation)
{
    const auto used = session(tenant);
    const std::lock_guard lock(used->mutex);
    giveSecret(*used);
    auto database = _store.connect();
    directory::Mirror mirror(database, tenant.id, _clock);
    const RefreshContext context{tenant, used->client, mirror, _clock, progress, cancellation};
    directory::RefreshOutcome outcome;
    try
    {
        outcome = Refresh(context, *used).run(options);
    }
    catch (const ConfigError&)
    {
        lookIfDue(tenant, *used, database, cancellation);
        throw;
    }
    lookIfDue(tenant, *used, database, cancellation);
    return outcome;
}

void GraphSource::lookIfDue(const estate::Tenant& tenant, Session& session,
                            store::Database& database, const runtime::Cancellation& cancellation)
{
    if (!Offers(database).isDue(tenant.id, _clock.now()))
        return;
    try
    {
        const auto access = AccessLook(tenant, session, _clock).look(cancellation);
        keepAccess(database, tenant.id, access, _clock.now());
    }
    catch (const RetryError&)
    {
        // The next refresh looks: this one has told what it met.
    }
    catch (const RejectedError&)
    {}
}

std::vector<runtime::Finding> GraphSource::check(const estate::Tenant& tenant,
                                                 const runtime::Cancellation& cancellation)
try
{
    const auto used = session(tenant);
    const std::lock_guard lock(used->mutex);
    giveSecret(*used);
    TenantCheck tenantCheck(tenant, *used, _clock);
    auto findings = tenantCheck.run(cancellation);
    if (const auto& access = tenantCheck.access())
    {
        auto database = _store.connect();
        keepAccess(database, tenant.id, *access, _clock.now());
    }
    return findings;
}
catch (const ConfigError& error) // the secret or the caFile
{
    return {{.code = "directory-refused",
             .severity = runtime::Severity::Error,
             .message = error.what()}};
}

void GraphSource::checkMail(const estate::Tenant& tenant, const runtime::Cancellation& cancellation)
{
    const auto used = session(tenant);
    const std::lock_guard lock(used->mutex);
    giveSecret(*used);
    requireMail(tenant, used->token.get(cancellation));
}

bool GraphSource::sendMail(const estate::Tenant& tenant, const GraphMail& mail,
                           const runtime::Cancellation& cancellation)
{
    const auto used = session(tenant);
    const std::lock_guard lock(used->mutex);
    giveSecret(*used);
    requireMail(tenant, used->token.get(cancellation));
    auto recipients = nlohmann::json::array();
    for (const auto& address : mail.to)
        recipients.push_back({{"emailAddress", {{"address", address}}}});
    const nlohmann::json body{{"message",
                               {{"subject", mail.subject},
                                {"body", {{"contentType", "HTML"}, {"content", mail.html}}},
                                {"toRecipients", std::move(recipients)}}},
                              {"saveToSentItems", false}};
    std::string mailbox;
    Poco::URI::encode(mail.from, "!#$%&'()*+,/:;=?[]", mailbox);
    const auto answer = used->client.post(
        used->settings.graph + "/v1.0/users/" + mailbox + "/sendMail",
        body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), cancellation);
    if (!answer)
        return false;
    if (!answer->isSuccess())
        throw ConfigError("Graph refuses to send mail from " + mail.from + " in the tenant " +
                          tenant.name + " (" + std::to_string(answer->status) + ", " +
                          answer->error.text() + "): check report.from, and " +
                          mailPermission().remedy());
    return true;
}

void GraphSource::giveSecret(Session& session)
{
    if (session.settings.clientSecret.isSet())
        session.token.setSecret(_secretValue(session.settings.clientSecret));
}

} // namespace muster::graph
