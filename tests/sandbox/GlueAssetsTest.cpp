#include "GlueFixture.h"
#include "support/FreshTest.h"

#include <set>

using namespace muster::sandbox;

/// Flexible assets, their traits and what hangs on them: contracts/itglue.md
/// sections 2.4, 2.5, 2.9.
class GlueAssetsTest : public GlueFixture
{
    CPPUNIT_TEST_SUITE(GlueAssetsTest);
    FRESH_TEST(listNeedsTheType);
    FRESH_TEST(patchDeletesTheTraitsThatItDoesNotName);
    FRESH_TEST(patchWithoutTraitsKeepsThem);
    FRESH_TEST(patchWithoutTraitsMayLoseThem);
    FRESH_TEST(nullDeletesATrait);
    FRESH_TEST(uploadIsLostUnlessItsContentIsSent);
    FRESH_TEST(passwordIsNotRead);
    FRESH_TEST(tagsAreWrittenAsIdsAndReadAsObjects);
    FRESH_TEST(tagsReadInAnotherOrderAndTwice);
    FRESH_TEST(tagToAnAssetReadsAsFlexibleAssetTypes);
    FRESH_TEST(tagThatDoesNotExistIs401);
    FRESH_TEST(tagOfAnotherOrganizationIs401);
    FRESH_TEST(organizationThatDoesNotExistIs401);
    FRESH_TEST(unknownTraitKeyIs422);
    FRESH_TEST(longTextIs422);
    FRESH_TEST(tooManyTagsAre422);
    FRESH_TEST(largeTextboxIs422);
    FRESH_TEST(selectTakesItsOptionsOnly);
    FRESH_TEST(requiredTraitIsRequired);
    FRESH_TEST(nameIsMadeOfTheTitle);
    FRESH_TEST(htmlIsSanitized);
    FRESH_TEST(listIsNotTakenByTheFlatRoute);
    FRESH_TEST(assetsAreCreatedInBulkInTheirOrganization);
    FRESH_TEST(bulkIsLimited);
    FRESH_TEST(bulkStopsAtTheFirstError);
    FRESH_TEST(bulkMayBeAtomic);
    FRESH_TEST(bulkMayBeHalfApplied);
    FRESH_TEST(bulkPatchTakesTheIdInTheAttributes);
    FRESH_TEST(archivedAssetStaysInTheList);
    FRESH_TEST(archivedAssetMayLeaveTheList);
    FRESH_TEST(youngAssetMayBeMissingInLists);
    FRESH_TEST(deletionAnswers204);
    FRESH_TEST(bulkDeletionAnswersTheObjects);
    FRESH_TEST(bulkDeletionTakesFilters);
    FRESH_TEST(eachWriteMovesUpdatedAt);
    FRESH_TEST(tagsMakeRelatedItemsOnBothSides);
    FRESH_TEST(relatedItemOfATagCannotBeDeleted);
    FRESH_TEST(relatedItemIsMadeOnceAndDeletedOnce);
    FRESH_TEST(deletedContactVanishesFromTraits);
    FRESH_TEST(attachmentsComeByInclude);
    FRESH_TEST(personChangesOneTrait);
    FRESH_TEST(tenThousandAssetsAreQuick);
    CPPUNIT_TEST_SUITE_END();

public:
    void listNeedsTheType()
    {
        CPPUNIT_ASSERT_EQUAL(
            422, client().glue("GET", "/flexible_assets?filter[organization-id]=7").status);
    }

    void patchDeletesTheTraitsThatItDoesNotName()
    {
        const auto id = create({{"group-name", "A"}, {"status", "Enabled"}});
        tryPatch(id, {{"traits", {{"group-name", "B"}}}});
        CPPUNIT_ASSERT_EQUAL((Json{{"group-name", "B"}}), traits(id));
    }

    void patchWithoutTraitsKeepsThem()
    {
        const auto id = create({{"group-name", "A"}, {"status", "Enabled"}});
        const Answer answer = tryPatch(id, {{"archived", true}});
        CPPUNIT_ASSERT_EQUAL(Json(true), answer.json()["data"]["attributes"]["archived"]);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, traits(id).size());
    }

    void patchWithoutTraitsMayLoseThem()
    {
        server().configure({{"gluePatchKeepsTraits", false}});
        const auto id = create({{"group-name", "A"}});
        tryPatch(id, {{"archived", true}});
        CPPUNIT_ASSERT(traits(id).empty());
    }

    void nullDeletesATrait()
    {
        const auto id = create({{"group-name", "A"}, {"status", "Enabled"}});
        tryPatch(id, {{"traits", {{"group-name", "A"}, {"status", nullptr}}}});
        CPPUNIT_ASSERT(!traits(id).contains("status"));
    }

    void uploadIsLostUnlessItsContentIsSent()
    {
        const auto id =
            create({{"group-name", "A"}, {"file", {{"content", "YWJj"}, {"file_name", "x.csv"}}}});
        Json read = traits(id);
        CPPUNIT_ASSERT_EQUAL(Json("x.csv"), read["file"]["name"]);
        CPPUNIT_ASSERT_EQUAL(Json(3), read["file"]["size"]);
        CPPUNIT_ASSERT_EQUAL(Json("text/csv"), read["file"]["content-type"]);
        CPPUNIT_ASSERT_EQUAL(200, tryPatch(id, {{"traits", read}}).status);
        CPPUNIT_ASSERT(!traits(id).contains("file"));
    }

    void passwordIsNotRead()
    {
        const auto id = create({{"group-name", "A"}, {"code", "0000"}});
        CPPUNIT_ASSERT(!traits(id).contains("code"));
        CPPUNIT_ASSERT_EQUAL(Json("0000"), server().glue()["assets"][0]["traits"]["code"]);
        tryPatch(id, {{"traits", {{"group-name", "A"}}}});
        CPPUNIT_ASSERT(!server().glue()["assets"][0]["traits"].contains("code"));
    }

    void tagsAreWrittenAsIdsAndReadAsObjects()
    {
        const auto id = create({{"group-name", "A"}, {"members", 71}, {"devices", {91}}});
        const Json read = traits(id);
        CPPUNIT_ASSERT_EQUAL(Json("Contacts"), read["members"]["type"]);
        CPPUNIT_ASSERT_EQUAL(Json(71), read["members"]["values"][0]["id"]);
        CPPUNIT_ASSERT_EQUAL(Json("Ann Lee"), read["members"]["values"][0]["name"]);
        CPPUNIT_ASSERT_EQUAL(Json("pc-1.local"), read["devices"]["values"][0]["hostname"]);
        CPPUNIT_ASSERT_EQUAL(422, tryPatch(id, {{"traits", read}}).status);
    }

    void tagsReadInAnotherOrderAndTwice()
    {
        const auto id = create({{"group-name", "A"}, {"members", {71, 72}}});
        const auto ids = [&] {
            Json result = Json::array();
            const Json read = traits(id);
            for (const Json& value : read["members"]["values"])
                result.push_back(value["id"]);
            return result;
        };
        CPPUNIT_ASSERT_EQUAL(Json({72, 71}), ids());
        server().configure({{"glueDoublesTags", true}});
        CPPUNIT_ASSERT_EQUAL(Json({72, 71, 72}), ids());
    }

    void tagToAnAssetReadsAsFlexibleAssetTypes()
    {
        const auto child = create({{"group-name", "Child"}});
        const auto id = create({{"group-name", "A"}, {"nested", {child}}});
        const Json read = traits(id)["nested"];
        CPPUNIT_ASSERT_EQUAL(Json("FlexibleAssetTypes"), read["type"]);
        CPPUNIT_ASSERT_EQUAL(Json("Child"), read["values"][0]["name"]);
    }

    void tagThatDoesNotExistIs401()
    {
        const Answer answer = tryCreate({{"group-name", "A"}, {"members", {71, 5}}});
        CPPUNIT_ASSERT_EQUAL(401, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Unauthorized resource access"), detailOf(answer));
        CPPUNIT_ASSERT_EQUAL(Json("id"), answer.json()["errors"][0]["source"]["pointer"]);
        CPPUNIT_ASSERT(server().glue()["assets"].empty());
    }

    void tagOfAnotherOrganizationIs401()
    {
        CPPUNIT_ASSERT_EQUAL(401, tryCreate({{"group-name", "A"}, {"members", {81}}}).status);
    }

    void organizationThatDoesNotExistIs401()
    {
        CPPUNIT_ASSERT_EQUAL(
            401,
            client().glue("POST", "/flexible_assets", assetBody({{"group-name", "A"}}, 9)).status);
    }

    void unknownTraitKeyIs422()
    {
        const Answer answer = tryCreate({{"group-name", "A"}, {"Group Name", "A"}});
        CPPUNIT_ASSERT_EQUAL(422, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Request contains invalid trait keys"), detailOf(answer));
        CPPUNIT_ASSERT_EQUAL(Json("data/attributes/traits"),
                             answer.json()["errors"][0]["source"]["pointer"]);
    }

    void longTextIs422()
    {
        std::string text;
        for (int i = 0; i < 255; ++i)
            text += "\xC3\xA9";
        CPPUNIT_ASSERT_EQUAL(201, tryCreate({{"group-name", text}}).status);
        CPPUNIT_ASSERT_EQUAL(422, tryCreate({{"group-name", text + "x"}}).status);
    }

    void tooManyTagsAre422()
    {
        server().configure({{"glueTags", 1}});
        CPPUNIT_ASSERT_EQUAL(422, tryCreate({{"group-name", "A"}, {"members", {71, 72}}}).status);
    }

    void largeTextboxIs422()
    {
        const auto status = [&](std::size_t size) {
            return tryCreate({{"group-name", "A"}, {"others-not-matched", std::string(size, 'x')}})
                .status;
        };
        CPPUNIT_ASSERT_EQUAL(201, status(60 * 1024));
        CPPUNIT_ASSERT_EQUAL(422, status(60 * 1024 + 1));
    }

    void selectTakesItsOptionsOnly()
    {
        CPPUNIT_ASSERT_EQUAL(422, tryCreate({{"group-name", "A"}, {"status", "enabled"}}).status);
        CPPUNIT_ASSERT_EQUAL(422, tryCreate({{"group-name", "A"}, {"status", ""}}).status);
        CPPUNIT_ASSERT_EQUAL(201, tryCreate({{"group-name", "A"}, {"status", "Orphaned"}}).status);
    }

    void requiredTraitIsRequired()
    {
        CPPUNIT_ASSERT_EQUAL(422, tryCreate({{"status", "Enabled"}}).status);
        const auto id = create({{"group-name", "A"}});
        CPPUNIT_ASSERT_EQUAL(422, tryPatch(id, {{"traits", {{"group-name", ""}}}}).status);
    }

    void nameIsMadeOfTheTitle()
    {
        server().seedGlue({{"fields", {{{"id", 405}, {"use-for-title", true}}}}});
        const auto id = create({{"group-name", "A"}, {"status", "Enabled"}});
        tryPatch(id, {{"name", "Other"}});
        CPPUNIT_ASSERT_EQUAL(Json("A Enabled"), show(id)["data"]["attributes"]["name"]);
    }

    void htmlIsSanitized()
    {
        const Json written{{"group-name", "<b>A</b>"},
                           {"others-not-matched", "a &amp; b<br/>&quot;c&quot;<script>x()</script>"
                                                  "<p onclick='y()' class=z>d</p><!-- e -->"}};
        const Json read = traits(create(written));
        CPPUNIT_ASSERT_EQUAL(Json("a &amp; b<br>\"c\"<p class=\"z\">d</p>"),
                             read["others-not-matched"]);
        CPPUNIT_ASSERT_EQUAL(Json("<b>A</b>"), read["group-name"]);
        server().configure({{"glueSanitizesHtml", false}});
        CPPUNIT_ASSERT_EQUAL(written, traits(create(written)));
    }

    void listIsNotTakenByTheFlatRoute()
    {
        const Json one = assetBody({{"group-name", "A"}})["data"];
        const Answer answer = client().glue("POST", "/flexible_assets", {{"data", {one}}});
        CPPUNIT_ASSERT_EQUAL(422, answer.status);
        CPPUNIT_ASSERT_EQUAL(Json("bulk action not allowed for Flexible Asset using this route"),
                             answer.json()["errors"][0]["title"]);
    }

    void assetsAreCreatedInBulkInTheirOrganization()
    {
        const Answer answer = bulkCreate({"A", "B"});
        CPPUNIT_ASSERT_EQUAL(201, answer.status);
        CPPUNIT_ASSERT_EQUAL(Json("B"), answer.json()["data"][1]["attributes"]["name"]);
        CPPUNIT_ASSERT_EQUAL(Json(1), server().requests()["routes"]["flexibleAssets.bulkCreate"]);
    }

    void bulkIsLimited()
    {
        server().configure({{"glueBulkItems", 2}});
        CPPUNIT_ASSERT_EQUAL(422, bulkCreate({"A", "B", "C"}).status);
        CPPUNIT_ASSERT(server().glue()["assets"].empty());
    }

    void bulkStopsAtTheFirstError()
    {
        CPPUNIT_ASSERT_EQUAL(422, bulkCreate({"A", "", "C"}).status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, server().glue()["assets"].size());
    }

    void bulkMayBeAtomic()
    {
        server().configure({{"glueBulk", "atomic"}});
        CPPUNIT_ASSERT_EQUAL(422, bulkCreate({"A", "", "C"}).status);
        CPPUNIT_ASSERT(server().glue()["assets"].empty());
    }

    void bulkMayBeHalfApplied()
    {
        server().configure({{"glueBulk", "half"}});
        CPPUNIT_ASSERT_EQUAL(500, bulkCreate({"A", "B", "C", "D"}).status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, server().glue()["assets"].size());
        CPPUNIT_ASSERT_EQUAL(201, bulkCreate({"C"}).status);
    }

    void bulkPatchTakesTheIdInTheAttributes()
    {
        const auto a = create({{"group-name", "A"}});
        const auto b = create({{"group-name", "B"}});
        const auto change = [](std::int64_t id, const std::string& name) {
            return patchBody({{"id", id}, {"traits", {{"group-name", name}}}})["data"];
        };
        const Answer answer = client().glue("PATCH", "/flexible_assets",
                                            {{"data", {change(a, "A2"), change(b, "B2")}}});
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
        CPPUNIT_ASSERT_EQUAL(Json("B2"), traits(b)["group-name"]);
        CPPUNIT_ASSERT_EQUAL(Json("A2"), traits(a)["group-name"]);
    }

    void archivedAssetStaysInTheList()
    {
        tryPatch(create({{"group-name", "A"}}), {{"archived", true}});
        CPPUNIT_ASSERT_EQUAL(Json(true), list()["data"][0]["attributes"]["archived"]);
    }

    void archivedAssetMayLeaveTheList()
    {
        server().configure({{"glueListsArchived", false}});
        const auto id = create({{"group-name", "A"}});
        tryPatch(id, {{"archived", true}});
        CPPUNIT_ASSERT(list()["data"].empty());
        CPPUNIT_ASSERT_EQUAL(Json(true), show(id)["data"]["attributes"]["archived"]);
    }

    void youngAssetMayBeMissingInLists()
    {
        server().configure({{"glueStaleLists", 1}});
        create({{"group-name", "A"}});
        CPPUNIT_ASSERT(list()["data"].empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, list()["data"].size());
    }

    void deletionAnswers204()
    {
        const auto id = create({{"group-name", "A"}});
        const std::string path = "/flexible_assets/" + std::to_string(id);
        CPPUNIT_ASSERT_EQUAL(204, client().glue("DELETE", path).status);
        CPPUNIT_ASSERT_EQUAL(404, client().glue("DELETE", path).status);
    }

    void bulkDeletionAnswersTheObjects()
    {
        const auto id = create({{"group-name", "A"}});
        create({{"group-name", "B"}});
        const Answer answer = client().glue("DELETE", "/flexible_assets",
                                            {{"data", {patchBody({{"id", id}})["data"]}}});
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
        CPPUNIT_ASSERT_EQUAL(Json("A"), answer.json()["data"][0]["attributes"]["name"]);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, server().glue()["assets"].size());
    }

    void bulkDeletionTakesFilters()
    {
        tryPatch(create({{"group-name", "A"}}), {{"archived", true}});
        create({{"group-name", "B"}});
        const std::string type = "/flexible_assets?filter[flexible_asset_type_id]=33";
        CPPUNIT_ASSERT_EQUAL(422, client().glue("DELETE", type).status);
        const std::string both = type + "&filter[organization_id]=7&filter[archived]=true";
        CPPUNIT_ASSERT_EQUAL(200, client().glue("DELETE", both).status);
        CPPUNIT_ASSERT_EQUAL(Json("B"), list()["data"][0]["attributes"]["name"]);
    }

    void eachWriteMovesUpdatedAt()
    {
        const auto id = create({{"group-name", "A"}});
        const Json before = show(id)["data"]["attributes"]["updated-at"];
        tryPatch(id, {{"traits", {{"group-name", "A"}}}});
        const Json after = show(id)["data"]["attributes"]["updated-at"];
        CPPUNIT_ASSERT(before < after);
        CPPUNIT_ASSERT_EQUAL(std::size_t{24}, after.get<std::string>().size());
    }

    void tagsMakeRelatedItemsOnBothSides()
    {
        const auto id = create({{"group-name", "A"}, {"members", {71}}});
        const Json asset = show(id, "?include=related_items");
        CPPUNIT_ASSERT_EQUAL(Json(71), asset["included"][0]["attributes"]["resource-id"]);
        CPPUNIT_ASSERT_EQUAL(Json("contact"), asset["included"][0]["attributes"]["asset-type"]);
        const Json contact =
            client().glue("GET", "/contacts/71?include=related_items").json()["included"];
        CPPUNIT_ASSERT_EQUAL(Json(id), contact[0]["attributes"]["resource-id"]);
        CPPUNIT_ASSERT_EQUAL(asset["included"][0]["id"], contact[0]["id"]);
        CPPUNIT_ASSERT_EQUAL(400, client().glue("GET", "/contacts?include=related_items").status);
        tryPatch(id, {{"traits", {{"group-name", "A"}}}});
        CPPUNIT_ASSERT(show(id, "?include=related_items")["included"].empty());
    }

    void relatedItemOfATagCannotBeDeleted()
    {
        const auto id = create({{"group-name", "A"}, {"members", {71}}});
        const Json item = show(id, "?include=related_items")["included"][0]["id"];
        CPPUNIT_ASSERT_EQUAL(422, unrelate("/contacts/71", item).status);
    }

    void relatedItemIsMadeOnceAndDeletedOnce()
    {
        const auto id = create({{"group-name", "A"}});
        const std::string asset = "/flexible_assets/" + std::to_string(id);
        const Json body{
            {"data",
             {{"type", "related_items"},
              {"attributes",
               {{"destination_id", "72"}, {"destination_type", "Contact"}, {"notes", "Owner"}}}}}};
        const std::string path = asset + "/relationships/related_items";
        const Answer made = client().glue("POST", path, body);
        CPPUNIT_ASSERT_EQUAL(201, made.status);
        CPPUNIT_ASSERT_EQUAL(422, client().glue("POST", path, body).status);
        const Json item = made.json()["data"]["id"];
        CPPUNIT_ASSERT_EQUAL(200, unrelate("/contacts/72", item).status);
        CPPUNIT_ASSERT_EQUAL(404, unrelate(asset, item).status);
    }

    void deletedContactVanishesFromTraits()
    {
        const auto id = create({{"group-name", "A"}, {"members", {71, 72}}});
        server().seedGlue({{"contacts", {{{"id", 71}, {"delete", true}}}}});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, traits(id)["members"]["values"].size());
        client().glue("DELETE", "/contacts", {{"data", {patchBody({{"id", 72}})["data"]}}});
        CPPUNIT_ASSERT(!traits(id).contains("members"));
    }

    void attachmentsComeByInclude()
    {
        const auto id = create({{"group-name", "A"}});
        const std::string path =
            "/flexible_assets/" + std::to_string(id) + "/relationships/attachments";
        const Json file{{"content", "YSxi"}, {"file_name", "members.csv"}};
        const Answer made = client().glue("POST", path, patchBody({{"attachment", file}}));
        CPPUNIT_ASSERT_EQUAL(201, made.status);
        CPPUNIT_ASSERT_EQUAL(Json("a,b"), server().glue()["attachments"][0]["content"]);
        const Json shown = list("&include=attachments");
        CPPUNIT_ASSERT_EQUAL(Json("members.csv"), shown["included"][0]["attributes"]["name"]);
        CPPUNIT_ASSERT_EQUAL(made.json()["data"]["id"],
                             shown["data"][0]["relationships"]["attachments"]["data"][0]["id"]);
        const Json which = patchBody({{"id", made.json()["data"]["id"]}})["data"];
        CPPUNIT_ASSERT_EQUAL(200, client().glue("DELETE", path, {{"data", {which}}}).status);
        CPPUNIT_ASSERT(show(id, "?include=attachments")["included"].empty());
    }

    void personChangesOneTrait()
    {
        const auto id = create({{"group-name", "A"}, {"members", {71}}});
        server().seedGlue(
            {{"assets", {{{"id", id}, {"archived", true}, {"traits", {{"status", "Orphaned"}}}}}}});
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, traits(id).size());
        CPPUNIT_ASSERT_EQUAL(Json(true), show(id)["data"]["attributes"]["archived"]);
        server().seedGlue({{"assets", {{{"id", id}, {"delete", true}}}}});
        CPPUNIT_ASSERT(list()["data"].empty());
    }

    void tenThousandAssetsAreQuick()
    {
        server().configure({{"glueBulkItems", 1000}});
        for (int i = 0; i < 10; ++i)
            CPPUNIT_ASSERT_EQUAL(201, bulkCreate(std::vector<std::string>(1000, "G")).status);
        std::set<std::string> ids;
        for (int page = 1; page <= 10; ++page)
        {
            const Json shown =
                list("&filter[organization-id]=7&sort=name&page[size]=1000&page[number]=" +
                     std::to_string(page));
            for (const Json& each : shown["data"])
                ids.insert(each["id"].get<std::string>());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{10000}, ids.size());
    }

private:
    Answer bulkCreate(const std::vector<std::string>& names)
    {
        Json data = Json::array();
        for (const auto& name : names)
            data.push_back(assetBody({{"group-name", name}})["data"]);
        return client().glue("POST", "/organizations/7/relationships/flexible_assets",
                             {{"data", data}});
    }

    Answer unrelate(const std::string& record, const Json& item)
    {
        return client().glue("DELETE", record + "/relationships/related_items",
                             {{"data", {patchBody({{"id", item}})["data"]}}});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GlueAssetsTest);
