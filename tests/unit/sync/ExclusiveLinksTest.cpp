#include "SyncWorld.h"
#include "support/FreshTest.h"

using namespace muster;
using Lines = std::vector<std::string>;

/// Contacts with service groups, of which a contact has one.
class ExclusiveLinksTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ExclusiveLinksTest);
    FRESH_TEST(givesEachContactTheServiceGroupOfItsGroup);
    FRESH_TEST(aMissingServiceGroupKeepsNothingElseFromBeingDone);
    FRESH_TEST(aServiceGroupThatComesIsPickedUpByTheNextSync);
    FRESH_TEST(ofSeveralGroupsTheFirstByNameWins);
    FRESH_TEST(theOrderOfTheSelectionComesBeforeTheName);
    FRESH_TEST(aGroupWithoutAServiceGroupTakesNothingAway);
    FRESH_TEST(aChangeOfServiceGroupIsOneChange);
    FRESH_TEST(theNextBestGroupTakesOver);
    FRESH_TEST(whoIsInNoGroupAnyMoreLosesTheServiceGroup);
    FRESH_TEST(foreignersAreTakenOutOnceApproved);
    FRESH_TEST(foreignersStayWhenOnlyManagedLinksGo);
    FRESH_TEST(whatPeopleGaveIsReplacedOnceApproved);
    FRESH_TEST(whatPeopleGaveStaysWhenOnlyManagedLinksGo);
    FRESH_TEST(whatPeopleGaveOthersIsNotRetired);
    FRESH_TEST(anUndoGivesBackWhatPeopleGave);
    FRESH_TEST(whatPeopleGaveIsKnownWhenAGroupComesToItsName);
    FRESH_TEST(aRenamedGroupAsksForAnotherServiceGroup);
    FRESH_TEST(aDeletedGroupKeepsWhatItsContactsHave);
    FRESH_TEST(whatAPersonChangedIsPutRightWhenItIsVerified);
    FRESH_TEST(aServiceGroupThatIsGoneIsAFinding);
    FRESH_TEST(theNextBestGroupTakesOverFromOneThatIsGone);
    FRESH_TEST(aServiceGroupThatComesBackIsLookedAtAgain);
    FRESH_TEST(aChangeInDoubtIsMadeAgain);
    FRESH_TEST(anUnchangedWorldAsksNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _world.person(1, "a@x.example");
        _world.group(1, "Sales");
        _world.group(2, "IT");
        _world.member(1, 1);
        _sales = _world.target.add("service-group", "sales");
        _it = _world.target.add("service-group", "it");
    }

    void givesEachContactTheServiceGroupOfItsGroup()
    {
        CPPUNIT_ASSERT(planned() ==
                       Lines({"create contact a@x.example", "link a@x.example sales member"}));
        _world.sync();
        CPPUNIT_ASSERT(has("sales: a@x.example member"));
    }

    void aMissingServiceGroupKeepsNothingElseFromBeingDone()
    {
        _world.group(3, "Ops");
        _world.person(2, "b@x.example");
        _world.member(3, 2);
        _world.sync();
        CPPUNIT_ASSERT(_world.findings() == Lines({"service-group-missing ops"}));
        CPPUNIT_ASSERT(_world.target.keys("contact") == Lines({"a@x.example", "b@x.example"}));
        CPPUNIT_ASSERT(has("sales: a@x.example member"));
        CPPUNIT_ASSERT(planned().empty());
        CPPUNIT_ASSERT(_world.findings() == Lines({"service-group-missing ops"}));
    }

    void aServiceGroupThatComesIsPickedUpByTheNextSync()
    {
        _world.target.records.erase(_sales);
        _world.sync();
        _world.target.add("service-group", "sales");
        CPPUNIT_ASSERT(planned() == Lines({"link a@x.example sales member"}));
        CPPUNIT_ASSERT(_world.findings().empty());
    }

    void ofSeveralGroupsTheFirstByNameWins()
    {
        _world.member(2, 1);
        _world.sync();
        CPPUNIT_ASSERT(has("it: a@x.example member"));
        CPPUNIT_ASSERT(_world.findings() == Lines({"service-group-taken a@x.example"}));
        _world.member(1, 1, true);
        _world.sync();
        CPPUNIT_ASSERT(_world.findings().empty());
    }

    void theOrderOfTheSelectionComesBeforeTheName()
    {
        _world.tenant.groups = {{"desk", false, {"S*", "I*"}}};
        _world.member(2, 1);
        _world.sync();
        CPPUNIT_ASSERT(has("sales: a@x.example member"));
        _world.tenant.groups = {{"desk", false, {"I*", "S*"}}};
        _world.derive(true);
        _world.read();
        CPPUNIT_ASSERT(_world.changes(_world.plan()) == Lines({"link a@x.example it member"}));
    }

    void aGroupWithoutAServiceGroupTakesNothingAway()
    {
        _world.target.records.erase(_it);
        _world.member(2, 1);
        _world.sync();
        CPPUNIT_ASSERT(has("sales: a@x.example member"));
        CPPUNIT_ASSERT(_world.findings() == Lines({"service-group-missing it"}));
        _world.target.add("service-group", "it");
        CPPUNIT_ASSERT(planned() == Lines({"link a@x.example it member"}));
    }

    void aChangeOfServiceGroupIsOneChange()
    {
        _world.sync();
        _world.member(1, 1, true);
        _world.member(2, 1);
        CPPUNIT_ASSERT(planned() == Lines({"link a@x.example it member"}));
        _world.sync();
        CPPUNIT_ASSERT(has("it: a@x.example member"));
        CPPUNIT_ASSERT(has("sales:"));
        CPPUNIT_ASSERT(planned().empty());
    }

    void theNextBestGroupTakesOver()
    {
        _world.member(2, 1);
        _world.sync();
        _world.member(2, 1, true);
        CPPUNIT_ASSERT(planned() == Lines({"link a@x.example sales member"}));
    }

    void whoIsInNoGroupAnyMoreLosesTheServiceGroup()
    {
        _world.sync();
        _world.member(1, 1, true);
        _world.derive();
        CPPUNIT_ASSERT(_world.changes(_world.plan(false)).empty());
        CPPUNIT_ASSERT(_world.changes(_world.plan(true)) == Lines({"unlink a@x.example sales"}));
        _world.sync(true);
        CPPUNIT_ASSERT(_world.target.links.empty());
        CPPUNIT_ASSERT(planned().empty());
    }

    void foreignersAreTakenOutOnceApproved()
    {
        foreigner();
        _world.sync();
        CPPUNIT_ASSERT(has("sales: a@x.example member, z@x.example member"));
        _world.sync(true);
        CPPUNIT_ASSERT(has("sales: a@x.example member"));
    }

    void foreignersStayWhenOnlyManagedLinksGo()
    {
        _world.syncSettings.removal.links = estate::LinkRemoval::Managed;
        foreigner();
        _world.sync(true);
        CPPUNIT_ASSERT(has("sales: a@x.example member, z@x.example member"));
        CPPUNIT_ASSERT(planned().empty());
    }

    void whatPeopleGaveIsReplacedOnceApproved()
    {
        handMade("a@x.example");
        CPPUNIT_ASSERT_EQUAL(std::string("link a@x.example sales member"), planned().back());
        _world.sync();
        CPPUNIT_ASSERT(has("vip: a@x.example member"));
        _world.sync(true);
        CPPUNIT_ASSERT(has("sales: a@x.example member"));
        CPPUNIT_ASSERT(has("vip:"));
    }

    void whatPeopleGaveStaysWhenOnlyManagedLinksGo()
    {
        _world.syncSettings.removal.links = estate::LinkRemoval::Managed;
        handMade("a@x.example");
        _world.sync(true);
        CPPUNIT_ASSERT(has("vip: a@x.example member"));
        CPPUNIT_ASSERT(_world.findings() == Lines({"service-group-taken a@x.example"}));
        _world.target.links.clear();
        _world.read(true);
        _world.run(_world.plan());
        CPPUNIT_ASSERT(has("sales: a@x.example member"));
        CPPUNIT_ASSERT(_world.findings().empty());
    }

    void whatPeopleGaveOthersIsNotRetired()
    {
        _world.syncSettings.removal.groups = estate::GroupRemoval::Retire;
        handMade("z@x.example");
        _world.sync(true);
        CPPUNIT_ASSERT(has("vip: z@x.example member"));
        CPPUNIT_ASSERT(planned().empty());
    }

    void anUndoGivesBackWhatPeopleGave()
    {
        handMade("a@x.example");
        _world.sync(true);
        CPPUNIT_ASSERT(has("sales: a@x.example member"));
        const auto undo = _world.planUndo(1);
        CPPUNIT_ASSERT(sync::Verdict::Clear == _world.verdict(undo));
        _world.run(undo);
        CPPUNIT_ASSERT(has("vip: a@x.example member"));
    }

    void whatPeopleGaveIsKnownWhenAGroupComesToItsName()
    {
        handMade("a@x.example");
        _world.sync();
        _world.group(3, "VIP");
        _world.member(3, 1);
        _world.member(1, 1, true);
        CPPUNIT_ASSERT(planned().empty());
        CPPUNIT_ASSERT(has("vip: a@x.example member"));
    }

    void aRenamedGroupAsksForAnotherServiceGroup()
    {
        _world.sync();
        _world.group(1, "Vertrieb");
        _world.sync();
        CPPUNIT_ASSERT(_world.findings() == Lines({"service-group-missing vertrieb"}));
        CPPUNIT_ASSERT(has("sales: a@x.example member"));
        // The person in charge renames the service group too.
        _world.target.records.at(_sales).key = "vertrieb";
        _world.sync();
        CPPUNIT_ASSERT(_world.findings().empty());
        CPPUNIT_ASSERT(has("vertrieb: a@x.example member"));
        CPPUNIT_ASSERT(planned().empty());
    }

    void aDeletedGroupKeepsWhatItsContactsHave()
    {
        _world.sync();
        _world.removeGroup(1);
        CPPUNIT_ASSERT(planned().empty());
        _world.syncSettings.removal.groups = estate::GroupRemoval::Retire;
        _world.member(2, 1);
        CPPUNIT_ASSERT(planned() == Lines({"link a@x.example it member"}));
    }

    void whatAPersonChangedIsPutRightWhenItIsVerified()
    {
        _world.sync();
        _world.target.links.clear();
        _world.target.links[{_world.target.idOf("contact", "a@x.example"), _it}] = "member";
        _world.read(true);
        CPPUNIT_ASSERT(_world.findings() == Lines({"drift a@x.example"}));
        CPPUNIT_ASSERT(_world.changes(_world.plan()) == Lines({"link a@x.example sales member"}));
    }

    void aServiceGroupThatIsGoneIsAFinding()
    {
        _world.sync();
        _world.target.links.clear();
        _world.target.records.erase(_sales);
        _world.read(true);
        CPPUNIT_ASSERT(_world.changes(_world.plan()).empty());
        CPPUNIT_ASSERT(_world.findings() == Lines({"service-group-missing sales"}));
    }

    void theNextBestGroupTakesOverFromOneThatIsGone()
    {
        _world.member(2, 1);
        _world.sync();
        _world.target.links.clear();
        _world.target.records.erase(_it);
        _world.read(true);
        CPPUNIT_ASSERT(_world.changes(_world.plan()) == Lines({"link a@x.example sales member"}));
    }

    void aServiceGroupThatComesBackIsLookedAtAgain()
    {
        _world.group(3, "Alpha");
        _world.member(3, 1);
        _world.member(2, 1);
        _world.target.add("service-group", "alpha");
        _world.sync();
        _world.target.records.erase(_it);
        _world.read(true);
        _world.run(_world.plan());
        _world.member(3, 1, true);
        _world.target.add("service-group", "it");
        CPPUNIT_ASSERT(planned() == Lines({"link a@x.example it member"}));
    }

    void aChangeInDoubtIsMadeAgain()
    {
        _world.sync();
        _world.member(1, 1, true);
        _world.member(2, 1);
        _world.target.fault = [&](const plugins::ChangeRequest& change) {
            _world.target.perform(change);
            plugins::Outcome lost;
            lost.unknown = true;
            return std::optional(lost);
        };
        _world.sync();
        _world.target.fault = {};
        // In the meantime it is to be as it was.
        _world.member(1, 1);
        _world.member(2, 1, true);
        CPPUNIT_ASSERT(planned() == Lines({"link a@x.example sales member"}));
        _world.sync();
        CPPUNIT_ASSERT(has("sales: a@x.example member"));
        CPPUNIT_ASSERT(planned().empty());
    }

    void anUnchangedWorldAsksNothing()
    {
        _world.sync();
        const auto requests = _world.target.requests();
        CPPUNIT_ASSERT(planned().empty());
        CPPUNIT_ASSERT_EQUAL(requests, _world.target.requests());
    }

private:
    Lines planned()
    {
        _world.derive();
        _world.read();
        return _world.changes(_world.plan());
    }

    bool has(const std::string& line)
    {
        const auto lines = _world.target.memberships();
        return std::find(lines.begin(), lines.end(), line) != lines.end();
    }

    /// A person gave the contact a service group that no Entra group asks for.
    void handMade(const std::string& address)
    {
        const auto contact = _world.target.add("contact", address);
        _world.target.links[{contact, _world.target.add("service-group", "vip")}] = "member";
    }

    void foreigner()
    {
        const auto contact = _world.target.add("contact", "z@x.example");
        _world.target.links[{contact, _sales}] = "member";
    }

    tests::SyncWorld _world{tests::serviceGroups()};
    std::string _sales;
    std::string _it;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExclusiveLinksTest);
