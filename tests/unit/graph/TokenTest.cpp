#include "graph/Token.h"

#include "graph/Assertion.h"
#include "graph/Example.h"
#include "graph/Scripted.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"
#include "support/TextFile.h"

#include <fstream>

namespace muster::graph {

using testing::answer;
using testing::exampleBody;
using testing::json;
using testing::Scripted;
using testing::settingsFor;
using testing::tokenAnswer;
using namespace std::chrono_literals;

class TokenTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TokenTest);
    FRESH_TEST(sendsTheClientCredentials);
    FRESH_TEST(encodesTheSecret);
    FRESH_TEST(sendsAnAssertionWithACertificate);
    FRESH_TEST(keepsTheTokenUntilShortlyBeforeItsEnd);
    FRESH_TEST(fetchesAnotherWhenDropped);
    FRESH_TEST(hintsAtTheRemedy);
    FRESH_TEST(neverTellsTheSecret);
    FRESH_TEST(takesTheSecretOutOfAnEcho);
    FRESH_TEST(triesAgainWhenBusy);
    FRESH_TEST(givesUpWithinItsPatience);
    FRESH_TEST(givesUpSoonWhenNobodyListens);
    FRESH_TEST(answerWithoutATokenIsTriedAgain);
    FRESH_TEST(refusesAStrangersAnswer);
    FRESH_TEST(readsClaims);
    FRESH_TEST(toleratesOpaqueTokens);
    CPPUNIT_TEST_SUITE_END();

    struct Setup
    {
        explicit Setup(std::vector<std::string> answers)
            : server(std::move(answers)),
              settings(settingsFor(server.url(), "https://graph.test")),
              token(settings, client, clock, policy)
        {
            token.setSecret("top secret+&=");
        }
        const std::string& get() { return token.get(cancellation); }
        std::string problem()
        {
            try
            {
                get();
            }
            catch (const ConfigError& error)
            {
                return error.what();
            }
            return "none";
        }

        Scripted server;
        estate::DirectorySettings settings;
        http::HttpClient client{http::HttpOptions{}};
        testing::ManualClock clock;
        RequestPolicy policy;
        runtime::Cancellation cancellation;
        Token token;
    };

public:
    void sendsTheClientCredentials()
    {
        Setup setup({tokenAnswer("abc")});
        CPPUNIT_ASSERT_EQUAL(std::string("abc"), setup.get());
        const auto request = setup.server.requests().at(0);
        CPPUNIT_ASSERT_EQUAL(
            size_t(0),
            request.find("POST /3f0c0e0e-0000-4000-8000-000000000001/oauth2/v2.0/token HTTP"));
        CPPUNIT_ASSERT(request.find("client_id=9a1b0000-0000-4000-8000-000000000002") !=
                       request.npos);
        CPPUNIT_ASSERT(request.find("scope=https%3A%2F%2Fgraph.microsoft.com%2F.default") !=
                       request.npos);
        CPPUNIT_ASSERT(request.find("grant_type=client_credentials") != request.npos);
        CPPUNIT_ASSERT(request.find("application/x-www-form-urlencoded") != request.npos);
    }

    void encodesTheSecret()
    {
        Setup setup({tokenAnswer()});
        setup.get();
        const auto request = setup.server.requests().at(0);
        CPPUNIT_ASSERT(request.find("client_secret=top%20secret%2B%26%3D") != request.npos);
    }

    void sendsAnAssertionWithACertificate()
    {
        const auto identity = testing::makeIdentity("muster");
        const tests::TextFile file(identity.certificate + identity.key);
        Setup setup({tokenAnswer()});
        setup.settings.clientSecret = {};
        setup.settings.certificateFile = file.path();
        setup.settings.certificateKeyFile = file.path();
        setup.clock.advance(std::chrono::duration_cast<std::chrono::milliseconds>(
            runtime::SystemClock().now() - setup.clock.now()));
        setup.get();
        const auto request = setup.server.requests().at(0);
        CPPUNIT_ASSERT(request.find("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-"
                                    "assertion-type%3Ajwt-bearer") != request.npos);
        CPPUNIT_ASSERT(request.find("&client_assertion=ey") != request.npos);
        CPPUNIT_ASSERT(request.find("client_secret") == request.npos);
        setup.clock.advance(2h);
        setup.token.drop();
        CPPUNIT_ASSERT(setup.problem().find("expired") != std::string::npos);
    }

    void keepsTheTokenUntilShortlyBeforeItsEnd()
    {
        Setup setup({tokenAnswer("first", 3600), tokenAnswer("second", 3600)});
        CPPUNIT_ASSERT_EQUAL(std::string("first"), setup.get());
        setup.clock.advance(50min);
        CPPUNIT_ASSERT_EQUAL(std::string("first"), setup.get());
        setup.clock.advance(6min);
        CPPUNIT_ASSERT_EQUAL(std::string("second"), setup.get());
        CPPUNIT_ASSERT_EQUAL(size_t(2), setup.server.requests().size());
    }

    void fetchesAnotherWhenDropped()
    {
        Setup setup({tokenAnswer("first"), tokenAnswer("second")});
        setup.get();
        setup.token.drop();
        CPPUNIT_ASSERT_EQUAL(std::string("second"), setup.get());
    }

    void hintsAtTheRemedy()
    {
        const auto hint = [](const std::string& example, const std::string& status) {
            Setup setup({json(exampleBody(example), {}, status)});
            const auto text = setup.problem();
            CPPUNIT_ASSERT_EQUAL(size_t(1), setup.server.requests().size());
            return text;
        };
        const auto contains = [](const std::string& text, const std::string& part) {
            CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != std::string::npos);
        };
        contains(hint("token-error-7000215-bad-secret", "401 Unauthorized"),
                 "muster secret set contoso-graph");
        contains(hint("token-error-7000222-expired-secret", "401 Unauthorized"), "expired");
        contains(hint("token-error-700027-bad-assertion", "401 Unauthorized"), "upload");
        contains(hint("token-error-700016-app-not-in-tenant", "400 Bad Request"), "consent");
        contains(hint("token-error-7000229-no-service-principal", "401 Unauthorized"), "consent");
        contains(hint("token-error-70011-bad-scope", "400 Bad Request"), "cloud");
        contains(hint("token-error-90002-no-tenant", "400 Bad Request"), "tenant and cloud");
    }

    void neverTellsTheSecret()
    {
        Setup setup({json(exampleBody("token-error-7000215-bad-secret"), {}, "401 Unauthorized")});
        CPPUNIT_ASSERT(setup.problem().find("top secret") == std::string::npos);
    }

    void takesTheSecretOutOfAnEcho()
    {
        for (const auto* echo : {"top secret+&=", "top%20secret%2B%26%3D", R"(top secret\u002b&=)"})
        {
            Setup setup({json(R"({"error":"invalid_client","error_description":")" +
                                  std::string(290, 'x') + echo + "\"}",
                              {}, "400 Bad Request")});
            const auto text = setup.problem();
            CPPUNIT_ASSERT_MESSAGE(text, text.find("top") == text.npos);
            CPPUNIT_ASSERT_MESSAGE(text, text.find("xx[secret]") != text.npos);
        }
    }

    void triesAgainWhenBusy()
    {
        Setup setup({"", json("{}", "retry-after: 2.128\r\n", "429 Too Many Requests"),
                     answer("<html>", {}, "503 Service Unavailable"),
                     json(R"({"error":"temporarily_unavailable","error_codes":[90033]})", {},
                          "400 Bad Request"),
                     tokenAnswer("late")});
        CPPUNIT_ASSERT_EQUAL(std::string("late"), setup.get());
        CPPUNIT_ASSERT(setup.clock.slept() > 2128ms);
    }

    void givesUpWithinItsPatience()
    {
        Setup setup({json("{}", "retry-after: 3000\r\n", "429 Too Many Requests")});
        CPPUNIT_ASSERT_THROW(setup.get(), RetryError);
        CPPUNIT_ASSERT_EQUAL(size_t(1), setup.server.requests().size());
        Setup busy({json("{}", {}, "503 Service Unavailable")});
        CPPUNIT_ASSERT_THROW(busy.get(), RetryError);
        CPPUNIT_ASSERT_EQUAL(size_t(busy.policy.tries), busy.server.requests().size());
    }

    void givesUpSoonWhenNobodyListens()
    {
        Setup setup({});
        setup.settings.authority = "http://127.0.0.1:1";
        CPPUNIT_ASSERT_THROW(setup.get(), RetryError);
        CPPUNIT_ASSERT(setup.clock.slept() > 1s);
        CPPUNIT_ASSERT(setup.clock.slept() < 5s);
    }

    void answerWithoutATokenIsTriedAgain()
    {
        Setup setup({json("{}"), json("not JSON"), tokenAnswer("third")});
        CPPUNIT_ASSERT_EQUAL(std::string("third"), setup.get());
    }

    void refusesAStrangersAnswer()
    {
        Setup setup({answer("<html>not found</html>", {}, "404 Not Found")});
        CPPUNIT_ASSERT(setup.problem().find("check the authority") != std::string::npos);
        Setup moved({answer("", "location: https://evil.example/\r\n", "302 Found")});
        CPPUNIT_ASSERT(moved.problem() != "none");
    }

    void readsClaims()
    {
        const auto claims = claimsOf(
            "e30." + toBase64Url(R"({"tid":"T","roles":["User.Read.All",7],"exp":1})") + ".sig");
        CPPUNIT_ASSERT(claims);
        CPPUNIT_ASSERT_EQUAL(std::string("T"), claims->tenant);
        CPPUNIT_ASSERT_EQUAL(size_t(1), claims->roles.size());
        CPPUNIT_ASSERT(claimsOf("e30.e30.sig")->roles.empty());
    }

    void toleratesOpaqueTokens()
    {
        for (const auto* token : {"", "opaque", "a.b", "a.b.c", "..", "a.!!!.c", "e30.W10.x"})
            CPPUNIT_ASSERT(!claimsOf(token));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TokenTest);

} // namespace muster::graph
