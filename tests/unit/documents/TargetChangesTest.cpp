#include "DocumentWorld.h"
#include "support/FreshTest.h"

namespace muster::testing {

/// What people did to documents in a target.
class TargetChangesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TargetChangesTest);
    FRESH_TEST(whatIsArchivedThereIsArchivedHere);
    FRESH_TEST(whatIsUnarchivedThereIsUnarchivedHere);
    FRESH_TEST(whatIsDeletedThereIsNotMadeAgain);
    FRESH_TEST(somebodyAnswersToADeletion);
    FRESH_TEST(aChangedFieldIsLogged);
    FRESH_TEST(isTakenUpOnce);
    FRESH_TEST(anotherTenantsDocumentsAreLeftToItsSync);
    CPPUNIT_TEST_SUITE_END();

    DocumentWorld _world;

    static std::string textOf(const std::vector<std::string>& texts) { return json(texts).dump(); }

    void drift(int group, const json& before, const json& after)
    {
        _world.database.execute(
            "INSERT INTO record(scope, kind, key, subject, remote_id) VALUES(5, "
            "'group-document', $1, $1, $1) ON CONFLICT DO NOTHING",
            {guid(group)});
        _world.database.execute(
            "INSERT INTO drift(record, at, before, after) SELECT id, 1, $1, " +
                std::string(after.is_null() ? "CASE $2 WHEN '' THEN NULL END" : "$2") +
                " FROM record WHERE key = $3",
            {before.dump(), after.is_null() ? std::string() : after.dump(), guid(group)});
    }

    int64_t left() { return *_world.database.value<int64_t>("SELECT count(*) FROM drift"); }

public:
    void setUp() override
    {
        _world.declareSync();
        _world.apply("group", {_world.group(1), _world.group(2)});
        _world.update();
        _world.touched();
    }

    void whatIsArchivedThereIsArchivedHere()
    {
        drift(1, {{"name", "Group 1"}}, {{"name", "Group 1"}, {"archived", true}});
        _world.registry.absorb(_world.sync);
        CPPUNIT_ASSERT_EQUAL(std::string("orphaned"), _world.status(1));
        CPPUNIT_ASSERT_EQUAL(std::string("desk"), _world.entry(1).document.archivedBy);
        CPPUNIT_ASSERT_EQUAL(textOf({"archived by desk"}), textOf(_world.activity()));
        CPPUNIT_ASSERT(_world.touched() == std::vector<int>{1});
    }

    void whatIsUnarchivedThereIsUnarchivedHere()
    {
        _world.edit(1, {.isArchived = true});
        drift(1, {{"archived", true}}, json::object());
        _world.registry.absorb(_world.sync);
        CPPUNIT_ASSERT_EQUAL(std::string("enabled"), _world.status(1));
    }

    void whatIsDeletedThereIsNotMadeAgain()
    {
        drift(1, {{"name", "Group 1"}}, {});
        _world.registry.absorb(_world.sync);
        _world.update();
        CPPUNIT_ASSERT_EQUAL(std::string("deleted"), _world.status(1));
        const auto state =
            _world.registry.stateOf(_world.sync, _world.id(1), sync::Presence::Wanted);
        CPPUNIT_ASSERT(state.standing == sync::Standing::Deleted);
        CPPUNIT_ASSERT_MESSAGE(state.message,
                               state.message.find("Group 1") != std::string::npos &&
                                   state.message.find("--enable") != std::string::npos);
    }

    void somebodyAnswersToADeletion()
    {
        drift(1, {{"name", "Group 1"}}, {});
        drift(2, {{"name", "Group 2"}}, {});
        _world.registry.absorb(_world.sync);
        _world.remove(1);
        CPPUNIT_ASSERT(_world.registry.stateOf(_world.sync, _world.id(1), sync::Presence::Wanted)
                           .message.empty());
        _world.edit(2, {.isEnabled = true});
        CPPUNIT_ASSERT_EQUAL(std::string("enabled"), _world.status(2));
    }

    void aChangedFieldIsLogged()
    {
        drift(1, {{"name", "Group 1"}, {"domain", "x"}}, {{"name", "Group 1"}, {"domain", "y"}});
        _world.registry.absorb(_world.sync);
        std::vector<documents::ActivityLog::Entry> all;
        documents::ActivityLog(_world.database, _world.clock).each({}, [&](const auto& entry) {
            all.push_back(entry);
        });
        CPPUNIT_ASSERT_EQUAL(size_t(1), all.size());
        CPPUNIT_ASSERT_EQUAL(std::string("drifted"), all.front().activity.action);
        CPPUNIT_ASSERT_EQUAL(std::string("desk"), all.front().activity.actor);
        CPPUNIT_ASSERT_EQUAL(json({{"domain", "x"}}).dump(), all.front().activity.before.dump());
        CPPUNIT_ASSERT_EQUAL(json({{"domain", "y"}}).dump(), all.front().activity.after.dump());
        CPPUNIT_ASSERT_EQUAL(std::string("enabled"), _world.status(1));
    }

    void isTakenUpOnce()
    {
        drift(1, json::object(), {{"archived", true}});
        _world.registry.absorb(_world.sync);
        _world.edit(1, {.isArchived = false});
        _world.registry.absorb(_world.sync);
        CPPUNIT_ASSERT_EQUAL(std::string("enabled"), _world.status(1));
        CPPUNIT_ASSERT_EQUAL(int64_t(0), left());
    }

    void anotherTenantsDocumentsAreLeftToItsSync()
    {
        drift(99, json::object(), {{"archived", true}});
        _world.registry.absorb(_world.sync);
        CPPUNIT_ASSERT_EQUAL(int64_t(1), left());
        CPPUNIT_ASSERT(_world.activity().empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TargetChangesTest);

} // namespace muster::testing
