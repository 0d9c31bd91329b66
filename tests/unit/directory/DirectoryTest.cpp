#include "directory/MirrorFixture.h"
#include "support/FreshTest.h"

namespace muster::directory {

class DirectoryTest : public CppUnit::TestFixture, public testing::MirrorFixture
{
    CPPUNIT_TEST_SUITE(DirectoryTest);
    FRESH_TEST(emptyTenantHasNothing);
    FRESH_TEST(viewHasThePersonsProperties);
    FRESH_TEST(viewHasTheGroupsProperties);
    FRESH_TEST(disabledPeopleAreNotMembers);
    FRESH_TEST(guestsAreLeftOutWhenAsked);
    FRESH_TEST(nestedMembersCountOnlyWhenExpanded);
    FRESH_TEST(ownersOfNestedGroupsDoNotCount);
    FRESH_TEST(deletedNestedGroupDoesNotCount);
    FRESH_TEST(devicesAreNotPeople);
    FRESH_TEST(hiddenNestedGroupMakesMembersUnknown);
    FRESH_TEST(listsGroupsByName);
    FRESH_TEST(tellsTheTypesOfGroups);
    FRESH_TEST(findsNoGroupByNonsense);
    FRESH_TEST(keepsTenantsApart);
    FRESH_TEST(touchMakesGroupsDueAgain);
    CPPUNIT_TEST_SUITE_END();

public:
    void emptyTenantHasNothing()
    {
        CPPUNIT_ASSERT_EQUAL(int64_t(0), read.sequence());
        CPPUNIT_ASSERT(read.groupsTouchedAfter(0).empty());
        CPPUNIT_ASSERT(!read.view(1, {}));
        read.eachGroup([](const GroupSummary&) { CPPUNIT_FAIL("a group"); });
        read.touch({1});
    }

    void viewHasThePersonsProperties()
    {
        apply("user",
              {{.id = testing::guid(1),
                .attributes = R"({"displayName":"Ana \"Q\" 李","givenName":"Ana","surname":"Li",
                    "mail":"Ana@Contoso.com","userPrincipalName":"ana@contoso.onmicrosoft.com",
                    "proxyAddresses":["smtp:a.li@contoso.com"],"jobTitle":"Chef",
                    "businessPhones":["+1 2","+1 3"],"mobilePhone":"+9","accountEnabled":true})"},
               {.id = testing::guid(2),
                .attributes = R"({"businessPhones":[],"mobilePhone":"+9","userType":"Guest",
                    "userPrincipalName":"bo_fabrikam.com#EXT#@contoso.onmicrosoft.com"})"}});
        apply("group", {group(10)}, {link(10, 1), link(10, 2)});
        const auto people = read.view(id(10), {})->group.people;
        CPPUNIT_ASSERT_EQUAL(std::string("Ana \"Q\" 李"), people[0].displayName);
        CPPUNIT_ASSERT_EQUAL(std::string("Ana"), people[0].givenName);
        CPPUNIT_ASSERT_EQUAL(std::string("Li"), people[0].surname);
        CPPUNIT_ASSERT_EQUAL(std::string("ana@contoso.com"), people[0].address);
        CPPUNIT_ASSERT_EQUAL(size_t(3), people[0].addresses.size());
        CPPUNIT_ASSERT_EQUAL(std::string("Chef"), people[0].jobTitle);
        CPPUNIT_ASSERT_EQUAL(std::string("+1 2"), people[0].phone);
        CPPUNIT_ASSERT(!people[0].isGuest);
        CPPUNIT_ASSERT_EQUAL(std::string("+9"), people[1].phone);
        CPPUNIT_ASSERT_EQUAL(std::string("bo@fabrikam.com"), people[1].address);
        CPPUNIT_ASSERT(people[1].isGuest);
    }

    void viewHasTheGroupsProperties()
    {
        apply("group", {group(10, R"(,"description":"d","mail":"m@x.y","mailEnabled":true,
            "securityEnabled":false,"groupTypes":["Unified","DynamicMembership"])")});
        const auto group = read.view(id(10), {})->group;
        CPPUNIT_ASSERT_EQUAL(testing::guid(10), group.id);
        CPPUNIT_ASSERT_EQUAL(std::string("Group 10"), group.name);
        CPPUNIT_ASSERT_EQUAL(std::string("d"), group.description);
        CPPUNIT_ASSERT_EQUAL(std::string("m@x.y"), group.mail);
        CPPUNIT_ASSERT_EQUAL(std::string("microsoft365"), group.type);
        CPPUNIT_ASSERT(group.isDynamic);
    }

    void disabledPeopleAreNotMembers()
    {
        apply("user", {user(1, R"(,"accountEnabled":false)"), user(2, R"(,"accountEnabled":true)"),
                       user(3)});
        apply("group", {group(10)}, {link(10, 1), link(10, 2), link(10, 3)});
        CPPUNIT_ASSERT_EQUAL(std::string("2m 3m"), people(10));
    }

    void guestsAreLeftOutWhenAsked()
    {
        apply("user", {user(1), user(2, R"(,"userType":"Guest")"),
                       user(3, R"(,"userPrincipalName":"c_x.y#ext#@z.onmicrosoft.com")")});
        apply("group", {group(10)}, {link(10, 1), link(10, 2), link(10, 3)});
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m 3m"), people(10));
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(10, {.includeGuests = false}));
    }

    void nestedMembersCountOnlyWhenExpanded()
    {
        apply("user", {user(1), user(2), user(3)});
        apply("group", {group(10), group(11), group(12)},
              {link(10, 1), link(10, 11, false, Role::Member, "group"), link(11, 2), link(11, 1),
               link(11, 12, false, Role::Member, "group"), link(12, 3)});
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(10));
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m 3m"), people(10, {.expandNested = true}));
    }

    void ownersOfNestedGroupsDoNotCount()
    {
        apply("user", {user(1), user(2)});
        apply("group", {group(10), group(11)},
              {link(10, 11, false, Role::Member, "group"), link(11, 1, false, Role::Owner),
               link(11, 2), link(10, 2, false, Role::Owner)});
        CPPUNIT_ASSERT_EQUAL(std::string("2mo"), people(10, {.expandNested = true}));
        CPPUNIT_ASSERT_EQUAL(std::string("2o"), people(10));
    }

    void deletedNestedGroupDoesNotCount()
    {
        apply("user", {user(1)});
        apply("group", {group(10), group(11)},
              {link(10, 11, false, Role::Member, "group"), link(11, 1)});
        apply("group", {deleted(11)});
        CPPUNIT_ASSERT_EQUAL(std::string(), people(10, {.expandNested = true}));
    }

    void devicesAreNotPeople()
    {
        apply("device", {{.id = testing::guid(5), .attributes = R"({"displayName":"PC"})"}});
        apply("group", {group(10)}, {link(10, 5, false, Role::Member, "device")});
        const auto view = read.view(id(10), {});
        CPPUNIT_ASSERT(view->group.people.empty());
        CPPUNIT_ASSERT_EQUAL(int64_t(0), view->unknownMembers);
    }

    void hiddenNestedGroupMakesMembersUnknown()
    {
        apply("group", {group(10), group(11, R"(,"visibility":"HiddenMembership")")},
              {link(10, 11, false, Role::Member, "group")});
        mirror.setReadsHidden(false);
        CPPUNIT_ASSERT(read.view(id(10), {})->membersKnown);
        CPPUNIT_ASSERT(!read.view(id(10), {.expandNested = true})->membersKnown);
    }

    void listsGroupsByName()
    {
        apply("user", {user(1), user(2)});
        apply("group",
              {{.id = testing::guid(10), .attributes = R"({"displayName":"sales",
                    "groupTypes":["DynamicMembership"],"securityEnabled":true})"},
               {.id = testing::guid(11), .attributes = R"({"displayName":"Board"})"},
               {.id = testing::guid(12), .attributes = R"({"displayName":"Gone"})"}},
              {link(10, 1), link(10, 2), link(10, 1, false, Role::Owner)});
        apply("group", {deleted(12)});
        apply("user", {deleted(2)});
        std::vector<GroupSummary> groups;
        read.eachGroup([&](const GroupSummary& summary) { groups.push_back(summary); });
        CPPUNIT_ASSERT_EQUAL(size_t(2), groups.size());
        CPPUNIT_ASSERT_EQUAL(std::string("Board"), groups[0].name);
        CPPUNIT_ASSERT_EQUAL(std::string("sales"), groups[1].name);
        CPPUNIT_ASSERT_EQUAL(std::string("dynamic"), groups[1].membership);
        CPPUNIT_ASSERT_EQUAL(int64_t(1), groups[1].members);
        CPPUNIT_ASSERT_EQUAL(int64_t(1), groups[1].owners);
        CPPUNIT_ASSERT_EQUAL(testing::guid(10), groups[1].entraId);
    }

    void tellsTheTypesOfGroups()
    {
        const auto type = [](const char* text) { return groupTypeOf(nlohmann::json::parse(text)); };
        CPPUNIT_ASSERT_EQUAL(std::string("microsoft365"),
                             type(R"({"groupTypes":["unified"],"mailEnabled":true,
                                      "securityEnabled":true})"));
        CPPUNIT_ASSERT_EQUAL(std::string("security"), type(R"({"groupTypes":[],"mailEnabled":false,
                                      "securityEnabled":true})"));
        CPPUNIT_ASSERT_EQUAL(std::string("mail-enabled-security"),
                             type(R"({"groupTypes":[],"mailEnabled":true,
                                      "securityEnabled":true})"));
        CPPUNIT_ASSERT_EQUAL(std::string("distribution"),
                             type(R"({"mailEnabled":true,"securityEnabled":false})"));
        CPPUNIT_ASSERT_EQUAL(std::string("security"),
                             type(R"({"groupTypes":"odd","mailEnabled":"odd"})"));
    }

    void findsNoGroupByNonsense()
    {
        apply("group", {group(10)});
        CPPUNIT_ASSERT(!read.findGroup("not a GUID"));
        CPPUNIT_ASSERT(!read.findGroup(testing::guid(11)));
        CPPUNIT_ASSERT(read.findGroup(testing::guid(10)));
    }

    void keepsTenantsApart()
    {
        database.execute("INSERT INTO tenant(id, name, document) VALUES(2, 'fabrikam', '{}')");
        Mirror other(database, 2, clock);
        apply("user", {user(1)});
        apply("group", {group(10)}, {link(10, 1)});
        other.apply(Mirror::Copy::Live, {.kind = "group", .objects = {group(10)}}, "groups", {});
        Directory otherRead(database, 2);
        CPPUNIT_ASSERT(otherRead.findGroup(testing::guid(10)) != read.findGroup(testing::guid(10)));
        CPPUNIT_ASSERT(!otherRead.view(id(10), {}));
        CPPUNIT_ASSERT(
            otherRead.view(*otherRead.findGroup(testing::guid(10)), {})->group.people.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(10));
    }

    void touchMakesGroupsDueAgain()
    {
        apply("group", {group(10), group(11)});
        touched();
        read.touch({id(11)});
        CPPUNIT_ASSERT(touched() == std::vector<int>{11});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DirectoryTest);

} // namespace muster::directory
