#include "plugins/HostHttp.h"

#include "manifest/PartedSettings.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include "support/TestClock.h"

#include <deque>

using namespace muster;
using namespace muster::plugins;
using http::Failure;
using http::HttpRequest;
using http::HttpResponse;
using muster::tests::TestClock;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Json = nlohmann::json;

namespace {

constexpr const char* kSecret = "s3cr3t/+key";

TargetManifest manifest()
{
    TargetManifest result;
    result.id = "desk";
    result.perSecond = 1000;
    result.parallel = 4;
    result.origins = {{"site"}, {"files"}};
    result.credentials = {{"key", "Authorization", "DdApi {}"}};
    result.settings = Json::parse(R"({"type": "object", "properties": {
        "site": {}, "files": {}, "key": {}, "pin": {"writeOnly": true}}})");
    return result;
}

HttpResponse answer(int status, std::string body = {}, http::Headers headers = {})
{
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    return response;
}

HttpResponse failure(Failure kind)
{
    HttpResponse response;
    response.failure = kind;
    response.message = std::string("sent ") + kSecret + " and heard nothing";
    return response;
}

} // namespace

/// Requests go to a script of answers in place of a network.
class HostHttpTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HostHttpTest);
    FRESH_TEST(sendsOnlyToTheOriginsOfTheSettings);
    FRESH_TEST(refusesAPathThatLeavesItsSite);
    FRESH_TEST(refusesASettingThatIsNoAllowedUrl);
    FRESH_TEST(addsCredentialsThatThePluginDoesNotSee);
    FRESH_TEST(refusesHeadersThatAreTheHosts);
    FRESH_TEST(refusesLineBreaksInHeaders);
    FRESH_TEST(takesSecretsOutOfAnswersThatEchoThem);
    FRESH_TEST(keepsThePaceOfTheSettings);
    FRESH_TEST(keepsTheBudgetOfTheSettings);
    FRESH_TEST(keepsWhatTheSchemaCallsTheDefault);
    FRESH_TEST(backsOffFurtherEachTimeItIsThrottled);
    FRESH_TEST(waitsOutRetryAfterForEveryRequest);
    FRESH_TEST(givesUpOnAStormOf429AfterTheTries);
    FRESH_TEST(sendsNothingMoreWhenAskedForMoreTimeThanPatience);
    FRESH_TEST(repeatsReadsAfterTrouble);
    FRESH_TEST(neverRepeatsAWriteOfUnknownFate);
    FRESH_TEST(repeatsAWriteThatNeverLeft);
    FRESH_TEST(repeatsOnANewConnectionAfterACut);
    FRESH_TEST(answersEveryRequestWhenCancelled);
    FRESH_TEST(countsEachTry);
    FRESH_TEST(sendsNothingOfATextThatMakesNoSense);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _clock = std::make_unique<TestClock>();
        _cancellation = std::make_unique<runtime::Cancellation>();
        _sent.clear();
        _script.clear();
        _settings = {{"site", "https://acme.example/desk/"}, {"key", kSecret}};
        _traces.clear();
    }

    void sendsOnlyToTheOriginsOfTheSettings()
    {
        _settings["files"] = "https://files.example:8443";
        auto http = make();
        exchange(http, {{"id", 1}, {"path", "/a?b=c"}});
        exchange(http, {{"id", 1}, {"path", "/a"}, {"origin", "files"}});
        exchange(http, {{"id", 1}, {"url", "https://acme.example/elsewhere"}});
        CPPUNIT_ASSERT_EQUAL(std::string("https://acme.example/desk/a?b=c"), _sent.at(0).url);
        CPPUNIT_ASSERT_EQUAL(std::string("https://files.example:8443/a"), _sent.at(1).url);
        CPPUNIT_ASSERT_EQUAL(std::string("https://acme.example/elsewhere"), _sent.at(2).url);
        for (const auto* url :
             {"https://evil.example/", "http://acme.example/", "https://acme.example:444/",
              "https://acme.example@evil.example/", "file:///etc/passwd", "nonsense"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                url, std::string("refused"),
                exchange(http, {{"id", 1}, {"url", url}}).value("failure", ""));
        CPPUNIT_ASSERT_EQUAL(
            std::string("refused"),
            exchange(http, {{"id", 1}, {"path", "/"}, {"origin", "key"}}).value("failure", ""));
        CPPUNIT_ASSERT_EQUAL(size_t{3}, _sent.size());
    }

    void refusesAPathThatLeavesItsSite()
    {
        _settings["site"] = "https://acme.example";
        auto http = make();
        for (const auto* path : {"", "a", ".evil.example/", "@evil.example/", "/a\r\nX: y"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                path, std::string("refused"),
                exchange(http, {{"id", 1}, {"path", path}}).value("failure", ""));
        CPPUNIT_ASSERT(_sent.empty());
    }

    void refusesASettingThatIsNoAllowedUrl()
    {
        _settings["site"] = "http://acme.example";
        try
        {
            make();
            CPPUNIT_FAIL("http to a public host was taken");
        }
        catch (const ConfigError& error)
        {
            CPPUNIT_ASSERT_EQUAL(size_t{0}, std::string(error.what()).find("site: "));
        }
        _settings["site"] = "http://127.0.0.1:8080";
        CPPUNIT_ASSERT_NO_THROW(make());
    }

    void addsCredentialsThatThePluginDoesNotSee()
    {
        auto http = make();
        const auto seen = exchange(http, {{"id", 1}, {"path", "/"}});
        CPPUNIT_ASSERT_EQUAL(std::string("DdApi ") + kSecret,
                             _sent.at(0).headers.at("authorization"));
        CPPUNIT_ASSERT(seen.dump().find(kSecret) == std::string::npos);
        const auto parted = partSettings(manifest(), {{"site", "x"}, {"key", "k"}, {"pin", "p"}});
        CPPUNIT_ASSERT_EQUAL(Json({{"site", "x"}}).dump(), parted.open.dump());
        CPPUNIT_ASSERT_EQUAL(size_t{2}, parted.secrets.size());
    }

    void refusesHeadersThatAreTheHosts()
    {
        auto http = make();
        for (const auto* name : {"Authorization", "authorization", "Host", "Content-Length", ""})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                name, std::string("refused"),
                exchange(http, {{"id", 1}, {"path", "/"}, {"headers", {{name, "x"}}}})
                    .value("failure", ""));
        CPPUNIT_ASSERT(_sent.empty());
    }

    void refusesLineBreaksInHeaders()
    {
        auto http = make();
        exchange(http, {{"id", 1}, {"path", "/"}, {"headers", {{"X", "a\r\nY: b"}}}});
        exchange(http, {{"id", 1}, {"path", "/"}, {"headers", {{"X\nY", "a"}}}});
        CPPUNIT_ASSERT(_sent.empty());
        _settings["key"] = "a\r\nb";
        CPPUNIT_ASSERT_THROW(make(), ConfigError);
    }

    void takesSecretsOutOfAnswersThatEchoThem()
    {
        auto http = make();
        const std::string base64 = "czNjcjN0LytrZXk=";
        _script = {answer(200,
                          std::string("plain s3cr3t/+key, url s3cr3t%2F%2Bkey, base64 ") + base64,
                          {{"x-echo", std::string("DdApi ") + kSecret}}),
                   failure(Failure::Refused)};
        auto seen = exchange(http, {{"id", 1}, {"path", "/"}});
        CPPUNIT_ASSERT_EQUAL(std::string("plain [secret], url [secret], base64 [secret]"),
                             seen["body"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("DdApi [secret]"),
                             seen["headers"]["x-echo"].get<std::string>());
        seen = exchange(http, {{"id", 1}, {"path", std::string("/?k=") + kSecret}});
        CPPUNIT_ASSERT_EQUAL(std::string("sent [secret] and heard nothing"),
                             seen["message"].get<std::string>());
        for (const auto& trace : _traces)
            CPPUNIT_ASSERT_MESSAGE(trace, trace.find("s3cr3t") == trace.npos);
    }

    void keepsThePaceOfTheSettings()
    {
        _settings["pace"] = {{"perSecond", 2}, {"parallel", 3}};
        auto http = make();
        std::string lines;
        for (int id = 0; id < 10; ++id)
            lines += Json{{"request", {{"id", id}, {"path", "/"}}}}.dump() + "\n";
        http.exchange(
            lines, [](const auto&) {}, *_cancellation);
        CPPUNIT_ASSERT_EQUAL(size_t{10}, _sent.size());
        CPPUNIT_ASSERT_EQUAL(size_t{3}, _parallel);
        CPPUNIT_ASSERT(_clock->passed() == milliseconds(4200));
    }

    void keepsTheBudgetOfTheSettings()
    {
        _settings["budget"] = {{"requests", 4}, {"window", "5m"}};
        auto http = make();
        for (int id = 0; id < 9; ++id)
            CPPUNIT_ASSERT_EQUAL(200,
                                 exchange(http, {{"id", id}, {"path", "/"}}).value("status", 0));
        CPPUNIT_ASSERT(_clock->passed() == 2 * seconds(301));
    }

    void keepsWhatTheSchemaCallsTheDefault()
    {
        auto described = manifest();
        described.settings["properties"].update(
            Json::parse(R"({"budget": {"properties": {"requests": {"default": 7},
                                                      "window": {"default": "2m"}}},
                            "pace": {"properties": {"tries": {"default": 9},
                                                    "patience": {"default": 300}}}})"));
        auto pace = PaceSettings::from(described, Json::object());
        CPPUNIT_ASSERT_EQUAL(size_t{7}, pace.budget.value().requests);
        CPPUNIT_ASSERT(pace.budget->window == seconds(120));
        CPPUNIT_ASSERT_EQUAL(size_t{9}, pace.tries);
        CPPUNIT_ASSERT(pace.patience == seconds(300));
        pace = PaceSettings::from(described,
                                  {{"budget", {{"requests", 3}}}, {"pace", {{"patience", 0.5}}}});
        CPPUNIT_ASSERT_EQUAL(size_t{3}, pace.budget.value().requests);
        CPPUNIT_ASSERT(pace.patience == milliseconds(500));
        CPPUNIT_ASSERT(!PaceSettings::from(manifest(), Json::object()).budget);
    }

    void backsOffFurtherEachTimeItIsThrottled()
    {
        auto http = make();
        _script = {answer(429), answer(429), answer(429), answer(200)};
        CPPUNIT_ASSERT_EQUAL(200, exchange(http, {{"id", 1}, {"path", "/"}}).value("status", 0));
        CPPUNIT_ASSERT(_clock->passed() == seconds(1 + 2 + 4));
    }

    void waitsOutRetryAfterForEveryRequest()
    {
        auto http = make();
        _script = {answer(429, {}, {{"retry-after", "2.5"}}), answer(201)};
        CPPUNIT_ASSERT_EQUAL(
            201, exchange(http, {{"id", 1}, {"method", "POST"}, {"path", "/"}}).value("status", 0));
        CPPUNIT_ASSERT(_clock->passed() == milliseconds(2500));
        CPPUNIT_ASSERT_EQUAL(size_t{2}, _sent.size());
    }

    void givesUpOnAStormOf429AfterTheTries()
    {
        _settings["pace"] = {{"tries", 3}};
        auto http = make();
        _script = {answer(429), answer(429), answer(429), answer(200)};
        CPPUNIT_ASSERT_EQUAL(429, exchange(http, {{"id", 1}, {"path", "/"}}).value("status", 0));
        CPPUNIT_ASSERT_EQUAL(size_t{3}, _sent.size());
    }

    void sendsNothingMoreWhenAskedForMoreTimeThanPatience()
    {
        _settings["pace"] = {{"patience", 10}};
        auto http = make();
        _script = {answer(429, {}, {{"retry-after", "300"}})};
        CPPUNIT_ASSERT_EQUAL(429, exchange(http, {{"id", 1}, {"path", "/"}}).value("status", 0));
        CPPUNIT_ASSERT_EQUAL(std::string("unsent"),
                             exchange(http, {{"id", 2}, {"path", "/"}}).value("failure", ""));
        CPPUNIT_ASSERT_EQUAL(size_t{1}, _sent.size());
        _clock->advance(seconds(300));
        CPPUNIT_ASSERT_EQUAL(200, exchange(http, {{"id", 3}, {"path", "/"}}).value("status", 0));
    }

    void repeatsReadsAfterTrouble()
    {
        auto http = make();
        for (const int status : {500, 502, 503, 504, 408})
        {
            _script = {answer(status), failure(Failure::Unknown), answer(200)};
            CPPUNIT_ASSERT_EQUAL(200,
                                 exchange(http, {{"id", 1}, {"path", "/"}}).value("status", 0));
            _script = {answer(status), answer(200)};
            CPPUNIT_ASSERT_EQUAL(
                200,
                exchange(http, {{"id", 1}, {"path", "/"}, {"method", "POST"}, {"repeat", "safe"}})
                    .value("status", 0));
        }
        for (const int status : {400, 401, 403, 404, 409, 501})
        {
            _script = {answer(status), answer(200)};
            CPPUNIT_ASSERT_EQUAL(status,
                                 exchange(http, {{"id", 1}, {"path", "/"}}).value("status", 0));
            _script.clear();
        }
    }

    void neverRepeatsAWriteOfUnknownFate()
    {
        auto http = make();
        const Json write{{"id", 1}, {"path", "/"}, {"method", "POST"}};
        for (const auto& bad : {answer(500), answer(503, {}, {{"retry-after", "1"}}), answer(504),
                                failure(Failure::Unknown)})
        {
            _sent.clear();
            _script = {bad};
            const auto seen = exchange(http, write);
            CPPUNIT_ASSERT_EQUAL(size_t{1}, _sent.size());
            CPPUNIT_ASSERT(seen.value("status", 0) >= 500 ||
                           seen.value("failure", "") == "unknown");
        }
        _sent.clear();
        _script = {answer(502)};
        exchange(http, {{"id", 1}, {"path", "/"}, {"method", "PUT"}, {"repeat", "never"}});
        CPPUNIT_ASSERT_EQUAL(size_t{1}, _sent.size());
    }

    void repeatsAWriteThatNeverLeft()
    {
        auto http = make();
        _script = {failure(Failure::Unsent), answer(201)};
        CPPUNIT_ASSERT_EQUAL(
            201, exchange(http, {{"id", 1}, {"path", "/"}, {"method", "POST"}}).value("status", 0));
    }

    void repeatsOnANewConnectionAfterACut()
    {
        auto http = make();
        _script = {failure(Failure::Unknown), answer(200)};
        exchange(http, {{"id", 1}, {"path", "/"}});
        CPPUNIT_ASSERT(!_sent.at(0).onNewConnection);
        CPPUNIT_ASSERT(_sent.at(1).onNewConnection);
    }

    void answersEveryRequestWhenCancelled()
    {
        auto http = make();
        _script = {failure(Failure::Unsent)};
        _beforeAnswer = [this] { _cancellation->request(); };
        const auto seen = exchange(http, {{"id", 1}, {"path", "/"}});
        _beforeAnswer = {};
        CPPUNIT_ASSERT_EQUAL(std::string("cancelled"), seen.value("failure", ""));
    }

    void countsEachTry()
    {
        auto http = make();
        _script = {failure(Failure::Unsent), answer(500), failure(Failure::Unknown), answer(200)};
        exchange(http, {{"id", 1}, {"path", "/"}});
        CPPUNIT_ASSERT_EQUAL(uint64_t{3}, http.requests());
    }

    void sendsNothingOfATextThatMakesNoSense()
    {
        auto http = make();
        const std::string good = R"({"request":{"id":1,"path":"/"}})";
        for (const std::string bad :
             {"garbage", "[]", R"({"reqest":{"id":1}})", R"({"request":{"path":"/"}})",
              R"({"request":{"id":1,"method":"GET /\r\n"}})",
              R"({"request":{"id":1,"path":"/","repeat":"often"}})",
              R"({"request":{"id":1,"path":5}})"})
        {
            CPPUNIT_ASSERT_THROW_MESSAGE(bad,
                                         http.exchange(
                                             good + "\n" + bad, [](const auto&) {}, *_cancellation),
                                         std::exception);
            CPPUNIT_ASSERT_MESSAGE(bad, _sent.empty());
        }
    }

private:
    HostHttp make()
    {
        return HostHttp(
            manifest(), _settings, *_clock,
            [this](const auto& requests, size_t parallel, const auto& pace, const auto& onAnswer,
                   const auto& cancellation) {
                _parallel = parallel;
                for (size_t i = 0; i < requests.size(); ++i)
                    onAnswer(i, send(requests[i], pace, cancellation));
            },
            [this](const std::string& line) { _traces.push_back(line); });
    }

    HttpResponse send(const HttpRequest& request, const http::HttpClient::Pace& pace,
                      const runtime::Cancellation& cancellation)
    {
        if (cancellation.isRequested())
            return failure(Failure::Cancelled);
        for (auto wait = pace(); wait.count() != 0; wait = pace())
            if (wait.count() < 0)
                return failure(Failure::Unsent);
            else
                _clock->advance(wait);
        _sent.push_back(request);
        request.onSent();
        if (_beforeAnswer)
            _beforeAnswer();
        if (_script.empty())
            return answer(200, "{}");
        auto next = _script.front();
        _script.pop_front();
        return next;
    }

    Json exchange(HostHttp& http, const Json& request)
    {
        Json result;
        size_t count = 0;
        http.exchange(
            Json{{"request", request}}.dump(),
            [&](const std::string& line) {
                result = Json::parse(line).at("answer");
                ++count;
            },
            *_cancellation);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, count);
        CPPUNIT_ASSERT(result["id"] == request["id"]);
        return result;
    }

    std::unique_ptr<TestClock> _clock;
    std::unique_ptr<runtime::Cancellation> _cancellation;
    Json _settings;
    std::deque<HttpResponse> _script;
    std::vector<HttpRequest> _sent;
    std::vector<std::string> _traces;
    std::function<void()> _beforeAnswer;
    size_t _parallel = 0;
};

CPPUNIT_TEST_SUITE_REGISTRATION(HostHttpTest);
