#include "http/HttpClient.h"

#include "ChildPlugin.h"
#include "SandboxServer.h"

#include <muster/testing/ContractSuite.h>

#include <nlohmann/json.hpp>

#include <cppunit/Asserter.h>
#include <cppunit/TestCase.h>
#include <cppunit/TestSuite.h>
#include <cppunit/extensions/TestFactory.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <map>

namespace {

using muster::testing::Case;
using muster::testing::FakeAnswer;
using muster::testing::FakeRequest;
using muster::testing::Json;
using muster::testing::Subject;
using muster::testing::World;

const std::string kBuilt = MUSTER_BINARY_DIR;
const std::string kSource = MUSTER_SOURCE_DIR;

/// What the real host would do, as far as a plugin can tell: sends the request to a sandbox with
/// the key added. No tries and no pace: the suite looks at the plugin alone.
FakeAnswer forward(const muster::sandbox::SandboxServer& server, const FakeRequest& request,
                   const std::pair<std::string, std::string>& credential)
{
    muster::http::HttpRequest real;
    real.method = request.method;
    real.url = server.baseUrl() + request.path;
    real.headers = request.headers;
    real.headers.insert(credential);
    real.body = request.body;
    const muster::runtime::Cancellation never;
    const auto response = muster::http::HttpClient({}).send(real, never);
    if (!response.isAnswer())
        return {0, {}, {}, "unknown"};
    return {response.status, response.body, response.headers};
}

World worldOf(const std::shared_ptr<muster::sandbox::SandboxServer>& server)
{
    return World{[server](const FakeRequest& request) {
                     return forward(*server, request, {"Authorization", "DdApi sandbox-key"});
                 },
                 {{"site", server->baseUrl()}, {"apiKey", "sandbox-key"}}};
}

World deskWithATicket()
{
    const auto server = std::make_shared<muster::sandbox::SandboxServer>();
    server->seedDeskDirector(
        {{"boards", {{{"id", 3}, {"name", "Syncs"}}}},
         {"statuses",
          {{{"id", 12}, {"name", "In progress"}, {"boardId", 3}},
           {{"id", 14}, {"name", "Closed"}, {"boardId", 3}},
           {{"id", 21}, {"name", "Granted"}, {"boardId", 3}}}},
         {"tickets",
          {{{"id", 900},
            {"boardId", 3},
            {"statusId", 21},
            {"form", Json::array({{{"fields", Json::array({{{"identifier", "sync_mode"},
                                                            {"name", "Sync mode"}}})}}})}},
           {{"id", 901}, {"boardId", 4}}}}});
    return worldOf(server);
}

Subject deskDirector()
{
    Subject subject;
    subject.library = kBuilt + "/lib/muster/targets/deskdirector.so";
    subject.manifest = kBuilt + "/lib/muster/targets/deskdirector.json";
    subject.world = [] {
        // Kept by the function that answers: a world lives as long as its trial.
        return worldOf(std::make_shared<muster::sandbox::SandboxServer>());
    };
    subject.scope = {{"account", 42}};
    subject.sample = &muster::testing::usualSample;
    subject.role = "regular";
    subject.badSettings = {
        {{{"profile", {{"contacts.destroy", Json::object()}}}}, "profile.contacts.destroy"},
        {{{"profile", {{"groups.create", {{"path", "/groups"}}}}}}, "profile.groups.create.path"},
        {{{"profile", {{"groups.create", {{"fields", {{"nom", "x"}}}}}}}},
         "profile.groups.create.fields.nom"},
        {{{"requests",
           {{"boardId", 1},
            {"inProgressStatusId", 2},
            {"closedStatusId", 3},
            {"approvalRequired", true},
            {"grantedStatusId", 4}}}},
         "requests.declinedStatusId"}};
    subject.tickets = Subject::Tickets{{{"requests",
                                         {{"boardId", 3},
                                          {"inProgressStatusId", 12},
                                          {"closedStatusId", 14},
                                          {"grantedStatusId", 21},
                                          {"declinedStatusId", 22}}}},
                                       &deskWithATicket,
                                       "900",
                                       "sync_mode"};
    return subject;
}

Subject itGlue()
{
    Subject subject;
    subject.library = kBuilt + "/lib/muster/targets/itglue.so";
    subject.manifest = kBuilt + "/lib/muster/targets/itglue.json";
    subject.world = [] {
        const auto server = std::make_shared<muster::sandbox::SandboxServer>();
        return World{[server](const FakeRequest& request) {
                         return forward(*server, request, {"x-api-key", "sandbox-glue-key"});
                     },
                     {{"url", server->baseUrl()}, {"apiKey", "sandbox-glue-key"}}};
    };
    subject.scope = {{"organization", 7}};
    subject.sample = &muster::testing::usualSample;
    subject.role = "nested";
    subject.badSettings = {
        {{{"region", "eu"}}, "region"},
        {{{"types", {{"security", "Entra ID: Security Groups"}}}}, "types.security"},
        {{{"types", {{"security", "Groups"}, {"microsoft365", "Groups"}}}}, "types.security"}};
    return subject;
}

Subject memory()
{
    Subject subject;
    subject.library = kBuilt + "/tests/plugins/targets/memory.so";
    subject.manifest = kSource + "/sdk/examples/memory/plugin.json";
    subject.world = [] {
        return World{[](const FakeRequest&) { return FakeAnswer{404}; }, Json::object()};
    };
    subject.scope = {{"room", "blue"}};
    subject.sample = &muster::testing::usualSample;
    subject.role = "guest";
    subject.badSettings = {{{{"size", 0}}, "size"}};
    return subject;
}

class ContractCase : public CppUnit::TestCase
{
public:
    ContractCase(const std::string& target, Case one)
        : TestCase("Contract_" + target + "::" + one.name), _case(std::move(one))
    {}
    void runTest() override
    {
        try
        {
            _case.run();
        }
        catch (const std::exception& error)
        {
            CppUnit::Asserter::fail(error.what());
        }
    }

private:
    Case _case;
};

class ContractFactory : public CppUnit::TestFactory
{
public:
    CppUnit::Test* makeTest() override
    {
        auto* const suite = new CppUnit::TestSuite("Contract");
        for (auto& [name, subject] : std::map<std::string, Subject>{
                 {"deskdirector", deskDirector()}, {"itglue", itGlue()}, {"memory", memory()}})
        {
            if (muster::tests::childrenAsked())
                subject.load = &muster::tests::loadChildPlugin;
            for (auto& one : contractSuite(subject))
                suite->addTest(new ContractCase(name, std::move(one)));
        }
        return suite;
    }
};

ContractFactory theFactory;
const bool kIsRegistered = [] {
    CppUnit::TestFactoryRegistry::getRegistry().registerFactory(&theFactory);
    return true;
}();

} // namespace
