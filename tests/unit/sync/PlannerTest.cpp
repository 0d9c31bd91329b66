#include "SyncWorld.h"
#include "support/FreshTest.h"

#include <muster/Digest.h>

using namespace muster;
using Lines = std::vector<std::string>;

class PlannerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PlannerTest);
    FRESH_TEST(createsContactsThenGroupsThenLinks);
    FRESH_TEST(unchangedWorldPlansNothing);
    FRESH_TEST(adoptsWhatIsThereByItsKey);
    FRESH_TEST(blankFieldsOverwriteNothing);
    FRESH_TEST(whatIsHeldAsADigestDiffersOnlyFromAnotherValue);
    FRESH_TEST(aDisplayNameIsTheFirstNameOfANewContactOnly);
    FRESH_TEST(activatesAnInactiveContact);
    FRESH_TEST(ownerAndMemberIsManager);
    FRESH_TEST(ownerWhoBecomesMemberChangesTheRole);
    FRESH_TEST(incompleteDirectoryPlansNoRemoval);
    FRESH_TEST(managedPolicyLeavesForeignMembers);
    FRESH_TEST(allPolicyRemovesForeignMembersOnceApproved);
    FRESH_TEST(keepPolicyReleasesADeletedGroup);
    FRESH_TEST(retirePolicyEmptiesADeletedGroup);
    FRESH_TEST(deactivatePolicyRetiresContactsNobodyClaims);
    FRESH_TEST(contactsThatMusterFoundAreNeverRetired);
    FRESH_TEST(personWithoutAddressIsAFinding);
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

    void createsContactsThenGroupsThenLinks()
    {
        CPPUNIT_ASSERT(planned() ==
                       Lines({"create contact a@x.example", "create contact b@x.example",
                              "create contact-group Sales", "link a@x.example Sales regular",
                              "link b@x.example Sales regular"}));
    }

    void unchangedWorldPlansNothing()
    {
        _world.sync();
        const auto requests = _world.target.requests();
        CPPUNIT_ASSERT(planned().empty());
        CPPUNIT_ASSERT_EQUAL(requests, _world.target.requests());
    }

    void adoptsWhatIsThereByItsKey()
    {
        _world.target.add("contact", "a@x.example", {{"firstName", "Person"}, {"lastName", "1"}});
        _world.target.add("contact-group", "Sales");
        CPPUNIT_ASSERT(planned() ==
                       Lines({"adopt contact a@x.example", "create contact b@x.example",
                              "adopt contact-group Sales", "link a@x.example Sales regular",
                              "link b@x.example Sales regular"}));
    }

    void blankFieldsOverwriteNothing()
    {
        _world.target.add("contact", "a@x.example",
                          {{"firstName", "Per"}, {"lastName", "1"}, {"title", "Boss"}});
        _world.sync();
        const auto& fields =
            _world.target.records.at(_world.target.idOf("contact", "a@x.example")).fields;
        CPPUNIT_ASSERT_EQUAL(std::string("Person"), fields.at("firstName").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("Boss"), fields.at("title").get<std::string>());
    }

    void whatIsHeldAsADigestDiffersOnlyFromAnotherValue()
    {
        _world.sync();
        const auto hold = [&](const std::string& json) {
            auto& record = _world.target.records.at(_world.target.idOf("contact", "a@x.example"));
            record.fields["firstName"] = {{"digest", digest(json)}};
            _world.read(true);
            return planned();
        };
        CPPUNIT_ASSERT(hold("\"Person\"").empty());
        CPPUNIT_ASSERT(hold("\"Nosrep\"") == Lines({"update contact a@x.example"}));
    }

    void aDisplayNameIsTheFirstNameOfANewContactOnly()
    {
        const auto nameless = R"({"givenName": " ", "surname": ""})";
        _world.person(2, "b@x.example", nameless);
        _world.sync();
        const auto firstName = [&](const std::string& key) {
            const auto& record = _world.target.records.at(_world.target.idOf("contact", key));
            return record.fields.at("firstName").get<std::string>();
        };
        CPPUNIT_ASSERT_EQUAL(std::string("Person 2"), firstName("b@x.example"));
        _world.person(1, "a@x.example", nameless);
        _world.sync();
        CPPUNIT_ASSERT_EQUAL(std::string("Person"), firstName("a@x.example"));
    }

    void activatesAnInactiveContact()
    {
        _world.target.add("contact", "a@x.example", {}, false);
        _world.sync();
        CPPUNIT_ASSERT(_world.target.keys("contact") == Lines({"a@x.example", "b@x.example"}));
    }

    void ownerAndMemberIsManager()
    {
        _world.member(1, 1, false, directory::Role::Owner);
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() ==
                       Lines({"Sales: a@x.example manager, b@x.example regular"}));
    }

    void ownerWhoBecomesMemberChangesTheRole()
    {
        _world.member(1, 1, false, directory::Role::Owner);
        _world.sync();
        _world.member(1, 1, true, directory::Role::Owner);
        CPPUNIT_ASSERT(planned() == Lines({"link a@x.example Sales regular"}));
    }

    void incompleteDirectoryPlansNoRemoval()
    {
        _world.sync();
        _world.member(1, 1, true);
        _world.derive();
        CPPUNIT_ASSERT(_world.changes(_world.plan(false)).empty());
        CPPUNIT_ASSERT(_world.changes(_world.plan(true)) == Lines({"unlink a@x.example Sales"}));
    }

    void managedPolicyLeavesForeignMembers()
    {
        _world.syncSettings.removal.links = estate::LinkRemoval::Managed;
        foreignMember();
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships().at(0).find("foreign@x.example") !=
                       std::string::npos);
    }

    void allPolicyRemovesForeignMembersOnceApproved()
    {
        foreignMember();
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships().at(0).find("foreign@x.example") !=
                       std::string::npos);
        _world.sync(true);
        CPPUNIT_ASSERT(_world.target.memberships() ==
                       Lines({"Sales: a@x.example regular, b@x.example regular"}));
        CPPUNIT_ASSERT_EQUAL(size_t{3}, _world.target.keys("contact").size());
    }

    void keepPolicyReleasesADeletedGroup()
    {
        _world.sync();
        _world.removeGroup(1);
        CPPUNIT_ASSERT(planned().empty());
        CPPUNIT_ASSERT_EQUAL(size_t{2}, _world.target.links.size());
    }

    void retirePolicyEmptiesADeletedGroup()
    {
        _world.syncSettings.removal.groups = estate::GroupRemoval::Retire;
        _world.sync();
        _world.removeGroup(1);
        CPPUNIT_ASSERT(planned() ==
                       Lines({"unlink a@x.example Sales", "unlink b@x.example Sales"}));
    }

    void deactivatePolicyRetiresContactsNobodyClaims()
    {
        _world.syncSettings.removal.contacts = estate::ContactRemoval::Deactivate;
        _world.sync();
        _world.removePerson(1);
        _world.sync();
        CPPUNIT_ASSERT(_world.target.keys("contact") ==
                       Lines({"a@x.example (inactive)", "b@x.example"}));
        _world.person(1, "a@x.example");
        _world.sync();
        CPPUNIT_ASSERT(_world.target.keys("contact") == Lines({"a@x.example", "b@x.example"}));
    }

    void contactsThatMusterFoundAreNeverRetired()
    {
        _world.syncSettings.removal.contacts = estate::ContactRemoval::Deactivate;
        _world.target.add("contact", "human@x.example");
        _world.sync();
        _world.sync();
        CPPUNIT_ASSERT_EQUAL(std::string("human@x.example"), _world.target.keys("contact").back());
    }

    void personWithoutAddressIsAFinding()
    {
        _world.person(3, "", R"({"mail":null,"userPrincipalName":"nobody"})");
        _world.member(1, 3);
        _world.sync();
        CPPUNIT_ASSERT(_world.findings() == Lines({"address-missing nobody"}));
        _world.person(3, "c@x.example");
        _world.sync();
        CPPUNIT_ASSERT(_world.findings().empty());
    }

private:
    Lines planned()
    {
        _world.derive();
        _world.read();
        return _world.changes(_world.plan());
    }

    void foreignMember()
    {
        const auto group = _world.target.add("contact-group", "Sales");
        const auto contact = _world.target.add("contact", "foreign@x.example");
        _world.target.links[{contact, group}] = "regular";
    }

    tests::SyncWorld _world;
};

CPPUNIT_TEST_SUITE_REGISTRATION(PlannerTest);
