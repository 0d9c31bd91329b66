#include "http/HttpClient.h"

#include "http/RawServer.h"
#include "support/FreshTest.h"

#include <zlib.h>

#include <mutex>
#include <set>

namespace muster::http {

using testing::answer;
using testing::Connection;
using testing::RawServer;
using namespace std::chrono_literals;

namespace {

std::string gzipped(const std::string& text)
{
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string result(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    deflate(&stream, Z_FINISH);
    result.resize(stream.total_out);
    deflateEnd(&stream);
    return result;
}

/// Answers every request of every connection with the request itself.
void echo(Connection& connection, int)
{
    while (true)
    {
        const auto request = connection.readRequest();
        if (request.empty())
            return;
        connection.write(answer(request));
    }
}

} // namespace

class HttpClientTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HttpClientTest);
    FRESH_TEST(sendsMethodHeadersAndBody);
    FRESH_TEST(keepsTheConnection);
    FRESH_TEST(opensANewConnectionWhenAsked);
    FRESH_TEST(undoesGzip);
    FRESH_TEST(limitsTheBodyAfterDecompression);
    FRESH_TEST(followsNoRedirect);
    FRESH_TEST(givesHeadersInLowerCase);
    FRESH_TEST(readsRetryAfter);
    FRESH_TEST(refusesHeaderInjection);
    FRESH_TEST(refusesPlainHttpToOthers);
    FRESH_TEST(sendsManyAtOnceWithinTheLimit);
    FRESH_TEST(asksThePaceBeforeEachStart);
    FRESH_TEST(tellsWhenARequestGoesOut);
    FRESH_TEST(leavesTheUrlAsItIs);
    CPPUNIT_TEST_SUITE_END();

public:
    void sendsMethodHeadersAndBody()
    {
        RawServer server(echo);
        const auto response =
            _client.send({.method = "PATCH",
                          .url = server.url("/a?b=c"),
                          .headers = {{"Authorization", "Bearer x"}, {"X-Empty", ""}},
                          .body = "{\"a\":1}"},
                         _cancellation);
        CPPUNIT_ASSERT(response.isSuccess());
        const auto& echoed = response.body;
        CPPUNIT_ASSERT_EQUAL(size_t(0), echoed.find("PATCH /a?b=c HTTP/1.1\r\n"));
        CPPUNIT_ASSERT(echoed.find("Authorization: Bearer x\r\n") != echoed.npos);
        CPPUNIT_ASSERT(echoed.find("X-Empty:\r\n") != echoed.npos);
        CPPUNIT_ASSERT(echoed.find("Content-Length: 7\r\n") != echoed.npos);
        CPPUNIT_ASSERT(echoed.find("Content-Type") == echoed.npos);
        CPPUNIT_ASSERT(echoed.find("Expect") == echoed.npos);
        CPPUNIT_ASSERT(echoed.ends_with("\r\n\r\n{\"a\":1}"));
        CPPUNIT_ASSERT_EQUAL(uint64_t(1), _client.sent());
    }

    void keepsTheConnection()
    {
        RawServer server(echo);
        for (const std::string method : {"GET", "POST", "DELETE"})
            CPPUNIT_ASSERT(_client
                               .send({.method = method,
                                      .url = server.url(),
                                      .body = method == "POST" ? "x" : ""},
                                     _cancellation)
                               .isSuccess());
        CPPUNIT_ASSERT_EQUAL(1, server.connections());
    }

    void opensANewConnectionWhenAsked()
    {
        RawServer server(echo);
        _client.send({.url = server.url()}, _cancellation);
        _client.send({.url = server.url(), .onNewConnection = true}, _cancellation);
        CPPUNIT_ASSERT_EQUAL(2, server.connections());
    }

    void undoesGzip()
    {
        RawServer server([](Connection& connection, int) {
            const auto request = connection.readRequest();
            const bool asked = request.find("Accept-Encoding: gzip") != request.npos;
            connection.write(
                answer(gzipped(asked ? "unpacked" : "not asked"), "content-encoding: gzip\r\n"));
        });
        CPPUNIT_ASSERT_EQUAL(std::string("unpacked"),
                             _client.send({.url = server.url()}, _cancellation).body);
    }

    void limitsTheBodyAfterDecompression()
    {
        const auto bomb = gzipped(std::string(20u << 20, 'a'));
        RawServer server([&](Connection& connection, int) {
            connection.readRequest();
            connection.write(answer(bomb, "content-encoding: gzip\r\n"));
            connection.waitForEnd();
        });
        const auto response =
            _client.send({.url = server.url(), .bodyLimit = 1u << 20}, _cancellation);
        CPPUNIT_ASSERT(response.failure == Failure::TooLarge);
        CPPUNIT_ASSERT(response.body.empty());
        CPPUNIT_ASSERT(bomb.size() < (1u << 20));
    }

    void followsNoRedirect()
    {
        RawServer other(echo);
        RawServer server([&](Connection& connection, int) {
            connection.readRequest();
            connection.write(answer("", "Location: " + other.url() + "\r\n", "302 Found"));
        });
        const auto response = _client.send({.url = server.url()}, _cancellation);
        CPPUNIT_ASSERT_EQUAL(302, response.status);
        CPPUNIT_ASSERT_EQUAL(other.url(), response.header("location"));
        CPPUNIT_ASSERT_EQUAL(0, other.connections());
    }

    void givesHeadersInLowerCase()
    {
        RawServer server([](Connection& connection, int) {
            connection.readRequest();
            connection.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" +
                             answer("x", "X-Ms-Thing:  a \r\nx-ms-thing: b\r\n"));
        });
        const auto response = _client.send({.url = server.url()}, _cancellation);
        CPPUNIT_ASSERT_EQUAL(200, response.status);
        CPPUNIT_ASSERT_EQUAL(std::string("a, b"), response.header("x-ms-thing"));
        CPPUNIT_ASSERT_EQUAL(std::string(), response.header("x-early"));
    }

    void readsRetryAfter()
    {
        HttpResponse response;
        CPPUNIT_ASSERT(!response.retryAfter());
        const auto parsed = [&](const std::string& text) {
            response.headers["retry-after"] = text;
            return response.retryAfter();
        };
        CPPUNIT_ASSERT(parsed("2.128") == 2128ms);
        CPPUNIT_ASSERT(parsed("10") == 10s);
        CPPUNIT_ASSERT(parsed("-5") == 0ms);
        CPPUNIT_ASSERT(parsed("999999") == 1h);
        CPPUNIT_ASSERT(!parsed("soon"));
        CPPUNIT_ASSERT(!parsed("nan"));
        response.headers["date"] = "Wed, 21 Oct 2015 07:28:00 GMT";
        CPPUNIT_ASSERT(parsed("Wed, 21 Oct 2015 07:28:30 GMT") == 30s);
        CPPUNIT_ASSERT(parsed("Wed, 21 Oct 2015 07:00:00 GMT") == 0ms);
    }

    void refusesHeaderInjection()
    {
        RawServer server(echo);
        const auto refused = [&](const HttpRequest& request) {
            const auto response = _client.send(request, _cancellation);
            return response.failure == Failure::Refused && !response.message.empty();
        };
        CPPUNIT_ASSERT(refused({.url = server.url(), .headers = {{"X", "a\r\nY: b"}}}));
        CPPUNIT_ASSERT(refused({.url = server.url(), .headers = {{"X", "a\nY: b"}}}));
        CPPUNIT_ASSERT(refused({.url = server.url(), .headers = {{"X: y\r\nZ", "a"}}}));
        CPPUNIT_ASSERT(refused({.url = server.url(), .headers = {{"", "a"}}}));
        CPPUNIT_ASSERT(refused({.url = server.url(), .headers = {{"Content-Length", "5"}}}));
        CPPUNIT_ASSERT(refused({.method = "GET / HTTP/1.1\r\nX: y\r\n", .url = server.url()}));
        CPPUNIT_ASSERT(refused({.url = server.url("/a\r\nX: y")}));
        CPPUNIT_ASSERT(refused({.url = server.url("/a b")}));
        CPPUNIT_ASSERT_EQUAL(0, server.connections());
        CPPUNIT_ASSERT_EQUAL(uint64_t(0), _client.sent());
    }

    void refusesPlainHttpToOthers()
    {
        const auto response =
            _client.send({.url = "http://graph.microsoft.com/v1.0"}, _cancellation);
        CPPUNIT_ASSERT(response.failure == Failure::Refused);
        CPPUNIT_ASSERT(response.message.find("https") != std::string::npos);
    }

    void sendsManyAtOnceWithinTheLimit()
    {
        RawServer server(echo);
        std::vector<HttpRequest> requests;
        for (int i = 0; i < 50; ++i)
            requests.push_back({.url = server.url("/" + std::to_string(i))});
        std::set<size_t> answered;
        _client.sendAll(
            requests, 4, {},
            [&](size_t index, HttpResponse response) {
                answered.insert(index);
                const auto line = "GET /" + std::to_string(index) + " HTTP";
                CPPUNIT_ASSERT_EQUAL(size_t(0), response.body.find(line));
            },
            _cancellation);
        CPPUNIT_ASSERT_EQUAL(size_t(50), answered.size());
        CPPUNIT_ASSERT_EQUAL(uint64_t(50), _client.sent());
        CPPUNIT_ASSERT(server.connections() <= 4);
    }

    void asksThePaceBeforeEachStart()
    {
        RawServer server(echo);
        int asked = 0;
        int granted = 0;
        int answered = 0;
        const std::vector<HttpRequest> requests(5, HttpRequest{.url = server.url()});
        _client.sendAll(
            requests, 5,
            [&]() -> std::chrono::milliseconds {
                if (++asked % 3 != 0)
                    return 1ms;
                ++granted;
                return 0ms;
            },
            [&](size_t, const HttpResponse&) { ++answered; }, _cancellation);
        CPPUNIT_ASSERT_EQUAL(5, granted);
        CPPUNIT_ASSERT_EQUAL(5, answered);
    }

    void tellsWhenARequestGoesOut()
    {
        RawServer server(echo);
        int sent = 0;
        const HttpRequest request{.url = server.url(), .onSent = [&] { ++sent; }};
        _client.send(request, _cancellation);
        _client.send(request, _cancellation);
        CPPUNIT_ASSERT_EQUAL(2, sent);
        _client.send({.url = "http://127.0.0.1:1", .onSent = request.onSent}, _cancellation);
        CPPUNIT_ASSERT_EQUAL(2, sent);
    }

    void leavesTheUrlAsItIs()
    {
        RawServer server(echo);
        const std::string path = "/v1.0/a/../b?$deltatoken=A%2fb+c~(d)'e";
        const auto response = _client.send({.url = server.url(path)}, _cancellation);
        CPPUNIT_ASSERT_EQUAL(size_t(0), response.body.find("GET " + path + " HTTP/1.1\r\n"));
    }

private:
    HttpClient _client{HttpOptions{}};
    runtime::Cancellation _cancellation;
};

CPPUNIT_TEST_SUITE_REGISTRATION(HttpClientTest);

} // namespace muster::http
