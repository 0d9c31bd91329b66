#pragma once

#include "estate/Estate.h"
#include "runtime/Cancellation.h"
#include "runtime/Finding.h"
#include "runtime/Progress.h"

#include <cstdint>
#include <string>
#include <vector>

namespace muster::directory {

/// What came of bringing a mirror up to date.
struct RefreshOutcome
{
    bool complete =
        false; ///< groups and users are mirrored to their ends: removals may be believed
    uint64_t requests = 0;                       ///< to Graph, without the token's
    std::string problem = {};                    ///< why it is incomplete, for an administrator
    std::vector<runtime::Finding> findings = {}; ///< that stand for the tenant
};

/// Where the mirror's data come from.
class Source
{
public:
    virtual ~Source() = default;

    struct Options
    {
        /// Entra object ids whose members and owners are looked at directly too.
        std::vector<std::string> verifyGroups = {};
        /// Raised by each request that is sent, also when refresh throws. May be null.
        uint64_t* requests = nullptr;
    };

    /// Brings the tenant's mirror up to date. Pages read before a failure stay applied. Throws
    /// RetryError when the source cannot be reached and the mirror has never been complete,
    /// ConfigError when someone must change a setting or grant a permission, CancelledError. Any
    /// other trouble gives an incomplete outcome.
    virtual RefreshOutcome refresh(const estate::Tenant& tenant, const Options& options,
                                   runtime::Progress& progress,
                                   const runtime::Cancellation& cancellation) = 0;

    /// Proves credentials, permissions and reachability, and keeps what the tenant offers and
    /// whether its credentials expire; changes nothing in the mirror.
    virtual std::vector<runtime::Finding> check(const estate::Tenant& tenant,
                                                const runtime::Cancellation& cancellation) = 0;
};

} // namespace muster::directory
