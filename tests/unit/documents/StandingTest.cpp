#include "DocumentWorld.h"
#include "support/FreshTest.h"

#include <functional>
#include <map>

namespace muster::testing {

/// How a document stands, and how it comes to stand otherwise (contracts/itglue.md, section 3.4).
class StandingTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(StandingTest);
    FRESH_TEST(enabled);
    FRESH_TEST(archived);
    FRESH_TEST(gone);
    FRESH_TEST(switchedOff);
    FRESH_TEST(untyped);
    FRESH_TEST(unselected);
    FRESH_TEST(ofARemovedTenant);
    FRESH_TEST(deleted);
    FRESH_TEST(madeByHand);
    CPPUNIT_TEST_SUITE_END();

    using Table = std::vector<std::pair<std::string, std::string>>;

    /// From a document that came to stand as it does by `steps`: what each event makes of it.
    static void check(const std::vector<std::string>& steps, const Table& table)
    {
        for (const auto& [event, expected] : table)
        {
            DocumentWorld world;
            world.declareSync();
            world.apply("group", {world.group(1)});
            world.update();
            for (const auto& step : steps)
                CPPUNIT_ASSERT_MESSAGE(step, perform(world, step) != "refused");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(event, expected, perform(world, event));
        }
    }

    static std::string perform(DocumentWorld& world, const std::string& event)
    {
        const std::map<std::string, std::function<void()>> events = {
            {"archive", [&] { world.edit(1, {.isArchived = true}); }},
            {"unarchive", [&] { world.edit(1, {.isArchived = false}); }},
            {"enable", [&] { world.edit(1, {.isEnabled = true}); }},
            {"disable", [&] { world.edit(1, {.isEnabled = false}); }},
            {"delete", [&] { world.remove(1); }},
            {"group goes", [&] { world.apply("group", {world.deleted(1)}); }},
            {"group comes", [&] { world.apply("group", {world.group(1)}); }},
            {"type off",
             [&] {
                 world.declareSync({{"types", {"microsoft365"}}});
             }},
            {"type on", [&] { world.declareSync(); }},
            {"unselect", [&] { world.select(1, false); }},
            {"select", [&] { world.select(1, true); }},
            {"remove tenant", [&] { world.database.execute("UPDATE tenant SET removed_at = 1"); }},
            {"declare tenant",
             [&] { world.database.execute("UPDATE tenant SET removed_at = NULL"); }}};
        try
        {
            events.at(event)();
        }
        catch (const std::exception&)
        {
            return "refused";
        }
        world.update();
        return world.status(1);
    }

public:
    void enabled()
    {
        check({}, {{"archive", "orphaned"},
                   {"unarchive", "enabled"},
                   {"enable", "enabled"},
                   {"disable", "disabled"},
                   {"delete", "refused"},
                   {"group goes", "orphaned"},
                   {"type off", "disabled"},
                   {"unselect", "disabled"},
                   {"remove tenant", "disabled"}});
    }

    void archived()
    {
        check({"archive"}, {{"archive", "orphaned"},
                            {"unarchive", "enabled"},
                            {"enable", "refused"},
                            {"disable", "orphaned"},
                            {"delete", "deleted"},
                            {"group goes", "orphaned"},
                            {"type off", "orphaned"},
                            {"unselect", "orphaned"},
                            {"remove tenant", "orphaned"}});
    }

    void gone()
    {
        check({"group goes"}, {{"archive", "orphaned"},
                               {"unarchive", "orphaned"},
                               {"enable", "refused"},
                               {"disable", "disabled"},
                               {"delete", "deleted"},
                               {"group comes", "enabled"},
                               {"type off", "orphaned"},
                               {"remove tenant", "disabled"}});
    }

    void switchedOff()
    {
        check({"disable"}, {{"archive", "orphaned"},
                            {"unarchive", "disabled"},
                            {"enable", "enabled"},
                            {"disable", "disabled"},
                            {"delete", "deleted"},
                            {"group goes", "disabled"},
                            {"type off", "disabled"},
                            {"unselect", "disabled"},
                            {"remove tenant", "disabled"}});
        // What a person switched off stays so while its group comes and goes.
        check({"disable", "group goes"}, {{"group comes", "disabled"}});
        check({"disable", "archive"}, {{"unarchive", "disabled"}});
    }

    void untyped()
    {
        check({"type off"}, {{"archive", "orphaned"},
                             {"unarchive", "disabled"},
                             {"enable", "refused"},
                             {"disable", "disabled"},
                             {"delete", "deleted"},
                             {"group goes", "orphaned"},
                             {"type on", "enabled"},
                             {"remove tenant", "disabled"}});
    }

    void unselected()
    {
        check({"unselect"}, {{"archive", "orphaned"},
                             {"unarchive", "disabled"},
                             {"enable", "refused"},
                             {"disable", "disabled"},
                             {"delete", "deleted"},
                             {"group goes", "orphaned"},
                             {"select", "enabled"},
                             {"remove tenant", "disabled"}});
    }

    void ofARemovedTenant()
    {
        check({"remove tenant"}, {{"archive", "orphaned"},
                                  {"unarchive", "disabled"},
                                  {"enable", "refused"},
                                  {"disable", "disabled"},
                                  {"delete", "deleted"},
                                  {"declare tenant", "enabled"}});
    }

    void deleted()
    {
        check({"archive", "delete"}, {{"archive", "refused"},
                                      {"unarchive", "refused"},
                                      {"enable", "enabled"},
                                      {"disable", "refused"},
                                      {"delete", "deleted"},
                                      {"group goes", "deleted"},
                                      {"group comes", "deleted"},
                                      {"type off", "deleted"},
                                      {"unselect", "deleted"}});
        check({"disable", "delete"}, {{"enable", "enabled"}});
        check({"group goes", "delete"}, {{"enable", "refused"}, {"group comes", "deleted"}});
    }

    void madeByHand()
    {
        const std::vector<std::pair<documents::Edit, std::string>> table = {
            {{.isArchived = true}, "orphaned"},
            {{.isArchived = false}, "disabled"},
            {{.isEnabled = true}, "refused"},
            {{.isEnabled = false}, "refused"}};
        for (const auto& [edit, expected] : table)
        {
            DocumentWorld world;
            const auto id = world.editor.create({.tenant = 1, .name = "Door codes"});
            auto entry = documents::Reader(world.database).findIn(1, id);
            std::string outcome = "refused";
            try
            {
                world.editor.edit({*entry}, edit);
                entry = documents::Reader(world.database).findIn(1, id);
                outcome = documents::toText(entry->document.status);
            }
            catch (const std::exception&)
            {}
            CPPUNIT_ASSERT_EQUAL(expected, outcome);
            world.editor.remove({*entry}, "deleted");
            CPPUNIT_ASSERT(!documents::Reader(world.database).findIn(1, id));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StandingTest);

} // namespace muster::testing
