#pragma once

#include "FastClock.h"
#include "SandboxServer.h"
#include "plugins/Catalog.h"
#include "runtime/Cancellation.h"

#include <cppunit/TestFixture.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace muster::tests {

/// A target as the host runs it: its library, the channel, the host's http, libcurl, and a sandbox
/// at the other end.
class TargetFixture : public CppUnit::TestFixture
{
protected:
    using Json = plugins::Json;

    explicit TargetFixture(Json usedScope);

    struct Content
    {
        std::vector<plugins::RemoteRecord> records = {};
        std::vector<plugins::RemoteLink> links = {};
    };
    Content read(plugins::TargetChannel& channel, const plugins::ReadRequest& request);

    using Outcomes = std::map<int64_t, plugins::Outcome>;
    Outcomes apply(plugins::TargetChannel& channel,
                   const std::vector<plugins::ChangeRequest>& changes);
    plugins::Outcome apply(plugins::TargetChannel& channel, const plugins::ChangeRequest& change);

    static void assertState(plugins::OutcomeState expected, const plugins::Outcome& outcome);

    static plugins::ChangeRequest change(int64_t id, plugins::Action action,
                                         const plugins::RemoteRecord& record,
                                         const Json& fields = Json::object());
    size_t requests(const std::string& route) const;

    sandbox::SandboxServer server;
    runtime::Cancellation cancellation;
    FastClock clock;
    plugins::Catalog catalog;
    const Json scope;
};

} // namespace muster::tests
