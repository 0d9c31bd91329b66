#include "GlueFixture.h"
#include "support/FreshTest.h"

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
    FRESH_TEST(archivedAssetStaysInTheList);
    FRESH_TEST(archivedAssetMayLeaveTheList);
    FRESH_TEST(youngAssetMayBeMissingInLists);
    FRESH_TEST(deletionAnswers204);
    FRESH_TEST(eachWriteMovesUpdatedAt);
    FRESH_TEST(personChangesOneTrait);
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

    void eachWriteMovesUpdatedAt()
    {
        const auto id = create({{"group-name", "A"}});
        const Json before = show(id)["data"]["attributes"]["updated-at"];
        tryPatch(id, {{"traits", {{"group-name", "A"}}}});
        const Json after = show(id)["data"]["attributes"]["updated-at"];
        CPPUNIT_ASSERT(before < after);
        CPPUNIT_ASSERT_EQUAL(std::size_t{24}, after.get<std::string>().size());
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
};

CPPUNIT_TEST_SUITE_REGISTRATION(GlueAssetsTest);
