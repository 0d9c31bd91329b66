#pragma once

#include "graph/Session.h"
#include "runtime/Finding.h"

#include <vector>

namespace muster::graph {

/// Used by one thread. Proves that a tenant can be mirrored: sign-in, permissions, reachability,
/// clocks.
class TenantCheck
{
public:
    TenantCheck(const estate::Tenant& tenant, Session& session, runtime::Clock& clock);

    std::vector<runtime::Finding> run(const runtime::Cancellation& cancellation);

private:
    void checkPermissions(const std::string& token);
    void checkOrganization(const runtime::Cancellation& cancellation);
    void checkClock();
    void checkCertificate();
    void add(const std::string& code, runtime::Severity severity, const std::string& message);

    const estate::Tenant& _tenant;
    Session& _session;
    runtime::Clock& _clock;
    std::string _name; ///< the organisation's own
    std::vector<runtime::Finding> _findings;
};

} // namespace muster::graph
