#include "plugins/PluginChannel.h"
#include "runner/LibraryPort.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include "support/TestClock.h"

#include <muster/Target.hpp>

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <stdexcept>

using namespace muster;
using namespace muster::plugins;
using muster::tests::TestClock;

namespace {

/// What the plugin under test does in each call.
struct Script
{
    std::function<int32_t(const muster_host&, const std::string& request, const muster_sink& out)>
        call;
    const muster_host* host = nullptr;
    std::string settings;
    int destroyed = 0;
};

Script* theScript = nullptr;

void say(const muster_sink& out, const std::string& line)
{
    out.line(out.context, {line.data(), line.size()});
}

int32_t create(const muster_host* host, muster_text settings, const muster_sink* out,
               void** instance)
{
    theScript->host = host;
    theScript->settings.assign(settings.data, settings.size);
    if (theScript->settings.find("bad") != std::string::npos)
    {
        say(*out, R"({"error":{"message":"it is bad","setting":"site"}})");
        return MUSTER_CONFIG;
    }
    if (theScript->settings.find("greedy") != std::string::npos)
        host->http(host->context, {"", 0}, out);
    *instance = theScript;
    return MUSTER_OK;
}

void destroy(void* instance)
{
    ++static_cast<Script*>(instance)->destroyed;
}

int32_t call(void* instance, muster_text request, const muster_sink* out)
{
    auto& script = *static_cast<Script*>(instance);
    return script.call(*script.host, std::string(request.data, request.size), *out);
}

const struct muster_plugin kPlugin = {
    MUSTER_ABI_MAJOR, MUSTER_ABI_MINOR, "desk", "1", &create, &destroy, &call, &call, &call,
    nullptr};

class Memory : public Poco::Channel
{
public:
    void log(const Poco::Message& message) override { text += message.getText() + "\n"; }
    std::string text;
};

ChangeRequest createContact(int64_t id)
{
    ChangeRequest change;
    change.id = id;
    change.kind = "contact";
    change.key = "a" + std::to_string(id) + "@b.c";
    return change;
}

std::string applied(int64_t id)
{
    return R"({"outcome":{"id":)" + std::to_string(id) +
           R"(,"state":"applied","record":{"kind":"contact","key":"k","remoteId":"7"}}})";
}

} // namespace

class PluginChannelTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PluginChannelTest);
    FRESH_TEST(hidesSecretSettingsFromThePlugin);
    FRESH_TEST(namesTheSettingThatThePluginRefuses);
    FRESH_TEST(refusesAPluginThatSendsRequestsWhileItIsMade);
    FRESH_TEST(handsOverWhatIsRead);
    FRESH_TEST(toldReadingFailsAsThePluginSays);
    FRESH_TEST(refusesToReadGarbage);
    FRESH_TEST(refusesRecordsThatTheManifestDoesNotKnow);
    FRESH_TEST(stopsAPluginThatTalkedGarbage);
    FRESH_TEST(survivesAPluginThatThrows);
    FRESH_TEST(passesOnErrorsOfOurOwnSide);
    FRESH_TEST(sendsEveryPartOfAChange);
    FRESH_TEST(makesMissingOutcomesUnknown);
    FRESH_TEST(sendsNothingMoreWhenASettingIsWrong);
    FRESH_TEST(takesOnlyTheFirstOutcomeOfAChange);
    FRESH_TEST(ignoresOutcomesOfChangesThatItDidNotAskFor);
    FRESH_TEST(doubtsACreateWithoutARecord);
    FRESH_TEST(splitsBatchesThatAreTooLarge);
    FRESH_TEST(triesNothingMoreWhenCancelled);
    FRESH_TEST(readsEveryPartOfAnOutcome);
    FRESH_TEST(takesSecretsOutOfAllThatThePluginSays);
    FRESH_TEST(cutsMessagesThatAreTooLong);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _script = {};
        theScript = &_script;
        _manifest.id = "desk";
        _manifest.records = {{"contact", {"create"}}, {"contact-group", {}}};
        _manifest.links = {{"contact", "contact-group"}};
        _manifest.origins = {{"site"}};
        _manifest.batch = 100;
        _manifest.credentials = {{"key", "Authorization", "{}"}};
        _manifest.settings = Json::object();
        _options = {"acme", {{"site", "https://acme.example"}, {"key", "s3cr3t"}}};
        _cancellation = std::make_unique<runtime::Cancellation>();
        _outcomes.clear();
        _log = new Memory;
        Poco::Logger::get("targets.acme").setChannel(_log);
        Poco::Logger::get("targets.acme").setLevel(Poco::Message::PRIO_TRACE);
    }

    void hidesSecretSettingsFromThePlugin()
    {
        make();
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"site":"https://acme.example"})"), _script.settings);
        CPPUNIT_ASSERT_EQUAL(1, _script.destroyed);
    }

    void namesTheSettingThatThePluginRefuses()
    {
        _options.settings["bad"] = true;
        try
        {
            make();
            CPPUNIT_FAIL("bad settings were taken");
        }
        catch (const ConfigError& error)
        {
            CPPUNIT_ASSERT_EQUAL(std::string("target acme (plugin desk): site: it is bad"),
                                 std::string(error.what()));
        }
    }

    void refusesAPluginThatSendsRequestsWhileItIsMade()
    {
        _options.settings["greedy"] = true;
        CPPUNIT_ASSERT_THROW(make(), ConfigError);
    }

    void handsOverWhatIsRead()
    {
        std::string asked;
        _script.call = [&](const auto&, const auto& request, const auto& out) {
            asked = request;
            say(out, R"({"record":{"kind":"contact","key":"a@b.c","remoteId":"7","name":"A",
                        "active":false,"fields":{"email":"a@b.c"},"later":1}})");
            say(out, R"({"link":{"from":{"kind":"contact","remoteId":"7"},
                        "to":{"kind":"contact-group","remoteId":"g"},"role":"manager"}})");
            return MUSTER_OK;
        };
        RemoteRecord record;
        RemoteLink link;
        make()->read(
            {{{"account", 42}}, {"contact"}, {{"contact-group", "g"}}},
            [&](RemoteRecord value) { record = std::move(value); },
            [&](RemoteLink value) { link = std::move(value); }, *_cancellation);
        CPPUNIT_ASSERT_EQUAL(Json::parse(R"({"read":{"scope":{"account":42},"kinds":["contact"],
                "linksInto":[{"kind":"contact-group","remoteId":"g"}]}})")
                                 .dump(),
                             Json::parse(asked).dump());
        CPPUNIT_ASSERT_EQUAL(std::string("a@b.c"), record.key);
        CPPUNIT_ASSERT(!record.active);
        CPPUNIT_ASSERT_EQUAL(std::string("7"), link.fromId);
        CPPUNIT_ASSERT_EQUAL(std::string("manager"), link.role);
    }

    void toldReadingFailsAsThePluginSays()
    {
        const auto failWith = [&](int32_t status) {
            _script.call = [status](const auto&, const auto&, const auto& out) {
                say(out, R"({"error":{"message":"no luck"}})");
                return status;
            };
            read();
        };
        CPPUNIT_ASSERT_THROW(failWith(MUSTER_RETRY), RetryError);
        CPPUNIT_ASSERT_THROW(failWith(MUSTER_CONFIG), ConfigError);
        CPPUNIT_ASSERT_THROW(failWith(MUSTER_REJECTED), RejectedError);
        CPPUNIT_ASSERT_THROW(failWith(77), RejectedError);
        CPPUNIT_ASSERT_THROW(failWith(MUSTER_CANCELLED), RejectedError);
        _cancellation->request();
        CPPUNIT_ASSERT_THROW(failWith(MUSTER_CANCELLED), CancelledError);
    }

    void refusesToReadGarbage()
    {
        for (const std::string line :
             {"", "garbage", "[]", "{}", R"({"record":1})", R"({"record":{}})",
              R"({"record":{"kind":"contact","key":"k"}})",
              R"({"record":{"kind":"contact","key":"k","remoteId":7}})",
              R"({"record":{"kind":"contact","key":"k","remoteId":"7","fields":[]}})",
              R"({"record":{"kind":"contact","key":"","remoteId":"7"}})", R"({"outcome":{"id":1}})",
              R"({"link":{"from":{"kind":"contact","remoteId":"7"}}})",
              "{\"record\":{\"kind\":\"\xff\"}}"})
        {
            _script.call = [&](const auto&, const auto&, const auto& out) {
                say(out, line);
                return MUSTER_OK;
            };
            CPPUNIT_ASSERT_THROW_MESSAGE(line, read(), RejectedError);
        }
    }

    void refusesRecordsThatTheManifestDoesNotKnow()
    {
        for (const std::string line : {R"({"record":{"kind":"car","key":"k","remoteId":"7"}})",
                                       R"({"link":{"from":{"kind":"contact-group","remoteId":"7"},
                          "to":{"kind":"contact","remoteId":"g"}}})"})
        {
            _script.call = [&](const auto&, const auto&, const auto& out) {
                say(out, line);
                return MUSTER_OK;
            };
            CPPUNIT_ASSERT_THROW(read(), RejectedError);
        }
    }

    void stopsAPluginThatTalkedGarbage()
    {
        int32_t wasCancelled = 0;
        _script.call = [&](const auto& host, const auto&, const auto& out) {
            say(out, "garbage");
            wasCancelled = host.is_cancelled(host.context);
            CPPUNIT_ASSERT_EQUAL(MUSTER_REJECTED, host.http(host.context, {"", 0}, &out));
            return MUSTER_CANCELLED;
        };
        CPPUNIT_ASSERT_THROW(read(), RejectedError);
        CPPUNIT_ASSERT_EQUAL(1, wasCancelled);
    }

    void survivesAPluginThatThrows()
    {
        _script.call = [](const auto&, const auto&, const auto&) -> int32_t { throw 7; };
        CPPUNIT_ASSERT_THROW(read(), RejectedError);
        CPPUNIT_ASSERT_THROW(make()->check({}, *_cancellation), RejectedError);
        apply({createContact(1)});
        CPPUNIT_ASSERT(_outcomes.at(1).state == OutcomeState::Retry);
        CPPUNIT_ASSERT(_outcomes.at(1).unknown);
        CPPUNIT_ASSERT(_outcomes.at(1).message.find("target acme (plugin desk): create contact "
                                                    "a1@b.c: the plugin threw") == 0);
    }

    void passesOnErrorsOfOurOwnSide()
    {
        _script.call = [](const auto&, const auto&, const auto& out) {
            for (int i = 0; i < 3; ++i)
                say(out, R"({"record":{"kind":"contact","key":"k","remoteId":"7"}})");
            return MUSTER_OK;
        };
        int taken = 0;
        const auto full = [&](RemoteRecord) {
            ++taken;
            throw std::length_error("the disk is full");
        };
        CPPUNIT_ASSERT_THROW(make()->read({{}, {"contact"}}, full, {}, *_cancellation),
                             std::length_error);
        CPPUNIT_ASSERT_EQUAL(1, taken);
    }

    void sendsEveryPartOfAChange()
    {
        std::string sent;
        _script.call = [&](const auto&, const auto& request, const auto&) {
            sent = request;
            return MUSTER_OK;
        };
        auto made = createContact(1);
        made.fields = {{"email", "a1@b.c"}};
        made.doubt = true;
        ChangeRequest link;
        link.id = 2;
        link.action = Action::Link;
        link.from = {"contact", "a@b.c", "7"};
        link.to = {"contact-group", "G", "g"};
        link.role = "manager";
        apply({made, link});
        std::vector<Json> lines;
        for (auto& line : parseLines(sent))
            lines.push_back({{line.what, line.value}});
        const std::vector<Json> expected{
            Json::parse(R"({"scope":{"account":42}})"),
            Json::parse(R"({"change":{"id":1,"action":"create","kind":"contact","key":"a1@b.c",
                "name":"","fields":{"email":"a1@b.c"},"doubt":true}})"),
            Json::parse(R"({"change":{"id":2,"action":"link","role":"manager",
                "from":{"kind":"contact","key":"a@b.c","remoteId":"7"},
                "to":{"kind":"contact-group","key":"G","remoteId":"g"}}})")};
        CPPUNIT_ASSERT_EQUAL(Json(expected).dump(), Json(lines).dump());
    }

    void makesMissingOutcomesUnknown()
    {
        _script.call = [](const auto&, const auto&, const auto& out) {
            say(out, applied(2));
            say(out, R"({"error":{"message":"lost the thread"}})");
            return MUSTER_RETRY;
        };
        apply({createContact(1), createContact(2)});
        CPPUNIT_ASSERT(_outcomes.at(2).state == OutcomeState::Applied);
        CPPUNIT_ASSERT(_outcomes.at(1).state == OutcomeState::Retry);
        CPPUNIT_ASSERT(_outcomes.at(1).unknown);
        CPPUNIT_ASSERT_EQUAL(
            std::string("target acme (plugin desk): create contact a1@b.c: lost the thread"),
            _outcomes.at(1).message);
    }

    void sendsNothingMoreWhenASettingIsWrong()
    {
        int calls = 0;
        _script.call = [&](const auto&, const auto&, const auto& out) {
            ++calls;
            say(out, R"({"outcome":{"id":1,"state":"retry"}})");
            say(out, R"({"error":{"message":"refused","setting":"key"}})");
            return MUSTER_CONFIG;
        };
        _manifest.batch = 1;
        CPPUNIT_ASSERT_THROW(apply({createContact(1), createContact(2)}), ConfigError);
        CPPUNIT_ASSERT_EQUAL(1, calls);
        CPPUNIT_ASSERT_EQUAL(size_t{2}, _outcomes.size());
        CPPUNIT_ASSERT(!_outcomes.at(2).unknown);
        CPPUNIT_ASSERT_EQUAL(std::string("not tried: target acme (plugin desk): key: refused"),
                             _outcomes.at(2).message);
    }

    void takesOnlyTheFirstOutcomeOfAChange()
    {
        _script.call = [](const auto&, const auto&, const auto& out) {
            say(out, applied(1));
            say(out, R"({"outcome":{"id":1,"state":"rejected"}})");
            say(out, applied(2));
            return MUSTER_OK;
        };
        apply({createContact(1), createContact(2)});
        CPPUNIT_ASSERT(_outcomes.at(1).state == OutcomeState::Applied);
        // What comes after a contradiction is not believed.
        CPPUNIT_ASSERT(_outcomes.at(2).unknown);
        CPPUNIT_ASSERT(_log->text.find("there is no change 1 without an outcome") !=
                       std::string::npos);
    }

    void ignoresOutcomesOfChangesThatItDidNotAskFor()
    {
        _script.call = [](const auto&, const auto&, const auto& out) {
            say(out, applied(99));
            return MUSTER_OK;
        };
        apply({createContact(1)});
        CPPUNIT_ASSERT_EQUAL(size_t{1}, _outcomes.size());
        CPPUNIT_ASSERT(_outcomes.at(1).unknown);
    }

    void doubtsACreateWithoutARecord()
    {
        _script.call = [](const auto&, const auto&, const auto& out) {
            say(out, R"({"outcome":{"id":1,"state":"applied"}})");
            return MUSTER_OK;
        };
        apply({createContact(1)});
        CPPUNIT_ASSERT(_outcomes.at(1).state == OutcomeState::Retry);
        CPPUNIT_ASSERT(_outcomes.at(1).unknown);
    }

    void splitsBatchesThatAreTooLarge()
    {
        _manifest.batch = 2;
        std::vector<size_t> sizes;
        _script.call = [&](const auto&, const auto& request, const auto& out) {
            const auto lines = parseLines(request);
            sizes.push_back(lines.size() - 1);
            for (size_t i = 1; i < lines.size(); ++i)
                say(out, applied(lines[i].value["id"]));
            return MUSTER_OK;
        };
        apply({createContact(1), createContact(2), createContact(3)});
        CPPUNIT_ASSERT(sizes == std::vector<size_t>({2, 1}));
        CPPUNIT_ASSERT_EQUAL(size_t{3}, _outcomes.size());
    }

    void triesNothingMoreWhenCancelled()
    {
        _manifest.batch = 1;
        _script.call = [&](const auto& host, const auto&, const auto&) {
            _cancellation->request();
            CPPUNIT_ASSERT_EQUAL(MUSTER_CANCELLED, host.wait(host.context, 1000));
            return MUSTER_CANCELLED;
        };
        apply({createContact(1), createContact(2)});
        CPPUNIT_ASSERT(_outcomes.at(1).unknown);
        CPPUNIT_ASSERT(!_outcomes.at(2).unknown);
        CPPUNIT_ASSERT(_outcomes.at(2).state == OutcomeState::Retry);
    }

    void readsEveryPartOfAnOutcome()
    {
        _script.call = [](const auto&, const auto&, const auto& out) {
            say(out, R"({"outcome":{"id":1,"state":"retry","message":"m","retryAfter":1500}})");
            say(out, R"({"outcome":{"id":2,"state":"applied","adopted":true,
                        "record":{"kind":"contact","key":"k","remoteId":"8","active":false}}})");
            say(out, R"({"outcome":{"id":3,"state":"unchanged"}})");
            say(out, R"({"outcome":{"id":4,"state":"rejected","message":"why"}})");
            return MUSTER_OK;
        };
        apply({createContact(1), createContact(2), createContact(3), createContact(4)});
        CPPUNIT_ASSERT(_outcomes.at(1).retryAfter == std::chrono::milliseconds(1500));
        CPPUNIT_ASSERT(!_outcomes.at(1).unknown);
        CPPUNIT_ASSERT(_outcomes.at(2).adopted);
        CPPUNIT_ASSERT(!_outcomes.at(2).record->active);
        CPPUNIT_ASSERT(_outcomes.at(3).state == OutcomeState::Unchanged);
        CPPUNIT_ASSERT_EQUAL(std::string("why"), _outcomes.at(4).message);
    }

    void takesSecretsOutOfAllThatThePluginSays()
    {
        _script.call = [](const auto& host, const auto&, const auto& out) {
            const std::string text = "the key is s3cr3t";
            host.log(host.context, MUSTER_LOG_ERROR, {text.data(), text.size()});
            say(out, R"({"outcome":{"id":1,"state":"rejected","message":"s3cr3t"}})");
            say(out, R"({"error":{"message":"s3cr3t"}})");
            say(out, "s3cr3t");
            return MUSTER_RETRY;
        };
        apply({createContact(1), createContact(2)});
        for (const auto& [id, outcome] : _outcomes)
            CPPUNIT_ASSERT_MESSAGE(outcome.message,
                                   outcome.message.find("s3cr3t") == std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(_log->text, _log->text.find("s3cr3t") == std::string::npos);
        CPPUNIT_ASSERT(_log->text.find("the key is [secret]") != std::string::npos);
    }

    void cutsMessagesThatAreTooLong()
    {
        std::string longText;
        while (longText.size() < 100'000)
            longText += "ä";
        _script.call = [&](const auto&, const auto&, const auto& out) {
            say(out, R"({"outcome":{"id":1,"state":"rejected","message":")" + longText + "\"}}");
            return MUSTER_OK;
        };
        apply({createContact(1)});
        CPPUNIT_ASSERT(_outcomes.at(1).message.size() < 3000);
        CPPUNIT_ASSERT_NO_THROW(Json(_outcomes.at(1).message).dump());
    }

private:
    std::unique_ptr<PluginChannel> make()
    {
        return std::make_unique<PluginChannel>(std::make_unique<runner::LibraryPort>(kPlugin),
                                               _manifest, _options, _clock, HostHttp::SendAll());
    }

    void read()
    {
        make()->read(
            {{{"account", 42}}, {"contact"}}, [](RemoteRecord) {}, [](RemoteLink) {},
            *_cancellation);
    }

    void apply(const std::vector<ChangeRequest>& changes)
    {
        make()->apply(
            {{"account", 42}}, changes,
            [&](Outcome outcome) { CPPUNIT_ASSERT(_outcomes.emplace(outcome.id, outcome).second); },
            *_cancellation);
    }

    TestClock _clock;
    Script _script;
    TargetManifest _manifest;
    ChannelOptions _options;
    std::unique_ptr<runtime::Cancellation> _cancellation;
    std::map<int64_t, Outcome> _outcomes;
    Poco::AutoPtr<Memory> _log;
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginChannelTest);
