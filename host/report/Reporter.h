#pragma once

#include "estate/Estate.h"
#include "graph/GraphSource.h"
#include "report/MailSettings.h"
#include "report/Report.h"
#include "runtime/Cancellation.h"
#include "runtime/Clock.h"
#include "store/Store.h"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace muster::report {

/// What the reporter works with; all of it outlives the reporter.
struct ReporterParts
{
    const store::Store& store;
    runtime::Clock& clock;
    graph::GraphSource& graph;
    std::function<std::string(const estate::SecretReference&)> secretValue;
};

/// What became of a mail.
struct Delivery
{
    std::vector<std::string> to = {}; ///< whose mail was taken
    std::vector<http::SmtpRefusal> refused = {};
    bool isCertain = true; ///< false: it was sent and no answer came
};

/// Thread-safe. Makes reports and mails them, as the configuration of the machine says now.
class Reporter
{
public:
    Reporter(ReporterParts parts, MailSettings settings);

    void configure(MailSettings settings);
    MailSettings settings() const;

    Report report(runtime::Instant since) const;

    /// Mails it to those of report.to. Throws RetryError, ConfigError (nothing is configured, the
    /// sign-in or all recipients are refused), CancelledError; then nobody has got it.
    Delivery send(const Report& report, const runtime::Cancellation& cancellation);

    /// Connects and signs in, and sends nothing. Throws as send() does.
    void check(const runtime::Cancellation& cancellation);

private:
    http::SmtpClient smtp(const MailSettings& settings) const;
    estate::Tenant tenant(const MailSettings& settings) const;

    ReporterParts _parts;
    mutable std::mutex _mutex; ///< guards _settings
    MailSettings _settings;
};

} // namespace muster::report
