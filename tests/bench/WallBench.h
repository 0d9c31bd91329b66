#pragma once

#include "SandboxProcess.h"
#include "Table.h"
#include "TenantBench.h"

#include <plugins/Catalog.h>
#include <runtime/Clock.h>
#include <support/TemporaryDirectory.h>

#include <memory>
#include <string>
#include <vector>

namespace muster::bench {

/// Used by one thread. Measures what it costs that targets run in children: the same changes
/// through a child and in this process, into a target that answers after a millisecond; and what
/// nine targets notice of a tenth whose plugin crashes, hangs or floods.
class WallBench
{
public:
    WallBench(const Programs& programs, Table& table);

    void measure();

    /// The stated bounds that did not hold, as sentences.
    const std::vector<std::string>& broken() const { return _broken; }

private:
    std::unique_ptr<plugins::TargetChannel> open(plugins::Catalog& catalog, size_t number) const;
    void answerAfter(int milliseconds);
    void measureCost();
    void measureNeighbours();
    double nineBeside(plugins::Catalog& catalog, const std::string& deed);

    Table& _table;
    tests::TemporaryDirectory _directory;
    SandboxProcess _sandbox;
    runtime::SystemClock _clock;
    size_t _people = 0; ///< that were ever created
    std::vector<std::string> _broken;
};

} // namespace muster::bench
