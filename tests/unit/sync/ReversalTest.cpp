#include "SyncWorld.h"
#include "runtime/Progress.h"
#include "support/FreshTest.h"
#include "sync/PlanStore.h"

using namespace muster;
using Lines = std::vector<std::string>;

/// What a run changed, put back.
class ReversalTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ReversalTest);
    FRESH_TEST(putsBackWhoWasRemoved);
    FRESH_TEST(makesWhatWasCreatedInactiveAndTakesItOut);
    FRESH_TEST(restoresFieldsAlsoThoseThatWereEmpty);
    FRESH_TEST(restoresARole);
    FRESH_TEST(restoresTheServiceGroupThatWasReplaced);
    FRESH_TEST(putsBackAServiceGroupThatWasTaken);
    FRESH_TEST(activatesWhatWasDeactivated);
    FRESH_TEST(leavesWhatWasChangedAgain);
    FRESH_TEST(leavesAContactThatALaterRunNeeds);
    FRESH_TEST(leavesWhatWasThereBefore);
    FRESH_TEST(aForeignMemberComesBackAsForeign);
    FRESH_TEST(whatWasUndoneIsLeftAloneUntilItsGroupChanges);
    FRESH_TEST(verifyingBringsItUpToDateAgain);
    FRESH_TEST(anUndoCanBeUndone);
    FRESH_TEST(removalsOfAnUndoAreHeldLikeAny);
    FRESH_TEST(anUndoThatEmptiesAGroupIsHeld);
    FRESH_TEST(anEmptiedFieldStaysEmptyWhenTheTargetIsReadAgain);
    FRESH_TEST(linksNobodyOfAnInactiveContact);
    FRESH_TEST(undoesARedoneRunWhole);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _world.person(1, "a@x.example");
        _world.person(2, "b@x.example");
        _world.group(1, "Sales");
        _world.member(1, 1);
        _world.member(1, 2);
        _world.syncSettings.guard = {.percent = 100, .count = 1000};
    }

    void putsBackWhoWasRemoved()
    {
        _world.sync();
        _world.member(1, 2, true);
        _world.sync();
        CPPUNIT_ASSERT(undone(2) == Lines({"link b@x.example Sales regular"}));
        CPPUNIT_ASSERT(members() == Lines({"Sales: a@x.example regular, b@x.example regular"}));
    }

    void makesWhatWasCreatedInactiveAndTakesItOut()
    {
        _world.sync();
        CPPUNIT_ASSERT(undone(1) ==
                       Lines({"unlink a@x.example Sales", "unlink b@x.example Sales",
                              "retire contact a@x.example", "retire contact b@x.example",
                              "create contact-group Sales"}));
        CPPUNIT_ASSERT(members() == Lines({"Sales:"}));
        CPPUNIT_ASSERT(!isActive("a@x.example"));
        CPPUNIT_ASSERT(states(2) == Lines({"applied", "applied", "applied", "applied",
                                           "superseded the target cannot remove a contact group"}));
    }

    void restoresFieldsAlsoThoseThatWereEmpty()
    {
        _world.sync();
        _world.person(1, "a@x.example", R"({"givenName": "Ada", "jobTitle": "Boss"})");
        _world.sync();
        CPPUNIT_ASSERT(undone(2) == Lines({"update contact a@x.example"}));
        CPPUNIT_ASSERT_EQUAL(plugins::Json("Person"), fields("a@x.example").at("firstName"));
        CPPUNIT_ASSERT(fields("a@x.example").value("title", plugins::Json()).is_null());
    }

    void restoresARole()
    {
        _world.sync();
        _world.member(1, 1, false, directory::Role::Owner);
        _world.sync();
        CPPUNIT_ASSERT(undone(2) == Lines({"link a@x.example Sales regular"}));
        CPPUNIT_ASSERT(members() == Lines({"Sales: a@x.example regular, b@x.example regular"}));
    }

    void restoresTheServiceGroupThatWasReplaced()
    {
        tests::SyncWorld world(tests::serviceGroups());
        startWithServiceGroups(world);
        world.member(1, 1, true);
        world.member(2, 1);
        world.sync();
        CPPUNIT_ASSERT(undone(2, world) == Lines({"link a@x.example sales member"}));
        CPPUNIT_ASSERT(world.target.memberships() == Lines({"it:", "sales: a@x.example member"}));
        CPPUNIT_ASSERT(undone(3, world) == Lines({"link a@x.example it member"}));
        CPPUNIT_ASSERT(world.target.memberships() == Lines({"it: a@x.example member", "sales:"}));
    }

    void putsBackAServiceGroupThatWasTaken()
    {
        tests::SyncWorld world(tests::serviceGroups());
        startWithServiceGroups(world);
        world.member(1, 1, true);
        world.sync();
        CPPUNIT_ASSERT(undone(2, world) == Lines({"link a@x.example sales member"}));
        CPPUNIT_ASSERT(world.target.memberships() == Lines({"it:", "sales: a@x.example member"}));
    }

    void activatesWhatWasDeactivated()
    {
        _world.syncSettings.removal.contacts = estate::ContactRemoval::Deactivate;
        _world.sync();
        _world.member(1, 2, true);
        _world.sync();
        CPPUNIT_ASSERT(undone(2) ==
                       Lines({"activate contact b@x.example", "link b@x.example Sales regular"}));
        CPPUNIT_ASSERT(isActive("b@x.example"));
    }

    void leavesWhatWasChangedAgain()
    {
        _world.sync();
        _world.person(1, "a@x.example", R"({"givenName": "Ada"})");
        _world.sync();
        _world.target.records.at(_world.target.idOf("contact", "a@x.example")).fields["firstName"] =
            "Adele";
        CPPUNIT_ASSERT(undone(2) == Lines({"update contact a@x.example"}));
        CPPUNIT_ASSERT(states(3) == Lines({"superseded was changed again since"}));
        CPPUNIT_ASSERT_EQUAL(plugins::Json("Adele"), fields("a@x.example").at("firstName"));
    }

    void leavesAContactThatALaterRunNeeds()
    {
        _world.sync();
        _world.group(2, "IT");
        _world.member(2, 1);
        _world.sync();
        undone(1);
        CPPUNIT_ASSERT(isActive("a@x.example"));
        CPPUNIT_ASSERT(!isActive("b@x.example"));
        CPPUNIT_ASSERT(members() == Lines({"IT: a@x.example regular", "Sales:"}));
    }

    void leavesWhatWasThereBefore()
    {
        _world.target.add("contact", "a@x.example", {{"firstName", "Person"}, {"lastName", "1"}});
        _world.sync();
        undone(1);
        CPPUNIT_ASSERT(isActive("a@x.example"));
        CPPUNIT_ASSERT(members() == Lines({"Sales:"}));
    }

    void aForeignMemberComesBackAsForeign()
    {
        const auto group = _world.target.add("contact-group", "Sales");
        const auto stranger = _world.target.add("contact", "s@x.example");
        _world.target.links[{stranger, group}] = "guest";
        _world.sync(true);
        CPPUNIT_ASSERT(members() == Lines({"Sales: a@x.example regular, b@x.example regular"}));
        undone(1);
        CPPUNIT_ASSERT(members() == Lines({"Sales: s@x.example guest"}));
        CPPUNIT_ASSERT_EQUAL(std::string("found"),
                             _world.database
                                 .value<std::string>("SELECT l.origin FROM link l JOIN record r ON "
                                                     "r.id = l.source WHERE r.key = 's@x.example'")
                                 .value());
    }

    void whatWasUndoneIsLeftAloneUntilItsGroupChanges()
    {
        _world.sync();
        _world.member(1, 2, true);
        _world.sync();
        undone(2);
        _world.sync();
        CPPUNIT_ASSERT(members() == Lines({"Sales: a@x.example regular, b@x.example regular"}));
        CPPUNIT_ASSERT(_world.findings() == Lines({"undone "}));
        _world.member(1, 2);
        _world.sync();
        _world.member(1, 2, true);
        _world.sync();
        CPPUNIT_ASSERT(members() == Lines({"Sales: a@x.example regular"}));
        CPPUNIT_ASSERT(_world.findings().empty());
    }

    void verifyingBringsItUpToDateAgain()
    {
        _world.sync();
        undone(1);
        runtime::SilentProgress silent;
        const runtime::Cancellation never;
        _world.run(sync::Preparation(_world.database, _world.clock)
                       .prepare(_world.work(), sync::Verify::Now, silent, never));
        CPPUNIT_ASSERT(members() == Lines({"Sales: a@x.example regular, b@x.example regular"}));
        CPPUNIT_ASSERT(isActive("a@x.example"));
        CPPUNIT_ASSERT(_world.findings().empty());
    }

    void anUndoCanBeUndone()
    {
        _world.sync();
        _world.member(1, 2, true);
        _world.sync();
        undone(2);
        CPPUNIT_ASSERT(undone(3) == Lines({"unlink b@x.example Sales"}));
        CPPUNIT_ASSERT(members() == Lines({"Sales: a@x.example regular"}));
    }

    void removalsOfAnUndoAreHeldLikeAny()
    {
        _world.sync();
        _world.syncSettings.guard = {.percent = 20, .count = 2};
        const auto plan = _world.planUndo(1);
        CPPUNIT_ASSERT(sync::Verdict::Held == _world.verdict(plan));
        const auto guards = sync::PlanStore(_world.database).plan(plan).guards;
        CPPUNIT_ASSERT(guards.front().message.find("`muster undo 1 --approve`") !=
                       std::string::npos);
        _world.run(plan);
        CPPUNIT_ASSERT(members() == Lines({"Sales: a@x.example regular, b@x.example regular"}));
        _world.run(_world.planUndo(1), true);
        CPPUNIT_ASSERT(members() == Lines({"Sales:"}));
    }

    void anUndoThatEmptiesAGroupIsHeld()
    {
        _world.sync();
        _world.syncSettings.guard = {.percent = 20, .count = 1000};
        CPPUNIT_ASSERT(sync::Verdict::Held == _world.verdict(_world.planUndo(1)));
    }

    void anEmptiedFieldStaysEmptyWhenTheTargetIsReadAgain()
    {
        _world.sync();
        _world.person(1, "a@x.example", R"({"jobTitle": "Boss"})");
        _world.sync();
        undone(2);
        _world.read(true);
        _world.sync();
        CPPUNIT_ASSERT(fields("a@x.example").value("title", plugins::Json()).is_null());
        CPPUNIT_ASSERT(_world.findings() == Lines({"undone "}));
    }

    void linksNobodyOfAnInactiveContact()
    {
        _world.target.fault =
            [](const plugins::ChangeRequest& change) -> std::optional<plugins::Outcome> {
            if (change.action != plugins::Action::Link || change.from.key != "b@x.example")
                return std::nullopt;
            return plugins::Outcome{.state = plugins::OutcomeState::Rejected, .message = "no"};
        };
        _world.sync();
        _world.target.fault = nullptr;
        undone(1);
        _world.sync();
        CPPUNIT_ASSERT(members() == Lines({"Sales:"}));
        CPPUNIT_ASSERT(!isActive("b@x.example"));
    }

    void undoesARedoneRunWhole()
    {
        _world.sync();
        undone(1);
        undone(2);
        CPPUNIT_ASSERT(isActive("a@x.example"));
        undone(1);
        CPPUNIT_ASSERT(!isActive("a@x.example"));
        CPPUNIT_ASSERT(members() == Lines({"Sales:"}));
    }

private:
    static void startWithServiceGroups(tests::SyncWorld& world)
    {
        world.syncSettings.guard = {.percent = 100, .count = 1000};
        world.person(1, "a@x.example");
        world.group(1, "Sales");
        world.group(2, "IT");
        world.member(1, 1);
        world.target.add("service-group", "sales");
        world.target.add("service-group", "it");
        world.sync();
    }

    /// Undoes a run and gives the changes of the plan that did it.
    Lines undone(int64_t run) { return undone(run, _world); }
    static Lines undone(int64_t run, tests::SyncWorld& world)
    {
        const auto plan = world.planUndo(run);
        CPPUNIT_ASSERT(sync::Verdict::Clear == world.verdict(plan));
        world.run(plan);
        return world.changes(plan);
    }

    /// Of the changes of a run, with what is said of them.
    Lines states(int64_t run)
    {
        Lines lines;
        sync::PlanStore(_world.database).eachDone(run, 0, [&](const auto& change) {
            lines.push_back(change.state + (change.message.empty() ? "" : " " + change.message));
        });
        return lines;
    }

    Lines members() const { return _world.target.memberships(); }
    bool isActive(const std::string& key) const { return record(key).active; }
    plugins::Json fields(const std::string& key) const { return record(key).fields; }
    const tests::FakeTarget::Record& record(const std::string& key) const
    {
        return _world.target.records.at(_world.target.idOf("contact", key));
    }

    tests::SyncWorld _world;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReversalTest);
