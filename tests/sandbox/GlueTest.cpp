#include "GlueFixture.h"
#include "support/FreshTest.h"

using namespace muster::sandbox;

/// What all calls share, and the lists: contracts/itglue.md section 1.
class GlueTest : public GlueFixture
{
    CPPUNIT_TEST_SUITE(GlueTest);
    FRESH_TEST(wrongKeyIs403);
    FRESH_TEST(bodyOfAnotherTypeIs415);
    FRESH_TEST(charsetInTheContentTypeIsTaken);
    FRESH_TEST(bodyThatIsNoJsonIs400);
    FRESH_TEST(unknownIdIsAPageInHtml);
    FRESH_TEST(unknownCallIsAPageInHtml);
    FRESH_TEST(pageHolds50UnlessToldOtherwise);
    FRESH_TEST(pagesFollowOneAnother);
    FRESH_TEST(pageOfASingleRecordIs400);
    FRESH_TEST(filterIsExactAndHasCase);
    FRESH_TEST(filterTakesAListWithEscapedCommas);
    FRESH_TEST(unknownFilterIs400);
    FRESH_TEST(nestedRouteTakesNoFilter);
    FRESH_TEST(contactIsFoundByItsPrimaryAddressOnly);
    FRESH_TEST(listIsSortedByTwoNames);
    FRESH_TEST(idsAreTextsOutsideAndNumbersInside);
    FRESH_TEST(parentIdIsAText);
    FRESH_TEST(snakeCaseIsTakenAndKebabCaseAnswered);
    FRESH_TEST(requestsOverTheLimitAre429);
    FRESH_TEST(retryAfterTellsWhenTheWindowHasRoom);
    FRESH_TEST(syncedContactCannotBeChanged);
    FRESH_TEST(syncedConfigurationTakesNotesOnly);
    FRESH_TEST(contactsAreCreatedInBulkInTheirOrganization);
    FRESH_TEST(configurationCannotBeFoundByItsHostName);
    FRESH_TEST(usersAndGroupsAreRead);
    FRESH_TEST(logsHaveFivePages);
    FRESH_TEST(writesAreRecordedAndReadsAreNot);
    FRESH_TEST(faultIsMatchedByItsRoute);
    FRESH_TEST(pageMayLoseARecordOrLoop);
    FRESH_TEST(controlTakesAndShowsRecords);
    FRESH_TEST(seedOfAnUnknownListIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void wrongKeyIs403()
    {
        CPPUNIT_ASSERT_EQUAL(403, client().send("GET", "/organizations").status);
        CPPUNIT_ASSERT_EQUAL(
            403, client().send("GET", "/organizations", {{"x-api-key", "wrong"}}).status);
    }

    void bodyOfAnotherTypeIs415()
    {
        CPPUNIT_ASSERT_EQUAL(415, post("application/json", assetBody({}).dump()).status);
    }

    void charsetInTheContentTypeIsTaken()
    {
        const std::string body = assetBody({{"group-name", "A"}}).dump();
        CPPUNIT_ASSERT_EQUAL(201, post("application/vnd.api+json; charset=utf-8", body).status);
    }

    void bodyThatIsNoJsonIs400()
    {
        CPPUNIT_ASSERT_EQUAL(400, post("application/vnd.api+json", "{").status);
    }

    void unknownIdIsAPageInHtml()
    {
        const Answer answer = client().glue("GET", "/flexible_assets/5");
        CPPUNIT_ASSERT_EQUAL(404, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("text/html; charset=utf-8"),
                             answer.headers.at("content-type"));
    }

    void unknownCallIsAPageInHtml()
    {
        for (const char* const path :
             {"/organizations/x/relationships/contacts", "/flexible_assets/5/6", "/logs/5"})
        {
            const Answer answer = client().glue("GET", path);
            CPPUNIT_ASSERT_EQUAL(404, answer.status);
            CPPUNIT_ASSERT(answer.body.find("<html>") != std::string::npos);
        }
    }

    void pageHolds50UnlessToldOtherwise()
    {
        seedAssets(1001);
        CPPUNIT_ASSERT_EQUAL(std::size_t{50}, list()["data"].size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{200}, list("&page[size]=200")["data"].size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, list("&page[size]=5000")["data"].size());
    }

    void pagesFollowOneAnother()
    {
        seedAssets(5);
        const Json page = list("&page%5Bsize%5D=2&page%5Bnumber%5D=2");
        CPPUNIT_ASSERT_EQUAL((Json{{"current-page", 2},
                                   {"next-page", 3},
                                   {"prev-page", 1},
                                   {"total-pages", 3},
                                   {"total-count", 5},
                                   {"filters", Json::object()}}),
                             page["meta"]);
        const auto next = page["links"]["next"].get<std::string>();
        const Json last = client().glue("GET", next.substr(server().baseUrl().size())).json();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, last["data"].size());
        CPPUNIT_ASSERT(last["meta"]["next-page"].is_null());
        CPPUNIT_ASSERT(last["links"]["next"].is_null());
    }

    void pageOfASingleRecordIs400()
    {
        CPPUNIT_ASSERT_EQUAL(400, client().glue("GET", "/contacts/71?page[size]=5").status);
    }

    void filterIsExactAndHasCase()
    {
        create({{"group-name", "Sales"}});
        CPPUNIT_ASSERT_EQUAL(Json(1), list("&filter[name]=Sales")["meta"]["total-count"]);
        CPPUNIT_ASSERT_EQUAL(Json(0), list("&filter[name]=sales")["meta"]["total-count"]);
        CPPUNIT_ASSERT_EQUAL(Json(0), list("&filter[name]=Sale")["meta"]["total-count"]);
    }

    void filterTakesAListWithEscapedCommas()
    {
        const auto count = [&](const std::string& names) {
            return client()
                .glue("GET", "/organizations?filter[name]=" + names)
                .json()["meta"]["total-count"];
        };
        CPPUNIT_ASSERT_EQUAL(Json(2), count("Contoso,Fabrikam%5C,%20Inc."));
        CPPUNIT_ASSERT_EQUAL(Json(0), count("Fabrikam,%20Inc."));
    }

    void unknownFilterIs400()
    {
        CPPUNIT_ASSERT_EQUAL(400, client().glue("GET", "/contacts?filter[email]=a").status);
    }

    void nestedRouteTakesNoFilter()
    {
        const Json page =
            client()
                .glue("GET", "/organizations/7/relationships/contacts?filter[first-name]=Ann")
                .json();
        CPPUNIT_ASSERT_EQUAL(Json(2), page["meta"]["total-count"]);
    }

    void contactIsFoundByItsPrimaryAddressOnly()
    {
        const auto count = [&](const std::string& address) {
            return client()
                .glue("GET", "/contacts?filter[primary_email]=" + address)
                .json()["meta"]["total-count"];
        };
        CPPUNIT_ASSERT_EQUAL(Json(1), count("Ann@b.example"));
        CPPUNIT_ASSERT_EQUAL(Json(0), count("Ann@home.example"));
    }

    void listIsSortedByTwoNames()
    {
        const Json page = client().glue("GET", "/contacts?sort=last_name,-first_name").json();
        CPPUNIT_ASSERT_EQUAL(Json("81"), page["data"][0]["id"]);
        CPPUNIT_ASSERT_EQUAL(Json("71"), page["data"][2]["id"]);
        CPPUNIT_ASSERT_EQUAL(400, client().glue("GET", "/contacts?sort=notes").status);
    }

    void idsAreTextsOutsideAndNumbersInside()
    {
        const Json data = client().glue("GET", "/contacts/71").json()["data"];
        CPPUNIT_ASSERT_EQUAL(Json("71"), data["id"]);
        CPPUNIT_ASSERT_EQUAL(Json(7), data["attributes"]["organization-id"]);
        const Json type =
            client().glue("GET", "/flexible_asset_types/33?include=flexible_asset_fields").json();
        CPPUNIT_ASSERT_EQUAL(Json(401), type["included"][0]["id"]);
    }

    void parentIdIsAText()
    {
        server().seedGlue({{"organizations", {{{"id", 8}, {"parent-id", 7}}}}});
        const Json data = client().glue("GET", "/organizations/8").json()["data"];
        CPPUNIT_ASSERT_EQUAL(Json("7"), data["attributes"]["parent-id"]);
    }

    void snakeCaseIsTakenAndKebabCaseAnswered()
    {
        const Json body{{"data",
                         {{"type", "flexible_assets"},
                          {"attributes",
                           {{"organization_id", "7"},
                            {"flexible_asset_type_id", 33},
                            {"traits", {{"group-name", "A"}}}}}}}};
        const Answer answer = client().glue("POST", "/flexible_assets", body);
        CPPUNIT_ASSERT_EQUAL(201, answer.status);
        const Json data = answer.json()["data"];
        CPPUNIT_ASSERT_EQUAL(Json("flexible-assets"), data["type"]);
        CPPUNIT_ASSERT_EQUAL(Json(7), data["attributes"]["organization-id"]);
    }

    void requestsOverTheLimitAre429()
    {
        server().configure({{"glueRequests", 3}});
        for (int i = 0; i < 3; ++i)
            CPPUNIT_ASSERT_EQUAL(200, client().glue("GET", "/users").status);
        const Answer answer = client().glue("GET", "/users");
        CPPUNIT_ASSERT_EQUAL(429, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, answer.headers.count("retry-after"));
        server().advanceClock(301);
        CPPUNIT_ASSERT_EQUAL(200, client().glue("GET", "/users").status);
    }

    void retryAfterTellsWhenTheWindowHasRoom()
    {
        server().configure({{"glueRequests", 1}, {"glueSeconds", 60}, {"glueRetryAfter", true}});
        client().glue("GET", "/users");
        const Answer answer = client().glue("GET", "/users");
        CPPUNIT_ASSERT_EQUAL(429, answer.status);
        const int wait = std::stoi(answer.headers.at("retry-after"));
        CPPUNIT_ASSERT(wait > 50 && wait <= 60);
    }

    void syncedContactCannotBeChanged()
    {
        const auto patch = [&] {
            return client().glue("PATCH", "/contacts/71", patchBody({{"title", "Boss"}})).status;
        };
        CPPUNIT_ASSERT_EQUAL(200, patch());
        server().seedGlue({{"contacts", {{{"id", 71}, {"synced", true}}}}});
        CPPUNIT_ASSERT_EQUAL(422, patch());
    }

    void syncedConfigurationTakesNotesOnly()
    {
        server().seedGlue({{"configurations", {{{"id", 91}, {"synced", true}}}}});
        const auto patch = [&](const Json& attributes) {
            return client().glue("PATCH", "/configurations/91", patchBody(attributes)).status;
        };
        CPPUNIT_ASSERT_EQUAL(200, patch({{"notes", "Here"}}));
        CPPUNIT_ASSERT_EQUAL(422, patch({{"name", "PC-2"}}));
    }

    void contactsAreCreatedInBulkInTheirOrganization()
    {
        const Json one{{"type", "contacts"}, {"attributes", {{"first-name", "Dan"}}}};
        const Answer answer = client().glue("POST", "/organizations/7/relationships/contacts",
                                            {{"data", {one, one}}});
        CPPUNIT_ASSERT_EQUAL(201, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, answer.json()["data"].size());
        CPPUNIT_ASSERT_EQUAL(422, client().glue("POST", "/contacts", {{"data", {one}}}).status);
        CPPUNIT_ASSERT_EQUAL(Json(1), server().requests()["routes"]["glue.contacts.bulkCreate"]);
    }

    void configurationCannotBeFoundByItsHostName()
    {
        CPPUNIT_ASSERT_EQUAL(400,
                             client().glue("GET", "/configurations?filter[hostname]=a").status);
        const Json page = client().glue("GET", "/configurations?filter[archived]=0").json();
        CPPUNIT_ASSERT_EQUAL(Json(1), page["meta"]["total-count"]);
    }

    void usersAndGroupsAreRead()
    {
        server().seedGlue(
            {{"users", {{{"id", 5}, {"first-name", "Eve"}, {"email", "e@b.example"}}}},
             {"groups", {{{"id", 6}, {"name", "Tech"}}}}});
        const Json user = client().glue("GET", "/users/5").json()["data"]["attributes"];
        CPPUNIT_ASSERT_EQUAL(Json("e@b.example"), user["email"]);
        const Json groups = client().glue("GET", "/groups?filter[name]=Tech").json();
        CPPUNIT_ASSERT_EQUAL(Json("6"), groups["data"][0]["id"]);
    }

    void logsHaveFivePages()
    {
        server().seedGlue({{"contacts", {{{"id", 71}, {"delete", true}}}}});
        const Json logs = client().glue("GET", "/logs?sort=-created_at").json();
        const Json last = logs["data"][0]["attributes"];
        CPPUNIT_ASSERT_EQUAL(Json("delete"), last["action"]);
        CPPUNIT_ASSERT_EQUAL(Json("Ann Lee"), last["resource-name"]);
        CPPUNIT_ASSERT_EQUAL(400, client().glue("GET", "/logs?page[number]=6").status);
    }

    void writesAreRecordedAndReadsAreNot()
    {
        create({{"group-name", "A"}});
        client().glue("GET", "/contacts");
        tryCreate(Json::object());
        const Json state = server().glue();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, state["writes"].size());
        CPPUNIT_ASSERT_EQUAL(Json("/flexible_assets"), state["writes"][0]["path"]);
        CPPUNIT_ASSERT_EQUAL(Json(201), state["writes"][0]["status"]);
        CPPUNIT_ASSERT_EQUAL(Json(422), state["writes"][1]["status"]);
        CPPUNIT_ASSERT_EQUAL(Json(3), state["requests"]);
    }

    void faultIsMatchedByItsRoute()
    {
        server().addFault({{"match", {{"route", "flexibleAssets.create"}}},
                           {"kind", "takesEffectThen"},
                           {"then", {{"kind", "status"}, {"status", 504}}}});
        const Answer answer = tryCreate({{"group-name", "A"}});
        CPPUNIT_ASSERT_EQUAL(504, answer.status);
        CPPUNIT_ASSERT(answer.json().contains("errors"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, server().glue()["assets"].size());
    }

    void pageMayLoseARecordOrLoop()
    {
        seedAssets(3);
        const auto spoil = [&](const std::string& kind) {
            server().addFault({{"match", {{"route", "flexibleAssets.list"}}}, {"kind", kind}});
            return list();
        };
        const Json page = spoil("missing");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, page["data"].size());
        CPPUNIT_ASSERT_EQUAL(Json(3), page["meta"]["total-count"]);
        CPPUNIT_ASSERT_EQUAL(Json(1), spoil("loop")["meta"]["next-page"]);
        CPPUNIT_ASSERT_EQUAL(std::size_t{6}, spoil("repeat")["data"].size());
    }

    void controlTakesAndShowsRecords()
    {
        const Json records{{"contacts", {contactSeed(73, 7, "Eve")}}};
        CPPUNIT_ASSERT_EQUAL(200,
                             client().send("POST", "/sandbox/itglue", {}, records.dump()).status);
        const Json state = client().send("GET", "/sandbox/itglue").json();
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, state["contacts"].size());
        CPPUNIT_ASSERT_EQUAL(Json(0), state["requests"]);
        CPPUNIT_ASSERT_EQUAL(
            400, client().send("POST", "/sandbox/itglue", {}, R"({"contact":[]})").status);
    }

    void seedOfAnUnknownListIsRefused()
    {
        CPPUNIT_ASSERT_THROW(server().seedGlue({{"asset", Json::array()}}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(server().seedGlue({{"contacts", {{{"first-name", "Nobody"}}}}}),
                             std::invalid_argument);
    }

private:
    Answer post(const std::string& contentType, const std::string& body)
    {
        return client().send("POST", "/flexible_assets",
                             {{"x-api-key", "sandbox-glue-key"}, {"Content-Type", contentType}},
                             body);
    }

    void seedAssets(int count)
    {
        Json assets = Json::array();
        for (int i = 0; i < count; ++i)
            assets.push_back({{"organization-id", 7},
                              {"flexible-asset-type-id", 33},
                              {"traits", {{"group-name", "G" + std::to_string(i)}}}});
        server().seedGlue({{"assets", assets}});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GlueTest);
