#include "graph/PageParser.h"

#include "graph/Example.h"
#include "graph/GraphClient.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

namespace muster::graph {

using directory::ObjectChange;
using directory::Role;
using testing::exampleBody;

namespace {

const std::string kLink = R"("@odata.deltaLink":"https://graph/d")";
const std::string kGroup = "00000000-0000-4000-8000-000000000010";
const std::string kUser = "00000000-0000-4000-8000-000000000001";

} // namespace

class PageParserTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PageParserTest);
    FRESH_TEST(readsTheDocumentedPages);
    FRESH_TEST(keepsTheOrderOfChanges);
    FRESH_TEST(readsRemovals);
    FRESH_TEST(readsIdsAfterTheirMembers);
    FRESH_TEST(tellsNullFromAbsent);
    FRESH_TEST(unreadableObjectKeepsItsAttributes);
    FRESH_TEST(ignoresWhatIsUnknown);
    FRESH_TEST(ignoresValuesOfAWrongType);
    FRESH_TEST(sameTextHasOneForm);
    FRESH_TEST(survivesHalfSurrogatesAndNulls);
    FRESH_TEST(emptyPageHasItsLink);
    FRESH_TEST(refusesPagesWithoutALink);
    FRESH_TEST(refusesPagesWithBothLinks);
    FRESH_TEST(refusesLongLinks);
    FRESH_TEST(refusesObjectsWithoutAnId);
    FRESH_TEST(skipsMembersOfUnknownKindsWithoutAnId);
    FRESH_TEST(refusesKnownMembersWithoutAnId);
    FRESH_TEST(everyCutIsABadAnswer);
    FRESH_TEST(readsLists);
    CPPUNIT_TEST_SUITE_END();

    static const Resource& resource(const std::string& name)
    {
        for (const auto& one : resources())
        {
            if (one.name == name)
                return one;
        }
        throw std::logic_error("no resource " + name);
    }
    DeltaPage groups(const std::string& values)
    {
        return _parser.readDelta("{" + kLink + ",\"value\":[" + values + "]}", resource("groups"));
    }
    std::string attributes(const std::string& user)
    {
        const auto page =
            _parser.readDelta("{" + kLink + ",\"value\":[{\"id\":\"" + kUser + "\"," + user + "}]}",
                              resource("users"));
        return page.page.objects.at(0).attributes;
    }

public:
    void readsTheDocumentedPages()
    {
        const auto initial =
            _parser.readDelta(exampleBody("docs2022-groups-delta-1-initial"), resource("groups"));
        CPPUNIT_ASSERT_EQUAL(size_t(2), initial.page.objects.size());
        CPPUNIT_ASSERT_EQUAL(size_t(2), initial.page.memberships.size());
        CPPUNIT_ASSERT(initial.nextLink.find("$skiptoken") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("c2f798fd-f95d-4623-8824-63aec21fffff"),
                             initial.page.memberships[0].group);
        CPPUNIT_ASSERT_EQUAL(std::string("user"), initial.page.memberships[0].memberKind);
        const auto users = _parser.readDelta(exampleBody("user-delta-1"), resource("users"));
        CPPUNIT_ASSERT(users.page.objects.at(0).attributes.find("Adele Vance") !=
                       std::string::npos);
        CPPUNIT_ASSERT(users.page.objects.at(0).attributes.find("officeLocation") ==
                       std::string::npos);
    }

    void keepsTheOrderOfChanges()
    {
        const auto link = [](const std::string& removed) {
            return "{\"id\":\"" + kUser + "\"" + removed + "}";
        };
        const std::string removed = R"(,"@removed":{"reason":"deleted"})";
        const auto page = groups("{\"id\":\"" + kGroup + "\",\"members@delta\":[" + link("") + "," +
                                 link(removed) + "]},{\"id\":\"" + kGroup +
                                 "\",\"owners@delta\":[" + link("") + "]}");
        CPPUNIT_ASSERT_EQUAL(size_t(2), page.page.objects.size());
        CPPUNIT_ASSERT_EQUAL(size_t(3), page.page.memberships.size());
        CPPUNIT_ASSERT(!page.page.memberships[0].removed);
        CPPUNIT_ASSERT(page.page.memberships[1].removed);
        CPPUNIT_ASSERT(page.page.memberships[2].role == Role::Owner);
    }

    void readsRemovals()
    {
        const auto what = [&](const std::string& removed) {
            return groups("{\"id\":\"" + kGroup + "\"," + removed + "}").page.objects.at(0).what;
        };
        CPPUNIT_ASSERT(what(R"("@removed":{"reason":"changed"})") == ObjectChange::What::Deleted);
        CPPUNIT_ASSERT(what(R"("@removed":{"reason":"deleted"})") == ObjectChange::What::Gone);
        CPPUNIT_ASSERT(what(R"("@removed":{"reason":7})") == ObjectChange::What::Deleted);
        CPPUNIT_ASSERT(what(R"("@removed":{})") == ObjectChange::What::Deleted);
        CPPUNIT_ASSERT(what(R"("@removed":null)") == ObjectChange::What::Present);
    }

    void readsIdsAfterTheirMembers()
    {
        const auto page =
            groups("{\"members@delta\":[{\"id\":\"" + kUser +
                   "\",\"@odata.type\":\"#microsoft.graph.user\"}],\"id\":\"" + kGroup + "\"}");
        CPPUNIT_ASSERT_EQUAL(kGroup, page.page.memberships.at(0).group);
    }

    void tellsNullFromAbsent()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"displayName":"Ana","mail":null})"),
                             attributes(R"("mail":null,"displayName":"Ana")"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"jobTitle":null})"), attributes(R"("jobTitle":null)"));
    }

    void unreadableObjectKeepsItsAttributes()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("{}"),
                             attributes(R"("displayName":null,"mail":null,"accountEnabled":null)"));
    }

    void ignoresWhatIsUnknown()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"displayName":"Ana"})"),
            attributes(R"("displayName":"Ana","new":{"deep":[1,{}]},"members@delta":[{}],
                          "@odata.type":"#microsoft.graph.newKind")"));
    }

    void ignoresValuesOfAWrongType()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"displayName":"Ana","otherMails":["a"]})"),
                             attributes(R"("displayName":"Ana","mail":7,"accountEnabled":"yes",
                          "proxyAddresses":"x","otherMails":["a",7,null],"surname":{})"));
        const auto page = groups("{\"id\":\"" + kGroup +
                                 "\",\"members@delta\":{},\"owners@delta\":[7,{\"id\":7}]},3");
        CPPUNIT_ASSERT(page.page.memberships.empty());
        CPPUNIT_ASSERT_EQUAL(size_t(3), page.skipped.size());
    }

    void sameTextHasOneForm()
    {
        CPPUNIT_ASSERT_EQUAL(attributes("\"displayName\":\"Zo\\u00eb \\/ \\\"x\\\"\""),
                             attributes("\"displayName\" : \"Zoë / \\u0022x\\u0022\""));
    }

    void survivesHalfSurrogatesAndNulls()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("{\"displayName\":\"a\xEF\xBF\xBDz\",\"givenName\":\"😀\"}"),
            attributes(R"("displayName":"a\ud800z","givenName":"\ud83d\ude00")"));
        CPPUNIT_ASSERT_EQUAL(std::string("{\"displayName\":\"\\\\ud800\xEF\xBF\xBD\"}"),
                             attributes(R"("displayName":"\\ud800\uDC00")"));
        CPPUNIT_ASSERT_EQUAL(std::string("{\"displayName\":\"a\xEF\xBF\xBDz\\u0001\"}"),
                             attributes(R"("displayName":"a\u0000z\u0001")"));
    }

    void emptyPageHasItsLink()
    {
        const auto page =
            _parser.readDelta(exampleBody("docs2022-groups-delta-4-nochange"), resource("groups"));
        CPPUNIT_ASSERT(page.page.objects.empty());
        CPPUNIT_ASSERT(!page.deltaLink.empty());
        CPPUNIT_ASSERT(page.nextLink.empty());
    }

    void refusesPagesWithoutALink()
    {
        CPPUNIT_ASSERT_THROW(_parser.readDelta(R"({"value":[]})", resource("users")), BadAnswer);
        CPPUNIT_ASSERT_THROW(_parser.readDelta("{" + kLink + "}", resource("users")), BadAnswer);
        CPPUNIT_ASSERT_THROW(_parser.readDelta("[]", resource("users")), BadAnswer);
        CPPUNIT_ASSERT_THROW(_parser.readDelta("", resource("users")), BadAnswer);
        CPPUNIT_ASSERT_THROW(
            _parser.readDelta(R"({"@odata.nextLink":7,"value":[]})", resource("users")), BadAnswer);
    }

    void refusesPagesWithBothLinks()
    {
        CPPUNIT_ASSERT_THROW(
            _parser.readDelta("{" + kLink + R"(,"@odata.nextLink":"https://graph/n","value":[]})",
                              resource("users")),
            RejectedError);
    }

    void refusesLongLinks()
    {
        const auto page = [](size_t size) {
            return R"({"value":[],"@odata.nextLink":")" + std::string(size, 'a') + "\"}";
        };
        CPPUNIT_ASSERT_EQUAL(size_t(65536),
                             _parser.readDelta(page(65536), resource("users")).nextLink.size());
        CPPUNIT_ASSERT_THROW(_parser.readDelta(page(65537), resource("users")), RejectedError);
    }

    void refusesObjectsWithoutAnId()
    {
        CPPUNIT_ASSERT_THROW(groups("{}"), RejectedError);
        CPPUNIT_ASSERT_THROW(groups(R"({"id":"[group-id]"})"), RejectedError);
        CPPUNIT_ASSERT_THROW(
            _parser.readDelta(exampleBody("issue2005-groups-delta-initial-with-removed"),
                              resource("groups")),
            RejectedError);
    }

    void skipsMembersOfUnknownKindsWithoutAnId()
    {
        const auto page = groups("{\"id\":\"" + kGroup +
                                 R"(","members@delta":[{"id":"x"},{"id":"y",
                                    "@odata.type":"#microsoft.graph.newKind"},{"id":")" +
                                 kUser + "\"}]}");
        CPPUNIT_ASSERT_EQUAL(size_t(1), page.page.memberships.size());
        CPPUNIT_ASSERT_EQUAL(size_t(2), page.skipped.size());
    }

    void refusesKnownMembersWithoutAnId()
    {
        CPPUNIT_ASSERT_THROW(
            _parser.readDelta(exampleBody("docs2022-groups-delta-5-change"), resource("groups")),
            RejectedError);
    }

    void everyCutIsABadAnswer()
    {
        const auto whole = exampleBody("docs2022-groups-delta-1-initial");
        for (size_t size = 0; size < whole.size(); ++size)
            CPPUNIT_ASSERT_THROW(_parser.readDelta(whole.substr(0, size), resource("groups")),
                                 BadAnswer);
    }

    void readsLists()
    {
        const auto list = _parser.readList(exampleBody("docs-limited-members"));
        CPPUNIT_ASSERT_EQUAL(size_t(3), list.objects.size());
        CPPUNIT_ASSERT_EQUAL(std::string("device"), list.objects[2].second);
        CPPUNIT_ASSERT(list.nextLink.empty());
        CPPUNIT_ASSERT_EQUAL(
            std::string("https://graph/n"),
            _parser.readList(R"({"value":[{"id":"odd"}],"@odata.nextLink":"https://graph/n"})")
                .nextLink);
        CPPUNIT_ASSERT_THROW(_parser.readList(R"({"value":[{"id":"")"), BadAnswer);
        CPPUNIT_ASSERT_THROW(_parser.readList(R"({"error":{}})"), BadAnswer);
    }

private:
    PageParser _parser;
};

CPPUNIT_TEST_SUITE_REGISTRATION(PageParserTest);

} // namespace muster::graph
