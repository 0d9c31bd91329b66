#include "directory/MirrorFixture.h"
#include "support/FreshTest.h"

namespace muster::directory {

using Numbers = std::vector<int>;

class ResyncTest : public CppUnit::TestFixture, public testing::MirrorFixture
{
    CPPUNIT_TEST_SUITE(ResyncTest);
    FRESH_TEST(liveCopyIsUntouchedUntilTheStagedOneIsWhole);
    FRESH_TEST(sameContentTouchesNothing);
    FRESH_TEST(bringsOverWhatDiffers);
    FRESH_TEST(whatItLacksIsDeleted);
    FRESH_TEST(restorablePeopleKeepTheirMemberships);
    FRESH_TEST(hiddenGroupsKeepTheirMembers);
    FRESH_TEST(attributesAreReplaced);
    FRESH_TEST(beginsWithAnEmptyCopy);
    FRESH_TEST(leavesNothingBehind);
    FRESH_TEST(verifiesTheGroups);
    CPPUNIT_TEST_SUITE_END();

    void stage(const std::string& kind, const std::vector<ObjectChange>& objects,
               const std::vector<MembershipChange>& memberships = {})
    {
        apply(kind, objects, memberships, Mirror::Copy::Staged);
    }

public:
    void setUp() override
    {
        apply("user", {user(1), user(2), user(3)});
        apply("group", {group(10), group(11)}, {link(10, 1), link(10, 2), link(11, 3)});
        touched();
    }

    void liveCopyIsUntouchedUntilTheStagedOneIsWhole()
    {
        mirror.beginResync("groups");
        stage("group", {group(10, R"(,"mail":"x@y.z")")}, {link(10, 3)});
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m"), people(10));
        CPPUNIT_ASSERT(touched().empty());
        CPPUNIT_ASSERT(mirror.cursor(Mirror::Copy::Staged, "groups"));
        CPPUNIT_ASSERT_EQUAL(size_t(2), [&] {
            size_t count = 0;
            read.eachGroup([&](const GroupSummary&) { ++count; });
            return count;
        }());
    }

    void sameContentTouchesNothing()
    {
        const auto sequence = read.sequence();
        mirror.beginResync("groups");
        stage("group", {group(10)}, {link(10, 1)});
        stage("group", {group(11), group(10)}, {link(11, 3), link(10, 2)});
        mirror.finishResync("groups", {.link = "delta", .complete = true, .mirrored = true});
        CPPUNIT_ASSERT_EQUAL(sequence, read.sequence());
        CPPUNIT_ASSERT_EQUAL(std::string("delta"),
                             mirror.cursor(Mirror::Copy::Live, "groups")->link);
    }

    void bringsOverWhatDiffers()
    {
        mirror.beginResync("groups");
        stage("group", {group(10), group(11), group(12)},
              {link(10, 1), link(10, 3), link(10, 2, false, Role::Owner), link(11, 3), link(12, 1),
               link(12, 44)});
        mirror.finishResync("groups", {.link = "delta"});
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2o 3m"), people(10));
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(12));
        CPPUNIT_ASSERT_EQUAL(int64_t(1), read.view(id(12), {})->unknownMembers);
        CPPUNIT_ASSERT((touched() == Numbers{10, 12}));
        CPPUNIT_ASSERT_EQUAL(int64_t(1), past());
    }

    void whatItLacksIsDeleted()
    {
        mirror.beginResync("users");
        stage("user", {user(1), user(3)});
        mirror.finishResync("users", {.link = "delta"});
        CPPUNIT_ASSERT_EQUAL(std::string("1m"), people(10));
        CPPUNIT_ASSERT(touched() == Numbers{10});
        mirror.beginResync("groups");
        stage("group", {group(10)}, {link(10, 1)});
        mirror.finishResync("groups", {.link = "delta"});
        CPPUNIT_ASSERT(!read.view(id(11), {}));
        CPPUNIT_ASSERT(touched() == Numbers{11});
    }

    void restorablePeopleKeepTheirMemberships()
    {
        apply("user", {deleted(2)});
        mirror.beginResync("groups");
        stage("group", {group(10), group(11)}, {link(10, 1), link(11, 3)});
        mirror.finishResync("groups", {.link = "delta"});
        apply("user", {user(2)});
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m"), people(10));
    }

    void hiddenGroupsKeepTheirMembers()
    {
        const std::string hidden = R"(,"visibility":"HiddenMembership")";
        apply("group", {group(10, hidden)});
        mirror.setReadsHidden(false);
        mirror.beginResync("groups");
        stage("group", {group(10, hidden), group(11)});
        mirror.finishResync("groups", {.link = "delta"});
        CPPUNIT_ASSERT_EQUAL(std::string("1m 2m"), people(10));
        CPPUNIT_ASSERT_EQUAL(std::string(), people(11));
    }

    void attributesAreReplaced()
    {
        apply("group", {group(10, R"(,"mail":"ten@contoso.com")")});
        mirror.beginResync("groups");
        stage("group", {group(10), group(11)}, {link(10, 1), link(10, 2), link(11, 3)});
        mirror.finishResync("groups", {.link = "delta"});
        CPPUNIT_ASSERT_EQUAL(std::string(), read.view(id(10), {})->group.mail);
    }

    void beginsWithAnEmptyCopy()
    {
        mirror.beginResync("groups");
        stage("group", {group(99)}, {link(10, 3)});
        mirror.beginResync("users");
        mirror.beginResync("groups");
        CPPUNIT_ASSERT(!mirror.cursor(Mirror::Copy::Staged, "groups"));
        stage("group", {group(10), group(11)}, {link(10, 1), link(10, 2), link(11, 3)});
        mirror.finishResync("groups", {.link = "delta"});
        CPPUNIT_ASSERT(touched().empty());
        CPPUNIT_ASSERT(!read.findGroup(testing::guid(99)));
    }

    void leavesNothingBehind()
    {
        mirror.beginResync("groups");
        stage("group", {group(10)}, {link(10, 1), link(10, 44)});
        mirror.finishResync("groups", {.link = "delta"});
        CPPUNIT_ASSERT_EQUAL(
            int64_t(0), *database.value<int64_t>("SELECT count(*) FROM object o JOIN directory d"
                                                 " ON d.id = o.directory WHERE d.staged > 0"));
        CPPUNIT_ASSERT_EQUAL(
            int64_t(0), *database.value<int64_t>("SELECT count(*) FROM membership WHERE grp NOT IN"
                                                 " (SELECT id FROM object)"));
        CPPUNIT_ASSERT(!mirror.cursor(Mirror::Copy::Staged, "groups"));
    }

    void verifiesTheGroups()
    {
        clock.advance(std::chrono::hours(1));
        CPPUNIT_ASSERT_EQUAL(size_t(2), mirror.dueForVerification(clock.now(), 10).size());
        mirror.beginResync("groups");
        stage("group", {group(10), group(11)}, {link(10, 1), link(10, 2), link(11, 3)});
        mirror.finishResync("groups", {.link = "delta"});
        CPPUNIT_ASSERT(mirror.dueForVerification(clock.now(), 10).empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ResyncTest);

} // namespace muster::directory
