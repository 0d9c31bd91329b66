#include "SyncWorld.h"
#include "support/FreshTest.h"
#include "sync/Trace.h"

#include <algorithm>

using namespace muster;
using Lines = std::vector<std::string>;

/// Contacts within accounts that only people make.
class ExpectedRecordsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ExpectedRecordsTest);
    FRESH_TEST(aMissingAccountIsAFindingAndItsContactsWait);
    FRESH_TEST(anInactiveAccountCountsAsMissing);
    FRESH_TEST(anAccountThatComesIsPickedUpByTheNextSync);
    FRESH_TEST(onlyWhatIsMissingIsLookedFor);
    FRESH_TEST(nothingWaitsInTheWayOfAnUnchangedSync);
    FRESH_TEST(contactsInTheAccountAlreadyAreAdopted);
    FRESH_TEST(aPersonInTwoGroupsIsAContactInBothAccounts);
    FRESH_TEST(ofTwoAccountsWithOneTagTheFirstIsUsed);
    FRESH_TEST(aChangedAddressMovesInEachAccount);
    FRESH_TEST(aRenamedGroupLeavesTheAccountAlone);
    FRESH_TEST(whoeverLeftIsDeactivatedInThatAccountOnly);
    FRESH_TEST(aContactThatAnotherRecordClaimsIsNotDeactivated);
    FRESH_TEST(anAccountThatWasUntaggedKeepsItsContacts);
    FRESH_TEST(tracesAContactByItsAddress);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _world.person(1, "a@x.example");
        _world.person(2, "b@x.example");
        _world.group(1, "IT Support Team");
        _world.member(1, 1);
    }

    void aMissingAccountIsAFindingAndItsContactsWait()
    {
        CPPUNIT_ASSERT(planned().empty());
        CPPUNIT_ASSERT(_world.findings() == Lines({"account-missing it-support-team"}));
        CPPUNIT_ASSERT(planned().empty());
        CPPUNIT_ASSERT(_world.findings() == Lines({"account-missing it-support-team"}));
    }

    void anInactiveAccountCountsAsMissing()
    {
        const auto id = _world.target.add("account", "it-support-team", {}, false);
        CPPUNIT_ASSERT(planned().empty());
        CPPUNIT_ASSERT(_world.findings() == Lines({"account-missing it-support-team"}));
        _world.target.records.at(id).active = true;
        CPPUNIT_ASSERT(planned() == Lines({"create contact it-support-team/a@x.example"}));
    }

    void anAccountThatComesIsPickedUpByTheNextSync()
    {
        _world.sync();
        const auto account = _world.target.add("account", "it-support-team");
        _world.sync();
        CPPUNIT_ASSERT(_world.target.keysWithin(account) == Lines({"a@x.example"}));
        CPPUNIT_ASSERT(_world.findings().empty());
        CPPUNIT_ASSERT_EQUAL(account, _world.target.applied.back().within.value().remoteId);
        CPPUNIT_ASSERT_EQUAL(std::string("a@x.example"), _world.target.applied.back().key);
    }

    void onlyWhatIsMissingIsLookedFor()
    {
        _world.target.add("account", "it-support-team");
        _world.group(2, "Sales");
        _world.sync();
        const auto before = _world.target.reads;
        _world.sync();
        CPPUNIT_ASSERT_EQUAL(before + 1, _world.target.reads);
    }

    void nothingWaitsInTheWayOfAnUnchangedSync()
    {
        _world.target.add("account", "it-support-team");
        _world.sync();
        const auto requests = _world.target.requests();
        CPPUNIT_ASSERT(planned().empty());
        CPPUNIT_ASSERT_EQUAL(requests, _world.target.requests());
    }

    void contactsInTheAccountAlreadyAreAdopted()
    {
        const auto account = _world.target.add("account", "it-support-team");
        _world.target.add("contact", "a@x.example", {{"firstName", "Person"}, {"lastName", "1"}},
                          true, account);
        CPPUNIT_ASSERT(planned() == Lines({"adopt contact it-support-team/a@x.example"}));
    }

    void aPersonInTwoGroupsIsAContactInBothAccounts()
    {
        const auto [one, two] = twoAccounts();
        CPPUNIT_ASSERT(_world.target.keysWithin(one) == Lines({"a@x.example"}));
        CPPUNIT_ASSERT(_world.target.keysWithin(two) == Lines({"a@x.example"}));
    }

    void ofTwoAccountsWithOneTagTheFirstIsUsed()
    {
        const auto first = _world.target.add("account", "it-support-team");
        _world.target.add("account", "it-support-team");
        _world.sync();
        CPPUNIT_ASSERT(_world.target.keysWithin(first) == Lines({"a@x.example"}));
        CPPUNIT_ASSERT(_world.findings() == Lines({"account-ambiguous it-support-team"}));
    }

    void aChangedAddressMovesInEachAccount()
    {
        const auto [one, two] = twoAccounts();
        _world.person(1, "new@x.example");
        CPPUNIT_ASSERT(planned() == Lines({"update contact it-support-team/new@x.example",
                                           "update contact sales/new@x.example"}));
        _world.sync();
        CPPUNIT_ASSERT(_world.target.keysWithin(one) == Lines({"new@x.example"}));
        CPPUNIT_ASSERT(_world.target.keysWithin(two) == Lines({"new@x.example"}));
    }

    void aRenamedGroupLeavesTheAccountAlone()
    {
        const auto account = _world.target.add("account", "it-support-team");
        _world.sync();
        _world.group(1, "Help Desk");
        _world.sync();
        CPPUNIT_ASSERT(_world.findings() == Lines({"account-missing help-desk"}));
        CPPUNIT_ASSERT(_world.target.keysWithin(account) == Lines({"a@x.example"}));
        // The person in charge gives the same account the new tag.
        _world.target.records.at(account).key = "help-desk";
        CPPUNIT_ASSERT(planned() == Lines({"adopt contact help-desk/a@x.example"}));
    }

    void whoeverLeftIsDeactivatedInThatAccountOnly()
    {
        _world.syncSettings.removal.contacts = estate::ContactRemoval::Deactivate;
        const auto [one, two] = twoAccounts();
        _world.member(2, 1, true);
        _world.sync();
        CPPUNIT_ASSERT(_world.target.keysWithin(one) == Lines({"a@x.example"}));
        CPPUNIT_ASSERT(_world.target.keysWithin(two) == Lines({"a@x.example (inactive)"}));
    }

    void aContactThatAnotherRecordClaimsIsNotDeactivated()
    {
        _world.syncSettings.removal.contacts = estate::ContactRemoval::Deactivate;
        const auto account = _world.target.add("account", "it-support-team");
        _world.sync();
        _world.group(1, "Help Desk");
        _world.target.records.at(account).key = "help-desk";
        _world.sync();
        _world.sync();
        CPPUNIT_ASSERT(_world.target.keysWithin(account) == Lines({"a@x.example"}));
    }

    void anAccountThatWasUntaggedKeepsItsContacts()
    {
        _world.syncSettings.removal.contacts = estate::ContactRemoval::Deactivate;
        const auto account = _world.target.add("account", "it-support-team");
        _world.sync();
        _world.target.records.at(account).key = "other";
        _world.member(1, 1, true);
        _world.member(1, 2);
        _world.derive();
        _world.read(true);
        CPPUNIT_ASSERT(_world.changes(_world.plan()).empty());
        _world.target.records.at(account).key = "it-support-team";
        _world.sync();
        CPPUNIT_ASSERT(_world.target.keysWithin(account) ==
                       Lines({"a@x.example (inactive)", "b@x.example"}));
    }

    void tracesAContactByItsAddress()
    {
        twoAccounts();
        const auto records = sync::Trace(_world.database).explain("desk", "A@x.example");
        CPPUNIT_ASSERT_EQUAL(size_t{2}, records.at("records").size());
        CPPUNIT_ASSERT_EQUAL(std::string("it-support-team/a@x.example"),
                             records.at("records").at(0).at("key").get<std::string>());
    }

private:
    Lines planned()
    {
        _world.derive();
        _world.read();
        return _world.changes(_world.plan());
    }

    /// Person 1 is in both groups, and both are synced.
    std::pair<std::string, std::string> twoAccounts()
    {
        const auto one = _world.target.add("account", "it-support-team");
        const auto two = _world.target.add("account", "sales");
        _world.group(2, "Sales");
        _world.member(2, 1);
        _world.sync();
        return {one, two};
    }

    tests::SyncWorld _world{tests::accounts()};
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExpectedRecordsTest);
