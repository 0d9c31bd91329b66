#include "manifest/Manifest.h"
#include "support/FreshTest.h"

#include <algorithm>

using muster::plugins::schemaFaults;
using Json = nlohmann::json;

namespace {

const Json kSchema = Json::parse(R"({
    "type": "object",
    "properties": {
        "site": {"type": "string", "pattern": "^https://", "examples": ["https://acme.example"]},
        "key": {"type": "string", "minLength": 8},
        "region": {"type": "string", "enum": ["us", "eu"]},
        "code": {"type": "string", "pattern": "^[0-9]+$"},
        "pace": {"type": "object", "additionalProperties": false, "properties": {
            "perSecond": {"type": "number", "exclusiveMinimum": 0, "maximum": 50},
            "parallel": {"type": "integer", "minimum": 1}}},
        "list": {"type": "array", "items": {"type": "integer"}}},
    "required": ["site"],
    "additionalProperties": false})");

/// The faults of a value that is right but for what is merged into it.
std::vector<std::string> faultsWith(const char* changes)
{
    Json value{{"site", "https://acme.example"}};
    value.merge_patch(Json::parse(changes));
    return schemaFaults(kSchema, value);
}

std::string faultWith(const char* changes)
{
    const auto faults = faultsWith(changes);
    std::string all;
    for (const auto& fault : faults)
        all += fault + "\n";
    CPPUNIT_ASSERT_EQUAL_MESSAGE(all, size_t{1}, faults.size());
    return faults.front();
}

} // namespace

#define ASSERT_FAULT(expected, changes)                                                            \
    CPPUNIT_ASSERT_EQUAL(std::string(expected), faultWith(changes))

class SchemaTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SchemaTest);
    FRESH_TEST(findsNothingWrongWithAValidValue);
    FRESH_TEST(beginsEachFaultWithThePathOfItsKey);
    FRESH_TEST(namesEveryUnknownKey);
    FRESH_TEST(saysWhatIsAskedForAndNeverTheValue);
    FRESH_TEST(namesTheKeysOfWhichOneIsNeeded);
    FRESH_TEST(reportsSeveralFaultsAtOnce);
    FRESH_TEST(saysThatASchemaCannotBeUsed);
    FRESH_TEST(refusesASchemaThatGoesRoundInCircles);
    FRESH_TEST(refusesTextsThatAPatternCannotBeTriedOn);
    CPPUNIT_TEST_SUITE_END();

public:
    void findsNothingWrongWithAValidValue()
    {
        CPPUNIT_ASSERT(faultsWith(R"({"pace": {"perSecond": 2.5, "parallel": 3},
                                      "list": [1, 2]})")
                           .empty());
    }

    void beginsEachFaultWithThePathOfItsKey()
    {
        ASSERT_FAULT("site: is missing", R"({"site": null})");
        ASSERT_FAULT("pace.perSecond: must be greater than 0", R"({"pace": {"perSecond": 0}})");
        ASSERT_FAULT("pace.perSecond: must be at most 50", R"({"pace": {"perSecond": 51}})");
        ASSERT_FAULT("pace.parallel: must be at least 1", R"({"pace": {"parallel": 0}})");
        ASSERT_FAULT("pace.parallel: must be an integer", R"({"pace": {"parallel": "two"}})");
        ASSERT_FAULT("pace: must be an object", R"({"pace": 5})");
        ASSERT_FAULT("list[1]: must be an integer", R"({"list": [1, "x"]})");
        CPPUNIT_ASSERT_EQUAL(std::string("it: must be an object"),
                             schemaFaults(kSchema, Json::array()).at(0));
    }

    void namesEveryUnknownKey()
    {
        const auto faults = faultsWith(R"({"sight": 1, "pase": 2})");
        CPPUNIT_ASSERT_EQUAL(size_t{2}, faults.size());
        CPPUNIT_ASSERT_EQUAL(std::string("pase: is not known"), faults[0]);
        CPPUNIT_ASSERT_EQUAL(std::string("sight: is not known"), faults[1]);
        ASSERT_FAULT("pace.burst: is not known", R"({"pace": {"burst": 1}})");
    }

    void saysWhatIsAskedForAndNeverTheValue()
    {
        ASSERT_FAULT("region: must be one of: us, eu", R"({"region": "hunter2"})");
        ASSERT_FAULT("site: does not have the right form, like https://acme.example",
                     R"({"site": "hunter2"})");
        ASSERT_FAULT("code: must match ^[0-9]+$", R"({"code": "hunter2"})");
        CPPUNIT_ASSERT(faultWith(R"({"key": "hunter2"})").find("hunter2") == std::string::npos);
    }

    void namesTheKeysOfWhichOneIsNeeded()
    {
        const auto schema = Json::parse(R"({"type": "object",
            "properties": {"key": {}, "region": {}, "url": {}}, "required": ["key"],
            "oneOf": [{"required": ["region"]}, {"required": ["url"]}]})");
        const std::vector<std::string> expected{"it: must have exactly one of: region, url"};
        CPPUNIT_ASSERT(schemaFaults(schema, {{"key", 1}}) == expected);
        CPPUNIT_ASSERT(schemaFaults(schema, {{"key", 1}, {"region", 1}, {"url", 1}}) == expected);
        CPPUNIT_ASSERT(schemaFaults(schema, {{"key", 1}, {"url", 1}}).empty());
        CPPUNIT_ASSERT(schemaFaults(schema, {{"url", 1}}) ==
                       std::vector<std::string>{"key: is missing"});
    }

    void reportsSeveralFaultsAtOnce()
    {
        CPPUNIT_ASSERT_EQUAL(size_t{3},
                             faultsWith(R"({"site": null, "region": "x", "pace": 1})").size());
    }

    void saysThatASchemaCannotBeUsed()
    {
        const auto faults = schemaFaults(Json::parse(R"({"type": "strnig"})"), Json::object());
        CPPUNIT_ASSERT_EQUAL(size_t{1}, faults.size());
        CPPUNIT_ASSERT(faults[0].rfind("the schema cannot be used", 0) == 0);
        CPPUNIT_ASSERT(!schemaFaults(Json::parse(R"({"properties": {"a": {"pattern": "["}}})"),
                                     Json{{"a", "b"}})
                            .empty());
    }

    void refusesASchemaThatGoesRoundInCircles()
    {
        for (const auto* schema :
             {R"({"$ref": "#"})", R"({"properties": {"a": {"allOf": [{"$ref": "#"}]}}})"})
            CPPUNIT_ASSERT_EQUAL(
                std::string("the schema cannot be used: it has a $ref, and must stand on its own"),
                schemaFaults(Json::parse(schema), Json::object()).at(0));
    }

    void refusesTextsThatAPatternCannotBeTriedOn()
    {
        const Json value{{"site", "https://" + std::string(1'000'000, 'a')}};
        CPPUNIT_ASSERT_EQUAL(std::string("site: is longer than 4096 characters"),
                             schemaFaults(kSchema, value).at(0));
        CPPUNIT_ASSERT(
            schemaFaults(kSchema, {{"site", "https://" + std::string(4000, 'a')}}).empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SchemaTest);
