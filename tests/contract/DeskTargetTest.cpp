#include "DeskTargetFixture.h"

#include "runtime/Errors.h"
#include "support/FreshTest.h"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace muster;
using namespace muster::plugins;

#define ASSERT_SAYS(expected, text)                                                                \
    CPPUNIT_ASSERT_MESSAGE(text, std::string(text).find(expected) != std::string::npos)

/// What the DeskDirector target does with an account.
class DeskTargetTest : public tests::DeskTargetFixture
{
    CPPUNIT_TEST_SUITE(DeskTargetTest);
    FRESH_TEST(readsAnEmptyAccountWithOneRequestPerKind);
    FRESH_TEST(readsAHundredRecordsWithARequest);
    FRESH_TEST(readsContactsOfTheAccountOnly);
    FRESH_TEST(readsMembersWithTheirRoles);
    FRESH_TEST(readsNoMembersOfAGroupThatIsGone);
    FRESH_TEST(readsTheAccount);
    FRESH_TEST(createsARecordWithOneRequest);
    FRESH_TEST(createsAContactWithoutALastName);
    FRESH_TEST(adoptsAnInactiveContactAsItIs);
    FRESH_TEST(adoptsByTheWholeAddressOnly);
    FRESH_TEST(adoptsAGroupByNameWhenInDoubt);
    FRESH_TEST(changesOnlyTheFieldsThatDiffer);
    FRESH_TEST(retiresAndActivatesAContact);
    FRESH_TEST(renamesAGroup);
    FRESH_TEST(changesTheRoleOfAMember);
    FRESH_TEST(takesAMemberThatIsGoneAsDone);
    FRESH_TEST(tellsTheFiftyFirstGroupFromAFailure);
    FRESH_TEST(triesAgainLaterWhenSomebodyElseChangesTheSame);
    FRESH_TEST(rejectsWhatTheSiteRefuses);
    FRESH_TEST(givesEachChangeItsOwnOutcome);
    FRESH_TEST(usesTheCallsOfTheSettingsProfile);
    CPPUNIT_TEST_SUITE_END();

public:
    void readsAnEmptyAccountWithOneRequestPerKind()
    {
        const auto channel = open();
        CPPUNIT_ASSERT(read(*channel, {"contact", "contact-group"}).records.empty());
        CPPUNIT_ASSERT_EQUAL(uint64_t{2}, channel->requests());
    }

    void readsAHundredRecordsWithARequest()
    {
        seedContacts(250);
        const auto channel = open();
        const auto records = read(*channel, {"contact"}).records;
        CPPUNIT_ASSERT_EQUAL(size_t{250}, records.size());
        CPPUNIT_ASSERT_EQUAL(size_t{3}, requests("contacts.find"));
        const auto last = std::find_if(records.begin(), records.end(),
                                       [](const auto& record) { return record.remoteId == "250"; });
        CPPUNIT_ASSERT(last != records.end());
        CPPUNIT_ASSERT_EQUAL(std::string("p250@contoso.example"), last->key);
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"email":"p250@contoso.example","firstName":"P","lastName":"250"})"),
            last->fields.dump());
    }

    void readsContactsOfTheAccountOnly()
    {
        seedContacts(1);
        server.seedDeskDirector(
            {{"accounts", {{{"id", 43}, {"name", "Other"}}}},
             {"contacts", {{{"id", 900}, {"companyId", 43}, {"email", "p1@contoso.example"}}}}});
        const auto channel = open();
        const auto records = read(*channel, {"contact"}).records;
        CPPUNIT_ASSERT_EQUAL(size_t{1}, records.size());
        CPPUNIT_ASSERT_EQUAL(std::string("1"), records[0].remoteId);
    }

    void readsMembersWithTheirRoles()
    {
        seedContacts(120);
        sandbox::Json members = sandbox::Json::array();
        for (int i = 1; i <= 120; ++i)
            members.push_back({{"contact", i}, {"role", i == 7 ? "manager" : "regular"}});
        server.seedDeskDirector(
            {{"groups",
              {{{"id", "g 1"}, {"accountId", 42}, {"name", "All"}, {"members", members}},
               {{"id", "g2"}, {"accountId", 42}, {"name", "None"}}}}});
        const auto channel = open();
        const auto links = read(*channel, {}, {"g 1", "g2"}).links;
        CPPUNIT_ASSERT_EQUAL(size_t{120}, links.size());
        CPPUNIT_ASSERT_EQUAL(uint64_t{3}, channel->requests());
        for (const auto& one : links)
        {
            CPPUNIT_ASSERT_EQUAL(std::string("g 1"), one.toId);
            CPPUNIT_ASSERT_EQUAL(std::string(one.fromId == "7" ? "manager" : "regular"), one.role);
        }
    }

    void readsNoMembersOfAGroupThatIsGone()
    {
        const auto channel = open();
        CPPUNIT_ASSERT(read(*channel, {}, {"gone"}).links.empty());
        // A site without the call answers 404 too; then the group is there all the same.
        server.seedDeskDirector({{"groups", {{{"id", "g"}, {"accountId", 42}, {"name", "G"}}}}});
        const auto other =
            open({{"profile",
                   {{"members.list", {{"path", "/api/v9/{group}?skip={skip}&take={take}"}}}}}});
        CPPUNIT_ASSERT_THROW(read(*other, {}, {"g"}), RejectedError);
    }

    void readsTheAccount()
    {
        const auto channel = open();
        const auto records = read(*channel, {"account"}).records;
        CPPUNIT_ASSERT_EQUAL(std::string("Contoso"), records.at(0).name);
        CPPUNIT_ASSERT_EQUAL(std::string("42"), records.at(0).remoteId);
    }

    void createsARecordWithOneRequest()
    {
        const auto channel = open();
        const auto outcomes =
            apply(*channel, {contact(1, "ann@contoso.example"), group(2, "Finance")});
        assertState(OutcomeState::Applied, outcomes.at(1));
        assertState(OutcomeState::Applied, outcomes.at(2));
        CPPUNIT_ASSERT(!outcomes.at(1).adopted);
        CPPUNIT_ASSERT_EQUAL(uint64_t{2}, channel->requests());
        const auto& made = *outcomes.at(1).record;
        CPPUNIT_ASSERT_EQUAL(std::string("ann@contoso.example"), made.key);
        CPPUNIT_ASSERT_EQUAL(std::string("Bo"), made.fields["lastName"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("Finance"), outcomes.at(2).record->key);
    }

    void createsAContactWithoutALastName()
    {
        auto change = contact(1, "ann@contoso.example");
        change.fields.erase("lastName");
        const auto channel = open();
        const auto outcome = apply(*channel, change);
        assertState(OutcomeState::Applied, outcome);
        CPPUNIT_ASSERT(!outcome.record->fields.contains("lastName"));
    }

    void adoptsAnInactiveContactAsItIs()
    {
        seedContacts(1);
        server.seedDeskDirector(
            {{"contacts", {{{"id", 1}, {"active", false}, {"email", "P1@Contoso.example"}}}}});
        const auto channel = open();
        const auto outcome = apply(*channel, contact(1, "p1@contoso.example"));
        assertState(OutcomeState::Applied, outcome);
        CPPUNIT_ASSERT(outcome.adopted);
        CPPUNIT_ASSERT(!outcome.record->active);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), outcome.record->remoteId);
        CPPUNIT_ASSERT_EQUAL(std::string("P"),
                             outcome.record->fields["firstName"].get<std::string>());
    }

    void adoptsByTheWholeAddressOnly()
    {
        server.seedDeskDirector(
            {{"contacts",
              {{{"id", 1}, {"companyId", 42}, {"email", "joann@contoso.example"}},
               {{"id", 2}, {"companyId", 42}, {"email", "ann@contoso.example"}},
               {{"id", 3}, {"companyId", 42}, {"email", "ann@contoso.example.org"}}}}});
        const auto channel = open();
        CPPUNIT_ASSERT_EQUAL(std::string("2"),
                             apply(*channel, contact(1, "ann@contoso.example")).record->remoteId);
    }

    void adoptsAGroupByNameWhenInDoubt()
    {
        server.seedDeskDirector(
            {{"groups", {{{"id", "g7"}, {"accountId", 42}, {"name", " Finance "}}}}});
        auto change = group(1, "Finance");
        change.doubt = true;
        const auto channel = open();
        const auto outcome = apply(*channel, change);
        assertState(OutcomeState::Applied, outcome);
        CPPUNIT_ASSERT(outcome.adopted);
        CPPUNIT_ASSERT_EQUAL(std::string("g7"), outcome.record->remoteId);
        CPPUNIT_ASSERT_EQUAL(size_t{0}, writes());
    }

    void changesOnlyTheFieldsThatDiffer()
    {
        seedContacts(1);
        server.seedDeskDirector({{"contacts", {{{"id", 1}, {"title", "Clerk"}, {"phone", "+1"}}}}});
        const auto channel = open();
        const auto record = read(*channel, {"contact"}).records.at(0);
        const auto outcome =
            apply(*channel, change(1, Action::Update, record,
                                   {{"title", "Chief"}, {"phone", nullptr}, {"unknown", "x"}}));
        assertState(OutcomeState::Applied, outcome);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"email":"p1@contoso.example","firstName":"P",)"
                                         R"("lastName":"1","title":"Chief"})"),
                             outcome.record->fields.dump());
        assertState(OutcomeState::Unchanged,
                    apply(*channel, change(2, Action::Update, record, {{"unknown", "x"}})));
    }

    void retiresAndActivatesAContact()
    {
        seedContacts(1);
        const auto channel = open();
        const auto record = read(*channel, {"contact"}).records.at(0);
        CPPUNIT_ASSERT(!apply(*channel, change(1, Action::Retire, record)).record->active);
        CPPUNIT_ASSERT(!read(*channel, {"contact"}).records.at(0).active);
        CPPUNIT_ASSERT(apply(*channel, change(2, Action::Activate, record)).record->active);
    }

    void renamesAGroup()
    {
        server.seedDeskDirector({{"groups", {{{"id", "g"}, {"accountId", 42}, {"name", "Old"}}}}});
        const auto channel = open();
        const auto record = read(*channel, {"contact-group"}).records.at(0);
        const auto outcome = apply(*channel, change(1, Action::Update, record, {{"name", "New"}}));
        CPPUNIT_ASSERT_EQUAL(std::string("New"), outcome.record->key);
        CPPUNIT_ASSERT_EQUAL(std::string("New"),
                             read(*channel, {"contact-group"}).records.at(0).name);
    }

    void changesTheRoleOfAMember()
    {
        seedContacts(1);
        server.seedDeskDirector({{"groups", {{{"id", "g"}, {"accountId", 42}, {"name", "G"}}}}});
        const auto channel = open();
        assertState(OutcomeState::Applied, apply(*channel, link(1, "1", "g", "regular")));
        assertState(OutcomeState::Applied, apply(*channel, link(2, "1", "g", "manager")));
        const auto links = read(*channel, {}, {"g"}).links;
        CPPUNIT_ASSERT_EQUAL(size_t{1}, links.size());
        CPPUNIT_ASSERT_EQUAL(std::string("manager"), links[0].role);
    }

    void takesAMemberThatIsGoneAsDone()
    {
        seedContacts(1);
        server.seedDeskDirector(
            {{"groups",
              {{{"id", "g"},
                {"accountId", 42},
                {"name", "G"},
                {"members", sandbox::Json::array({{{"contact", 1}, {"role", "guest"}}})}}}}});
        const auto channel = open();
        assertState(OutcomeState::Applied, apply(*channel, unlink(1, "1", "g")));
        assertState(OutcomeState::Unchanged, apply(*channel, unlink(2, "1", "g")));
        CPPUNIT_ASSERT(read(*channel, {}, {"g"}).links.empty());
    }

    void tellsTheFiftyFirstGroupFromAFailure()
    {
        seedContacts(1);
        sandbox::Json groups = sandbox::Json::array();
        for (int i = 0; i < 51; ++i)
            groups.push_back({{"id", "g" + std::to_string(i)},
                              {"accountId", 42},
                              {"name", "G" + std::to_string(i)}});
        server.seedDeskDirector({{"groups", groups}});
        std::vector<ChangeRequest> changes;
        for (int i = 0; i < 51; ++i)
            changes.push_back(link(i, "1", "g" + std::to_string(i), "regular"));
        const auto channel = open();
        const auto outcomes = apply(*channel, changes);
        const auto full = std::find_if(outcomes.begin(), outcomes.end(), [](const auto& one) {
            return one.second.state == OutcomeState::Rejected;
        });
        CPPUNIT_ASSERT(full != outcomes.end());
        CPPUNIT_ASSERT(full->second.limit);
        ASSERT_SAYS("50 contact groups at most", full->second.message);
        CPPUNIT_ASSERT_EQUAL(ptrdiff_t{50},
                             std::count_if(outcomes.begin(), outcomes.end(), [](const auto& one) {
                                 return one.second.state == OutcomeState::Applied;
                             }));
    }

    void triesAgainLaterWhenSomebodyElseChangesTheSame()
    {
        seedContacts(1);
        server.seedDeskDirector({{"groups", {{{"id", "g"}, {"accountId", 42}, {"name", "G"}}}}});
        const auto channel = open();
        for (const auto status : {409, 412})
        {
            server.addFault({{"kind", "status"},
                             {"status", status},
                             {"body", {{"message", "The group was changed, try again"}}}});
            const auto outcome = apply(*channel, link(1, "1", "g", "regular"));
            assertState(OutcomeState::Retry, outcome);
            CPPUNIT_ASSERT(!outcome.unknown);
        }
        for (const auto* message : {"A contact has 50 groups", "Limit reached"})
        {
            server.addFault(
                {{"kind", "status"}, {"status", 409}, {"body", {{"message", message}}}});
            const auto outcome = apply(*channel, link(1, "1", "g", "regular"));
            CPPUNIT_ASSERT_MESSAGE(outcome.message, outcome.limit);
            ASSERT_SAYS(std::string(message) + ". A contact can be in", outcome.message);
        }
    }

    void rejectsWhatTheSiteRefuses()
    {
        seedContacts(2);
        const auto channel = open();
        auto record = read(*channel, {"contact"}).records.at(0);
        const auto conflict =
            apply(*channel, change(1, Action::Update, record, {{"email", "p2@contoso.example"}}));
        assertState(OutcomeState::Rejected, conflict);
        ASSERT_SAYS("change contact p1@contoso.example: the site answers 409", conflict.message);
        record.remoteId = "99999";
        assertState(OutcomeState::Rejected, apply(*channel, change(2, Action::Retire, record)));
        assertState(OutcomeState::Rejected, apply(*channel, contact(3, "not an address")));
    }

    void givesEachChangeItsOwnOutcome()
    {
        const auto channel = open();
        std::vector<ChangeRequest> changes;
        for (int i = 0; i < 250; ++i)
            changes.push_back(
                contact(i, i % 10 == 3 ? "no address" : "a" + std::to_string(i) + "@x.example"));
        const auto outcomes = apply(*channel, changes);
        for (const auto& [id, outcome] : outcomes)
            CPPUNIT_ASSERT_MESSAGE(
                outcome.message,
                outcome.state == (id % 10 == 3 ? OutcomeState::Rejected : OutcomeState::Applied));
        CPPUNIT_ASSERT_EQUAL(size_t{225}, read(*channel, {"contact"}).records.size());
    }

    void usesTheCallsOfTheSettingsProfile()
    {
        const auto channel =
            open({{"profile",
                   {{"groups.create", {{"path", "/api/v4/tenants/{account}/teams"}}},
                    {"contacts.create", {{"fields", {{"email", "emailAddress"}}}}}}}});
        ASSERT_SAYS("/api/v4/tenants/42/teams", apply(*channel, group(1, "G")).message);
        ASSERT_SAYS("'email' is required", apply(*channel, contact(2, "a@b.example")).message);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeskTargetTest);
