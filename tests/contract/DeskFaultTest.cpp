#include "ChildPlugin.h"
#include "DeskTargetFixture.h"

#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

using namespace muster;
using namespace muster::plugins;
using namespace std::chrono_literals;

namespace {

#define ASSERT_SAYS(expected, text)                                                                \
    CPPUNIT_ASSERT_MESSAGE(text, std::string(text).find(expected) != std::string::npos)

class Memory : public Poco::Channel
{
public:
    void log(const Poco::Message& message) override { text += message.getText() + "\n"; }
    std::string text;
};

template <typename Function>
std::string configError(const Function& function)
{
    try
    {
        function();
    }
    catch (const ConfigError& error)
    {
        return error.what();
    }
    return "no error";
}

} // namespace

/// What the DeskDirector target does when site or settings are not as they should be.
class DeskFaultTest : public tests::DeskTargetFixture
{
    CPPUNIT_TEST_SUITE(DeskFaultTest);
    FRESH_TEST(makesNothingTwiceWhenAnAnswerIsLost);
    FRESH_TEST(makesNothingTwiceWhenTheSearchIsStale);
    FRESH_TEST(makesWhatNeverTookEffect);
    FRESH_TEST(makesNoGroupTwiceWhenTheListStaysStale);
    FRESH_TEST(waitsOutAStormOf429);
    FRESH_TEST(triesAgainLaterWhenTheSiteIsDown);
    FRESH_TEST(triesAgainLaterWhenTheSiteIsSlow);
    FRESH_TEST(triesAgainLaterWhenAnswersAreCut);
    FRESH_TEST(triesAgainLaterWhenNobodyListens);
    FRESH_TEST(neverTakesPartOfAListForTheWhole);
    FRESH_TEST(namesTheKeyThatIsRefused);
    FRESH_TEST(stopsWhenTheKeyIsRefusedInTheMiddle);
    FRESH_TEST(namesTheAccountThatIsNotThere);
    FRESH_TEST(showsTheKeyToNobodyWhenTheSiteEchoesIt);
    FRESH_TEST(endsASlowCallWithinTwoSecondsOfACancel);
    FRESH_TEST(keepsThePace);
    FRESH_TEST(saysWhatACheckFinds);
    FRESH_TEST(checksWithoutAScope);
    FRESH_TEST(saysWhichCallsOfTheProfileFit);
    FRESH_TEST(namesEachSettingThatIsWrong);
    CPPUNIT_TEST_SUITE_END();

public:
    void makesNothingTwiceWhenAnAnswerIsLost()
    {
        for (const auto* route : {"contacts.create", "groups.create"})
            for (const auto& then : {sandbox::Json{{"kind", "drop"}},
                                     sandbox::Json{{"kind", "status"}, {"status", 504}},
                                     sandbox::Json{{"kind", "cut"}, {"bytes", 3}}})
                server.addFault({{"kind", "takesEffectThen"},
                                 {"then", then},
                                 {"match", {{"route", route}}},
                                 {"times", 1}});
        assertEachOnce();
    }

    void makesNothingTwiceWhenTheSearchIsStale()
    {
        server.configure({{"staleSearches", 2}});
        for (const auto* route : {"contacts.create", "groups.create"})
            server.addFault({{"kind", "takesEffectThen"},
                             {"then", {{"kind", "drop"}}},
                             {"match", {{"route", route}}},
                             {"times", 1}});
        assertEachOnce();
    }

    void makesWhatNeverTookEffect()
    {
        for (const auto* route : {"contacts.create", "groups.create"})
            server.addFault({{"kind", "drop"}, {"match", {{"route", route}}}, {"times", 1}});
        const auto channel = open();
        assertState(OutcomeState::Applied, apply(*channel, contact(1, "ann@contoso.example")));
        // The site takes two groups of one name: whether the first was made may show later.
        auto finance = group(2, "Finance");
        const auto outcome = apply(*channel, finance);
        assertState(OutcomeState::Retry, outcome);
        CPPUNIT_ASSERT(outcome.unknown);
        CPPUNIT_ASSERT(outcome.retryAfter > 60s);
        finance.doubt = true;
        assertState(OutcomeState::Applied, apply(*channel, finance));
        CPPUNIT_ASSERT_EQUAL(size_t{1}, server.deskDirector()["groups"].size());
    }

    void makesNoGroupTwiceWhenTheListStaysStale()
    {
        server.configure({{"staleMilliseconds", 3600000}});
        server.addFault({{"kind", "takesEffectThen"},
                         {"then", {{"kind", "drop"}}},
                         {"match", {{"route", "groups.create"}}},
                         {"times", 1}});
        const auto channel = open();
        auto finance = group(1, "Finance");
        assertState(OutcomeState::Retry, apply(*channel, finance));
        server.configure({{"staleMilliseconds", 0}});
        finance.doubt = true;
        assertState(OutcomeState::Applied, apply(*channel, finance));
        CPPUNIT_ASSERT_EQUAL(size_t{1}, server.deskDirector()["groups"].size());
    }

    void waitsOutAStormOf429()
    {
        server.addFault({{"kind", "throttle"}, {"retryAfter", "1.5"}, {"times", 4}});
        const auto channel = open();
        assertState(OutcomeState::Applied, apply(*channel, contact(1, "ann@contoso.example")));
        CPPUNIT_ASSERT_EQUAL(uint64_t{5}, channel->requests());
    }

    void triesAgainLaterWhenTheSiteIsDown()
    {
        seedContacts(1);
        const auto channel = open();
        const auto record = read(*channel, {"contact"}).records.at(0);
        server.addFault({{"kind", "htmlError"}, {"status", 503}, {"times", -1}});
        assertRetry(*channel, record, true);
    }

    void triesAgainLaterWhenTheSiteIsSlow()
    {
        seedContacts(1);
        const auto channel = open({{"pace", {{"timeout", 0.05}, {"tries", 2}}}});
        const auto record = read(*channel, {"contact"}).records.at(0);
        server.addFault({{"kind", "slow"}, {"delay", 60000}, {"times", -1}});
        assertRetry(*channel, record, true);
    }

    void triesAgainLaterWhenAnswersAreCut()
    {
        seedContacts(1);
        const auto channel = open();
        const auto record = read(*channel, {"contact"}).records.at(0);
        server.addFault({{"kind", "cut"}, {"bytes", 1}, {"times", -1}});
        assertRetry(*channel, record, true);
    }

    void triesAgainLaterWhenNobodyListens()
    {
        const auto channel = open({{"site", "http://127.0.0.1:1"}});
        RemoteRecord record;
        record.kind = "contact";
        record.key = "a@b.c";
        record.remoteId = "1";
        assertRetry(*channel, record, false);
    }

    void neverTakesPartOfAListForTheWhole()
    {
        seedContacts(350);
        for (int page = 1; page <= 3; ++page)
            for (const auto& fault : {sandbox::Json{{"kind", "garbage"}, {"body", "{\"resul"}},
                                      sandbox::Json{{"kind", "garbage"}, {"body", "{}"}},
                                      sandbox::Json{{"kind", "status"}, {"status", 500}}})
            {
                auto rule = fault;
                rule["after"] = page;
                rule["times"] = -1;
                server.clearFaults();
                server.addFault(rule);
                const auto channel = open({{"pace", {{"tries", 1}}}});
                CPPUNIT_ASSERT_THROW(read(*channel, {"contact"}), RetryError);
            }
    }

    void namesTheKeyThatIsRefused()
    {
        const auto channel = open({{"apiKey", "wrong-key"}});
        ASSERT_SAYS("target desk (plugin deskdirector): apiKey: the site refuses the key (401)",
                    configError([&] { apply(*channel, contact(1, "ann@contoso.example")); }));
        ASSERT_SAYS("target desk (plugin deskdirector): apiKey: the site refuses",
                    configError([&] { read(*channel, {"contact"}); }));
        const auto findings = channel->check({scope}, cancellation);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, findings.size());
        CPPUNIT_ASSERT_EQUAL(std::string("key-refused"), findings[0].code);
        CPPUNIT_ASSERT(findings[0].severity == runtime::Severity::Error);
    }

    void stopsWhenTheKeyIsRefusedInTheMiddle()
    {
        server.addFault({{"kind", "status"}, {"status", 401}, {"after", 2}, {"times", -1}});
        const auto channel = open({{"pace", {{"parallel", 1}}}});
        std::vector<ChangeRequest> changes;
        for (int i = 0; i < 5; ++i)
            changes.push_back(contact(i, "a" + std::to_string(i) + "@x.example"));
        int applied = 0;
        int later = 0;
        const auto take = [&](Outcome outcome) {
            applied += outcome.state == OutcomeState::Applied;
            later += outcome.state == OutcomeState::Retry && !outcome.unknown;
        };
        CPPUNIT_ASSERT_THROW(channel->apply(scope, changes, take, cancellation), ConfigError);
        CPPUNIT_ASSERT_EQUAL(2, applied);
        CPPUNIT_ASSERT_EQUAL(3, later);
    }

    void namesTheAccountThatIsNotThere()
    {
        const auto channel = open();
        for (const auto* kind : {"contact", "contact-group"})
            ASSERT_SAYS("there is no account 999: mend scope.account of the sync", configError([&] {
                            channel->read(
                                {{{"account", 999}}, {kind}}, [](auto) {}, [](auto) {},
                                cancellation);
                        }));
        // A site without the call answers 404 too; then the account is there all the same.
        const auto other = open({{"profile", {{"contacts.find", {{"path", "/api/v9/find"}}}}}});
        CPPUNIT_ASSERT_THROW(read(*other, {"contact"}), RejectedError);
    }

    void showsTheKeyToNobodyWhenTheSiteEchoesIt()
    {
        Poco::AutoPtr<Memory> log(new Memory);
        Poco::Logger::get("targets.desk").setChannel(log);
        Poco::Logger::get("targets.desk").setLevel(Poco::Message::PRIO_TRACE);
        server.addFault({{"kind", "status"},
                         {"status", 400},
                         {"times", -1},
                         {"headers", {{"X-Echo", "DdApi sandbox-key"}}},
                         {"body", {{"message", "DdApi sandbox-key is not welcome"}}}});
        const auto channel = open();
        const auto outcome = apply(*channel, contact(1, "ann@contoso.example"));
        ASSERT_SAYS("[secret] is not welcome", outcome.message);
        std::string all = outcome.message + log->text;
        for (const auto& finding : channel->check({scope}, cancellation))
            all += finding.message;
        try
        {
            read(*channel, {"contact"});
        }
        catch (const std::exception& error)
        {
            all += error.what();
        }
        CPPUNIT_ASSERT_MESSAGE(all, all.find("sandbox-key") == all.npos);
        CPPUNIT_ASSERT_MESSAGE(log->text, log->text.find("/contacts: 400") != std::string::npos);
    }

    void endsASlowCallWithinTwoSecondsOfACancel()
    {
        server.addFault({{"kind", "slow"}, {"delay", 60000}, {"times", -1}});
        const auto channel = open();
        std::chrono::steady_clock::time_point cancelled;
        std::jthread canceller([&] {
            while (server.requests()["total"] == 0)
                std::this_thread::yield();
            cancelled = std::chrono::steady_clock::now();
            cancellation.request();
        });
        const auto outcome = apply(*channel, contact(1, "ann@contoso.example"));
        canceller.join();
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - cancelled < 2s);
        assertState(OutcomeState::Retry, outcome);
        CPPUNIT_ASSERT(outcome.unknown);
    }

    void keepsThePace()
    {
        runtime::SystemClock real;
        Catalog realTime({MUSTER_BINARY_DIR "/lib/muster"}, real,
                         {.children = tests::childrenAsked()});
        const auto channel =
            realTime.openTarget("deskdirector", {"desk",
                                                 {{"site", server.baseUrl()},
                                                  {"apiKey", "sandbox-key"},
                                                  {"pace", {{"perSecond", 20}, {"parallel", 3}}}}});
        std::vector<ChangeRequest> changes;
        for (int i = 0; i < 45; ++i)
            changes.push_back(contact(i, "a" + std::to_string(i) + "@x.example"));
        const auto start = std::chrono::steady_clock::now();
        apply(*channel, changes);
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - start >= 2s);
        CPPUNIT_ASSERT(server.deskDirector()["maxConcurrent"] <= 3);
    }

    void saysWhatACheckFinds()
    {
        server.seedDeskDirector(
            {{"accounts", {{{"id", 43}, {"name", "Closed"}, {"active", false}}}}});
        const auto channel = open();
        const auto findings =
            channel->check({scope, {{"account", 43}}, {{"account", 44}}}, cancellation);
        const auto says = [&](const std::string& code, runtime::Severity severity) {
            for (const auto& finding : findings)
                if (finding.code == code && finding.severity == severity)
                    return finding.message;
            CPPUNIT_FAIL("no finding " + code);
            return std::string();
        };
        says("connected", runtime::Severity::Info);
        ASSERT_SAYS("account 42 is Contoso", says("account-found", runtime::Severity::Info));
        ASSERT_SAYS("account 43 is Closed", says("account-inactive", runtime::Severity::Warning));
        ASSERT_SAYS("no account 44", says("account-missing", runtime::Severity::Error));
        CPPUNIT_ASSERT_EQUAL(size_t{0}, writes());
    }

    void checksWithoutAScope()
    {
        const auto channel = open();
        for (const auto& finding : channel->check({}, cancellation))
            CPPUNIT_ASSERT(finding.severity == runtime::Severity::Info);
    }

    void saysWhichCallsOfTheProfileFit()
    {
        const auto channel =
            open({{"profile", {{"contacts.find", {{"fields", {{"companyId", "accountId"}}}}}}}});
        std::map<std::string, std::string> messages;
        for (const auto& finding : channel->check({}, cancellation))
            messages[finding.code] = finding.message;
        ASSERT_SAYS("contacts.create", messages["profile-fits"]);
        ASSERT_SAYS("contacts.patch", messages["profile-unknown"]);
        ASSERT_SAYS("FindContactsRequest has no accountId", messages["profile-misfit"]);
    }

    void namesEachSettingThatIsWrong()
    {
        const auto says = [&](const Json& changes) { return configError([&] { open(changes); }); };
        ASSERT_SAYS("site: is missing", says({{"site", nullptr}}));
        ASSERT_SAYS("site: does not have the right form, like https://acme.deskdirector.com",
                    says({{"site", "acme"}}));
        ASSERT_SAYS("site: http://acme.example cannot be used: plain http is for this machine",
                    says({{"site", "http://acme.example"}}));
        ASSERT_SAYS("apiKey: is missing", says({{"apiKey", nullptr}}));
        ASSERT_SAYS("apiKey: ", says({{"apiKey", "a\nb"}}));
        ASSERT_SAYS("pace.parallel: must be at least 1", says({{"pace", {{"parallel", 0}}}}));
        ASSERT_SAYS("pace.perSecond: must be greater than 0", says({{"pace", {{"perSecond", 0}}}}));
        ASSERT_SAYS("requests.boardId: is missing",
                    says({{"requests", {{"inProgressStatusId", 1}, {"closedStatusId", 2}}}}));
        ASSERT_SAYS("sight: is not known", says({{"sight", "x"}}));
    }

private:
    /// Makes three contacts and groups; afterwards each is there, and once.
    void assertEachOnce()
    {
        const auto channel = open();
        std::vector<ChangeRequest> changes;
        for (int i = 0; i < 4; ++i)
        {
            changes.push_back(contact(i, "a" + std::to_string(i) + "@x.example"));
            changes.push_back(group(100 + i, "G" + std::to_string(i)));
        }
        for (const auto& [id, outcome] : apply(*channel, changes))
        {
            assertState(OutcomeState::Applied, outcome);
            CPPUNIT_ASSERT_MESSAGE("it is ours", !outcome.adopted);
        }
        const auto state = server.deskDirector();
        CPPUNIT_ASSERT_EQUAL(size_t{4}, state["contacts"].size());
        CPPUNIT_ASSERT_EQUAL(size_t{4}, state["groups"].size());
    }

    void assertRetry(TargetChannel& channel, const RemoteRecord& record, bool mayHaveHappened)
    {
        const auto outcomes = apply(channel, {contact(1, "ann@contoso.example"), group(2, "G"),
                                              change(3, Action::Retire, record),
                                              link(4, record.remoteId, "g", "guest")});
        for (const auto& [id, outcome] : outcomes)
        {
            assertState(OutcomeState::Retry, outcome);
            CPPUNIT_ASSERT_EQUAL(mayHaveHappened, outcome.unknown);
        }
        CPPUNIT_ASSERT_THROW(read(channel, {"contact"}), RetryError);
        const auto findings = channel.check({scope}, cancellation);
        CPPUNIT_ASSERT_EQUAL(std::string("site-unreachable"), findings.at(0).code);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeskFaultTest);
