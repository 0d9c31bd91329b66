#include "manifest/Manifest.h"
#include "support/FreshTest.h"

#include <fstream>
#include <sstream>

using namespace muster;
using namespace muster::plugins;
using Json = nlohmann::json;

namespace {

Json targetJson()
{
    return Json::parse(R"({
        "id": "desk", "name": "Desk", "version": "1.2.0", "abi": "1.0",
        "records": {"contact": ["create", "retire"], "contact-group": []},
        "links": [{"from": "contact", "to": "contact-group"}],
        "limits": {"batch": 50, "parallel": 2, "perSecond": 0.5},
        "origins": ["site"],
        "credentials": [{"setting": "key", "header": "Authorization", "format": "Bearer {}"}],
        "settings": {"type": "object", "properties": {
            "site": {"type": "string"}, "key": {"type": "string", "writeOnly": true}}}})");
}

/// The message of the error that parsing gives; empty: there is none.
std::string faultOf(const Json& json)
{
    try
    {
        parseTargetManifest(json.dump(), "desk.json");
    }
    catch (const ManifestError& error)
    {
        return error.what();
    }
    return {};
}

void assertFault(const char* pointer, const Json& value, const std::string& expected)
{
    auto json = targetJson();
    json[Json::json_pointer(pointer)] = value;
    const auto fault = faultOf(json);
    CPPUNIT_ASSERT_MESSAGE(fault, fault.find("desk.json") == 0);
    CPPUNIT_ASSERT_MESSAGE(fault, fault.find(expected) != fault.npos);
}

} // namespace

class ManifestTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ManifestTest);
    FRESH_TEST(readsEveryPartOfATargetsManifest);
    FRESH_TEST(findsTheUrlThatAValueStandsFor);
    FRESH_TEST(linkGetsTheFirstRoleInThePlaceOfOneThatItCannotHave);
    FRESH_TEST(readsEveryPartOfAModesManifest);
    FRESH_TEST(namesFileAndKeyOfEveryFault);
    FRESH_TEST(refusesKeysThatItDoesNotKnow);
    FRESH_TEST(refusesWhatIsNoJson);
    FRESH_TEST(refusesNestingThatWouldExhaustTheStack);
    FRESH_TEST(refusesASchemaThatIsNone);
    FRESH_TEST(saysWhatATargetCannotHoldOfAMode);
    FRESH_TEST(saysWhatOnlyPeopleMakeForATargetThatCannotLookForIt);
    FRESH_TEST(saysWhatAScopeLacks);
    FRESH_TEST(acceptsTheManifestsThatAreShipped);
    CPPUNIT_TEST_SUITE_END();

public:
    void readsEveryPartOfATargetsManifest()
    {
        const auto manifest = parseTargetManifest(targetJson().dump(), "desk.json");
        CPPUNIT_ASSERT_EQUAL(std::string("desk"), manifest.id);
        CPPUNIT_ASSERT_EQUAL(std::string("Desk"), manifest.name);
        CPPUNIT_ASSERT_EQUAL(std::string("1.2.0"), manifest.version);
        CPPUNIT_ASSERT_EQUAL(1, manifest.abiMajor);
        CPPUNIT_ASSERT_EQUAL(0, manifest.abiMinor);
        CPPUNIT_ASSERT(manifest.can("contact", "create"));
        CPPUNIT_ASSERT(!manifest.can("contact", "update"));
        CPPUNIT_ASSERT(!manifest.can("document", "create"));
        CPPUNIT_ASSERT(manifest.links == std::vector<LinkKind>({{"contact", "contact-group"}}));
        CPPUNIT_ASSERT_EQUAL(size_t{50}, manifest.batch);
        CPPUNIT_ASSERT_EQUAL(size_t{2}, manifest.parallel);
        CPPUNIT_ASSERT_EQUAL(0.5, manifest.perSecond);
        CPPUNIT_ASSERT_EQUAL(std::string("site"), manifest.origins.at(0).setting);
        CPPUNIT_ASSERT_EQUAL(std::string("Bearer {}"), manifest.credentials.at(0).format);
    }

    void findsTheUrlThatAValueStandsFor()
    {
        auto json = targetJson();
        json["origins"] =
            Json::array({{{"setting", "site"}, {"urls", {{"eu", "https://eu.example"}}}}, "key"});
        const auto origins = parseTargetManifest(json.dump(), "desk.json").origins;
        CPPUNIT_ASSERT_EQUAL(size_t{2}, origins.size());
        CPPUNIT_ASSERT_EQUAL(std::string("https://eu.example"), origins[0].url({{"site", "eu"}}));
        CPPUNIT_ASSERT_EQUAL(std::string(), origins[0].url({{"site", "us"}}));
        CPPUNIT_ASSERT_EQUAL(std::string(), origins[0].url({{"key", "eu"}}));
        CPPUNIT_ASSERT_EQUAL(std::string("eu"), origins[1].url({{"key", "eu"}}));
    }

    void linkGetsTheFirstRoleInThePlaceOfOneThatItCannotHave()
    {
        auto json = targetJson();
        const auto roleFor = [&](const std::string& role) {
            return parseTargetManifest(json.dump(), "desk.json")
                .findLink("contact", "contact-group")
                ->roleFor(role);
        };
        CPPUNIT_ASSERT_EQUAL(std::string("manager"), roleFor("manager"));
        json["links"][0]["roles"] = {"regular", "guest"};
        CPPUNIT_ASSERT_EQUAL(std::string("regular"), roleFor("manager"));
        CPPUNIT_ASSERT_EQUAL(std::string("guest"), roleFor("guest"));
        assertFault("/links/0/roles", 7, "\"links.roles\" must be a list");
    }

    void readsEveryPartOfAModesManifest()
    {
        const auto mode = parseModeManifest(R"({"id": "m", "name": "M", "version": "1",
            "number": 2, "records": ["contact"], "expects": ["x"],
            "links": [{"from": "contact", "to": "x"}], "settings": {"type": "object"}})",
                                            "m.json");
        CPPUNIT_ASSERT_EQUAL(2, mode.number);
        CPPUNIT_ASSERT_EQUAL(std::string("contact"), mode.records.at(0));
        CPPUNIT_ASSERT_EQUAL(std::string("x"), mode.links.at(0).to);
        CPPUNIT_ASSERT(mode.isExpected("x") && !mode.isExpected("contact"));
    }

    void namesFileAndKeyOfEveryFault()
    {
        assertFault("/id", "Has Capitals", "\"id\"");
        assertFault("/id", 7, "\"id\"");
        assertFault("/name", "", "\"name\"");
        assertFault("/version", Json(), "\"version\"");
        assertFault("/abi", "1", "\"abi\"");
        assertFault("/abi", "1.x", "\"abi\"");
        assertFault("/records", Json::array(), "\"records\"");
        assertFault("/records/contact", Json::array({"explode"}), "\"records.contact\"");
        assertFault("/records/contact", "create", "\"records.contact\"");
        assertFault("/links", Json::array({{{"from", "contact"}}}), "\"links.to\"");
        assertFault("/links", Json::array({{{"from", "contact"}, {"to", "car"}}}), "\"links\"");
        assertFault("/links/0/exclusive", 1, "links.exclusive");
        assertFault("/within", Json::array(), "\"within\"");
        assertFault("/within", {{"contact", "car"}}, "\"within.contact\"");
        assertFault("/limits", 5, "\"limits\"");
        assertFault("/limits/batch", 0, "limits.batch");
        assertFault("/limits/batch", 0.2, "limits.batch");
        assertFault("/limits/perSecond", -1, "limits.perSecond");
        assertFault("/origins", Json::array({"elsewhere"}), "\"origins\"");
        assertFault("/origins", Json::array({5}), "\"origins\"");
        assertFault("/origins", Json::array({{{"setting", "site"}}}), "\"origins.urls\"");
        assertFault(
            "/origins",
            Json::array({{{"setting", "region"}, {"urls", {{"eu", "https://eu.example"}}}}}),
            "\"origins\" names the setting region");
        assertFault("/credentials/0/format", "Bearer", "credentials.format");
        assertFault("/credentials/0/setting", "password", "\"credentials\"");
        assertFault("/credentials/0", "key", "\"credentials\"");
    }

    void refusesKeysThatItDoesNotKnow() { assertFault("/limit", 5, "\"limit\" is not known"); }

    void refusesWhatIsNoJson()
    {
        for (const std::string text : {"", "{", "[]", "nil", "\xff\xfe", "{\"id\":\"\xc3\"}"})
            CPPUNIT_ASSERT_THROW_MESSAGE(text, parseTargetManifest(text, "f"), ManifestError);
        CPPUNIT_ASSERT_THROW(parseTargetManifest(std::string(2u << 20, ' '), "f"), ManifestError);
    }

    void refusesNestingThatWouldExhaustTheStack()
    {
        std::string deep;
        for (int i = 0; i < 100'000; ++i)
            deep += "{\"not\":";
        CPPUNIT_ASSERT_THROW(parseTargetManifest(deep, "f"), ManifestError);
        deep += "{}" + std::string(100'000, '}');
        CPPUNIT_ASSERT_THROW(parseTargetManifest(deep, "f"), ManifestError);
    }

    void refusesASchemaThatIsNone()
    {
        assertFault("/settings", Json::parse(R"({"type": "strnig"})"), "\"settings\"");
        assertFault("/settings", Json::array(), "\"settings\"");
        assertFault("/scope", Json::parse(R"({"properties": 5})"), "\"scope\"");
    }

    void saysWhatATargetCannotHoldOfAMode()
    {
        const auto target = parseTargetManifest(targetJson().dump(), "desk.json");
        ModeManifest mode;
        mode.id = "contact-groups";
        mode.records = {"contact", "contact-group"};
        mode.links = {{"contact", "contact-group"}};
        CPPUNIT_ASSERT_EQUAL(std::string(), misfit(mode, target));
        mode.records.push_back("document");
        mode.links.push_back({"contact", "document"});
        CPPUNIT_ASSERT_EQUAL(std::string("the target plugin desk cannot hold what the mode "
                                         "contact-groups claims: records of the kind document, "
                                         "links from contact to document"),
                             misfit(mode, target));
    }

    void saysWhatOnlyPeopleMakeForATargetThatCannotLookForIt()
    {
        auto json = targetJson();
        json["records"]["account"] = Json::array();
        ModeManifest mode;
        mode.id = "accounts";
        mode.records = {"contact"};
        mode.expects = {"account"};
        CPPUNIT_ASSERT_EQUAL(std::string("the target plugin desk cannot hold what the mode "
                                         "accounts claims: records that only people make (it was "
                                         "built for target.h 1.0)"),
                             misfit(mode, parseTargetManifest(json.dump(), "desk.json")));
        json["abi"] = "1.1";
        CPPUNIT_ASSERT_EQUAL(std::string(),
                             misfit(mode, parseTargetManifest(json.dump(), "desk.json")));
        mode.expects = {"service-group"};
        CPPUNIT_ASSERT(misfit(mode, parseTargetManifest(json.dump(), "desk.json"))
                           .find("records of the kind service-group") != std::string::npos);
    }

    void saysWhatAScopeLacks()
    {
        auto json = targetJson();
        json["records"]["account"] = Json::array();
        json["within"] = {{"contact", "account"}};
        const auto target = parseTargetManifest(json.dump(), "desk.json");
        ModeManifest mode;
        mode.records = {"contact"};
        CPPUNIT_ASSERT_EQUAL(std::string("account"), missingInScope(mode, target, Json::object()));
        CPPUNIT_ASSERT_EQUAL(std::string(), missingInScope(mode, target, {{"account", 1}}));
        mode.expects = {"account"};
        CPPUNIT_ASSERT_EQUAL(std::string(), missingInScope(mode, target, Json::object()));
        CPPUNIT_ASSERT(placesOf(mode, target).inScope.empty());
        CPPUNIT_ASSERT_EQUAL(size_t{1}, placesOf(mode, target).inExpected.size());
    }

    void acceptsTheManifestsThatAreShipped()
    {
        const std::string file = MUSTER_SOURCE_DIR "/plugins/targets/deskdirector/plugin.json";
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        const auto manifest = parseTargetManifest(text.str(), file);
        CPPUNIT_ASSERT_EQUAL(std::string("deskdirector"), manifest.id);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ManifestTest);
