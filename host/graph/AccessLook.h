#pragma once

#include "graph/Offers.h"
#include "graph/Permissions.h"
#include "graph/Session.h"
#include "runtime/Finding.h"

#include <optional>
#include <string>
#include <vector>

namespace muster::graph {

/// What a look at the application's access to a tenant showed.
struct Access
{
    std::string refusal = {};                    ///< why the sign-in was refused; empty: it was not
    std::optional<TokenClaims> claims = {};      ///< nothing: the token is opaque
    std::vector<Offer> offers = {};              ///< each of offerNames()
    std::optional<runtime::Finding> expiry = {}; ///< "credentials-expire"
};

/// Used by one thread. Looks at what the application may do in a tenant, and for how long: by the
/// token's roles, where it is opaque by asking Graph for nothing of each resource; by the
/// certificate's file, and by what Graph shows of the application's secrets where it may be read.
class AccessLook
{
public:
    AccessLook(const estate::Tenant& tenant, Session& session, runtime::Clock& clock);

    /// Throws RetryError when the tenant cannot be reached, RejectedError, CancelledError.
    Access look(const runtime::Cancellation& cancellation);

private:
    void lookAtCertificate();
    void lookAtSecret(const runtime::Cancellation& cancellation);
    void lookAtOffers(const runtime::Cancellation& cancellation);
    bool isGranted(const std::string& resource, const runtime::Cancellation& cancellation);
    std::optional<runtime::Instant> secretValidUntil(const std::string& collection,
                                                     const runtime::Cancellation& cancellation);
    void expires(const std::string& what, runtime::Instant at, const std::string& remedy);

    const estate::Tenant& _tenant;
    Session& _session;
    runtime::Clock& _clock;
    Access _access;
};

/// Stores what a look showed: the tenant's offers and the finding that stands for it.
void keepAccess(store::Database& database, int64_t tenant, const Access& access,
                runtime::Instant now);

} // namespace muster::graph
