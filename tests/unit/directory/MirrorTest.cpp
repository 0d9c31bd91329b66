#include "directory/MirrorFixture.h"
#include "support/FreshTest.h"

namespace muster::directory {

using Numbers = std::vector<int>;

class MirrorTest : public CppUnit::TestFixture, public testing::MirrorFixture
{
    CPPUNIT_TEST_SUITE(MirrorTest);
    FRESH_TEST(savesTheCursorWithItsPage);
    FRESH_TEST(appliesAPageTwiceWithTheSameResult);
    FRESH_TEST(lastChangeOfAMembershipInAPageWins);
    FRESH_TEST(putsChangesOfOneObjectTogether);
    FRESH_TEST(absentAttributesStayAndNullOnesGo);
    FRESH_TEST(unchangedObjectTouchesNothing);
    FRESH_TEST(changedPersonTouchesTheirGroups);
    FRESH_TEST(changedOwnerTouchesTheirGroups);
    FRESH_TEST(changedMemberTouchesAncestors);
    FRESH_TEST(circleOfGroupsEnds);
    FRESH_TEST(sequenceRisesOncePerChange);
    FRESH_TEST(removedMembershipIsHistory);
    FRESH_TEST(deletedPersonIsHiddenAndShownWhenRestored);
    FRESH_TEST(gonePersonsMembershipsAreHistory);
    FRESH_TEST(deletedGroupDoesNotLive);
    FRESH_TEST(goneGroupsMembershipsAreHistory);
    FRESH_TEST(removalBeforeAnyAddIsHarmless);
    FRESH_TEST(danglingMemberIsUnknownUntilTold);
    FRESH_TEST(restoredGroupIsDueForVerification);
    FRESH_TEST(newGroupIsNotDueForVerification);
    FRESH_TEST(directLookReplacesMembers);
    FRESH_TEST(directLookKeepsServicePrincipalsAndRestorable);
    FRESH_TEST(hiddenGroupKeepsItsMembersUnread);
    FRESH_TEST(hiddenGroupIsLookedAtWhenItCanBeReadAgain);
    FRESH_TEST(memberAndOwnerAreApart);
    CPPUNIT_TEST_SUITE_END();

public:
    void savesTheCursorWithItsPage()
    {
        CPPUNIT_ASSERT(!mirror.cursor(Mirror::Copy::Live, "users"));
        mirror.apply(Mirror::Copy::Live, {.kind = "user", .objects = {user(1)}}, "users",
                     {.link = "https://graph/next",
                      .complete = true,
                      .mirrored = true,
                      .selected = "displayName",
                      .startedAt = 5});
        const auto cursor = mirror.cursor(Mirror::Copy::Live, "users");
        CPPUNIT_ASSERT(cursor);
        CPPUNIT_ASSERT_EQUAL(std::string("https://graph/next"), cursor->link);
        CPPUNIT_ASSERT(cursor->complete && cursor->mirrored);
        CPPUNIT_ASSERT_EQUAL(int64_t(5), cursor->startedAt);
        CPPUNIT_ASSERT_EQUAL(runtime::toMilliseconds(clock.now()), cursor->savedAt);
        CPPUNIT_ASSERT(!mirror.cursor(Mirror::Copy::Staged, "users"));
    }

    void appliesAPageTwiceWithTheSameResult()
    {
        apply("user", {user(1), user(2)});
        apply("group", {group(10)}, {link(10, 1), link(10, 2)});
        const auto sequence = read.sequence();
        apply("user", {user(1), user(2)});
        apply("group", {group(10)}, {link(10, 1), link(10, 2)});
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m"), people(10));
        CPPUNIT_ASSERT_EQUAL(sequence, read.sequence());
        CPPUNIT_ASSERT_EQUAL(int64_t(0), past());
    }

    void lastChangeOfAMembershipInAPageWins()
    {
        apply("user", {user(1), user(2)});
        apply("group", {group(10)},
              {link(10, 1), link(10, 1, true), link(10, 2, true), link(10, 2)});
        CPPUNIT_ASSERT_EQUAL(std::string("2m"), people(10));
        CPPUNIT_ASSERT_EQUAL(int64_t(0), past());
    }

    void putsChangesOfOneObjectTogether()
    {
        apply("user", {user(1)});
        apply("group", {group(10)}, {link(10, 1)});
        apply("user", {{.id = testing::guid(1), .attributes = R"({"jobTitle":"Chef","mail":null})"},
                       {.id = testing::guid(1), .attributes = R"({"surname":"Doe"})"},
                       {.id = testing::guid(1), .attributes = R"({"mail":"chef@contoso.com"})"}});
        const auto person = read.view(id(10), {})->group.people.at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("Chef"), person.jobTitle);
        CPPUNIT_ASSERT_EQUAL(std::string("Doe"), person.surname);
        CPPUNIT_ASSERT_EQUAL(std::string("chef@contoso.com"), person.address);
    }

    void absentAttributesStayAndNullOnesGo()
    {
        apply("user", {user(1, R"(,"jobTitle":"Chef","surname":null)")});
        apply("group", {group(10)}, {link(10, 1)});
        apply("user", {{.id = testing::guid(1), .attributes = R"({"jobTitle":null})"}});
        const auto person = read.view(id(10), {})->group.people.at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("User 1"), person.displayName);
        CPPUNIT_ASSERT_EQUAL(std::string(), person.jobTitle);
    }

    void unchangedObjectTouchesNothing()
    {
        apply("user", {user(1, R"(,"jobTitle":null,"otherMails":["a@b.c"])")});
        apply("group", {group(10)}, {link(10, 1)});
        touched();
        apply("user", {user(1, R"(,"jobTitle":null,"otherMails":["a@b.c"])")});
        apply("group", {group(10)});
        CPPUNIT_ASSERT(touched().empty());
    }

    void changedPersonTouchesTheirGroups()
    {
        apply("user", {user(1), user(2)});
        apply("group", {group(10), group(11)}, {link(10, 1), link(11, 2)});
        touched();
        apply("user", {user(1, R"(,"jobTitle":"Chef")")});
        CPPUNIT_ASSERT(touched() == Numbers{10});
    }

    void changedOwnerTouchesTheirGroups()
    {
        apply("user", {user(1)});
        apply("group", {group(10)}, {link(10, 1, false, Role::Owner)});
        touched();
        apply("user", {deleted(1)});
        CPPUNIT_ASSERT(touched() == Numbers{10});
    }

    void changedMemberTouchesAncestors()
    {
        apply("group", {group(10), group(11), group(12), group(13)},
              {link(10, 11, false, Role::Member, "group"),
               link(11, 12, false, Role::Member, "group")});
        touched();
        apply("user", {user(1)});
        apply("group", {}, {link(12, 1)});
        CPPUNIT_ASSERT((touched() == Numbers{10, 11, 12}));
    }

    void circleOfGroupsEnds()
    {
        apply("user", {user(1)});
        apply("group", {group(10), group(11)},
              {link(10, 11, false, Role::Member, "group"),
               link(11, 10, false, Role::Member, "group"),
               link(10, 10, false, Role::Member, "group")});
        touched();
        apply("group", {}, {link(11, 1)});
        CPPUNIT_ASSERT((touched() == Numbers{10, 11}));
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(10, {.expandNested = true}));
    }

    void sequenceRisesOncePerChange()
    {
        CPPUNIT_ASSERT_EQUAL(int64_t(0), read.sequence());
        apply("user", {user(1), user(2), user(3)});
        CPPUNIT_ASSERT_EQUAL(int64_t(1), read.sequence());
        apply("group", {group(10)}, {link(10, 1), link(10, 2)});
        CPPUNIT_ASSERT_EQUAL(int64_t(2), read.sequence());
        mirror.saveCursor(Mirror::Copy::Live, "users", {.link = "x"});
        CPPUNIT_ASSERT_EQUAL(int64_t(2), read.sequence());
    }

    void removedMembershipIsHistory()
    {
        apply("user", {user(1)});
        apply("group", {group(10)}, {link(10, 1)});
        const auto since = runtime::toMilliseconds(clock.now());
        apply("group", {}, {link(10, 1, true)});
        const auto until = runtime::toMilliseconds(clock.now());
        CPPUNIT_ASSERT_EQUAL(std::string(), people(10));
        CPPUNIT_ASSERT_EQUAL(since, *database.value<int64_t>("SELECT since FROM past_membership"));
        CPPUNIT_ASSERT_EQUAL(until, *database.value<int64_t>("SELECT until FROM past_membership"));
        apply("group", {}, {link(10, 1)});
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(10));
        CPPUNIT_ASSERT_EQUAL(int64_t(1), past());
    }

    void deletedPersonIsHiddenAndShownWhenRestored()
    {
        apply("user", {user(1), user(2)});
        apply("group", {group(10)}, {link(10, 1), link(10, 2)});
        apply("user", {deleted(1)});
        CPPUNIT_ASSERT_EQUAL(std::string("2m"), people(10));
        CPPUNIT_ASSERT_EQUAL(int64_t(0), past());
        touched();
        apply("user", {user(1)});
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m"), people(10));
        CPPUNIT_ASSERT(touched() == Numbers{10});
    }

    void gonePersonsMembershipsAreHistory()
    {
        apply("user", {user(1), user(2)});
        apply("group", {group(10)}, {link(10, 1), link(10, 2), link(10, 1, false, Role::Owner)});
        touched();
        apply("user", {gone(1)});
        CPPUNIT_ASSERT_EQUAL(std::string("2m"), people(10));
        CPPUNIT_ASSERT_EQUAL(int64_t(2), past());
        CPPUNIT_ASSERT(touched() == Numbers{10});
        apply("user", {gone(1)});
        CPPUNIT_ASSERT(touched().empty());
    }

    void deletedGroupDoesNotLive()
    {
        apply("user", {user(1)});
        apply("group", {group(10)}, {link(10, 1)});
        touched();
        apply("group", {deleted(10)});
        CPPUNIT_ASSERT(touched() == Numbers{10});
        CPPUNIT_ASSERT(!read.view(id(10), {}));
        apply("group", {group(10)});
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(10));
    }

    void goneGroupsMembershipsAreHistory()
    {
        apply("user", {user(1)});
        apply("group", {group(10), group(11)},
              {link(10, 1), link(11, 10, false, Role::Member, "group")});
        touched();
        apply("group", {gone(10)});
        CPPUNIT_ASSERT((touched() == Numbers{10, 11}));
        CPPUNIT_ASSERT_EQUAL(int64_t(2), past());
        CPPUNIT_ASSERT_EQUAL(int64_t(0),
                             *database.value<int64_t>("SELECT count(*) FROM membership"));
    }

    void removalBeforeAnyAddIsHarmless()
    {
        apply("user", {gone(9), deleted(8), user(1)});
        apply("group", {deleted(12), group(10)}, {link(10, 1, true), link(10, 77, true)});
        CPPUNIT_ASSERT_EQUAL(std::string(), people(10));
        CPPUNIT_ASSERT_EQUAL(int64_t(0), past());
        CPPUNIT_ASSERT_EQUAL(int64_t(0), read.view(id(10), {})->unknownMembers);
    }

    void danglingMemberIsUnknownUntilTold()
    {
        apply("group", {group(10)},
              {link(10, 1), link(10, 2, false, Role::Member, ""),
               link(10, 3, false, Role::Member, "device"),
               link(10, 4, false, Role::Member, "servicePrincipal")});
        CPPUNIT_ASSERT_EQUAL(int64_t(2), read.view(id(10), {})->unknownMembers);
        touched();
        apply("user", {user(1), user(2)});
        CPPUNIT_ASSERT(touched() == Numbers{10});
        CPPUNIT_ASSERT_EQUAL(int64_t(0), read.view(id(10), {})->unknownMembers);
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m"), people(10));
    }

    void restoredGroupIsDueForVerification()
    {
        apply("group", {group(10), group(11)});
        apply("group", {deleted(10)});
        CPPUNIT_ASSERT(mirror.dueForVerification(runtime::fromMilliseconds(1), 10).empty());
        apply("group", {group(10)});
        const auto due = mirror.dueForVerification(runtime::fromMilliseconds(1), 10);
        CPPUNIT_ASSERT_EQUAL(size_t(1), due.size());
        CPPUNIT_ASSERT_EQUAL(testing::guid(10), due[0]);
        mirror.markVerified(due[0]);
        CPPUNIT_ASSERT(mirror.dueForVerification(runtime::fromMilliseconds(1), 10).empty());
    }

    void newGroupIsNotDueForVerification()
    {
        apply("group", {}, {link(10, 11, false, Role::Member, "group")});
        apply("group", {group(10), group(11)});
        CPPUNIT_ASSERT(mirror.dueForVerification(clock.now(), 10).empty());
        clock.advance(std::chrono::hours(1));
        CPPUNIT_ASSERT_EQUAL(size_t(2), mirror.dueForVerification(clock.now(), 10).size());
        CPPUNIT_ASSERT_EQUAL(size_t(1), mirror.dueForVerification(clock.now(), 1).size());
    }

    void directLookReplacesMembers()
    {
        apply("user", {user(1), user(2), user(3)});
        apply("group", {group(10)}, {link(10, 1), link(10, 2), link(10, 1, false, Role::Owner)});
        touched();
        mirror.replaceMembers(testing::guid(10), Role::Member,
                              {{testing::guid(2), "user"}, {testing::guid(3), "user"}},
                              clock.now() + std::chrono::seconds(1));
        CPPUNIT_ASSERT_EQUAL(std::string("1o 2m 3m"), people(10));
        CPPUNIT_ASSERT(touched() == Numbers{10});
        mirror.replaceMembers(testing::guid(10), Role::Member,
                              {{testing::guid(2), "user"}, {testing::guid(3), "user"}},
                              clock.now() + std::chrono::seconds(1));
        CPPUNIT_ASSERT(touched().empty());
        mirror.replaceMembers(testing::guid(10), Role::Member, {},
                              clock.now() + std::chrono::seconds(1));
        CPPUNIT_ASSERT_EQUAL(std::string("1o"), people(10));
    }

    void directLookKeepsServicePrincipalsAndRestorable()
    {
        apply("user", {user(1), user(2)});
        apply("group", {group(10)},
              {link(10, 1), link(10, 2), link(10, 5, false, Role::Member, "servicePrincipal")});
        apply("user", {deleted(1)});
        mirror.replaceMembers(testing::guid(10), Role::Member, {{testing::guid(2), "user"}},
                              clock.now() + std::chrono::seconds(1));
        CPPUNIT_ASSERT_EQUAL(int64_t(0), past());
        apply("user", {user(1)});
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m"), people(10));
    }

    void hiddenGroupKeepsItsMembersUnread()
    {
        apply("user", {user(1)});
        apply("group", {group(10, R"(,"visibility":"Hiddenmembership")"), group(11)},
              {link(10, 1), link(11, 1)});
        touched();
        mirror.setReadsHidden(false);
        CPPUNIT_ASSERT(touched() == Numbers{10});
        mirror.replaceMembers(testing::guid(10), Role::Member, {},
                              clock.now() + std::chrono::seconds(1));
        apply("group", {}, {link(10, 1, true), link(11, 1, true)});
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(10));
        CPPUNIT_ASSERT_EQUAL(std::string(), people(11));
        CPPUNIT_ASSERT(!read.view(id(10), {})->membersKnown);
        CPPUNIT_ASSERT(read.view(id(11), {})->membersKnown);
    }

    void hiddenGroupIsLookedAtWhenItCanBeReadAgain()
    {
        apply("group", {group(10, R"(,"visibility":"HiddenMembership")"), group(11)});
        mirror.setReadsHidden(false);
        clock.advance(std::chrono::hours(1));
        CPPUNIT_ASSERT_EQUAL(size_t(1), mirror.dueForVerification(clock.now(), 10).size());
        touched();
        mirror.setReadsHidden(true);
        CPPUNIT_ASSERT(touched() == Numbers{10});
        CPPUNIT_ASSERT_EQUAL(testing::guid(10),
                             mirror.dueForVerification(runtime::fromMilliseconds(1), 10).at(0));
    }

    void memberAndOwnerAreApart()
    {
        apply("user", {user(1), user(2), user(3)});
        apply("group", {group(10)},
              {link(10, 1), link(10, 2, false, Role::Owner), link(10, 3),
               link(10, 3, false, Role::Owner)});
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2o 3mo"), people(10));
        apply("group", {}, {link(10, 3, true)});
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2o 3o"), people(10));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MirrorTest);

} // namespace muster::directory
