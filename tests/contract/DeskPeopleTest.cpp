#include "DeskTargetFixture.h"

#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace muster;
using namespace muster::plugins;

#define ASSERT_SAYS(expected, text)                                                                \
    CPPUNIT_ASSERT_MESSAGE(text, std::string(text).find(expected) != std::string::npos)

/// What the DeskDirector target does with service groups and accounts, which only people make.
class DeskPeopleTest : public tests::DeskTargetFixture
{
    CPPUNIT_TEST_SUITE(DeskPeopleTest);
    FRESH_TEST(findsServiceGroupsByNameWithoutCaseInOneRequest);
    FRESH_TEST(findsAccountsByTheVeryTagInOrderOfTheirIds);
    FRESH_TEST(readsTheServiceGroupWithTheContact);
    FRESH_TEST(readsContactsWithinAccountsWithoutAScope);
    FRESH_TEST(givesReplacesAndTakesAServiceGroupWithOnePatchEach);
    FRESH_TEST(makesContactsInTheAccountsThatTheChangesName);
    FRESH_TEST(adoptsInTheAccountThatTheChangeNames);
    FRESH_TEST(saysWhenTheSiteDoesNotKnowTheField);
    FRESH_TEST(rejectsAServiceGroupThatIsGone);
    FRESH_TEST(setsAServiceGroupAgainWhenTheAnswerIsLost);
    FRESH_TEST(triesLaterWhenAServiceGroupCannotBeSet);
    FRESH_TEST(looksForNothingWithoutAWholeAnswer);
    FRESH_TEST(namesTheScopeWhenAnAccountIsNeeded);
    FRESH_TEST(checksTheCallsOfServiceGroupsAndAccounts);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        server.seedDeskDirector(
            {{"accounts",
              {{{"id", 9}, {"name", "Nine"}, {"tags", {"sales", "it"}}},
               {{"id", 43}, {"name", "IT"}, {"tags", {"it-support-team"}}},
               {{"id", 101}, {"name", "Sales"}, {"tags", sandbox::Json::array({"sales"})}},
               {{"id", 7},
                {"name", "Old"},
                {"tags", sandbox::Json::array({"sales"})},
                {"active", false}}}},
             {"serviceGroups",
              {{{"id", 5}, {"name", " Sales "}}, {{"id", 6}, {"name", "ÜBER IT"}}}}});
    }

    void findsServiceGroupsByNameWithoutCaseInOneRequest()
    {
        const auto channel = open();
        const auto records = find(
            *channel,
            {{"service-group", "sales"}, {"service-group", "über it"}, {"service-group", "none"}});
        CPPUNIT_ASSERT_EQUAL(size_t{2}, records.size());
        CPPUNIT_ASSERT_EQUAL(std::string("sales"), records[0].key);
        CPPUNIT_ASSERT_EQUAL(std::string("5"), records[0].remoteId);
        CPPUNIT_ASSERT_EQUAL(std::string("über it"), records[1].key);
        CPPUNIT_ASSERT_EQUAL(uint64_t{1}, channel->requests());
    }

    void findsAccountsByTheVeryTagInOrderOfTheirIds()
    {
        const auto channel = open();
        const auto records = find(*channel, {{"account", "sales"}, {"account", "support"}});
        std::vector<std::string> ids;
        for (const auto& record : records)
            ids.push_back(record.remoteId + (record.active ? "" : " inactive"));
        CPPUNIT_ASSERT(ids == std::vector<std::string>({"7 inactive", "9", "101"}));
        CPPUNIT_ASSERT_EQUAL(std::string("sales"), records[2].key);
        CPPUNIT_ASSERT_EQUAL(size_t{2}, requests("accounts.find"));
    }

    void readsTheServiceGroupWithTheContact()
    {
        seedContacts(2);
        server.seedDeskDirector({{"contacts", {{{"id", 2}, {"serviceGroup", {{"id", 5}}}}}}});
        const auto channel = open();
        const auto links = read(*channel, {"contact"}).links;
        CPPUNIT_ASSERT_EQUAL(size_t{1}, links.size());
        CPPUNIT_ASSERT_EQUAL(std::string("2"), links[0].fromId);
        CPPUNIT_ASSERT_EQUAL(std::string("5"), links[0].toId);
        CPPUNIT_ASSERT_EQUAL(uint64_t{1}, channel->requests());
    }

    void readsContactsWithinAccountsWithoutAScope()
    {
        server.seedDeskDirector({{"contacts",
                                  {{{"id", 1}, {"companyId", 9}, {"email", "a@x.example"}},
                                   {{"id", 2}, {"companyId", 43}, {"email", "a@x.example"}},
                                   {{"id", 3}, {"companyId", 101}, {"email", "a@x.example"}}}}});
        const auto channel = open();
        ReadRequest request{Json::object(), {"contact"}};
        request.within = {{"account", "43"}, {"account", "9"}};
        std::map<std::string, std::string> accounts;
        channel->read(
            request,
            [&](RemoteRecord record) { accounts[record.remoteId] = record.within->remoteId; },
            [](RemoteLink) {}, cancellation);
        CPPUNIT_ASSERT(accounts == (std::map<std::string, std::string>{{"1", "9"}, {"2", "43"}}));
    }

    void givesReplacesAndTakesAServiceGroupWithOnePatchEach()
    {
        seedContacts(1);
        const auto channel = open();
        assertState(OutcomeState::Applied, apply(*channel, give(1, "1", "5")));
        CPPUNIT_ASSERT_EQUAL(5, serviceGroupOf(1));
        assertState(OutcomeState::Applied, apply(*channel, give(2, "1", "6")));
        CPPUNIT_ASSERT_EQUAL(6, serviceGroupOf(1));
        auto taken = give(3, "1", "6");
        taken.action = Action::Unlink;
        assertState(OutcomeState::Applied, apply(*channel, taken));
        CPPUNIT_ASSERT_EQUAL(0, serviceGroupOf(1));
        CPPUNIT_ASSERT_EQUAL(size_t{3}, requests("contacts.patch"));
        CPPUNIT_ASSERT_EQUAL(uint64_t{3}, channel->requests());
    }

    void makesContactsInTheAccountsThatTheChangesName()
    {
        const auto channel = open();
        const auto outcomes = applyWithout(*channel, {within(contact(1, "a@x.example"), "43"),
                                                      within(contact(2, "a@x.example"), "9")});
        assertState(OutcomeState::Applied, outcomes.at(1));
        assertState(OutcomeState::Applied, outcomes.at(2));
        const auto contacts = server.deskDirector()["contacts"];
        CPPUNIT_ASSERT_EQUAL(size_t{2}, contacts.size());
        CPPUNIT_ASSERT(contacts[0]["company"]["id"] != contacts[1]["company"]["id"]);
    }

    void adoptsInTheAccountThatTheChangeNames()
    {
        server.seedDeskDirector({{"contacts",
                                  {{{"id", 1}, {"companyId", 42}, {"email", "a@x.example"}},
                                   {{"id", 2}, {"companyId", 43}, {"email", "a@x.example"}}}}});
        const auto channel = open();
        const auto outcome =
            applyWithout(*channel, {within(contact(1, "a@x.example"), "43")}).at(1);
        assertState(OutcomeState::Applied, outcome);
        CPPUNIT_ASSERT(outcome.adopted);
        CPPUNIT_ASSERT_EQUAL(std::string("2"), outcome.record->remoteId);
    }

    void saysWhenTheSiteDoesNotKnowTheField()
    {
        seedContacts(1);
        const auto channel =
            open({{"profile", {{"contacts.patch", {{"fields", {{"serviceGroup", "group"}}}}}}}});
        const auto outcome = apply(*channel, give(1, "1", "5"));
        assertState(OutcomeState::Rejected, outcome);
        ASSERT_SAYS("how this site names the field serviceGroup", outcome.message);
    }

    void rejectsAServiceGroupThatIsGone()
    {
        seedContacts(1);
        const auto channel = open();
        const auto outcome = apply(*channel, give(1, "1", "99"));
        assertState(OutcomeState::Rejected, outcome);
        ASSERT_SAYS("give contact 1 the service group group 99: the site answers 400",
                    outcome.message);
        server.addFault({{"kind", "status"}, {"status", 409}, {"times", 1}});
        const auto conflict = apply(*channel, give(2, "1", "5"));
        assertState(OutcomeState::Rejected, conflict);
        CPPUNIT_ASSERT(!conflict.limit);
    }

    void setsAServiceGroupAgainWhenTheAnswerIsLost()
    {
        seedContacts(1);
        const auto channel = open();
        for (const auto& then :
             {sandbox::Json{{"kind", "drop"}}, sandbox::Json{{"kind", "cut"}, {"bytes", 3}},
              sandbox::Json{{"kind", "status"}, {"status", 502}}})
        {
            server.addFault({{"kind", "takesEffectThen"},
                             {"then", then},
                             {"match", {{"route", "contacts.patch"}}},
                             {"times", 1}});
            assertState(OutcomeState::Applied, apply(*channel, give(1, "1", "5")));
            CPPUNIT_ASSERT_EQUAL(5, serviceGroupOf(1));
        }
        // After a crash the batch comes again.
        auto again = give(2, "1", "5");
        again.doubt = true;
        assertState(OutcomeState::Applied, apply(*channel, again));
        CPPUNIT_ASSERT_EQUAL(5, serviceGroupOf(1));
    }

    void triesLaterWhenAServiceGroupCannotBeSet()
    {
        seedContacts(1);
        const auto channel = open({{"pace", {{"tries", 2}}}});
        server.addFault({{"kind", "cut"}, {"bytes", 1}, {"times", -1}});
        const auto outcome = apply(*channel, give(1, "1", "5"));
        assertState(OutcomeState::Retry, outcome);
        CPPUNIT_ASSERT(outcome.unknown);
    }

    void looksForNothingWithoutAWholeAnswer()
    {
        const auto channel = open({{"pace", {{"tries", 1}}}});
        server.addFault({{"kind", "garbage"}, {"body", "{}"}, {"times", -1}});
        CPPUNIT_ASSERT_THROW(find(*channel, {{"account", "sales"}}), RetryError);
        CPPUNIT_ASSERT_THROW(find(*channel, {{"service-group", "sales"}}), RetryError);
    }

    void namesTheScopeWhenAnAccountIsNeeded()
    {
        const auto channel = open();
        try
        {
            channel->read(
                {Json::object(), {"contact"}}, [](RemoteRecord) {}, [](RemoteLink) {},
                cancellation);
            CPPUNIT_FAIL("it was read");
        }
        catch (const ConfigError& error)
        {
            ASSERT_SAYS("scope.account: ", error.what());
        }
    }

    void checksTheCallsOfServiceGroupsAndAccounts()
    {
        const auto channel = open();
        std::map<std::string, std::string> messages;
        for (const auto& finding : channel->check({Json::object(), scope}, cancellation))
            messages[finding.code] = finding.message;
        ASSERT_SAYS("accounts.find", messages["profile-fits"]);
        ASSERT_SAYS("servicegroups.list", messages["profile-unknown"]);
        ASSERT_SAYS("contacts.patch", messages["profile-unknown"]);
        ASSERT_SAYS("account 42", messages["account-found"]);
    }

private:
    std::vector<RemoteRecord> find(TargetChannel& channel,
                                   const std::vector<ReadRequest::Name>& names)
    {
        ReadRequest request{Json::object()};
        request.find = names;
        std::vector<RemoteRecord> records;
        channel.read(
            request, [&](RemoteRecord record) { records.push_back(std::move(record)); },
            [](RemoteLink) {}, cancellation);
        return records;
    }

    /// Without a scope.
    Outcomes applyWithout(TargetChannel& channel, const std::vector<ChangeRequest>& changes)
    {
        Outcomes outcomes;
        channel.apply(
            Json::object(), changes,
            [&](Outcome outcome) { outcomes.emplace(outcome.id, outcome); }, cancellation);
        return outcomes;
    }

    static ChangeRequest give(int64_t id, const std::string& contact, const std::string& group)
    {
        auto change = link(id, contact, group, "member");
        change.to.kind = "service-group";
        return change;
    }

    static ChangeRequest within(ChangeRequest change, const std::string& account)
    {
        change.within = {"account", "tag", account};
        return change;
    }

    int serviceGroupOf(int contact)
    {
        const auto contacts = server.deskDirector()["contacts"];
        for (const auto& one : contacts)
            if (one["id"] == contact && one["serviceGroup"].is_object())
                return one["serviceGroup"]["id"];
        return 0;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeskPeopleTest);
