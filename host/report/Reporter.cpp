#include "report/Reporter.h"

#include "estate/EstateStore.h"
#include "report/Assembly.h"
#include "report/Message.h"
#include "report/Rendering.h"
#include "runtime/Errors.h"

#include <Poco/UUIDGenerator.h>

#include <algorithm>

namespace muster::report {

namespace {

void requireSet(const MailSettings& settings)
{
    if (!settings.isSet())
        throw ConfigError("nothing sends the reports: set smtp.host or report.tenant, report.from "
                          "and report.to in muster.properties");
}

} // namespace

Reporter::Reporter(ReporterParts parts, MailSettings settings)
    : _parts(std::move(parts)), _settings(std::move(settings))
{}

void Reporter::configure(MailSettings settings)
{
    const std::lock_guard lock(_mutex);
    _settings = std::move(settings);
}

MailSettings Reporter::settings() const
{
    const std::lock_guard lock(_mutex);
    return _settings;
}

Report Reporter::report(runtime::Instant since) const
{
    auto database = _parts.store.connect();
    return Assembly(database).assemble(since, _parts.clock.now(), settings().zone);
}

Delivery Reporter::send(const Report& report, const runtime::Cancellation& cancellation)
{
    const auto used = settings();
    requireSet(used);
    Delivery delivery{.to = used.to};
    if (!used.tenant.empty())
    {
        delivery.isCertain = _parts.graph.sendMail(tenant(used),
                                                   {.from = used.from,
                                                    .to = used.to,
                                                    .subject = subjectOf(report),
                                                    .html = toHtml(report)},
                                                   cancellation);
        return delivery;
    }
    const Mail mail{.from = used.from,
                    .to = used.to,
                    .subject = subjectOf(report),
                    .text = toText(report),
                    .html = toHtml(report)};
    const auto id = Poco::UUIDGenerator::defaultGenerator().createRandom().toString();
    auto result = smtp(used).send(
        {.from = used.from, .to = used.to, .text = mimeOf(mail, _parts.clock.now(), id)},
        cancellation);
    for (const auto& refusal : result.refused)
        delivery.to.erase(std::remove(delivery.to.begin(), delivery.to.end(), refusal.address),
                          delivery.to.end());
    delivery.refused = std::move(result.refused);
    delivery.isCertain = result.isCertain;
    return delivery;
}

void Reporter::check(const runtime::Cancellation& cancellation)
{
    const auto used = settings();
    requireSet(used);
    if (used.tenant.empty())
        smtp(used).check(cancellation);
    else
        _parts.graph.checkMail(tenant(used), cancellation);
}

http::SmtpClient Reporter::smtp(const MailSettings& settings) const
{
    return http::SmtpClient(
        {.host = settings.host,
         .port = settings.port,
         .security = settings.security,
         .user = settings.user,
         .password = settings.user.empty() ? "" : _parts.secretValue(settings.password),
         .caFile = settings.caFile});
}

estate::Tenant Reporter::tenant(const MailSettings& settings) const
{
    auto database = _parts.store.connect();
    try
    {
        return estate::EstateStore(database).tenant(settings.tenant);
    }
    catch (const UsageError& error)
    {
        throw ConfigError(std::string("report.tenant: ") + error.what());
    }
}

} // namespace muster::report
