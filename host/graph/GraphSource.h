#pragma once

#include "directory/Source.h"
#include "graph/Throttle.h"
#include "store/Store.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace muster::graph {

struct Session;

/// A mail with an HTML body.
struct GraphMail
{
    std::string from; ///< address of the mailbox
    std::vector<std::string> to;
    std::string subject;
    std::string html;
};

/// Thread-safe: several tenants may be refreshed at once, each by one thread at a time. Mirrors
/// tenants from Microsoft Graph (contracts/graph.md): users, devices and groups by delta, in this
/// order; groups that came back, that are named, or whose turn it is are looked at directly. Keeps
/// what each tenant offers, and whether its credentials expire.
class GraphSource : public directory::Source
{
public:
    /// Gives the value of a secret; called in the thread of refresh() or check().
    using SecretValue = std::function<std::string(const estate::SecretReference&)>;

    /// Store and clock outlive the source.
    GraphSource(const store::Store& store, runtime::Clock& clock, SecretValue secretValue,
                const RequestPolicy& policy = {});
    ~GraphSource() override;

    directory::RefreshOutcome refresh(const estate::Tenant& tenant, const Options& options,
                                      runtime::Progress& progress,
                                      const runtime::Cancellation& cancellation) override;
    std::vector<runtime::Finding> check(const estate::Tenant& tenant,
                                        const runtime::Cancellation& cancellation) override;

    /// Sends a mail from a mailbox of the tenant (contracts/graph.md, section 6); false when it may
    /// have been sent and no answer tells. Throws RetryError, ConfigError, CancelledError.
    bool sendMail(const estate::Tenant& tenant, const GraphMail& mail,
                  const runtime::Cancellation& cancellation);

    /// Signs in and looks at the permission to send; sends nothing. Throws RetryError, ConfigError.
    void checkMail(const estate::Tenant& tenant, const runtime::Cancellation& cancellation);

private:
    void lookIfDue(const estate::Tenant& tenant, Session& session, store::Database& database,
                   const runtime::Cancellation& cancellation);
    std::shared_ptr<Session> session(const estate::Tenant& tenant);
    void giveSecret(Session& session);

    const store::Store& _store;
    runtime::Clock& _clock;
    SecretValue _secretValue;
    RequestPolicy _policy;
    std::mutex _mutex; ///< guards _sessions
    /// Shared with the refreshes that use them: settings that change replace a session.
    std::map<int64_t, std::shared_ptr<Session>> _sessions;
};

} // namespace muster::graph
