#include "SandboxFixture.h"
#include "support/FreshTest.h"

#include <Poco/Net/StreamSocket.h>

#include <chrono>
#include <memory>
#include <thread>

using namespace muster::sandbox;

/// What goes wrong on demand; README.md lists the kinds.
class FaultsTest : public SandboxFixture
{
    CPPUNIT_TEST_SUITE(FaultsTest);
    FRESH_TEST(statusHitsAfterAndTimes);
    FRESH_TEST(ruleFitsByMethodPathAndPattern);
    FRESH_TEST(unknownKindIsRefused);
    FRESH_TEST(cutBodyIsShorterThanItsLength);
    FRESH_TEST(cutChunksHaveNoEnd);
    FRESH_TEST(dropAnswersNothingAndDoesNothing);
    FRESH_TEST(takesEffectThenFailsAfterTheWrite);
    FRESH_TEST(takesEffectThenDropsAfterTheWrite);
    FRESH_TEST(takesEffectThenCutsAfterTheWrite);
    FRESH_TEST(emptyPageLeadsToTheRealOne);
    FRESH_TEST(loopLeadsToItself);
    FRESH_TEST(wrongHostLinkLeadsElsewhere);
    FRESH_TEST(repeatShowsObjectsTwice);
    FRESH_TEST(reorderTurnsThePageRound);
    FRESH_TEST(unauthorizedComesOnce);
    FRESH_TEST(htmlErrorIsNoJson);
    FRESH_TEST(garbageIsNoJson);
    FRESH_TEST(slowComesLate);
    FRESH_TEST(dribbleComesWhole);
    FRESH_TEST(serverEndsWhileAnAnswerIsSlow);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        start(kTenant);
        server().addTenant(kTenant, "Test", "test.example");
        for (int i = 0; i < 3; ++i)
            server().ops(kTenant,
                         {{"user+", testId(2, i), {{"displayName", "User " + std::to_string(i)}}}});
    }

    void statusHitsAfterAndTimes()
    {
        fault({{"kind", "status"},
               {"status", 503},
               {"after", 1},
               {"times", 2},
               {"retryAfter", 1.5},
               {"match", {{"route", "test"}}}});
        std::vector<int> statuses;
        for (int i = 0; i < 4; ++i)
            statuses.push_back(client().desk("GET", "connections/test").status);
        CPPUNIT_ASSERT((statuses == std::vector{200, 503, 503, 200}));
        CPPUNIT_ASSERT_EQUAL(Json(2), server().faults()[0]["hit"]);
    }

    void ruleFitsByMethodPathAndPattern()
    {
        fault({{"kind", "status"},
               {"times", -1},
               {"match", {{"method", "GET"}, {"path", "/v1.0/users"}}}});
        fault({{"kind", "status"},
               {"times", -1},
               {"match", {{"path", "^/v1\\.0/groups/delta.*select=id"}}}});
        CPPUNIT_ASSERT_EQUAL(503, client().graph("/users").status);
        CPPUNIT_ASSERT_EQUAL(503, client().graph("/users/delta").status);
        CPPUNIT_ASSERT_EQUAL(200, client().graph("/groups/delta").status);
        CPPUNIT_ASSERT_EQUAL(503, client().graph("/groups/delta?$select=id").status);
        server().clearFaults();
        CPPUNIT_ASSERT_EQUAL(200, client().graph("/users").status);
    }

    void unknownKindIsRefused()
    {
        CPPUNIT_ASSERT_THROW(server().addFault({{"kind", "explode"}}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(server().addFault({{"kind", "takesEffectThen"}}),
                             std::invalid_argument);
    }

    void cutBodyIsShorterThanItsLength()
    {
        fault({{"kind", "cut"}, {"bytes", 10}, {"match", {{"route", "accounts.list"}}}});
        const std::string text = raw("GET", "companies");
        const auto body = text.find("\r\n\r\n") + 4;
        const auto whole = client().desk("GET", "companies").body.size();
        CPPUNIT_ASSERT(text.find("Content-Length: " + std::to_string(whole)) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"results\""), text.substr(body));
    }

    void cutChunksHaveNoEnd()
    {
        fault({{"kind", "cutChunked"}, {"bytes", 10}, {"match", {{"route", "accounts.list"}}}});
        const std::string text = raw("GET", "companies");
        CPPUNIT_ASSERT(text.find("Transfer-Encoding: chunked") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("a\r\n{\"results\"\r\n"),
                             text.substr(text.find("\r\n\r\n") + 4));
    }

    void dropAnswersNothingAndDoesNothing()
    {
        fault({{"kind", "drop"}, {"match", {{"route", "contacts.create"}}}});
        CPPUNIT_ASSERT_EQUAL(std::string(), raw("POST", "contacts", contact()));
        CPPUNIT_ASSERT(server().deskDirector()["contacts"].empty());
    }

    void takesEffectThenFailsAfterTheWrite()
    {
        fault({{"kind", "takesEffectThen"},
               {"then", {{"kind", "status"}, {"status", 500}}},
               {"match", {{"route", "contacts.create"}}}});
        CPPUNIT_ASSERT_EQUAL(500, client().desk("POST", "contacts", contact()).status);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, server().deskDirector()["contacts"].size());
    }

    void takesEffectThenDropsAfterTheWrite()
    {
        fault({{"kind", "takesEffectThen"},
               {"then", {{"kind", "drop"}}},
               {"match", {{"route", "contacts.create"}}}});
        CPPUNIT_ASSERT_EQUAL(std::string(), raw("POST", "contacts", contact()));
        CPPUNIT_ASSERT_EQUAL(size_t{1}, server().deskDirector()["contacts"].size());
    }

    void takesEffectThenCutsAfterTheWrite()
    {
        fault({{"kind", "takesEffectThen"},
               {"then", {{"kind", "cut"}}},
               {"match", {{"route", "contacts.create"}}}});
        CPPUNIT_ASSERT(raw("POST", "contacts", contact()).find("200 OK") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, server().deskDirector()["contacts"].size());
    }

    void emptyPageLeadsToTheRealOne()
    {
        fault({{"kind", "emptyPage"}, {"times", 2}, {"match", {{"route", "graph.users.delta"}}}});
        const auto round = client().round("/users/delta");
        CPPUNIT_ASSERT_EQUAL(size_t{3}, round.pages.size());
        CPPUNIT_ASSERT(round.pages[0]["value"].empty());
        CPPUNIT_ASSERT(round.pages[0]["@odata.nextLink"] != round.pages[1]["@odata.nextLink"]);
        CPPUNIT_ASSERT_EQUAL(size_t{3}, round.objects.size());
    }

    void loopLeadsToItself()
    {
        fault({{"kind", "loop"}, {"times", -1}, {"match", {{"route", "graph.users.delta"}}}});
        const Json first = client().graph("/users/delta").json();
        const std::string link = first["@odata.nextLink"];
        CPPUNIT_ASSERT_EQUAL(Json(link), client().graph(link).json()["@odata.nextLink"]);
    }

    void wrongHostLinkLeadsElsewhere()
    {
        fault({{"kind", "wrongHostLink"},
               {"host", "https://evil.example"},
               {"match", {{"route", "graph.users.delta"}}}});
        const Json page = client().graph("/users/delta").json();
        CPPUNIT_ASSERT(page["@odata.deltaLink"].get<std::string>().rfind(
                           "https://evil.example/v1.0/users/delta?", 0) == 0);
    }

    void repeatShowsObjectsTwice()
    {
        fault({{"kind", "repeat"}, {"match", {{"route", "graph.users.delta"}}}});
        CPPUNIT_ASSERT_EQUAL(size_t{6}, client().round("/users/delta").objects.size());
    }

    void reorderTurnsThePageRound()
    {
        fault({{"kind", "reorder"}, {"match", {{"route", "graph.users.delta"}}}});
        CPPUNIT_ASSERT_EQUAL(Json(testId(2, 2)), client().round("/users/delta").objects[0]["id"]);
    }

    void unauthorizedComesOnce()
    {
        fault({{"kind", "unauthorizedOnce"}, {"match", {{"route", "graph.organization"}}}});
        const Answer answer = client().graph("/organization");
        CPPUNIT_ASSERT_EQUAL(401, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("InvalidAuthenticationToken"), answer.code());
        CPPUNIT_ASSERT_EQUAL(200, client().graph("/organization").status);
    }

    void htmlErrorIsNoJson()
    {
        fault({{"kind", "htmlError"}, {"match", {{"route", "graph.organization"}}}});
        const Answer answer = client().graph("/organization");
        CPPUNIT_ASSERT_EQUAL(502, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("text/html"), answer.headers.at("content-type"));
        CPPUNIT_ASSERT(Json::parse(answer.body, nullptr, false).is_discarded());
    }

    void garbageIsNoJson()
    {
        fault({{"kind", "garbage"}, {"match", {{"route", "graph.organization"}}}});
        const Answer answer = client().graph("/organization");
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
        CPPUNIT_ASSERT(Json::parse(answer.body, nullptr, false).is_discarded());
    }

    void slowComesLate()
    {
        fault({{"kind", "slow"}, {"delay", 80}, {"match", {{"route", "test"}}}});
        const auto began = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT_EQUAL(200, client().desk("GET", "connections/test").status);
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(80));
    }

    void dribbleComesWhole()
    {
        fault({{"kind", "dribble"},
               {"bytes", 20},
               {"delay", 5},
               {"match", {{"route", "accounts.list"}}}});
        CPPUNIT_ASSERT_EQUAL(Json(1), client().desk("GET", "companies").json()["totalResults"]);
    }

    void serverEndsWhileAnAnswerIsSlow()
    {
        auto server = std::make_unique<SandboxServer>();
        server->addFault({{"kind", "slow"}, {"delay", 60000}});
        Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", server->port()));
        const std::string text =
            "GET /api/v2/automate/connector/connections/test HTTP/1.1\r\nHost: x\r\n\r\n";
        socket.sendBytes(text.data(), static_cast<int>(text.size()));
        while (server->requests()["total"] == 0)
            std::this_thread::yield();
        const auto began = std::chrono::steady_clock::now();
        server.reset();
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
    }

private:
    void fault(const Json& rule) { server().addFault(rule); }

    static Json contact()
    {
        return {{"companyId", 42}, {"email", "a@b.example"}, {"firstName", "A"}, {"lastName", "B"}};
    }

    std::string raw(const std::string& method, const std::string& path, const Json& body = {})
    {
        return client().sendRaw(method, "/api/v2/automate/connector/" + path,
                                {{"Authorization", "DdApi sandbox-key"}},
                                body.is_null() ? "" : body.dump());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FaultsTest);
