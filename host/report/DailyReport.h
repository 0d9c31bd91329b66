#pragma once

#include "report/Reporter.h"

#include <optional>
#include <string>

namespace muster::report {

/// Used by one thread. Mails a report each day at report.daily in report.zone, of what happened
/// since the one before. After a stop one is sent and not many; never two for one day, which the
/// store remembers. What could not be sent is tried again after 1, 2, 4 … 60 minutes.
class DailyReport
{
public:
    DailyReport(const store::Store& store, runtime::Clock& clock, Reporter& reporter);

    /// Sends what is due, if anything. The first time there is nothing to catch up with. Throws as
    /// Reporter::send() does; then it is tried again by a later call.
    void sendIfDue(const runtime::Cancellation& cancellation);

private:
    std::string dueDay(const MailSettings& settings, runtime::Instant now) const;
    bool isWanted(store::Database& database, const std::string& day, runtime::Instant now) const;
    void send(store::Database& database, const std::string& day,
              const runtime::Cancellation& cancellation);
    runtime::Instant beginning(store::Database& database, runtime::Instant now) const;

    const store::Store& _store;
    runtime::Clock& _clock;
    Reporter& _reporter;
    int _failures = 0; ///< in a row
    std::optional<runtime::Instant> _triedAt;
};

} // namespace muster::report
