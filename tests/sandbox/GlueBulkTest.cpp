#include "GlueFixture.h"
#include "support/FreshTest.h"

#include <set>
#include <vector>

using namespace muster::sandbox;

/// Lists of flexible assets in one request: contracts/itglue.md sections 2.4 and 6.
class GlueBulkTest : public GlueFixture
{
    CPPUNIT_TEST_SUITE(GlueBulkTest);
    FRESH_TEST(listIsNotTakenByTheFlatRoute);
    FRESH_TEST(assetsAreCreatedInBulkInTheirOrganization);
    FRESH_TEST(bulkIsLimited);
    FRESH_TEST(bulkStopsAtTheFirstError);
    FRESH_TEST(bulkMayBeAtomic);
    FRESH_TEST(bulkMayBeHalfApplied);
    FRESH_TEST(bulkPatchTakesTheIdInTheAttributes);
    FRESH_TEST(bulkDeletionAnswersTheObjects);
    FRESH_TEST(bulkDeletionTakesFilters);
    FRESH_TEST(bulkDeletionOfThousandsIsQuick);
    FRESH_TEST(tenThousandAssetsAreQuick);
    CPPUNIT_TEST_SUITE_END();

public:
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

    void bulkDeletionOfThousandsIsQuick()
    {
        server().configure({{"glueBulkItems", 1000}});
        for (int i = 0; i < 3; ++i)
            bulkCreate(std::vector<std::string>(1000, "G"), {{"members", {71}}});
        const std::string all = "/flexible_assets?filter[flexible_asset_type_id]=33"
                                "&filter[organization_id]=7&filter[name]=G";
        server().configure({{"glueBulkItems", 3000}});
        CPPUNIT_ASSERT_EQUAL(200, client().glue("DELETE", all).status);
        CPPUNIT_ASSERT(server().glue()["assets"].empty());
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
    Answer bulkCreate(const std::vector<std::string>& names, const Json& more = Json::object())
    {
        Json data = Json::array();
        for (const auto& name : names)
        {
            Json traits{{"group-name", name}};
            traits.update(more);
            data.push_back(assetBody(traits)["data"]);
        }
        return client().glue("POST", "/organizations/7/relationships/flexible_assets",
                             {{"data", data}});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GlueBulkTest);
