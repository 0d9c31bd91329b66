#include "SyncWorld.h"
#include "support/FreshTest.h"

using namespace muster;
using Lines = std::vector<std::string>;

class LedgerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LedgerTest);
    FRESH_TEST(whatAHumanRenamedIsPutRight);
    FRESH_TEST(whatAHumanUnlinkedIsLinkedAgain);
    FRESH_TEST(aGroupThatAHumanDeletedIsMadeAgain);
    FRESH_TEST(aSearchThatLagsBehindDoublesNothing);
    FRESH_TEST(ownWritesAreNoDrift);
    FRESH_TEST(ownWritesInDoubtAreNoDrift);
    FRESH_TEST(aForeignContactMayChangeItsAddress);
    FRESH_TEST(whoLeftWhileTheGroupWasOffGoesWhenItIsOnAgain);
    FRESH_TEST(ofTwoGroupsOfOneNameOneIsAdopted);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _world.person(1, "a@x.example");
        _world.group(1, "Sales");
        _world.member(1, 1);
    }

    void whatAHumanRenamedIsPutRight()
    {
        _world.sync();
        auto& group = _world.target.records.at(_world.target.idOf("contact-group", "Sales"));
        group.key = "Verkauf";
        group.fields["name"] = "Verkauf";
        _world.read(true);
        CPPUNIT_ASSERT(_world.findings() == Lines({"drift Sales"}));
        _world.run(_world.plan());
        CPPUNIT_ASSERT_EQUAL(std::string("Sales"), group.key);
    }

    void whatAHumanUnlinkedIsLinkedAgain()
    {
        _world.sync();
        _world.target.links.clear();
        _world.read(true);
        _world.run(_world.plan());
        CPPUNIT_ASSERT(_world.target.memberships() == Lines({"Sales: a@x.example regular"}));
    }

    void aGroupThatAHumanDeletedIsMadeAgain()
    {
        _world.sync();
        _world.target.links.clear();
        _world.target.records.erase(_world.target.idOf("contact-group", "Sales"));
        _world.read(true);
        CPPUNIT_ASSERT(_world.findings() == Lines({"missing-in-target Sales"}));
        _world.run(_world.plan());
        CPPUNIT_ASSERT(_world.target.memberships() == Lines({"Sales: a@x.example regular"}));
    }

    void aSearchThatLagsBehindDoublesNothing()
    {
        _world.sync();
        const auto contact = _world.target.idOf("contact", "a@x.example");
        _world.target.hidden.insert(contact);
        _world.read(true);
        _world.run(_world.plan());
        _world.target.hidden.clear();
        _world.read(true);
        _world.run(_world.plan());
        CPPUNIT_ASSERT(_world.target.keys("contact") == Lines({"a@x.example"}));
        CPPUNIT_ASSERT(_world.target.memberships() == Lines({"Sales: a@x.example regular"}));
    }

    void ownWritesAreNoDrift()
    {
        _world.sync();
        _world.read(true);
        CPPUNIT_ASSERT(_world.findings().empty());
        CPPUNIT_ASSERT(_world.changes(_world.plan()).empty());
    }

    void ownWritesInDoubtAreNoDrift()
    {
        _world.sync();
        _world.person(2, "b@x.example");
        _world.member(1, 2);
        loseAnswersTo(plugins::Action::Link);
        CPPUNIT_ASSERT(_world.target.memberships() ==
                       Lines({"Sales: a@x.example regular, b@x.example regular"}));
        CPPUNIT_ASSERT(_world.findings().empty());
        _world.person(1, "a@x.example", R"({"jobTitle": "Boss"})");
        loseAnswersTo(plugins::Action::Update);
        CPPUNIT_ASSERT(_world.findings().empty());
    }

    void aForeignContactMayChangeItsAddress()
    {
        const auto id = _world.target.add("contact", "old@x.example");
        _world.sync();
        _world.target.records.at(id).key = "new@x.example";
        _world.target.records.at(id).fields["email"] = "new@x.example";
        _world.read(true);
        _world.person(2, "new@x.example");
        _world.member(1, 2);
        _world.sync();
        CPPUNIT_ASSERT(_world.target.keys("contact") == Lines({"a@x.example", "new@x.example"}));
    }

    void whoLeftWhileTheGroupWasOffGoesWhenItIsOnAgain()
    {
        _world.person(2, "b@x.example");
        _world.member(1, 2);
        _world.sync();
        _world.select(1, false);
        _world.member(1, 2, true);
        _world.sync();
        CPPUNIT_ASSERT_EQUAL(size_t{2}, _world.target.links.size());
        _world.select(1);
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() == Lines({"Sales: a@x.example regular"}));
    }

    void ofTwoGroupsOfOneNameOneIsAdopted()
    {
        _world.target.add("contact-group", "Sales");
        _world.target.add("contact-group", "Sales");
        _world.sync();
        CPPUNIT_ASSERT_EQUAL(size_t{1}, _world.target.links.size());
        CPPUNIT_ASSERT_EQUAL(size_t{2}, _world.target.keys("contact-group").size());
    }

private:
    /// Syncs while changes of a kind take effect without an answer, then reads.
    void loseAnswersTo(plugins::Action action)
    {
        _world.target.fault =
            [&, action](const plugins::ChangeRequest& change) -> std::optional<plugins::Outcome> {
            if (change.action != action)
                return std::nullopt;
            _world.target.perform(change);
            plugins::Outcome lost{0, plugins::OutcomeState::Retry, "no answer"};
            lost.unknown = true;
            return lost;
        };
        _world.sync();
        _world.target.fault = {};
        _world.read(true);
    }

    tests::SyncWorld _world;
};

CPPUNIT_TEST_SUITE_REGISTRATION(LedgerTest);
