#include "graph/AccessLook.h"

#include "graph/Assertion.h"
#include "graph/JsonText.h"
#include "graph/Refresh.h"
#include "runtime/Errors.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <muster/Keys.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace muster::graph {

using namespace std::chrono;
using runtime::Instant;

namespace {

constexpr hours kExpiresSoon{30 * 24};

std::optional<Instant> instantOf(const std::string& iso)
{
    Poco::DateTime date;
    int zone = 0;
    if (iso.empty() ||
        !Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::ISO8601_FRAC_FORMAT, iso, date, zone))
        return std::nullopt;
    date.makeUTC(zone);
    return Instant(milliseconds(date.timestamp().epochMicroseconds() / 1000));
}

/// The end of the credentials of an application that may be the secret: those whose hint, its first
/// letters, says so; of several the one that lasts longest, for that is the one to look after.
std::optional<Instant> endOf(const nlohmann::json& application, const Token& token)
{
    std::optional<Instant> latest;
    const auto credentials = application.find("passwordCredentials");
    if (credentials == application.end() || !credentials->is_array())
        return latest;
    for (const auto& credential : *credentials)
    {
        const auto hint = textAt(credential, "hint");
        if (hint.empty() ? credentials->size() > 1 : !token.hasSecretThatBegins(hint))
            continue;
        const auto end = instantOf(textAt(credential, "endDateTime"));
        if (end && (!latest || *end > *latest))
            latest = end;
    }
    return latest;
}

} // namespace

AccessLook::AccessLook(const estate::Tenant& tenant, Session& session, runtime::Clock& clock)
    : _tenant(tenant), _session(session), _clock(clock)
{}

Access AccessLook::look(const runtime::Cancellation& cancellation)
{
    try
    {
        lookAtCertificate();
        _access.claims = claimsOf(_session.token.get(cancellation));
        requireTenant(_access.claims, _tenant);
        lookAtOffers(cancellation);
        lookAtSecret(cancellation);
    }
    catch (const ConfigError& error)
    {
        _access.refusal = error.what();
        _access.offers.clear();
        for (const auto& name : offerNames())
            _access.offers.push_back({.name = name, .missing = error.what()});
    }
    return std::move(_access);
}

void AccessLook::lookAtOffers(const runtime::Cancellation& cancellation)
{
    std::string groups;
    if (!isGranted("groups", cancellation))
        groups = permissionFor("groups").remedy();
    std::string all = groups;
    if (!isGranted("users", cancellation))
        all += (all.empty() ? "" : "; ") + permissionFor("users").remedy();
    for (const auto& name : offerNames())
        _access.offers.push_back({.name = name, .missing = name == "read-groups" ? groups : all});
}

bool AccessLook::isGranted(const std::string& resource, const runtime::Cancellation& cancellation)
{
    if (const auto granted = permissionFor(resource).isGranted(_access.claims))
        return *granted;
    const auto answer = _session.client.get(
        _session.settings.graph + "/v1.0/" + resource + "/delta?$select=id" +
            (resource == "groups" ? ",members" : "") + "&$deltatoken=latest",
        [](const std::string&) {}, cancellation);
    return answer.status != 403;
}

void AccessLook::lookAtCertificate()
{
    const auto& directory = _tenant.directory;
    if (directory.certificateFile.empty())
        return;
    const Certificate certificate(directory.certificateFile, directory.certificateKeyFile);
    expires("the certificate " + directory.certificateFile, certificate.validUntil(),
            "make a new one, register it with the application in Entra, and put it in its place");
}

void AccessLook::lookAtSecret(const runtime::Cancellation& cancellation)
{
    const auto& directory = _tenant.directory;
    if (!directory.clientSecret.isSet() ||
        applicationsPermission().isGranted(_access.claims) != true)
        return;
    // A customer's tenant may know the application of another one only as a service principal.
    for (const auto* collection : {"applications", "servicePrincipals"})
        if (const auto end = secretValidUntil(collection, cancellation))
            return expires("the client secret of the application " + directory.clientId, *end,
                           "make a new one in Entra and give it with " + giveSecretWith(directory));
}

std::optional<Instant> AccessLook::secretValidUntil(const std::string& collection,
                                                    const runtime::Cancellation& cancellation)
{
    const auto& clientId = _tenant.directory.clientId;
    std::optional<Instant> end;
    _session.client.get(
        _session.settings.graph + "/v1.0/" + collection + "?$filter=appId%20eq%20'" + clientId +
            "'&$select=id,appId,passwordCredentials",
        [&](const std::string& body) {
            const auto document = nlohmann::json::parse(body, nullptr, false);
            if (!document.is_object() || !document.contains("value") ||
                !document["value"].is_array())
                return;
            for (const auto& application : document["value"])
                if (application.is_object() &&
                    lowered(textAt(application, "appId")) == lowered(clientId))
                    end = endOf(application, _session.token);
        },
        cancellation);
    return end;
}

void AccessLook::expires(const std::string& what, Instant at, const std::string& remedy)
{
    if (at - _clock.now() >= kExpiresSoon)
        return;
    const bool isOver = at <= _clock.now();
    _access.expiry = {.code = "credentials-expire",
                      .severity = runtime::Severity::Warning,
                      .message = what + (isOver ? " expired on " : " expires on ") +
                                 runtime::toText(at) + ": " + remedy};
}

void keepAccess(store::Database& database, int64_t tenant, const Access& access, Instant now)
{
    store::Transaction transaction(database);
    Offers(database).write(tenant, access.offers, now);
    database.execute("DELETE FROM tenant_finding WHERE tenant = $1 AND origin = 'access'",
                     {tenant});
    if (access.expiry)
        database.execute(
            "INSERT INTO tenant_finding(tenant, origin, code, severity, message, grp, key) "
            "VALUES($1, 'access', $2, $3, $4, '', '')",
            {tenant, access.expiry->code, runtime::toText(access.expiry->severity),
             access.expiry->message});
    transaction.commit();
}

} // namespace muster::graph
