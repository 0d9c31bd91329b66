#include "SyncWorld.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"
#include "sync/Journal.h"
#include "sync/PlanStore.h"

#include <algorithm>

using namespace muster;
using namespace muster::plugins;
using Lines = std::vector<std::string>;

class RunnerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RunnerTest);
    FRESH_TEST(doesWhatThePlanSaysAndNothingElse);
    FRESH_TEST(triesAgainWhatMayWorkLater);
    FRESH_TEST(stopsWhenNothingGetsThrough);
    FRESH_TEST(stopsAtOnceWhenASettingIsWrong);
    FRESH_TEST(linksWaitForAContactThatFailed);
    FRESH_TEST(aReachedLimitIsAFindingAndIsNotRepeated);
    FRESH_TEST(aRefusalIsTriedAgainByTheNextRun);
    FRESH_TEST(aRefusalIsForgottenWhenSomebodyElseDidTheChange);
    FRESH_TEST(aFreedPlaceIsTriedAgain);
    FRESH_TEST(aPlaceThatTheSameRunFreesIsTakenByTheNext);
    FRESH_TEST(anUnknownCreateIsLookedUpNext);
    FRESH_TEST(aCreateWhoseFateShowsLaterWaitsForTheNextRun);
    FRESH_TEST(aProcessThatDiedLeavesNothingForgotten);
    FRESH_TEST(aLinkInDoubtIsRemovedWhenNobodyWantsItAnyMore);
    FRESH_TEST(activatingAndUpdatingOneContactDependOnBoth);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _world.person(1, "a@x.example");
        _world.person(2, "b@x.example");
        _world.group(1, "Sales");
        _world.member(1, 1);
        _world.member(1, 2);
    }

    void doesWhatThePlanSaysAndNothingElse()
    {
        const auto plan = prepared();
        const auto planned = _world.changes(plan);
        _world.run(plan);
        Lines done;
        for (const auto& change : _world.target.applied)
            done.push_back(change.kind.empty()
                               ? toText(change.action) + " " + change.from.key + " " +
                                     change.to.key + " " + change.role
                               : toText(change.action) + " " + change.kind + " " + change.key);
        CPPUNIT_ASSERT(planned == done);
    }

    void triesAgainWhatMayWorkLater()
    {
        int failures = 2;
        _world.target.fault = [&](const ChangeRequest& change) -> std::optional<Outcome> {
            if (change.key != "a@x.example" || failures-- <= 0)
                return std::nullopt;
            return Outcome{0, OutcomeState::Retry, "busy"};
        };
        CPPUNIT_ASSERT_EQUAL(std::string(), _world.run(prepared()));
        CPPUNIT_ASSERT(_world.target.memberships() == allLinked());
        CPPUNIT_ASSERT(_world.clock.passed() >= std::chrono::seconds(2));
    }

    void stopsWhenNothingGetsThrough()
    {
        _world.target.fault = [](const ChangeRequest&) {
            return Outcome{0, OutcomeState::Retry, "the site does not answer"};
        };
        CPPUNIT_ASSERT_EQUAL(std::string("the site does not answer"), _world.run(prepared()));
        _world.target.fault = nullptr;
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() == allLinked());
    }

    void stopsAtOnceWhenASettingIsWrong()
    {
        _world.target.fault = [](const ChangeRequest& change) -> std::optional<Outcome> {
            if (change.key == "b@x.example")
                throw ConfigError("apiKey: refused");
            return std::nullopt;
        };
        const auto plan = prepared();
        CPPUNIT_ASSERT_THROW(_world.run(plan), ConfigError);
        CPPUNIT_ASSERT(_world.clock.passed() < std::chrono::seconds(1));
        CPPUNIT_ASSERT(_world.target.keys("contact") == Lines({"a@x.example"}));
        CPPUNIT_ASSERT_EQUAL(std::string("applied"),
                             _world.database
                                 .value<std::string>("SELECT c.state FROM change c JOIN record r "
                                                     "ON r.id = c.record WHERE r.key = "
                                                     "'a@x.example'")
                                 .value());
    }

    void linksWaitForAContactThatFailed()
    {
        _world.target.fault = [](const ChangeRequest& change) -> std::optional<Outcome> {
            if (change.key != "a@x.example")
                return std::nullopt;
            return Outcome{0, OutcomeState::Retry, "busy"};
        };
        const auto plan = prepared();
        _world.run(plan);
        CPPUNIT_ASSERT(_world.target.memberships() == Lines({"Sales: b@x.example regular"}));
        _world.target.fault = nullptr;
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() == allLinked());
    }

    void aReachedLimitIsAFindingAndIsNotRepeated()
    {
        refuseLinkOfA(
            {.state = OutcomeState::Rejected, .message = "50 groups at most", .limit = true});
        _world.sync();
        CPPUNIT_ASSERT(_world.findings() == Lines({"refused-by-target a@x.example"}));
        const auto writes = _world.target.writes;
        _world.sync();
        CPPUNIT_ASSERT_EQUAL(writes, _world.target.writes);
        _world.target.fault = nullptr;
        _world.read(true);
        _world.run(_world.plan());
        CPPUNIT_ASSERT(_world.target.memberships() == allLinked());
        CPPUNIT_ASSERT(_world.findings().empty());
    }

    void aRefusalIsTriedAgainByTheNextRun()
    {
        refuseLinkOfA({.state = OutcomeState::Rejected, .message = "the key may not"});
        _world.sync();
        CPPUNIT_ASSERT(_world.findings() == Lines({"refused-by-target a@x.example"}));
        _world.target.fault = nullptr;
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() == allLinked());
        CPPUNIT_ASSERT(_world.findings().empty());
    }

    void aRefusalIsForgottenWhenSomebodyElseDidTheChange()
    {
        refuseLinkOfA({.state = OutcomeState::Rejected, .message = "the key may not"});
        _world.sync();
        CPPUNIT_ASSERT_EQUAL(size_t{1}, _world.findings().size());
        _world.target.links[{_world.target.idOf("contact", "a@x.example"),
                             _world.target.idOf("contact-group", "Sales")}] = "regular";
        _world.read(true);
        _world.run(_world.plan());
        CPPUNIT_ASSERT(_world.target.memberships() == allLinked());
        CPPUNIT_ASSERT(_world.findings().empty());
    }

    void aFreedPlaceIsTriedAgain()
    {
        _world.group(2, "Support");
        _world.member(2, 1);
        bool full = true;
        _world.target.fault = [&](const ChangeRequest& change) -> std::optional<Outcome> {
            if (!full || change.action != Action::Link || change.to.key != "Support")
                return std::nullopt;
            return Outcome{.state = OutcomeState::Rejected, .message = "full", .limit = true};
        };
        _world.sync();
        full = false;
        _world.member(1, 1, true);
        _world.sync();
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() ==
                       Lines({"Sales: b@x.example regular", "Support: a@x.example regular"}));
    }

    void aPlaceThatTheSameRunFreesIsTakenByTheNext()
    {
        _world.sync();
        _world.group(2, "Support");
        _world.member(2, 1);
        _world.member(1, 1, true);
        // Links come before unlinks: the only place is taken until then.
        _world.target.fault = [&](const ChangeRequest& change) -> std::optional<Outcome> {
            const auto taken =
                _world.target.links.count({_world.target.idOf("contact", "a@x.example"),
                                           _world.target.idOf("contact-group", "Sales")});
            if (change.action != Action::Link || change.from.key != "a@x.example" || taken == 0)
                return std::nullopt;
            return Outcome{.state = OutcomeState::Rejected, .message = "full", .limit = true};
        };
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() ==
                       Lines({"Sales: b@x.example regular", "Support:"}));
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() ==
                       Lines({"Sales: b@x.example regular", "Support: a@x.example regular"}));
    }

    void anUnknownCreateIsLookedUpNext()
    {
        int calls = 0;
        _world.target.fault = [&](const ChangeRequest& change) -> std::optional<Outcome> {
            if (change.action != Action::Create || change.key != "Sales" || calls++ > 0)
                return std::nullopt;
            _world.target.perform(change);
            Outcome outcome{0, OutcomeState::Retry, "time-out"};
            outcome.unknown = true;
            return outcome;
        };
        _world.sync();
        CPPUNIT_ASSERT(_world.target.keys("contact-group") == Lines({"Sales"}));
        CPPUNIT_ASSERT(std::any_of(_world.target.applied.begin(), _world.target.applied.end(),
                                   [](const auto& change) { return change.doubt; }));
        CPPUNIT_ASSERT_EQUAL(
            std::string("created"),
            _world.database.value<std::string>("SELECT origin FROM record WHERE key = 'Sales'")
                .value());
    }

    void aCreateWhoseFateShowsLaterWaitsForTheNextRun()
    {
        _world.group(2, "Support");
        _world.member(2, 2);
        int calls = 0;
        _world.target.fault = [&](const ChangeRequest& change) -> std::optional<Outcome> {
            if (change.action != Action::Create || change.key != "Sales" || calls++ > 0)
                return std::nullopt;
            Outcome outcome{0, OutcomeState::Retry, "no list shows it yet"};
            outcome.unknown = true;
            outcome.retryAfter = std::chrono::minutes(5);
            return outcome;
        };
        const auto plan = prepared();
        CPPUNIT_ASSERT_EQUAL(std::string(), _world.run(plan));
        CPPUNIT_ASSERT_EQUAL(1, calls);
        CPPUNIT_ASSERT(_world.target.memberships() == Lines({"Support: b@x.example regular"}));
        _world.target.applied.clear();
        _world.sync();
        CPPUNIT_ASSERT(_world.target.applied.front().doubt);
        CPPUNIT_ASSERT(_world.target.memberships() ==
                       Lines({"Sales: a@x.example regular, b@x.example regular",
                              "Support: b@x.example regular"}));
    }

    void aProcessThatDiedLeavesNothingForgotten()
    {
        diesAfter(2);
        CPPUNIT_ASSERT_THROW(_world.run(prepared()), Died);
        _world.target.fault = nullptr;
        sync::Journal(_world.database, _world.clock).recover(1);
        CPPUNIT_ASSERT(sync::PlanStore(_world.database).run(1).state ==
                       sync::RunState::Interrupted);
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() == allLinked());
        CPPUNIT_ASSERT_EQUAL(size_t{2}, _world.target.keys("contact").size());
    }

    void aLinkInDoubtIsRemovedWhenNobodyWantsItAnyMore()
    {
        diesAfter(4);
        CPPUNIT_ASSERT_THROW(_world.run(prepared()), Died);
        _world.target.fault = nullptr;
        sync::Journal(_world.database, _world.clock).recover(1);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, _world.target.links.size());
        _world.member(1, 1, true);
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() == Lines({"Sales: b@x.example regular"}));
    }

    void activatingAndUpdatingOneContactDependOnBoth()
    {
        _world.target.add("contact", "a@x.example", {{"firstName", "Old"}}, false);
        _world.target.fault = [](const ChangeRequest& change) -> std::optional<Outcome> {
            if (change.action != Action::Update)
                return std::nullopt;
            return Outcome{0, OutcomeState::Retry, "busy"};
        };
        _world.sync();
        _world.target.fault = nullptr;
        _world.sync();
        const auto& contact =
            _world.target.records.at(_world.target.idOf("contact", "a@x.example"));
        CPPUNIT_ASSERT(contact.active);
        CPPUNIT_ASSERT_EQUAL(std::string("Person"),
                             contact.fields.at("firstName").get<std::string>());
    }

private:
    void refuseLinkOfA(const Outcome& refusal)
    {
        _world.target.fault = [refusal](const ChangeRequest& change) -> std::optional<Outcome> {
            if (change.action != Action::Link || change.from.key != "a@x.example")
                return std::nullopt;
            return refusal;
        };
    }

    struct Died
    {};

    /// The write after `count` more takes effect, and the process dies before it hears so.
    void diesAfter(int count)
    {
        _world.target.fault =
            [this, count](const ChangeRequest& change) mutable -> std::optional<Outcome> {
            if (count-- > 1)
                return std::nullopt;
            _world.target.perform(change);
            throw Died();
        };
    }

    int64_t prepared()
    {
        _world.derive();
        _world.read();
        return _world.plan();
    }

    static Lines allLinked() { return {"Sales: a@x.example regular, b@x.example regular"}; }

    tests::SyncWorld _world;
};

CPPUNIT_TEST_SUITE_REGISTRATION(RunnerTest);
