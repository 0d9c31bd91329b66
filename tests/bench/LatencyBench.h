#pragma once

#include "SandboxProcess.h"
#include "Table.h"
#include "TenantBench.h"
#include "support/Child.h"
#include "support/TemporaryDirectory.h"

#include <optional>
#include <string>
#include <vector>

namespace muster::bench {

/// Used by one thread. Measures how long a change in a tenant takes to its target, with many
/// tenants in one service: alone, and while one of them is throttled to a crawl. That one has a
/// directory service of its own, so that nothing but Muster is shared with it.
class LatencyBench
{
public:
    LatencyBench(const Programs& programs, size_t tenants, Table& table);

    void measure();

    /// The stated bounds that did not hold, as sentences.
    const std::vector<std::string>& broken() const { return _broken; }

private:
    struct Latencies
    {
        double median = 0; ///< seconds
        double worst = 0;
    };

    void begin();
    void fill(SandboxProcess& sandbox, size_t tenant);
    std::string estate() const;
    void throttle();
    Latencies latencies();
    /// Waits until as many contacts are in the account.
    void waitForContacts(size_t tenant, size_t contacts);
    std::vector<size_t> contactsByAccount();
    void add(const std::string& section, const Latencies& latencies);

    const Programs& _programs;
    size_t _tenants;
    Table& _table;
    tests::TemporaryDirectory _directory;
    tests::TemporaryDirectory _slowDirectory;
    std::optional<SandboxProcess> _sandbox;
    std::optional<SandboxProcess> _slowSandbox; ///< of the last tenant's directory
    std::optional<tests::Child> _service;
    std::vector<size_t> _people; ///< of each tenant
    std::vector<std::string> _broken;
};

} // namespace muster::bench
