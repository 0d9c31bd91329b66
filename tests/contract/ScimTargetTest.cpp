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
