#include "GlueFixture.h"
#include "support/FreshTest.h"

using namespace muster::sandbox;

/// Related items and attachments: contracts/itglue.md sections 2.5 and 2.9.
class GlueLinksTest : public GlueFixture
{
    CPPUNIT_TEST_SUITE(GlueLinksTest);
    FRESH_TEST(tagsMakeRelatedItemsOnBothSides);
    FRESH_TEST(relatedItemOfATagCannotBeDeleted);
    FRESH_TEST(relatedItemIsMadeOnceAndDeletedOnce);
    FRESH_TEST(deletedContactVanishesFromTraits);
    FRESH_TEST(attachmentsComeByInclude);
    FRESH_TEST(deletedAssetVanishesFromTraits);
    CPPUNIT_TEST_SUITE_END();

public:
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

    void deletedAssetVanishesFromTraits()
    {
        const auto child = create({{"group-name", "Child"}});
        const auto id = create({{"group-name", "A"}, {"nested", {child}}});
        client().glue("DELETE", "/flexible_assets/" + std::to_string(child));
        CPPUNIT_ASSERT(!traits(id).contains("nested"));
    }

private:
    Answer unrelate(const std::string& record, const Json& item)
    {
        return client().glue("DELETE", record + "/relationships/related_items",
                             {{"data", {patchBody({{"id", item}})["data"]}}});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GlueLinksTest);
