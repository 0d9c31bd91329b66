#include "Scenario.h"
#include "support/FreshTest.h"

namespace muster::integration {

/// What happens to people and groups every day, followed without a duplicate.
class FollowTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FollowTest);
    FRESH_TEST(aGroupThatIsRenamed);
    FRESH_TEST(aPersonWhoIsRenamed);
    FRESH_TEST(anAddressThatChanges);
    FRESH_TEST(addressesThatChangePlaces);
    FRESH_TEST(aGuest);
    FRESH_TEST(aPersonWhoIsDisabledAndEnabled);
    FRESH_TEST(aPersonWhoIsDeletedAndRestored);
    FRESH_TEST(aGroupThatIsDeletedAndRestored);
    FRESH_TEST(aPersonWhoMovesBetweenGroups);
    FRESH_TEST(anOwnerWhoIsAMemberToo);
    CPPUNIT_TEST_SUITE_END();

    Scenario _scenario;

    void start()
    {
        _scenario.estate.syncs.front().more = "    guard: {percent: 100}\n";
        _scenario.start(contoso::tenant(8, 3, 4));
        _scenario.sync();
    }

    /// Gives the run that follows, which leaves the account as it should be.
    Json follow(const Json& ops)
    {
        _scenario.change(ops);
        return _scenario.sync();
    }

    static int64_t done(const Json& run, const char* action)
    {
        return run.at("changes").at("byAction").value(action, int64_t(0));
    }

    static void madeNothing(const Json& run)
    {
        CPPUNIT_ASSERT_EQUAL(int64_t(0), done(run, "create"));
    }

public:
    void aGroupThatIsRenamed()
    {
        start();
        const auto run = follow(contoso::changeGroup(1, {{"displayName", "Sales"}}));
        CPPUNIT_ASSERT_EQUAL(int64_t(1), run.at("changes").at("applied").get<int64_t>());
        CPPUNIT_ASSERT_EQUAL(size_t(4), _scenario.desk().groups.at("Sales").size());
        CPPUNIT_ASSERT_EQUAL(size_t(3), _scenario.desk().groups.size());
    }

    void aPersonWhoIsRenamed()
    {
        start();
        const auto run = follow(contoso::changePerson(1, {{"surname", "Married"}}));
        CPPUNIT_ASSERT_EQUAL(int64_t(1), run.at("changes").at("applied").get<int64_t>());
    }

    void anAddressThatChanges()
    {
        start();
        const auto contacts = _scenario.desk().contacts.size();
        const auto run = follow(contoso::changePerson(1, {{"mail", "New.Name@Contoso.example"}}));
        CPPUNIT_ASSERT_EQUAL(int64_t(1), run.at("changes").at("applied").get<int64_t>());
        CPPUNIT_ASSERT_EQUAL(contacts, _scenario.desk().contacts.size());
        CPPUNIT_ASSERT_EQUAL(size_t(1),
                             _scenario.desk().contacts.count("new.name@contoso.example"));
    }

    void addressesThatChangePlaces()
    {
        start();
        const auto contacts = _scenario.desk().contacts.size();
        follow(contoso::changePerson(1, {{"mail", "between@contoso.example"}}));
        follow(contoso::changePerson(2, {{"mail", contoso::address(1)}}));
        follow(contoso::changePerson(1, {{"mail", contoso::address(2)}}));
        CPPUNIT_ASSERT_EQUAL(contacts, _scenario.desk().contacts.size());
    }

    void aGuest()
    {
        start();
        const auto run = follow(Json::array(
            {contoso::addPerson(
                 9, {{"userType", "Guest"},
                     {"mail", nullptr},
                     {"userPrincipalName", "ann_fabrikam.example#EXT#@contoso.example"}}),
             contoso::link("member+", 1, 9)}));
        CPPUNIT_ASSERT_EQUAL(int64_t(2), run.at("changes").at("applied").get<int64_t>());
        CPPUNIT_ASSERT_EQUAL(size_t(1), _scenario.desk().contacts.count("ann@fabrikam.example"));
    }

    void aPersonWhoIsDisabledAndEnabled()
    {
        start();
        const auto left = follow(contoso::changePerson(1, {{"accountEnabled", false}}));
        CPPUNIT_ASSERT(done(left, "unlink") > 0);
        madeNothing(follow(contoso::changePerson(1, {{"accountEnabled", true}})));
    }

    void aPersonWhoIsDeletedAndRestored()
    {
        start();
        follow({"user-", contoso::person(1)});
        madeNothing(follow({"user^", contoso::person(1)}));
    }

    void aGroupThatIsDeletedAndRestored()
    {
        start();
        const auto gone = follow({"group-", contoso::group(1)});
        CPPUNIT_ASSERT_EQUAL(Json(0), gone.at("changes").at("planned"));
        madeNothing(follow({"group^", contoso::group(1)}));
    }

    void aPersonWhoMovesBetweenGroups()
    {
        start();
        const auto roles = _scenario.desk().groups.at("Team 1");
        int person = 1;
        while (roles.count(contoso::address(person)) == 0 ||
               _scenario.desk().groups.at("Team 2").count(contoso::address(person)) > 0)
            ++person;
        Json ops =
            Json::array({contoso::link("member-", 1, person), contoso::link("member+", 2, person)});
        if (roles.at(contoso::address(person)) == "manager")
            ops.push_back(contoso::link("owner-", 1, person));
        const auto run = follow(ops);
        CPPUNIT_ASSERT_EQUAL(int64_t(1), done(run, "link"));
        CPPUNIT_ASSERT_EQUAL(int64_t(1), done(run, "unlink"));
    }

    void anOwnerWhoIsAMemberToo()
    {
        start();
        const auto before = _scenario.desk().groups.at("Team 3");
        int person = 1;
        while (before.count(contoso::address(person)) == 0 ||
               before.at(contoso::address(person)) != "regular")
            ++person;
        const auto role = [&] {
            return _scenario.desk().groups.at("Team 3").at(contoso::address(person));
        };
        follow(contoso::link("owner+", 3, person));
        CPPUNIT_ASSERT_EQUAL(std::string("manager"), role());
        follow(contoso::link("owner-", 3, person));
        CPPUNIT_ASSERT_EQUAL(std::string("regular"), role());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FollowTest);

} // namespace muster::integration
