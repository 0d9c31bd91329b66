#pragma once

#include "graph/AccessLook.h"
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

    /// What run() saw of the application's access; nothing when the tenant could not be reached.
    const std::optional<Access>& access() const { return _access; }

private:
    void checkPermissions();
    void checkOrganization(const runtime::Cancellation& cancellation);
    void checkClock();
    void add(const std::string& code, runtime::Severity severity, const std::string& message);

    const estate::Tenant& _tenant;
    Session& _session;
    runtime::Clock& _clock;
    std::optional<Access> _access;
    std::string _name; ///< the organisation's own
    std::vector<runtime::Finding> _findings;
};

} // namespace muster::graph
