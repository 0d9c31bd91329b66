#include "graph/SourceFixture.h"
#include "http/Certificates.h"
#include "support/FreshTest.h"
#include "support/TextFile.h"

#include <fstream>
#include <thread>

namespace muster::graph {

using testing::guid;
using testing::Json;

/// The everyday: what is asked of Graph, and what the mirror has then.
class SourceTest : public CppUnit::TestFixture, public testing::SourceFixture
{
    CPPUNIT_TEST_SUITE(SourceTest);
    FRESH_TEST(firstMirrorAsksOncePerPage);
    FRESH_TEST(unchangedTenantCostsThreeRequests);
    FRESH_TEST(changedMemberCostsThreeRequestsAndTouchesItsGroup);
    FRESH_TEST(tokenIsFetchedOnce);
    FRESH_TEST(tokenOfAnotherTenantIsRefused);
    FRESH_TEST(wrongSecretNeedsAPerson);
    FRESH_TEST(missingPermissionIsNamedBeforeTheFirstCall);
    FRESH_TEST(unreadableDevicesLeaveTheRestComplete);
    FRESH_TEST(forbiddenDevicesLeaveTheRestComplete);
    FRESH_TEST(forbiddenGroupsNameThePermission);
    FRESH_TEST(countsTheRequestsOfARefreshThatFails);
    FRESH_TEST(reportsItsProgress);
    FRESH_TEST(resolvesTheSecretInTheCallersThread);
    FRESH_TEST(mirrorsOverTlsWithACertificate);
    FRESH_TEST(cancellationEndsARefresh);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        ops({addUser(1), addUser(2), addUser(3), addGroup(10), addGroup(11), op("member+", 10, 1),
             op("member+", 10, 2), op("owner+", 10, 3), op("member+", 11, 3),
             Json{"device+", guid(5), {{"displayName", "PC"}}}, op("holds+", 11, 5)});
    }

    void firstMirrorAsksOncePerPage()
    {
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(uint64_t(3), outcome.requests);
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m 3o"), people(10));
        CPPUNIT_ASSERT(outcome.findings.empty());
    }

    void unchangedTenantCostsThreeRequests()
    {
        refresh();
        requests();
        touched();
        refresh();
        CPPUNIT_ASSERT(outcome.complete);
        CPPUNIT_ASSERT_EQUAL(uint64_t(3), outcome.requests);
        const auto counts = requests();
        CPPUNIT_ASSERT_EQUAL(size_t(3), counts.size());
        CPPUNIT_ASSERT(touched().empty());
    }

    void changedMemberCostsThreeRequestsAndTouchesItsGroup()
    {
        refresh();
        touched();
        ops({op("member-", 10, 1), op("member+", 10, 3)});
        refresh();
        CPPUNIT_ASSERT_EQUAL(uint64_t(3), outcome.requests);
        CPPUNIT_ASSERT_EQUAL(std::string("2m 3mo"), people(10));
        CPPUNIT_ASSERT(touched() == std::vector<int>{10});
    }

    void tokenIsFetchedOnce()
    {
        refresh();
        refresh();
        CPPUNIT_ASSERT_EQUAL(1, server.requests()["services"].value("token", 0));
        clock.advance(std::chrono::hours(2));
        refresh();
        CPPUNIT_ASSERT_EQUAL(2, server.requests()["services"].value("token", 0));
    }

    void tokenOfAnotherTenantIsRefused()
    {
        tenant.directory.tenant = "contoso.example";
        CPPUNIT_ASSERT(refresh().complete); // a domain cannot be compared
        server.addFault({{"kind", "status"},
                         {"match", {{"path", "/3f0c"}}},
                         {"status", 200},
                         {"body", {{"access_token", "e30.eyJ0aWQiOiJvdGhlciJ9.x"}}}});
        tenant.directory.tenant = kTenant;
        CPPUNIT_ASSERT_THROW(refresh(), ConfigError);
    }

    void wrongSecretNeedsAPerson()
    {
        GraphSource other(store, clock, [](const auto&) { return "wrong"; });
        try
        {
            other.refresh(tenant, {}, progress, cancellation);
            CPPUNIT_FAIL("was let in");
        }
        catch (const ConfigError& error)
        {
            CPPUNIT_ASSERT(std::string(error.what()).find("contoso-graph") != std::string::npos);
        }
    }

    void missingPermissionIsNamedBeforeTheFirstCall()
    {
        server.configure({{"roles", {"User.Read.All"}}});
        try
        {
            refresh();
            CPPUNIT_FAIL("went on");
        }
        catch (const ConfigError& error)
        {
            CPPUNIT_ASSERT(std::string(error.what()).find("GroupMember.Read.All") !=
                           std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(0, server.requests()["services"].value("graph", 0));
    }

    void unreadableDevicesLeaveTheRestComplete()
    {
        server.configure({{"roles", {"User.Read.All", "Group.Read.All"}}});
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT_EQUAL(uint64_t(2), outcome.requests);
        CPPUNIT_ASSERT(hasFinding("devices-unreadable"));
        CPPUNIT_ASSERT_EQUAL(std::string(), difference());
    }

    void forbiddenDevicesLeaveTheRestComplete()
    {
        server.addFault(
            {{"kind", "status"}, {"match", {{"path", "/v1.0/devices"}}}, {"status", 403}});
        CPPUNIT_ASSERT(refresh().complete);
        CPPUNIT_ASSERT(hasFinding("devices-unreadable"));
    }

    void forbiddenGroupsNameThePermission()
    {
        server.addFault(
            {{"kind", "status"}, {"match", {{"path", "/v1.0/groups"}}}, {"status", 403}});
        try
        {
            refresh();
            CPPUNIT_FAIL("went on");
        }
        catch (const ConfigError& error)
        {
            CPPUNIT_ASSERT(std::string(error.what()).find("GroupMember.Read.All") !=
                           std::string::npos);
        }
    }

    void countsTheRequestsOfARefreshThatFails()
    {
        server.addFault({{"kind", "status"},
                         {"match", {{"path", "/v1.0/groups"}}},
                         {"times", -1},
                         {"status", 403}});
        uint64_t requests = 0;
        CPPUNIT_ASSERT_THROW(refresh({.requests = &requests}), ConfigError);
        CPPUNIT_ASSERT_EQUAL(server.requests()["services"]["graph"].get<uint64_t>(), requests);
    }

    void reportsItsProgress()
    {
        struct Heard : runtime::Progress
        {
            void report(std::string_view what, uint64_t done, uint64_t) override
            {
                text += std::string(what) + " " + std::to_string(done) + "\n";
            }
            std::string text;
        } heard;
        source.refresh(tenant, {}, heard, cancellation);
        CPPUNIT_ASSERT_EQUAL(std::string("contoso: reading users 3\n"
                                         "contoso: reading devices 1\n"
                                         "contoso: reading groups 2\n"),
                             heard.text);
    }

    void resolvesTheSecretInTheCallersThread()
    {
        std::vector<std::thread::id> threads;
        GraphSource own(store, clock, [&](const auto&) {
            threads.push_back(std::this_thread::get_id());
            return "sandbox-secret";
        });
        server.configure({{"pageObjects", 1}});
        server.addFault({{"kind", "unauthorizedOnce"}, {"after", 2}});
        CPPUNIT_ASSERT(own.refresh(tenant, {}, progress, cancellation).complete);
        CPPUNIT_ASSERT_EQUAL(size_t(1), threads.size());
        CPPUNIT_ASSERT(threads[0] == std::this_thread::get_id());
    }

    void mirrorsOverTlsWithACertificate()
    {
        const auto identity = testing::makeIdentity("muster");
        const tests::TextFile pem(identity.certificate + identity.key);
        sandbox::SandboxServer tls({.transport = sandbox::SandboxOptions::Transport::Tls,
                                    .certificates = {identity.certificate}});
        tls.addTenant(kTenant, "Contoso", "contoso.example");
        const tests::TextFile ca(tls.caPem());
        auto& settings = tenant.directory;
        settings.authority = settings.graph = tls.baseUrl();
        settings.clientSecret = {};
        settings.certificateFile = settings.certificateKeyFile = pem.path();
        CPPUNIT_ASSERT_THROW(refresh(), ConfigError); // nobody vouches for it
        settings.caFile = ca.path();
        CPPUNIT_ASSERT(refresh().complete);
    }

    void cancellationEndsARefresh()
    {
        server.addFault({{"kind", "slow"}, {"match", {{"path", "/v1.0/groups"}}}, {"delay", 5000}});
        std::thread caller([this] {
            while (!server.requests()["routes"].contains("graph.groups.delta"))
                std::this_thread::yield();
            cancellation.request();
        });
        CPPUNIT_ASSERT_THROW(refresh(), CancelledError);
        caller.join();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SourceTest);

} // namespace muster::graph
