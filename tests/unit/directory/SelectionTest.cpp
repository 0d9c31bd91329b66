#include "directory/Selection.h"

#include "directory/MirrorFixture.h"
#include "support/FreshTest.h"

namespace muster::directory {

class SelectionTest : public CppUnit::TestFixture, public testing::MirrorFixture
{
    CPPUNIT_TEST_SUITE(SelectionTest);
    FRESH_TEST(nothingIsSelectedWithoutARule);
    FRESH_TEST(ruleAnswersForAll);
    FRESH_TEST(ruleAnswersForPatternsAndIds);
    FRESH_TEST(renameDoesNotSwitchOff);
    FRESH_TEST(newGroupsAreAnswered);
    FRESH_TEST(changedRuleAnswersAgain);
    FRESH_TEST(handWinsOverRule);
    FRESH_TEST(resetForgetsTheHand);
    FRESH_TEST(patternWithoutMatchSwitchesNothing);
    FRESH_TEST(touchesWhatChanged);
    FRESH_TEST(logsWhoSwitched);
    FRESH_TEST(matchesPatterns);
    CPPUNIT_TEST_SUITE_END();

    estate::Tenant tenant(bool all, std::vector<std::string> patterns = {})
    {
        return {.id = 1,
                .name = "contoso",
                .displayName = "Contoso",
                .directory = {},
                .groups = {{.target = "desk", .all = all, .patterns = std::move(patterns)}}};
    }

    std::string selected()
    {
        std::string text;
        for (int number = 10; number < 20; ++number)
        {
            const auto found = read.findGroup(testing::guid(number));
            if (found && selection.isSelected(*found, 7))
                text += (text.empty() ? "" : " ") + std::to_string(number);
        }
        return text;
    }

public:
    void setUp() override { apply("group", {group(10), group(11), group(12)}); }

    void nothingIsSelectedWithoutARule()
    {
        auto none = tenant(false);
        none.groups.clear();
        selection.update(none, 7, "desk");
        CPPUNIT_ASSERT_EQUAL(std::string(), selected());
    }

    void ruleAnswersForAll()
    {
        selection.update(tenant(true), 7, "desk");
        CPPUNIT_ASSERT_EQUAL(std::string("10 11 12"), selected());
    }

    void ruleAnswersForPatternsAndIds()
    {
        selection.update(tenant(false, {"group ?0", testing::guid(12)}), 7, "desk");
        CPPUNIT_ASSERT_EQUAL(std::string("10 12"), selected());
    }

    void renameDoesNotSwitchOff()
    {
        selection.update(tenant(false, {"Group 10"}), 7, "desk");
        apply("group", {{.id = testing::guid(10), .attributes = R"({"displayName":"Other"})"}});
        selection.update(tenant(false, {"Group 10"}), 7, "desk");
        CPPUNIT_ASSERT_EQUAL(std::string("10"), selected());
    }

    void newGroupsAreAnswered()
    {
        selection.update(tenant(true), 7, "desk");
        apply("group", {group(13)});
        selection.update(tenant(true), 7, "desk");
        CPPUNIT_ASSERT_EQUAL(std::string("10 11 12 13"), selected());
    }

    void changedRuleAnswersAgain()
    {
        selection.update(tenant(true), 7, "desk");
        selection.update(tenant(false, {"Group 11"}), 7, "desk");
        CPPUNIT_ASSERT_EQUAL(std::string("11"), selected());
    }

    void handWinsOverRule()
    {
        selection.update(tenant(true), 7, "desk");
        const auto switched = selection.set(tenant(true), 7, {}, {"*11", "*12"}, "ana");
        CPPUNIT_ASSERT_EQUAL(size_t(2), switched.size());
        CPPUNIT_ASSERT(!switched[0].selected);
        CPPUNIT_ASSERT_EQUAL(std::string("Group 11"), switched[0].name);
        selection.update(tenant(false, {"*"}), 7, "desk");
        CPPUNIT_ASSERT_EQUAL(std::string("10"), selected());
        CPPUNIT_ASSERT(selection.set(tenant(true), 7, {}, {"*11"}, "ana").empty());
    }

    void resetForgetsTheHand()
    {
        selection.update(tenant(true), 7, "desk");
        selection.set(tenant(true), 7, {}, {"*11"}, "ana");
        const auto switched = selection.reset(tenant(true), 7, "desk", "ana");
        CPPUNIT_ASSERT_EQUAL(size_t(1), switched.size());
        CPPUNIT_ASSERT_EQUAL(std::string("10 11 12"), selected());
        selection.update(tenant(false), 7, "desk");
        CPPUNIT_ASSERT_EQUAL(std::string(), selected());
    }

    void patternWithoutMatchSwitchesNothing()
    {
        CPPUNIT_ASSERT_THROW(selection.set(tenant(false), 7, {"*10", "Nobody"}, {}, "ana"),
                             UsageError);
        CPPUNIT_ASSERT_EQUAL(std::string(), selected());
    }

    void touchesWhatChanged()
    {
        touched();
        selection.update(tenant(false, {"Group 11"}), 7, "desk");
        CPPUNIT_ASSERT(touched() == std::vector<int>{11});
        selection.update(tenant(false, {"Group 11"}), 7, "desk");
        CPPUNIT_ASSERT(touched().empty());
        selection.set(tenant(false), 7, {"*10", "*11"}, {}, "ana");
        CPPUNIT_ASSERT(touched() == std::vector<int>{10});
    }

    void logsWhoSwitched()
    {
        selection.update(tenant(true), 7, "desk");
        selection.set(tenant(true), 7, {}, {"*11"}, "ana");
        std::string log;
        database.query<std::string, int64_t, int64_t, int64_t>(
            "SELECT actor, grp, selected, at FROM selection_log ORDER BY id", {},
            [&](const std::string& actor, int64_t grp, int64_t on, int64_t at) {
                CPPUNIT_ASSERT_EQUAL(id(11), grp);
                CPPUNIT_ASSERT_EQUAL(runtime::toMilliseconds(clock.now()), at);
                log += actor + (on != 0 ? "+" : "-");
            });
        CPPUNIT_ASSERT_EQUAL(std::string("ana-"), log);
    }

    void matchesPatterns()
    {
        CPPUNIT_ASSERT(matchesPattern("*", ""));
        CPPUNIT_ASSERT(matchesPattern("sales*", "Sales EMEA"));
        CPPUNIT_ASSERT(matchesPattern("*emea", "Sales EMEA"));
        CPPUNIT_ASSERT(matchesPattern("s?les", "SALES "));
        CPPUNIT_ASSERT(matchesPattern("ÉQUIPE ?", "équipe 李"));
        CPPUNIT_ASSERT(matchesPattern("a*b*c", "aXbXbXc"));
        CPPUNIT_ASSERT(!matchesPattern("sales", "Sales EMEA"));
        CPPUNIT_ASSERT(!matchesPattern("a*b", "abc"));
        CPPUNIT_ASSERT(!matchesPattern("?", ""));
        CPPUNIT_ASSERT(!matchesPattern("a.c", "abc"));
        const std::string many(2000, 'a');
        CPPUNIT_ASSERT(!matchesPattern("*a*a*a*a*a*b", many));
    }

private:
    Selection selection{database, clock};
};

CPPUNIT_TEST_SUITE_REGISTRATION(SelectionTest);

} // namespace muster::directory
