#pragma once

#include "directory/Source.h"
#include "graph/DeltaChain.h"
#include "graph/Session.h"

#include <optional>
#include <string>
#include <vector>

namespace muster::graph {

/// Used by one thread. One refresh of one tenant.
class Refresh
{
public:
    Refresh(const RefreshContext& context, Session& session);

    directory::RefreshOutcome run(const directory::Source::Options& options);

private:
    void lookAtClaims();
    void readAll(const directory::Source::Options& options);
    void readResource(const Resource& resource);
    void verify(const std::vector<std::string>& named);
    void findStale();
    void add(const std::string& code, runtime::Severity severity, const std::string& message);
    bool wasComplete();

    const RefreshContext& _context;
    Session& _session;
    runtime::Instant _startedAt;
    std::optional<TokenClaims> _claims;
    directory::RefreshOutcome _outcome;
};

/// Throws ConfigError when the token is another tenant's.
void requireTenant(const std::optional<TokenClaims>& claims, const estate::Tenant& tenant);

} // namespace muster::graph
