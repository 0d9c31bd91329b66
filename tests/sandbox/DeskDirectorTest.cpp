#include "SandboxFixture.h"
#include "support/FreshTest.h"

using namespace muster::sandbox;

/// The rules that bind: contracts/deskdirector.md Part 1.
class DeskDirectorTest : public SandboxFixture
{
    CPPUNIT_TEST_SUITE(DeskDirectorTest);
    FRESH_TEST(wrongKeyIs401);
    FRESH_TEST(unknownCallIs404);
    FRESH_TEST(emailIsUniqueInAnAccountWithoutCase);
    FRESH_TEST(sameEmailMayBeInAnotherAccount);
    FRESH_TEST(searchIsFuzzy);
    FRESH_TEST(pageHoldsAtMost100);
    FRESH_TEST(searchFiltersByState);
    FRESH_TEST(accountMakesContactsInactiveOverAllAccountsOnly);
    FRESH_TEST(patchWithNullResets);
    FRESH_TEST(patchOfEmailKeepsItUnique);
    FRESH_TEST(contactHoldsOneServiceGroup);
    FRESH_TEST(contactIsInAtMost50Groups);
    FRESH_TEST(putMemberChangesTheRole);
    FRESH_TEST(unknownRoleIs400);
    FRESH_TEST(deletingWhoIsNoMemberIs404);
    FRESH_TEST(groupsMayShareAName);
    FRESH_TEST(accountsAreFoundByEveryTag);
    FRESH_TEST(searchMissesYoungContactForSomeSearches);
    FRESH_TEST(listMissesYoungGroupForSomeTime);
    FRESH_TEST(refusedContactLeavesNothing);
    FRESH_TEST(writesAreRecordedAndReadsAreNot);
    FRESH_TEST(peopleEditByHand);
    FRESH_TEST(ticketMovesToAnotherStatus);
    FRESH_TEST(schemaTellsTheFieldsOfAContact);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        start("");
        server().seedDeskDirector({{"accounts",
                                    {{{"id", 42}, {"name", "Contoso"}, {"tags", {"it", "vip"}}},
                                     {{"id", 43}, {"name", "Fabrikam"}, {"tags", {"it"}}}}},
                                   {"serviceGroups", {{{"id", 7}, {"name", "Gold"}}}}});
    }

    void wrongKeyIs401()
    {
        const Answer answer = client().send("GET", "/api/v2/automate/connector/connections/test",
                                            {{"Authorization", "DdApi wrong"}});
        CPPUNIT_ASSERT_EQUAL(401, answer.status);
        CPPUNIT_ASSERT(answer.json().contains("message"));
        CPPUNIT_ASSERT_EQUAL(200, client().desk("GET", "connections/test").status);
    }

    void unknownCallIs404() { CPPUNIT_ASSERT_EQUAL(404, client().desk("GET", "nothing").status); }

    void emailIsUniqueInAnAccountWithoutCase()
    {
        create("a@b.example");
        CPPUNIT_ASSERT_EQUAL(409, tryCreate(42, "A@B.example").status);
    }

    void sameEmailMayBeInAnotherAccount()
    {
        create("a@b.example");
        CPPUNIT_ASSERT_EQUAL(200, tryCreate(43, "a@b.example").status);
    }

    void searchIsFuzzy()
    {
        create("ann@b.example");
        create("joann@b.example");
        CPPUNIT_ASSERT_EQUAL(Json(2), find({{"search", "ANN@b.example"}})["totalResults"]);
        CPPUNIT_ASSERT_EQUAL(Json(2), find({{"search", "first"}})["totalResults"]);
    }

    void pageHoldsAtMost100()
    {
        for (int i = 0; i < 105; ++i)
            create("p" + std::to_string(i) + "@b.example");
        const Json first = find({{"take", 500}});
        CPPUNIT_ASSERT_EQUAL(size_t{100}, first["results"].size());
        CPPUNIT_ASSERT_EQUAL(Json(105), first["totalResults"]);
        CPPUNIT_ASSERT_EQUAL(size_t{5}, find({{"skip", 100}})["results"].size());
    }

    void searchFiltersByState()
    {
        const int id = create("a@b.example");
        create("b@b.example");
        const Answer answer = client().desk("POST", contactPath(id) + "/$deactivate");
        CPPUNIT_ASSERT_EQUAL(Json(false), answer.json()["active"]);
        CPPUNIT_ASSERT_EQUAL(Json(1), find({{"state", "inactive"}})["totalResults"]);
        CPPUNIT_ASSERT_EQUAL(Json(1), find({{"state", "active"}})["totalResults"]);
        CPPUNIT_ASSERT_EQUAL(Json(2), find({{"state", "any"}})["totalResults"]);
        client().desk("POST", contactPath(id) + "/$reactivate");
        CPPUNIT_ASSERT_EQUAL(Json(2), find({{"state", "active"}})["totalResults"]);
    }

    void accountMakesContactsInactiveOverAllAccountsOnly()
    {
        create("a@b.example");
        server().seedDeskDirector({{"accounts", {{{"id", 42}, {"active", false}}}}});
        CPPUNIT_ASSERT_EQUAL(Json(1), find({{"state", "active"}})["totalResults"]);
        CPPUNIT_ASSERT_EQUAL(Json(0),
                             find({{"companyId", nullptr}, {"state", "active"}})["totalResults"]);
    }

    void patchWithNullResets()
    {
        const int id = create("a@b.example");
        Json contact = patch(id, {{"title", "Boss"}, {"phone", "+1"}}).json();
        CPPUNIT_ASSERT_EQUAL(Json("Boss"), contact["title"]);
        contact = patch(id, {{"title", nullptr}}).json();
        CPPUNIT_ASSERT(contact["title"].is_null());
        CPPUNIT_ASSERT_EQUAL(Json("+1"), contact["phone"]);
    }

    void patchOfEmailKeepsItUnique()
    {
        const int id = create("a@b.example");
        create("b@b.example");
        CPPUNIT_ASSERT_EQUAL(409, patch(id, {{"email", "B@b.example"}}).status);
        CPPUNIT_ASSERT_EQUAL(200, patch(id, {{"email", "c@b.example"}}).status);
        CPPUNIT_ASSERT_EQUAL(200, tryCreate(42, "a@b.example").status);
    }

    void contactHoldsOneServiceGroup()
    {
        const int id = create("a@b.example");
        const Json contact = patch(id, {{"serviceGroup", {{"id", 7}}}}).json();
        CPPUNIT_ASSERT_EQUAL((Json{{"id", 7}, {"name", "Gold"}}), contact["serviceGroup"]);
        CPPUNIT_ASSERT_EQUAL(400, patch(id, {{"serviceGroup", {{"id", 8}}}}).status);
        CPPUNIT_ASSERT(patch(id, {{"serviceGroup", nullptr}}).json()["serviceGroup"].is_null());
    }

    void contactIsInAtMost50Groups()
    {
        const int id = create("a@b.example");
        std::string last;
        for (int i = 0; i < 50; ++i)
        {
            last = createGroup("Group " + std::to_string(i));
            CPPUNIT_ASSERT_EQUAL(200, putMember(last, id, "regular").status);
        }
        const std::string next = createGroup("One more");
        CPPUNIT_ASSERT_EQUAL(409, putMember(next, id, "regular").status);
        CPPUNIT_ASSERT_EQUAL(204, client().desk("DELETE", memberPath(last, id)).status);
        CPPUNIT_ASSERT_EQUAL(200, putMember(next, id, "regular").status);
    }

    void putMemberChangesTheRole()
    {
        const int id = create("a@b.example");
        const std::string group = createGroup("Team");
        putMember(group, id, "regular");
        putMember(group, id, "manager");
        const Json members =
            client().desk("GET", "/api/v4/contact_groups/" + group + "/contacts").json();
        CPPUNIT_ASSERT_EQUAL(Json(1), members["totalResults"]);
        CPPUNIT_ASSERT_EQUAL(
            (Json{{"contact", {{"id", id}, {"name", "First Last"}, {"email", "a@b.example"}}},
                  {"role", "manager"}}),
            members["results"][0]);
    }

    void unknownRoleIs400()
    {
        const int id = create("a@b.example");
        CPPUNIT_ASSERT_EQUAL(400, putMember(createGroup("Team"), id, "owner").status);
    }

    void deletingWhoIsNoMemberIs404()
    {
        const int id = create("a@b.example");
        CPPUNIT_ASSERT_EQUAL(404,
                             client().desk("DELETE", memberPath(createGroup("Team"), id)).status);
    }

    void groupsMayShareAName()
    {
        createGroup("Team");
        createGroup("Team");
        CPPUNIT_ASSERT_EQUAL(Json(2),
                             client().desk("GET", "companies/42/teams").json()["totalResults"]);
    }

    void accountsAreFoundByEveryTag()
    {
        const auto count = [&](const Json& tags) {
            return client().desk("POST", "companies/find", {{"tags", tags}}).json()["totalResults"];
        };
        CPPUNIT_ASSERT_EQUAL(Json(2), count({"it"}));
        CPPUNIT_ASSERT_EQUAL(Json(1), count({"it", "vip"}));
        CPPUNIT_ASSERT_EQUAL(Json(0), count({"IT"}));
    }

    void searchMissesYoungContactForSomeSearches()
    {
        server().configure({{"staleSearches", 2}});
        create("a@b.example");
        CPPUNIT_ASSERT_EQUAL(Json(0), find()["totalResults"]);
        CPPUNIT_ASSERT_EQUAL(Json(0), find()["totalResults"]);
        CPPUNIT_ASSERT_EQUAL(Json(1), find()["totalResults"]);
    }

    void listMissesYoungGroupForSomeTime()
    {
        server().configure({{"staleMilliseconds", 3600000}});
        createGroup("Team");
        const auto count = [&] {
            return client().desk("GET", "companies/42/teams").json()["totalResults"];
        };
        CPPUNIT_ASSERT_EQUAL(Json(0), count());
        server().configure({{"staleMilliseconds", 0}});
        CPPUNIT_ASSERT_EQUAL(Json(1), count());
    }

    void refusedContactLeavesNothing()
    {
        CPPUNIT_ASSERT_EQUAL(400, tryCreate(42, "not-an-address").status);
        CPPUNIT_ASSERT_EQUAL(404, tryCreate(99, "a@b.example").status);
        const Answer answer = client().desk(
            "POST", "contacts", {{"companyId", 42}, {"email", "a@b.example"}, {"title", 5}});
        CPPUNIT_ASSERT_EQUAL(400, answer.status);
        CPPUNIT_ASSERT_EQUAL(Json(0), find()["totalResults"]);
    }

    void writesAreRecordedAndReadsAreNot()
    {
        create("a@b.example");
        find();
        tryCreate(42, "a@b.example");
        const Json writes = server().deskDirector()["writes"];
        CPPUNIT_ASSERT_EQUAL(size_t{2}, writes.size());
        CPPUNIT_ASSERT_EQUAL(Json("POST"), writes[0]["method"]);
        CPPUNIT_ASSERT_EQUAL(Json(409), writes[1]["status"]);
        const Json requests = server().requests();
        CPPUNIT_ASSERT_EQUAL(Json(2), requests["routes"]["contacts.create"]);
        CPPUNIT_ASSERT_EQUAL(Json(1), requests["routes"]["contacts.find"]);
        CPPUNIT_ASSERT_EQUAL(Json(3), requests["services"]["deskdirector"]);
    }

    void peopleEditByHand()
    {
        server().seedDeskDirector(
            {{"contacts", {{{"id", 5}, {"companyId", 42}, {"email", "a@b.example"}}}},
             {"groups",
              {{{"id", "g"},
                {"accountId", 42},
                {"name", "Team"},
                {"members", {{{"contact", "A@b.example"}, {"role", "guest"}}}}}}}});
        server().seedDeskDirector(
            {{"contacts", {{{"id", 5}, {"active", false}, {"lastName", "New"}}}},
             {"groups", {{{"id", "g"}, {"name", "Other"}}}}});
        Json state = server().deskDirector();
        CPPUNIT_ASSERT_EQUAL(Json(false), state["contacts"][0]["active"]);
        CPPUNIT_ASSERT_EQUAL(Json("New"), state["contacts"][0]["lastName"]);
        CPPUNIT_ASSERT_EQUAL(
            (Json{{"id", "g"},
                  {"accountId", 42},
                  {"name", "Other"},
                  {"members", {{{"contact", 5}, {"email", "a@b.example"}, {"role", "guest"}}}}}),
            state["groups"][0]);
        server().seedDeskDirector({{"groups", {{{"id", "g"}, {"delete", true}}}}});
        CPPUNIT_ASSERT(server().deskDirector()["groups"].empty());
        CPPUNIT_ASSERT_THROW(server().seedDeskDirector({{"contact", Json::array()}}),
                             std::invalid_argument);
    }

    void ticketMovesToAnotherStatus()
    {
        server().seedDeskDirector(
            {{"boards", {{{"id", 3}, {"name", "Sync"}}}},
             {"statuses",
              {{{"id", 12}, {"name", "In Progress"}, {"boardId", 3}},
               {{"id", 14}, {"name", "Closed"}, {"boardId", 3}}}},
             {"contacts", {{{"id", 5}, {"companyId", 42}, {"email", "a@b.example"}}}},
             {"tickets", {{{"id", 900}, {"summary", "Sync"}, {"boardId", 3}, {"contactId", 5}}}}});
        const Json search{{"boardId", 3}, {"state", "open"}};
        CPPUNIT_ASSERT_EQUAL(Json(1),
                             client().desk("POST", "tickets/find", search).json()["totalResults"]);
        const Json ticket = client().desk("PATCH", "tickets/900", {{"statusId", 14}}).json();
        CPPUNIT_ASSERT_EQUAL(Json(true), ticket["isClosed"]);
        CPPUNIT_ASSERT_EQUAL(Json("Contoso"), ticket["account"]["name"]);
        CPPUNIT_ASSERT_EQUAL(Json(0),
                             client().desk("POST", "tickets/find", search).json()["totalResults"]);
        CPPUNIT_ASSERT_EQUAL(
            200, client().desk("POST", "/api/v4/tickets/900/comments", {{"note", "done"}}).status);
        CPPUNIT_ASSERT_EQUAL(400, client().desk("GET", "service/statuses").status);
        CPPUNIT_ASSERT_EQUAL(
            Json(2), client().desk("GET", "service/statuses?boardId=3").json()["totalResults"]);
    }

    void schemaTellsTheFieldsOfAContact()
    {
        const Json schema =
            client().desk("GET", "schema/dynamic-types/CreateContactRequest").json();
        CPPUNIT_ASSERT(schema["properties"].contains("email"));
        CPPUNIT_ASSERT_EQUAL(404, client().desk("GET", "schema/dynamic-types/Nothing").status);
    }

private:
    Answer tryCreate(int account, const std::string& email)
    {
        return client().desk("POST", "contacts",
                             {{"companyId", account},
                              {"email", email},
                              {"firstName", "First"},
                              {"lastName", "Last"}});
    }

    int create(const std::string& email)
    {
        const Answer answer = tryCreate(42, email);
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
        return answer.json()["id"].get<int>();
    }

    Json find(const Json& changes = Json::object())
    {
        Json body{{"companyId", 42}, {"search", ""}, {"state", "any"}, {"skip", 0}, {"take", 100}};
        body.update(changes);
        return client().desk("POST", "contacts/find", body).json();
    }

    static std::string contactPath(int id) { return "/api/v4/contacts/" + std::to_string(id); }
    Answer patch(int id, const Json& body) { return client().desk("PATCH", contactPath(id), body); }

    std::string createGroup(const std::string& name)
    {
        return client()
            .desk("POST", "/api/v4/accounts/42/contact_groups", {{"name", name}})
            .json()["id"]
            .get<std::string>();
    }

    static std::string memberPath(const std::string& group, int contact)
    {
        return "/api/v4/contact_groups/" + group + "/contacts/" + std::to_string(contact);
    }

    Answer putMember(const std::string& group, int contact, const std::string& role)
    {
        return client().desk("PUT", memberPath(group, contact), {{"role", role}});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeskDirectorTest);
