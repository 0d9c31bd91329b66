#include "http/HttpClient.h"

#include "http/RawServer.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"
#include "support/TextFile.h"

#include <fstream>
#include <future>

namespace muster::http {

using testing::answer;
using testing::Connection;
using testing::Identity;
using testing::makeIdentity;
using testing::RawServer;
using namespace std::chrono_literals;

class HttpFailureTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HttpFailureTest);
    FRESH_TEST(cutBodyIsUnknown);
    FRESH_TEST(cutChunkedBodyIsUnknown);
    FRESH_TEST(hangUpBeforeTheAnswerIsUnknown);
    FRESH_TEST(refusedConnectionIsUnsent);
    FRESH_TEST(unknownHostIsUnsent);
    FRESH_TEST(handshakeFailureIsUnsent);
    FRESH_TEST(dribbleEndsAtTheTotalTimeout);
    FRESH_TEST(repeatsAReadOnAStaleConnection);
    FRESH_TEST(neverRepeatsAWriteOnAStaleConnection);
    FRESH_TEST(neverRepeatsAnEmptyPostOnAStaleConnection);
    FRESH_TEST(cancellationEndsAWait);
    FRESH_TEST(cancellationAnswersTheRest);
    FRESH_TEST(refusesAnUntrustedCertificate);
    FRESH_TEST(trustsTheExtraCaFile);
    FRESH_TEST(refusesACertificateOfAnotherHost);
    FRESH_TEST(refusesAnUnusableCaFile);
    FRESH_TEST(limitsTheHeaders);
    CPPUNIT_TEST_SUITE_END();

    HttpResponse get(const std::string& url, std::chrono::milliseconds timeout = 10s)
    {
        return _client.send({.url = url, .timeout = timeout}, _cancellation);
    }

    /// POSTs on a connection that ends while the server has the request; gives how many of them
    /// came on all connections that the client made.
    int writesReceived(const std::string& body)
    {
        std::atomic<int> writes = 0;
        std::atomic<int> ended = 0;
        const auto serve = [&](Connection& connection) {
            for (auto request = connection.readRequest(); !request.empty();
                 request = connection.readRequest())
            {
                if (request.find("POST") == 0)
                {
                    ++writes; // it takes effect, and nobody hears of it
                    return;
                }
                connection.write(answer("first"));
            }
        };
        RawServer server([&](Connection& connection, int) {
            serve(connection);
            ++ended;
            ended.notify_all();
        });
        {
            HttpClient client{{}};
            CPPUNIT_ASSERT(client.send({.url = server.url()}, _cancellation).isSuccess());
            const auto response =
                client.send({.method = "POST", .url = server.url(), .body = body}, _cancellation);
            CPPUNIT_ASSERT(response.failure == Failure::Unknown);
        }
        // Connections are accepted in their order: when this one was, the client's were.
        CPPUNIT_ASSERT(HttpClient({}).send({.url = server.url()}, _cancellation).isSuccess());
        for (auto seen = ended.load(); seen < server.connections(); seen = ended.load())
            ended.wait(seen);
        return writes;
    }

public:
    void cutBodyIsUnknown()
    {
        RawServer server([](Connection& connection, int) {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nonly this");
        });
        const auto response = get(server.url());
        CPPUNIT_ASSERT(response.failure == Failure::Unknown);
        CPPUNIT_ASSERT_EQUAL(0, response.status);
        CPPUNIT_ASSERT(response.body.empty());
    }

    void cutChunkedBodyIsUnknown()
    {
        RawServer server([](Connection& connection, int) {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nonly\r\n");
        });
        CPPUNIT_ASSERT(get(server.url()).failure == Failure::Unknown);
    }

    void hangUpBeforeTheAnswerIsUnknown()
    {
        RawServer server([](Connection& connection, int) { connection.readRequest(); });
        CPPUNIT_ASSERT(get(server.url()).failure == Failure::Unknown);
    }

    void refusedConnectionIsUnsent()
    {
        std::string url;
        {
            RawServer server([](Connection&, int) {});
            url = server.url();
        }
        const auto response = get(url);
        CPPUNIT_ASSERT(response.failure == Failure::Unsent);
        CPPUNIT_ASSERT(response.message.find("cannot reach http://127.0.0.1") == 0);
        CPPUNIT_ASSERT_EQUAL(uint64_t(0), _client.sent());
    }

    void unknownHostIsUnsent()
    {
        CPPUNIT_ASSERT(get("https://nowhere.invalid/").failure == Failure::Unsent);
    }

    void handshakeFailureIsUnsent()
    {
        RawServer server([](Connection& connection, int) { connection.write("no TLS here\r\n"); });
        const auto response = get("https://127.0.0.1:" + std::to_string(server.port()) + "/");
        CPPUNIT_ASSERT(response.failure == Failure::Unsent);
    }

    void dribbleEndsAtTheTotalTimeout()
    {
        RawServer server([](Connection& connection, int) {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
            std::promise<void> never;
            for (int i = 0; i < 40; ++i)
            {
                connection.write("x");
                never.get_future().wait_for(25ms);
                never = {};
            }
        });
        const auto start = std::chrono::steady_clock::now();
        const auto response = get(server.url(), 200ms);
        CPPUNIT_ASSERT(response.failure == Failure::Unknown);
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - start < 900ms);
    }

    void repeatsAReadOnAStaleConnection()
    {
        RawServer server([](Connection& connection, int number) {
            connection.readRequest();
            connection.write(answer("first"));
            connection.readRequest(); // the second one is read and dropped
            if (number > 0)
                connection.write(answer("second"));
        });
        CPPUNIT_ASSERT_EQUAL(std::string("first"), get(server.url()).body);
        CPPUNIT_ASSERT(get(server.url()).isSuccess());
        CPPUNIT_ASSERT_EQUAL(2, server.connections());
    }

    void neverRepeatsAWriteOnAStaleConnection()
    {
        CPPUNIT_ASSERT_EQUAL(1, writesReceived("{\"create\":1}"));
    }

    void neverRepeatsAnEmptyPostOnAStaleConnection()
    {
        CPPUNIT_ASSERT_EQUAL(1, writesReceived({}));
    }

    void cancellationEndsAWait()
    {
        RawServer server([this](Connection& connection, int) {
            connection.readRequest();
            _cancellation.request();
            connection.waitForEnd();
        });
        const auto response = get(server.url());
        CPPUNIT_ASSERT(response.failure == Failure::Cancelled);
    }

    void cancellationAnswersTheRest()
    {
        RawServer server([](Connection& connection, int) {
            connection.readRequest();
            connection.write(answer("x"));
            connection.waitForEnd();
        });
        int cancelled = 0;
        const std::vector<HttpRequest> requests(6, HttpRequest{.url = server.url()});
        _client.sendAll(
            requests, 1, {},
            [&](size_t, const HttpResponse& response) {
                cancelled += response.failure == Failure::Cancelled;
                _cancellation.request();
            },
            _cancellation);
        CPPUNIT_ASSERT_EQUAL(5, cancelled);
    }

    void refusesAnUntrustedCertificate()
    {
        RawServer server([](Connection& connection, int) { connection.readRequest(); },
                         makeIdentity("127.0.0.1"));
        const auto response = get(server.url());
        CPPUNIT_ASSERT(response.failure == Failure::Refused);
        CPPUNIT_ASSERT(response.message.find("caFile") != std::string::npos);
    }

    void trustsTheExtraCaFile()
    {
        const auto identity = makeIdentity("127.0.0.1");
        RawServer server(
            [](Connection& connection, int) {
                connection.readRequest();
                connection.write(answer("over TLS"));
            },
            identity);
        const tests::TextFile file(identity.certificate);
        HttpClient client({.caFile = file.path()});
        const auto response = client.send({.url = server.url()}, _cancellation);
        CPPUNIT_ASSERT_EQUAL(std::string("over TLS"), response.body);
    }

    void refusesACertificateOfAnotherHost()
    {
        const auto identity = makeIdentity("graph.microsoft.com");
        RawServer server([](Connection& connection, int) { connection.readRequest(); }, identity);
        const tests::TextFile file(identity.certificate);
        HttpClient client({.caFile = file.path()});
        const auto response = client.send({.url = server.url()}, _cancellation);
        CPPUNIT_ASSERT(response.failure == Failure::Refused);
        CPPUNIT_ASSERT(response.message.find("name") != std::string::npos);
    }

    void refusesAnUnusableCaFile()
    {
        CPPUNIT_ASSERT_THROW(HttpClient({.caFile = "/nowhere/ca.pem"}), ConfigError);
        const tests::TextFile file("not a certificate");
        CPPUNIT_ASSERT_THROW(HttpClient({.caFile = file.path()}), ConfigError);
    }

    void limitsTheHeaders()
    {
        RawServer server([](Connection& connection, int) {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\n");
            const std::string line = "x-filler: " + std::string(8000, 'x') + "\r\n";
            for (int i = 0; i < 1000; ++i)
                connection.write(line);
        });
        CPPUNIT_ASSERT(!get(server.url()).isAnswer());
    }

private:
    runtime::Cancellation _cancellation;
    HttpClient _client{HttpOptions{}};
};

CPPUNIT_TEST_SUITE_REGISTRATION(HttpFailureTest);

} // namespace muster::http
