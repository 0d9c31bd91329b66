#include "graph/GraphClient.h"

#include "graph/Example.h"
#include "graph/Scripted.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

namespace muster::graph {

using testing::answer;
using testing::exampleBody;
using testing::json;
using testing::Scripted;
using testing::settingsFor;
using testing::tokenAnswer;
using namespace std::chrono_literals;

class GraphClientTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(GraphClientTest);
    FRESH_TEST(sendsWhatGraphAsksFor);
    FRESH_TEST(waitsAsLongAsAsked);
    FRESH_TEST(retriesOnANewConnection);
    FRESH_TEST(htmlIsNoAnswer);
    FRESH_TEST(backsOffWithoutBeingAsked);
    FRESH_TEST(givesUpAfterItsTries);
    FRESH_TEST(givesUpWhenAskedToWaitTooLong);
    FRESH_TEST(slowAnswerIsTriedAgain);
    FRESH_TEST(renewsARefusedTokenOnce);
    FRESH_TEST(refusedTwiceNeedsAPerson);
    FRESH_TEST(takesSecretsOutOfAnEcho);
    FRESH_TEST(givesRefusalsWithTheirCodes);
    FRESH_TEST(readsNestedCodes);
    FRESH_TEST(neverSendsATokenToAnotherHost);
    FRESH_TEST(followsNoRedirect);
    FRESH_TEST(thinsOutNearTheLimit);
    FRESH_TEST(waitsWhenTheUnitsAreUsedUp);
    FRESH_TEST(cancellationEndsARetry);
    CPPUNIT_TEST_SUITE_END();

    struct Setup
    {
        explicit Setup(std::vector<std::string> answers, const RequestPolicy& requestPolicy = {})
            : policy(requestPolicy),
              authority({tokenAnswer("first"), tokenAnswer("second")}),
              graph(std::move(answers)),
              settings(settingsFor(authority.url(), graph.url())),
              token(settings, http, clock, policy),
              client(settings, http, token, clock, policy)
        {}
        GraphAnswer get(const std::string& path = "/v1.0/x")
        {
            return client.get(
                graph.url(path), [&](std::string text) { body = std::move(text); }, cancellation);
        }

        RequestPolicy policy;
        Scripted authority;
        Scripted graph;
        estate::DirectorySettings settings;
        http::HttpClient http{http::HttpOptions{}};
        testing::ManualClock clock;
        runtime::Cancellation cancellation;
        Token token;
        GraphClient client;
        std::string body;
    };

    static size_t found(const std::string& text, const std::string& part)
    {
        return text.find(part) == text.npos ? 0 : 1;
    }

public:
    void sendsWhatGraphAsksFor()
    {
        Setup setup({json("{\"a\":1}")});
        CPPUNIT_ASSERT(setup.get().isSuccess());
        CPPUNIT_ASSERT_EQUAL(std::string("{\"a\":1}"), setup.body);
        setup.get();
        const auto requests = setup.graph.requests();
        const auto& request = requests[0];
        CPPUNIT_ASSERT_EQUAL(size_t(1), found(request, "Authorization: Bearer first\r\n"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), found(request, "x-ms-throttle-priority: Low\r\n"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), found(request, "Accept-Encoding: gzip\r\n"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), found(request, "User-Agent: Muster"));
        const auto id = [](const std::string& text) {
            return text.substr(text.find("client-request-id: ") + 19, 36);
        };
        CPPUNIT_ASSERT_EQUAL(size_t(36), id(request).size());
        CPPUNIT_ASSERT(id(request) != id(requests[1]));
        CPPUNIT_ASSERT_EQUAL(1, setup.graph.connections());
        CPPUNIT_ASSERT_EQUAL(size_t(1), setup.authority.requests().size());
        CPPUNIT_ASSERT_EQUAL(uint64_t(2), setup.client.requests());
    }

    void waitsAsLongAsAsked()
    {
        Setup setup(
            {json(exampleBody("throttling-1"), "Retry-After: 2.128\r\n", "429 Too Many Requests"),
             json("{}")});
        CPPUNIT_ASSERT(setup.get().isSuccess());
        CPPUNIT_ASSERT(setup.clock.slept() >= 2128ms);
        CPPUNIT_ASSERT(setup.clock.slept() < 2300ms);
        CPPUNIT_ASSERT_EQUAL(uint64_t(2), setup.client.requests());
    }

    void retriesOnANewConnection()
    {
        Setup setup({json("{}", {}, "503 Service Unavailable"), "",
                     "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                     "content-length: 99999\r\n\r\n{\"cut",
                     json("{\"whole\":1}")});
        CPPUNIT_ASSERT(setup.get().isSuccess());
        CPPUNIT_ASSERT_EQUAL(std::string("{\"whole\":1}"), setup.body);
        CPPUNIT_ASSERT_EQUAL(4, setup.graph.connections());
    }

    void htmlIsNoAnswer()
    {
        Setup setup({answer("<html>busy</html>", "content-type: text/html\r\n"),
                     answer("<html>bad</html>", "content-type: text/html\r\n", "502 Bad Gateway"),
                     json("{}")});
        CPPUNIT_ASSERT(setup.get().isSuccess());
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), setup.body);
    }

    void backsOffWithoutBeingAsked()
    {
        const auto busy = json("{}", {}, "504 Gateway Timeout");
        Setup setup({busy, busy, busy, json("{}")});
        setup.get();
        CPPUNIT_ASSERT(setup.clock.slept() >= 1750ms);
        CPPUNIT_ASSERT(setup.clock.slept() <= 3500ms);
    }

    void givesUpAfterItsTries()
    {
        Setup setup({json("{}", {}, "500 Internal Server Error")});
        CPPUNIT_ASSERT_THROW(setup.get(), RetryError);
        CPPUNIT_ASSERT_EQUAL(size_t(8), setup.graph.requests().size());
    }

    void givesUpWhenAskedToWaitTooLong()
    {
        Setup setup({json("{}", "Retry-After: 3600\r\n", "429 Too Many Requests")});
        CPPUNIT_ASSERT_THROW(setup.get(), RetryError);
        CPPUNIT_ASSERT_EQUAL(size_t(1), setup.graph.requests().size());
        CPPUNIT_ASSERT(setup.clock.slept() == 0ms);
    }

    void slowAnswerIsTriedAgain()
    {
        Setup setup({"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                     "content-length: 10\r\n\r\n{",
                     json("{}")},
                    {.timeout = 200ms});
        CPPUNIT_ASSERT(setup.get().isSuccess());
        CPPUNIT_ASSERT_EQUAL(2, setup.graph.connections());
    }

    void renewsARefusedTokenOnce()
    {
        Setup setup(
            {json(R"({"error":{"code":"InvalidAuthenticationToken"}})", {}, "401 Unauthorized"),
             json("{}")});
        CPPUNIT_ASSERT(setup.get().isSuccess());
        CPPUNIT_ASSERT_EQUAL(size_t(1), found(setup.graph.requests()[1], "Bearer second\r\n"));
        CPPUNIT_ASSERT_EQUAL(size_t(2), setup.authority.requests().size());
    }

    void refusedTwiceNeedsAPerson()
    {
        Setup setup({json("{}", {}, "401 Unauthorized")});
        CPPUNIT_ASSERT_THROW(setup.get(), ConfigError);
        CPPUNIT_ASSERT_EQUAL(size_t(2), setup.graph.requests().size());
    }

    void takesSecretsOutOfAnEcho()
    {
        Setup setup({json(R"({"error":{"code":"BadRequest","message":"Bearer first; top secret"}})",
                          {}, "400 Bad Request")});
        setup.token.setSecret("top secret");
        CPPUNIT_ASSERT_EQUAL(std::string("BadRequest: Bearer [secret]; [secret]"),
                             setup.get().error.text());
    }

    void givesRefusalsWithTheirCodes()
    {
        Setup setup({json(exampleBody("docs2025-403-denied"), {}, "403 Forbidden")});
        const auto refusal = setup.get();
        CPPUNIT_ASSERT_EQUAL(403, refusal.status);
        CPPUNIT_ASSERT(refusal.error.has("authorization_requestdenied"));
        CPPUNIT_ASSERT_EQUAL(size_t(1), setup.graph.requests().size());
    }

    void readsNestedCodes()
    {
        const auto error = graphErrorFrom(
            R"({"error":{"code":"BadRequest","message":"m","innererror":{"x":1,
                "innerError":{"code":"SyncStateNotFound"}}}})");
        CPPUNIT_ASSERT(error.has("syncstatenotfound"));
        CPPUNIT_ASSERT_EQUAL(std::string("BadRequest: m"), error.text());
        CPPUNIT_ASSERT(graphErrorFrom("<html>").codes.empty());
        CPPUNIT_ASSERT(graphErrorFrom(R"({"error":"invalid"})").codes.empty());
    }

    void neverSendsATokenToAnotherHost()
    {
        Setup setup({json("{}")});
        Scripted other({json("{}")});
        for (const auto& url :
             {other.url("/v1.0/x"), std::string("https://graph.attacker.example/v1.0"),
              "http://user@" + setup.graph.url().substr(7), std::string("/v1.0/x"),
              std::string("https") + setup.graph.url().substr(4)})
            CPPUNIT_ASSERT_THROW(setup.client.get(
                                     url, [](std::string) {}, setup.cancellation),
                                 RejectedError);
        CPPUNIT_ASSERT_EQUAL(0, other.connections());
        CPPUNIT_ASSERT_EQUAL(0, setup.graph.connections());
    }

    void followsNoRedirect()
    {
        Scripted other({json("{}")});
        Setup setup({answer("", "location: " + other.url() + "\r\n", "302 Found")});
        CPPUNIT_ASSERT_EQUAL(302, setup.get().status);
        CPPUNIT_ASSERT_EQUAL(0, other.connections());
    }

    void thinsOutNearTheLimit()
    {
        Setup setup({json("{}", "x-ms-throttle-limit-percentage: 0.9\r\n"),
                     json("{}", "x-ms-throttle-limit-percentage: 1.8\r\n"), json("{}")});
        setup.get();
        CPPUNIT_ASSERT(setup.clock.slept() == 0ms);
        setup.get();
        CPPUNIT_ASSERT(setup.clock.slept() == 1000ms);
        setup.get();
        CPPUNIT_ASSERT(setup.clock.slept() == 3000ms);
        setup.get();
        CPPUNIT_ASSERT(setup.clock.slept() == 3000ms);
    }

    void waitsWhenTheUnitsAreUsedUp()
    {
        Setup setup({json("{}", "x-ms-resource-unit: 5\r\n")}, {.units = 10, .window = 10s});
        setup.get();
        setup.get();
        CPPUNIT_ASSERT(setup.clock.slept() == 0ms);
        setup.get();
        CPPUNIT_ASSERT(setup.clock.slept() == 1000ms);
    }

    void cancellationEndsARetry()
    {
        Setup setup({json("{}", {}, "503 Service Unavailable")});
        setup.cancellation.request();
        CPPUNIT_ASSERT_THROW(setup.get(), CancelledError);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GraphClientTest);

} // namespace muster::graph
