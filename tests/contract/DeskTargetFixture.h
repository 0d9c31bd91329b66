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

/// The DeskDirector target as the host runs it: its library, the channel, the host's http, libcurl,
/// and a sandbox at the other end.
class DeskTargetFixture : public CppUnit::TestFixture
{
protected:
    using Json = plugins::Json;

    DeskTargetFixture();

    /// A channel with these settings merged into good ones.
    std::unique_ptr<plugins::TargetChannel> open(const Json& changes = Json::object());

    struct Content
    {
        std::vector<plugins::RemoteRecord> records = {};
        std::vector<plugins::RemoteLink> links = {};
    };
    Content read(plugins::TargetChannel& channel, const std::vector<std::string>& kinds,
                 const std::vector<std::string>& groups = {});

    using Outcomes = std::map<int64_t, plugins::Outcome>;
    Outcomes apply(plugins::TargetChannel& channel,
                   const std::vector<plugins::ChangeRequest>& changes);
    plugins::Outcome apply(plugins::TargetChannel& channel, const plugins::ChangeRequest& change);

    static void assertState(plugins::OutcomeState expected, const plugins::Outcome& outcome);

    static plugins::ChangeRequest contact(int64_t id, const std::string& address);
    static plugins::ChangeRequest group(int64_t id, const std::string& name);
    static plugins::ChangeRequest change(int64_t id, plugins::Action action,
                                         const plugins::RemoteRecord& record,
                                         const Json& fields = Json::object());
    static plugins::ChangeRequest link(int64_t id, const std::string& contact,
                                       const std::string& group, const std::string& role);
    static plugins::ChangeRequest unlink(int64_t id, const std::string& contact,
                                         const std::string& group);

    /// Makes n contacts of account 42 as if a person had.
    void seedContacts(int count);
    size_t requests(const std::string& route) const;
    size_t writes() const;

    sandbox::SandboxServer server;
    runtime::Cancellation cancellation;
    FastClock clock;
    plugins::Catalog catalog;
    const Json scope{{"account", 42}};
};

} // namespace muster::tests
