#include "FakeScim.h"
#include "support/FreshTest.h"

#include <muster/testing/Instance.h>

#include <set>

namespace muster::tests {

using testing::FakeHost;
using testing::FakeRequest;
using testing::Instance;
using testing::Result;

/// What the SCIM target does with services that are not all as RFC 7644 says, and with others who
/// change things meanwhile.
class ScimTargetTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ScimTargetTest);
    FRESH_TEST(groupThatSlipsBetweenPagesIsStillRead);
    FRESH_TEST(listThatNeverHoldsStillIsReadLater);
    FRESH_TEST(groupThatIsThereIsNotMadeTwice);
    FRESH_TEST(groupWhoseNameDiffersInCaseIsAnotherOne);
    FRESH_TEST(groupIsNotMadeWhenTheServiceCannotSayWhetherItIsThere);
    FRESH_TEST(serviceThatIgnoresPlacesIsCalledSo);
    FRESH_TEST(fullPageThatComesAgainIsAllOnlyWhenPlacesAreHeeded);
    FRESH_TEST(totalsOfPagesAreNotTakenForTheEnd);
    FRESH_TEST(shortListIsWholeWhateverComesBehindItsEnd);
    FRESH_TEST(userWhoIsInactiveInATextIsInactive);
    FRESH_TEST(groupsAmongMembersAreNoContacts);
    FRESH_TEST(groupWithoutMembersMayLeaveThemOut);
    FRESH_TEST(membersThatComeOnRequestAreRead);
    FRESH_TEST(membersThatAreNotShownAreNotGone);
    FRESH_TEST(groupWithoutMembersIsKnownByTheOthersWhenFiltersAreRefused);
    FRESH_TEST(memberWhoIsNotShownIsTakenOutAllTheSame);
    FRESH_TEST(memberWhoIsGoneNeedsNotBeTakenOut);
    FRESH_TEST(addressThatSomebodyAddsMeanwhileStays);
    FRESH_TEST(versionThatIsNoTagIsNotSent);
    CPPUNIT_TEST_SUITE_END();

public:
    void groupThatSlipsBetweenPagesIsStillRead()
    {
        _service.addGroups(101);
        _service.others = [&](const FakeRequest& request) {
            if (request.path.find("startIndex=101") != request.path.npos && _asked++ == 0)
                _service.groups.erase(_service.groups.begin());
        };
        const auto ids = idsOf(readWell({"contact-group"}));
        CPPUNIT_ASSERT_EQUAL(size_t(100), ids.size());
        CPPUNIT_ASSERT_EQUAL(size_t(1), ids.count("g101"));
    }

    void listThatNeverHoldsStillIsReadLater()
    {
        _service.addGroups(150);
        _service.others = [&](const FakeRequest&) {
            _service.groups.erase(_service.groups.begin());
        };
        const auto result = read({"contact-group"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, MUSTER_RETRY, result.status);
        says(result.message, "changed while it was read");
        CPPUNIT_ASSERT(_host.requests().size() < 10);
    }

    void groupThatIsThereIsNotMadeTwice()
    {
        const std::string name = "R&D \"Ünit\" \\ 50%";
        _service.groups.push_back({{"id", "g1"}, {"displayName", name}});
        const auto outcome = apply(createGroup(name));
        CPPUNIT_ASSERT_EQUAL(size_t(1), _service.groups.size());
        CPPUNIT_ASSERT_EQUAL(std::string("applied"), outcome.at("state").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("g1"), outcome["record"]["remoteId"].get<std::string>());
        CPPUNIT_ASSERT(outcome.value("adopted", false));
    }

    void groupWhoseNameDiffersInCaseIsAnotherOne()
    {
        _service.groups.push_back({{"id", "g1"}, {"displayName", "FINANCE"}});
        const auto outcome = apply(createGroup("Finance"));
        CPPUNIT_ASSERT_EQUAL(size_t(2), _service.groups.size());
        CPPUNIT_ASSERT_EQUAL(std::string("new2"), outcome["record"]["remoteId"].get<std::string>());
        CPPUNIT_ASSERT(!outcome.value("adopted", false));
    }

    void groupIsNotMadeWhenTheServiceCannotSayWhetherItIsThere()
    {
        _host.answerWith([&](const FakeRequest& request) {
            return request.method == "GET" ? testing::FakeAnswer{503, ""}
                                           : _service.answer(request);
        });
        const auto outcome = apply(createGroup("Finance"));
        CPPUNIT_ASSERT_EQUAL(std::string("retry"), outcome.at("state").get<std::string>());
        CPPUNIT_ASSERT(_service.groups.empty());
    }

    void serviceThatIgnoresPlacesIsCalledSo()
    {
        _service.addGroups(250);
        _service.places = FakeScim::Places::Ignored;
        const auto result = read({"contact-group"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, MUSTER_REJECTED, result.status);
        says(result.message, "ignores startIndex");
        CPPUNIT_ASSERT_EQUAL(size_t(2), _host.requests().size());
    }

    void fullPageThatComesAgainIsAllOnlyWhenPlacesAreHeeded()
    {
        _service.addGroups(100);
        _service.places = FakeScim::Places::WholeListBehindTheEnd;
        CPPUNIT_ASSERT_EQUAL(size_t(100), idsOf(readWell({"contact-group"})).size());
        _service.groups.clear();
        _service.addGroups(200);
        _service.totals = FakeScim::Totals::OfPage;
        _service.places = FakeScim::Places::Ignored;
        const auto result = read({"contact-group"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, MUSTER_REJECTED, result.status);
        says(result.message, "ignores startIndex");
    }

    void totalsOfPagesAreNotTakenForTheEnd()
    {
        _service.addGroups(250);
        _service.totals = FakeScim::Totals::OfPage;
        for (const auto most : {size_t(1000), size_t(30), size_t(50)})
        {
            _service.mostPerPage = most;
            CPPUNIT_ASSERT_EQUAL(size_t(250), idsOf(readWell({"contact-group"})).size());
        }
    }

    void shortListIsWholeWhateverComesBehindItsEnd()
    {
        _service.addGroups(7);
        for (const auto places :
             {FakeScim::Places::Heeded, FakeScim::Places::Ignored,
              FakeScim::Places::RefusedBehindTheEnd, FakeScim::Places::WholeListBehindTheEnd})
        {
            _service.places = places;
            CPPUNIT_ASSERT_EQUAL(size_t(7), idsOf(readWell({"contact-group"})).size());
        }
    }

    void userWhoIsInactiveInATextIsInactive()
    {
        _service.addUser("u1", {{"active", "False"}});
        _service.addUser("u2", {{"active", "True"}});
        _service.addUser("u3", {{"active", false}});
        _service.addUser("u4", Json::object());
        std::set<std::string> active;
        for (const auto& record : readWell({"contact"}).all("record"))
            if (record.value("active", true))
                active.insert(record.at("remoteId"));
        CPPUNIT_ASSERT((active == std::set<std::string>{"u2", "u4"}));
    }

    void groupsAmongMembersAreNoContacts()
    {
        for (const auto* id : {"u1", "u2", "u3", "u4"})
            _service.addUser(id, Json::object());
        _service.groups = {{{"id", "g1"},
                            {"displayName", "One"},
                            {"members",
                             {{{"value", "u1"}},
                              {{"value", "u2"}, {"type", "user"}},
                              {{"value", "u3"}, {"$ref", "https://app.example/scim/Users/u3"}},
                              {{"value", "u4"}, {"type", "direct"}},
                              {{"value", "g2"}},
                              {{"value", "g3"}, {"type", "group"}},
                              {{"value", "g4"}, {"$ref", "Groups/g4"}},
                              {{"value", "g5"}, {"$ref", "https://app.example/scim/groups/g5"}}}}}};
        CPPUNIT_ASSERT((linksOf(readWell({"contact"}, {"g1"})) ==
                        std::set<std::string>{"u1 g1", "u2 g1", "u3 g1", "u4 g1"}));
    }

    void groupWithoutMembersMayLeaveThemOut()
    {
        addGroup("g1", {"u1"});
        addGroup("g2", {});
        _service.members = FakeScim::Shown::WhenThereAreAny;
        CPPUNIT_ASSERT(
            (linksOf(readWell({}, {"g1", "g2", "gone"})) == std::set<std::string>{"u1 g1"}));
        CPPUNIT_ASSERT(linksOf(readWell({}, {"g2"})).empty());
    }

    void membersThatComeOnRequestAreRead()
    {
        addGroup("g1", {"u1", "u2"});
        addGroup("g2", {});
        _service.members = FakeScim::Shown::WhenAskedFor;
        CPPUNIT_ASSERT(
            (linksOf(readWell({}, {"g1", "g2"})) == std::set<std::string>{"u1 g1", "u2 g1"}));
    }

    void membersThatAreNotShownAreNotGone()
    {
        addGroup("g1", {"u1", "u2"});
        _service.members = FakeScim::Shown::Never;
        for (const auto answers : {true, false})
        {
            _service.answersPresence = answers;
            const auto result = read({}, {"g1"});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, MUSTER_REJECTED, result.status);
            says(result.message, "members");
            says(result.message, "g1");
        }
    }

    void groupWithoutMembersIsKnownByTheOthersWhenFiltersAreRefused()
    {
        addGroup("g1", {"u1"});
        addGroup("g2", {});
        _service.members = FakeScim::Shown::WhenThereAreAny;
        _service.answersPresence = false;
        CPPUNIT_ASSERT((linksOf(readWell({}, {"g1", "g2"})) == std::set<std::string>{"u1 g1"}));
    }

    void memberWhoIsNotShownIsTakenOutAllTheSame()
    {
        addGroup("g1", {"u1", "u2"});
        _service.members = FakeScim::Shown::Never;
        const auto outcome = apply(unlink("u1", "g1", true));
        CPPUNIT_ASSERT_EQUAL(std::string("applied"), outcome.at("state").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string(R"([{"value":"u2"}])"),
                             _service.group("g1")["members"].dump());
    }

    void memberWhoIsGoneNeedsNotBeTakenOut()
    {
        addGroup("g1", {"u2"});
        _service.refusesWhatIsGone = true;
        const auto outcome = apply(unlink("u1", "g1", false));
        CPPUNIT_ASSERT_EQUAL(std::string("unchanged"), outcome.at("state").get<std::string>());
    }

    void addressThatSomebodyAddsMeanwhileStays()
    {
        _service.addUser("u1", {{"emails", {{{"value", "u1@contoso.example"}}}},
                                {"meta", {{"version", "W/\"1\""}}}});
        _service.others = [&](const FakeRequest& request) {
            if (request.method != "PATCH" || _asked++ > 0)
                return;
            auto& user = _service.user("u1");
            user["emails"].push_back({{"value", "theirs@contoso.example"}});
            user["meta"]["version"] = "W/\"2\"";
        };
        const auto first = apply(updateEmail());
        CPPUNIT_ASSERT_EQUAL(std::string("retry"), first.at("state").get<std::string>());
        says(first.at("message"), "somebody else");
        CPPUNIT_ASSERT_EQUAL(std::string("applied"),
                             apply(updateEmail()).at("state").get<std::string>());
        const auto& emails = _service.user("u1")["emails"];
        CPPUNIT_ASSERT_EQUAL_MESSAGE(emails.dump(), size_t(2), emails.size());
        CPPUNIT_ASSERT_EQUAL(std::string("new@contoso.example"),
                             emails[0]["value"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("theirs@contoso.example"),
                             emails[1]["value"].get<std::string>());
    }

    void versionThatIsNoTagIsNotSent()
    {
        for (const auto& meta : {Json{{"version", "1"}}, Json{{"version", 1}},
                                 Json{{"version", "\"1\"\r\nX: \""}}, Json::object(), Json()})
        {
            _service.users.clear();
            _service.addUser("u1", {{"meta", meta}});
            apply(updateEmail());
            CPPUNIT_ASSERT_EQUAL(size_t(0), _host.requests().back().headers.count("If-Match"));
            CPPUNIT_ASSERT_EQUAL(std::string("PATCH"), _host.requests().back().method);
        }
    }

private:
    using Json = testing::Json;

    Result read(const std::vector<std::string>& kinds, const std::vector<std::string>& groups = {})
    {
        auto ends = Json::array();
        for (const auto& id : groups)
            ends.push_back({{"kind", "contact-group"}, {"remoteId", id}});
        return _target.read({{"scope", Json::object()}, {"kinds", kinds}, {"linksInto", ends}});
    }

    Result readWell(const std::vector<std::string>& kinds,
                    const std::vector<std::string>& groups = {})
    {
        auto result = read(kinds, groups);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, MUSTER_OK, result.status);
        return result;
    }

    /// Fails the test when a record is said twice.
    static std::set<std::string> idsOf(const Result& result)
    {
        std::set<std::string> ids;
        for (const auto& record : result.all("record"))
            CPPUNIT_ASSERT_MESSAGE(record.dump(), ids.insert(record.at("remoteId")).second);
        return ids;
    }

    static std::set<std::string> linksOf(const Result& result)
    {
        std::set<std::string> links;
        for (const auto& link : result.all("link"))
            links.insert(link["from"]["remoteId"].get<std::string>() + " " +
                         link["to"]["remoteId"].get<std::string>());
        return links;
    }

    Json apply(const Json& change)
    {
        const auto result = _target.apply(Json::object(), {change});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, MUSTER_OK, result.status);
        CPPUNIT_ASSERT_EQUAL(size_t(1), result.all("outcome").size());
        return result.all("outcome").front();
    }

    static Json createGroup(const std::string& name)
    {
        return {{"id", 1},     {"action", "create"}, {"kind", "contact-group"},
                {"key", name}, {"name", name},       {"fields", {{"name", name}}}};
    }

    static Json unlink(const std::string& user, const std::string& group, bool doubt)
    {
        return {{"id", 1},
                {"action", "unlink"},
                {"doubt", doubt},
                {"from", {{"kind", "contact"}, {"key", user}, {"remoteId", user}}},
                {"to", {{"kind", "contact-group"}, {"key", group}, {"remoteId", group}}}};
    }

    static Json updateEmail()
    {
        return {{"id", 1},           {"action", "update"},
                {"kind", "contact"}, {"key", "new@contoso.example"},
                {"remoteId", "u1"},  {"fields", {{"email", "new@contoso.example"}}}};
    }

    void addGroup(const std::string& id, const std::vector<std::string>& users)
    {
        auto members = Json::array();
        for (const auto& user : users)
            members.push_back({{"value", user}});
        _service.groups.push_back({{"id", id}, {"displayName", id}, {"members", members}});
    }

    static void says(const std::string& text, const std::string& expected)
    {
        CPPUNIT_ASSERT_MESSAGE(text, text.find(expected) != text.npos);
    }

    FakeScim _service;
    int _asked = 0;
    FakeHost _host{[this](const FakeRequest& request) { return _service.answer(request); }};
    Instance _target{testing::loadPlugin(MUSTER_BINARY_DIR "/lib/muster/targets/scim.so"),
                     _host.host(),
                     {{"url", "https://app.example.com/scim/v2"}}};
};

CPPUNIT_TEST_SUITE_REGISTRATION(ScimTargetTest);

} // namespace muster::tests
