#pragma once

#include "SandboxProcess.h"
#include "Table.h"
#include "support/Child.h"

#include <SandboxServer.h>
#include <support/TemporaryDirectory.h>

#include <optional>
#include <string>
#include <vector>

namespace muster::bench {

struct Programs
{
    std::string muster;
    std::string sandbox;
};

/// What a sync came to: the process that did it, its run, and what the servers counted.
struct SyncCost
{
    tests::Usage usage;
    Json run;
    size_t graphRequests = 0;
    size_t targetRequests = 0;
};

/// Used by one thread. Measures Muster on one generated tenant and fills a column of the table.
class TenantBench
{
public:
    TenantBench(const Programs& programs, const sandbox::GeneratedSize& size, Table& table);

    /// Mirrors the tenant and plans against an empty account, beside merely reading its pages.
    void mirrorAndPlan();

    /// Does the plan of an empty account.
    void firstSync();

    /// Finds an account that has all already, then does syncs with nothing and with little to do.
    void syncChanges();

    /// The cost of one changed member: the least of several.
    const tests::Usage& oneMember() const { return _oneMember; }

    /// The stated bounds that did not hold, as sentences.
    const std::vector<std::string>& broken() const { return _broken; }

private:
    void begin();
    void fillAccount();
    tests::Usage muster(std::vector<std::string> arguments);
    SyncCost sync();
    void addMember(size_t group);
    void add(const std::string& section, const tests::Usage& usage);
    void require(bool holds, const std::string& otherwise);

    const Programs& _programs;
    sandbox::GeneratedSize _size;
    Table& _table;
    std::string _tenant;
    std::optional<tests::TemporaryDirectory> _directory;
    std::optional<SandboxProcess> _sandbox;
    tests::Usage _oneMember;
    std::vector<std::string> _broken;
};

} // namespace muster::bench
