#include "GlueFixture.h"
#include "support/FreshTest.h"

using namespace muster::sandbox;

/// Flexible asset types and fields: contracts/itglue.md sections 2.2 and 2.3.
class GlueTypesTest : public GlueFixture
{
    CPPUNIT_TEST_SUITE(GlueTypesTest);
    FRESH_TEST(typeIsCreatedWithItsFields);
    FRESH_TEST(nameKeyIsMadeByTheServer);
    FRESH_TEST(nameKeyMayBeUnexpected);
    FRESH_TEST(typeNeedsAFieldInTheList);
    FRESH_TEST(fieldsOfATypeDifferInNameAndOrder);
    FRESH_TEST(unknownKindIs422);
    FRESH_TEST(selectNeedsOptions);
    FRESH_TEST(numberNeedsDecimals);
    FRESH_TEST(tagToAnUnknownTypeIs422);
    FRESH_TEST(typeRefersToItselfInTwoSteps);
    FRESH_TEST(tagIsNeverForTheTitle);
    FRESH_TEST(patchOfATypeTakesNoFields);
    FRESH_TEST(typesCannotBeDeleted);
    FRESH_TEST(kindStaysOnceThereAreTraits);
    FRESH_TEST(deletedFieldLosesItsTraits);
    FRESH_TEST(renamedFieldKeepsItsKeyUnlessAPersonChangesIt);
    FRESH_TEST(fieldsAreCreatedInBulkInTheirType);
    FRESH_TEST(tagTypeStaysOnceThereAreTraits);
    FRESH_TEST(personRenamesAndDeletesTypes);
    FRESH_TEST(nativeTypeCannotBeWritten);
    FRESH_TEST(nativeFieldIsKnownByItsRemoteField);
    CPPUNIT_TEST_SUITE_END();

public:
    void typeIsCreatedWithItsFields()
    {
        const Answer answer = createType({{{"order", 1},
                                           {"name", "Domains"},
                                           {"kind", "Tag"},
                                           {"tag_type", "Domains"},
                                           {"show_in_list", true}}});
        CPPUNIT_ASSERT_EQUAL(201, answer.status);
        const Json data = answer.json()["data"];
        CPPUNIT_ASSERT_EQUAL(Json("Email"), data["attributes"]["name"]);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1},
                             data["relationships"]["flexible-asset-fields"]["data"].size());
        const Json fields = fieldsOf(data["id"]);
        CPPUNIT_ASSERT_EQUAL(Json("Domains"), fields[0]["attributes"]["tag-type"]);
    }

    void nameKeyIsMadeByTheServer()
    {
        const Json fields = fieldsOf("33");
        CPPUNIT_ASSERT_EQUAL(Json("group-name"), fields[0]["attributes"]["name-key"]);
        CPPUNIT_ASSERT_EQUAL(Json("others-not-matched"), fields[3]["attributes"]["name-key"]);
        Json field = textField(1, "Mail (work)");
        field["name-key"] = "mine";
        const Json made = createType(Json::array({field})).json()["data"];
        CPPUNIT_ASSERT_EQUAL(Json("mail-work"), fieldsOf(made["id"])[0]["attributes"]["name-key"]);
    }

    void nameKeyMayBeUnexpected()
    {
        server().configure({{"glueNameKeyEnd", "-x"}});
        const Json made = createType(Json::array({textField(1, "Mail")})).json()["data"];
        CPPUNIT_ASSERT_EQUAL(Json("mail-x"), fieldsOf(made["id"])[0]["attributes"]["name-key"]);
    }

    void typeNeedsAFieldInTheList()
    {
        Json field = textField(1, "Mail");
        field["show-in-list"] = false;
        CPPUNIT_ASSERT_EQUAL(422, createType(Json::array({field})).status);
        CPPUNIT_ASSERT_EQUAL(422, createType(Json::array()).status);
    }

    void fieldsOfATypeDifferInNameAndOrder()
    {
        CPPUNIT_ASSERT_EQUAL(422, createType({textField(1, "A"), textField(1, "B")}).status);
        CPPUNIT_ASSERT_EQUAL(422, createType({textField(1, "A"), textField(2, "A")}).status);
    }

    void unknownKindIs422()
    {
        CPPUNIT_ASSERT_EQUAL(422, addField("String", Json::object()).status);
    }

    void selectNeedsOptions()
    {
        CPPUNIT_ASSERT_EQUAL(422, addField("Select", Json::object()).status);
        CPPUNIT_ASSERT_EQUAL(201, addField("Select", {{"default-value", "A\nB"}}).status);
    }

    void numberNeedsDecimals()
    {
        CPPUNIT_ASSERT_EQUAL(422, addField("Number", Json::object()).status);
        CPPUNIT_ASSERT_EQUAL(201, addField("Number", {{"decimals", 0}}).status);
    }

    void tagToAnUnknownTypeIs422()
    {
        CPPUNIT_ASSERT_EQUAL(422, addField("Tag", {{"tag-type", "Contact"}}).status);
        CPPUNIT_ASSERT_EQUAL(422, addField("Tag", {{"tag-type", "FlexibleAssetType: 34"}}).status);
    }

    void typeRefersToItselfInTwoSteps()
    {
        const Answer answer = addField("Tag", {{"tag-type", "FlexibleAssetType: 33"}});
        CPPUNIT_ASSERT_EQUAL(201, answer.status);
        CPPUNIT_ASSERT_EQUAL(Json("more"), answer.json()["data"]["attributes"]["name-key"]);
    }

    void tagIsNeverForTheTitle()
    {
        const Answer answer = addField("Tag", {{"tag-type", "Contacts"}, {"use-for-title", true}});
        CPPUNIT_ASSERT_EQUAL(Json(false), answer.json()["data"]["attributes"]["use-for-title"]);
    }

    void patchOfATypeTakesNoFields()
    {
        Json body = patchBody({{"name", "Teams"}, {"show-in-menu", false}});
        const Answer answer = client().glue("PATCH", "/flexible_asset_types/33", body);
        CPPUNIT_ASSERT_EQUAL(Json("Teams"), answer.json()["data"]["attributes"]["name"]);
        body["data"]["relationships"] = Json::object();
        CPPUNIT_ASSERT_EQUAL(422, client().glue("PATCH", "/flexible_asset_types/33", body).status);
    }

    void typesCannotBeDeleted()
    {
        CPPUNIT_ASSERT_EQUAL(404, client().glue("DELETE", "/flexible_asset_types/33").status);
    }

    void kindStaysOnceThereAreTraits()
    {
        const auto patch = [&] {
            return client()
                .glue("PATCH", "/flexible_asset_fields/404", patchBody({{"kind", "Text"}}))
                .status;
        };
        create({{"group-name", "A"}, {"others-not-matched", "B"}});
        CPPUNIT_ASSERT_EQUAL(422, patch());
        tryPatch(std::stoll(list()["data"][0]["id"].get<std::string>()),
                 {{"traits", {{"group-name", "A"}}}});
        CPPUNIT_ASSERT_EQUAL(200, patch());
    }

    void deletedFieldLosesItsTraits()
    {
        const auto id = create({{"group-name", "A"}, {"status", "Enabled"}});
        CPPUNIT_ASSERT_EQUAL(204, client().glue("DELETE", "/flexible_asset_fields/405").status);
        CPPUNIT_ASSERT_EQUAL((Json{{"group-name", "A"}}), traits(id));
    }

    void renamedFieldKeepsItsKeyUnlessAPersonChangesIt()
    {
        const auto id = create({{"group-name", "A"}, {"status", "Enabled"}});
        client().glue("PATCH", "/flexible_asset_fields/405", patchBody({{"name", "State"}}));
        CPPUNIT_ASSERT_EQUAL(Json("Enabled"), traits(id)["status"]);
        server().seedGlue({{"fields", {{{"id", 405}, {"name-key", "state"}}}}});
        CPPUNIT_ASSERT_EQUAL(Json("Enabled"), traits(id)["state"]);
        CPPUNIT_ASSERT_EQUAL(
            422, tryPatch(id, {{"traits", {{"group-name", "A"}, {"status", "Enabled"}}}}).status);
    }

    void fieldsAreCreatedInBulkInTheirType()
    {
        const auto object = [](int order, const std::string& name) {
            return patchBody(textField(order, name))["data"];
        };
        const Answer answer =
            client().glue("POST", "/flexible_asset_types/33/relationships/flexible_asset_fields",
                          {{"data", {object(20, "X"), object(21, "Y")}}});
        CPPUNIT_ASSERT_EQUAL(201, answer.status);
        CPPUNIT_ASSERT_EQUAL(Json("y"), answer.json()["data"][1]["attributes"]["name-key"]);
    }

    void tagTypeStaysOnceThereAreTraits()
    {
        create({{"group-name", "A"}, {"members", {71}}});
        CPPUNIT_ASSERT_EQUAL(422, client()
                                      .glue("PATCH", "/flexible_asset_fields/402",
                                            patchBody({{"tag-type", "Configurations"}}))
                                      .status);
    }

    void personRenamesAndDeletesTypes()
    {
        const auto id = create({{"group-name", "A"}});
        server().seedGlue({{"types", {{{"id", 33}, {"name", "Teams"}}}}});
        const Json attributes = show(id)["data"]["attributes"];
        CPPUNIT_ASSERT_EQUAL(Json("Teams"), attributes["flexible-asset-type-name"]);
        server().seedGlue({{"types", {{{"id", 33}, {"delete", true}}}}});
        CPPUNIT_ASSERT_EQUAL(404, client().glue("GET", "/flexible_asset_types/33").status);
        CPPUNIT_ASSERT(server().glue()["assets"].empty());
    }

    void nativeTypeCannotBeWritten()
    {
        seedNative();
        Json body = assetBody({{"group-name", "A"}});
        body["data"]["attributes"]["flexible-asset-type-id"] = 50;
        CPPUNIT_ASSERT_EQUAL(422, client().glue("POST", "/flexible_assets", body).status);
        CPPUNIT_ASSERT_EQUAL(422, tryPatch(500, {{"traits", {{"group-name", "B"}}}}).status);
        CPPUNIT_ASSERT_EQUAL(422, client().glue("DELETE", "/flexible_assets/500").status);
        CPPUNIT_ASSERT_EQUAL(Json("A"), traits(500)["group-name"]);
    }

    void nativeFieldIsKnownByItsRemoteField()
    {
        seedNative();
        const auto read = [&](const std::string& type) {
            return client()
                .glue("GET", "/flexible_asset_types/" + type +
                                 "/relationships/flexible_asset_fields?include=remote_asset_field")
                .json();
        };
        const Json native = read("50");
        CPPUNIT_ASSERT_EQUAL(
            native["included"][0]["id"],
            native["data"][0]["relationships"]["remote-asset-field"]["data"]["id"]);
        CPPUNIT_ASSERT(
            read("33")["data"][0]["relationships"]["remote-asset-field"]["data"].is_null());
    }

private:
    static Json textField(int order, const std::string& name)
    {
        return {{"order", order}, {"name", name}, {"kind", "Text"}, {"show-in-list", true}};
    }

    Answer createType(const Json& fields)
    {
        Json data = Json::array();
        for (const Json& field : fields)
            data.push_back({{"type", "flexible_asset_fields"}, {"attributes", field}});
        return client().glue(
            "POST", "/flexible_asset_types",
            {{"data",
              {{"type", "flexible_asset_types"},
               {"attributes", {{"name", "Email"}, {"icon", "envelope"}}},
               {"relationships", {{"flexible-asset-fields", {{"data", data}}}}}}}});
    }

    Answer addField(const std::string& kind, const Json& more)
    {
        Json attributes{
            {"flexible-asset-type-id", 33}, {"order", 30}, {"name", "More"}, {"kind", kind}};
        attributes.update(more);
        return client().glue("POST", "/flexible_asset_fields", patchBody(attributes));
    }

    Json fieldsOf(const Json& type)
    {
        return client()
            .glue("GET", "/flexible_asset_types/" + type.get<std::string>() +
                             "/relationships/flexible_asset_fields")
            .json()["data"];
    }

    void seedNative()
    {
        server().seedGlue({{"types",
                            {{{"id", 50},
                              {"name", "Microsoft 365: Groups"},
                              {"native", true},
                              {"fields", {fieldSeed(1, "Group Name", "Text", {{"id", 501}})}}}}},
                           {"assets",
                            {{{"id", 500},
                              {"organization-id", 7},
                              {"flexible-asset-type-id", 50},
                              {"traits", {{"group-name", "A"}}}}}}});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GlueTypesTest);
