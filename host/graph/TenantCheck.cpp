#include "graph/TenantCheck.h"

#include "graph/JsonText.h"
#include "graph/Permissions.h"
#include "runtime/Errors.h"
#include "store/EntraId.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <muster/Keys.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace muster::graph {

using runtime::Severity;
using namespace std::chrono;

namespace {

constexpr minutes kSkew{4}; ///< Entra takes five

std::optional<runtime::Instant> instantFrom(const std::string& httpDate)
{
    Poco::DateTime date;
    int zone = 0;
    if (httpDate.empty() ||
        !Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, httpDate, date, zone))
        return std::nullopt;
    return runtime::Instant(milliseconds(date.timestamp().epochMicroseconds() / 1000));
}

} // namespace

TenantCheck::TenantCheck(const estate::Tenant& tenant, Session& session, runtime::Clock& clock)
    : _tenant(tenant), _session(session), _clock(clock)
{}

std::vector<runtime::Finding> TenantCheck::run(const runtime::Cancellation& cancellation)
{
    try
    {
        _access = AccessLook(_tenant, _session, _clock).look(cancellation);
        if (_access->expiry)
            _findings.push_back(*_access->expiry);
        if (_access->refusal.empty())
        {
            checkPermissions();
            checkOrganization(cancellation);
        }
        else
            add("directory-refused", Severity::Error, _access->refusal);
    }
    catch (const ConfigError& error)
    {
        add("directory-refused", Severity::Error, error.what());
    }
    catch (const RetryError& error)
    {
        add("directory-unreachable", Severity::Error, error.what());
    }
    catch (const RejectedError& error)
    {
        add("directory-refused", Severity::Error, error.what());
    }
    checkClock();
    const bool isFine =
        std::none_of(_findings.begin(), _findings.end(), [](const runtime::Finding& finding) {
            return finding.severity == Severity::Error;
        });
    if (isFine)
        add("directory-reached", Severity::Info,
            "signed in to " + (_name.empty() ? _tenant.name : oneLine(_name)) +
                " and reached its directory");
    return std::move(_findings);
}

void TenantCheck::checkPermissions()
{
    const auto& claims = _access->claims;
    const auto require = [&](const Permission& permission, Severity severity) {
        if (permission.isGranted(claims) == false)
            add("permission-missing", severity,
                "the permission " + permission.name + ", " + permission.purpose +
                    ", is missing: " + permission.remedy());
    };
    if (!claims)
        add("permission-unknown", Severity::Warning,
            "the token does not tell its permissions: if reading fails, an administrator of the "
            "tenant must consent to the application");
    require(permissionFor("users"), Severity::Error);
    require(permissionFor("groups"), Severity::Error);
    require(permissionFor("devices"), Severity::Warning);
    const auto& hidden = hiddenMembersPermission();
    if (hidden.isGranted(claims) == false)
        add("hidden-members-unread", Severity::Info,
            "groups that hide their members keep those they have in the targets; " +
                hidden.purpose + ", " + hidden.remedy());
}

void TenantCheck::checkOrganization(const runtime::Cancellation& cancellation)
{
    const auto& directory = _tenant.directory;
    nlohmann::json organization;
    const auto answer = _session.client.get(
        directory.graph + "/v1.0/organization?$select=id,displayName",
        [&](const std::string& body) {
            const auto document = nlohmann::json::parse(body, nullptr, false);
            if (!document.is_object() || !document.contains("value") ||
                !document["value"].is_array())
                throw BadAnswer("the organisation is not whole JSON");
            organization = document["value"].empty() ? nlohmann::json() : document["value"][0];
        },
        cancellation);
    if (answer.status == 403)
        return; // the permissions to mirror need not include this one
    if (!answer.isSuccess())
        throw RejectedError("Graph refuses to tell the organisation of " + _tenant.name + " (" +
                            std::to_string(answer.status) + "): " + answer.error.text());
    if (!organization.is_object())
        return;
    _name = textAt(organization, "displayName");
    const auto id = textAt(organization, "id");
    if (store::isEntraId(id) && store::isEntraId(directory.tenant) &&
        lowered(id) != lowered(directory.tenant))
        add("tenant-differs", Severity::Error,
            "Graph answers for the tenant " + id + " instead of " + directory.tenant +
                ": check tenant and graph");
}

void TenantCheck::checkClock()
{
    const auto& date =
        _session.client.date().empty() ? _session.token.date() : _session.client.date();
    const auto theirs = instantFrom(date);
    if (!theirs)
        return;
    const auto skew = duration_cast<seconds>(_clock.now() - *theirs);
    if (abs(skew) > kSkew)
        add("clock-wrong", Severity::Warning,
            "this machine's clock is " + std::to_string(abs(skew).count()) + " seconds " +
                (skew.count() > 0 ? "ahead of" : "behind") +
                " Microsoft's: set it right, or sign-ins will fail");
}

void TenantCheck::add(const std::string& code, Severity severity, const std::string& message)
{
    _findings.push_back({.code = code, .severity = severity, .message = message});
}

} // namespace muster::graph
