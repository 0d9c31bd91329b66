#include "SyncWorld.h"
#include "runtime/Progress.h"
#include "support/FreshTest.h"

using namespace muster;
using Lines = std::vector<std::string>;

/// Records that nobody wants touched.
class ProtectionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProtectionTest);
    FRESH_TEST(leavesAContactAloneByItsAddress);
    FRESH_TEST(leavesAGroupAndItsMembersAloneByItsName);
    FRESH_TEST(leavesAContactAloneByItsTag);
    FRESH_TEST(leavesAGroupAloneThatEntraRenamed);
    FRESH_TEST(saysWhatItLeftOut);
    FRESH_TEST(doesWhatWasLeftOutWhenItIsProtectedNoMore);
    FRESH_TEST(leavesItAloneInAnAccountToo);
    FRESH_TEST(undoLeavesItAloneToo);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _world.person(1, "ceo@x.example");
        _world.person(2, "b@x.example");
        _world.group(1, "Sales");
        _world.member(1, 1);
        _world.member(1, 2);
        _world.syncSettings.guard = {.percent = 100, .count = 1000};
        _world.syncSettings.removal.contacts = estate::ContactRemoval::Deactivate;
    }

    void leavesAContactAloneByItsAddress()
    {
        _world.sync();
        _world.protect = {"CEO@*"};
        _world.member(1, 1, true);
        _world.member(1, 2, true);
        _world.person(1, "ceo@x.example", R"({"jobTitle": "Chief"})");
        CPPUNIT_ASSERT(planned() ==
                       Lines({"unlink b@x.example Sales", "retire contact b@x.example"}));
    }

    void leavesAGroupAndItsMembersAloneByItsName()
    {
        _world.protect = {"sal*"};
        CPPUNIT_ASSERT(planned() ==
                       Lines({"create contact b@x.example", "create contact ceo@x.example"}));
    }

    void leavesAContactAloneByItsTag()
    {
        _world.sync();
        record("b@x.example").tags = {"VIP"};
        _world.protect = {"tag: vip"};
        _world.read(true);
        _world.member(1, 1, true);
        _world.member(1, 2, true);
        CPPUNIT_ASSERT(planned() ==
                       Lines({"unlink ceo@x.example Sales", "retire contact ceo@x.example"}));
    }

    void leavesAGroupAloneThatEntraRenamed()
    {
        _world.sync();
        _world.protect = {"Sales"};
        _world.group(1, "Vertrieb");
        _world.member(1, 1, true);
        CPPUNIT_ASSERT(planned() == Lines({"retire contact ceo@x.example"}));
    }

    void saysWhatItLeftOut()
    {
        _world.protect = {"ceo@x.example"};
        _world.sync();
        CPPUNIT_ASSERT(_world.findings() == Lines({"protected ceo@x.example"}));
        _world.sync();
        CPPUNIT_ASSERT(_world.findings() == Lines({"protected ceo@x.example"}));
        CPPUNIT_ASSERT(_world.target.keys("contact") == Lines({"b@x.example"}));
    }

    void doesWhatWasLeftOutWhenItIsProtectedNoMore()
    {
        _world.sync();
        _world.protect = {"ceo@x.example"};
        _world.member(1, 1, true);
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() ==
                       Lines({"Sales: b@x.example regular, ceo@x.example regular"}));
        _world.protect.clear();
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() == Lines({"Sales: b@x.example regular"}));
        CPPUNIT_ASSERT(_world.findings().empty());
    }

    void leavesItAloneInAnAccountToo()
    {
        tests::SyncWorld world(tests::accounts());
        world.person(1, "ceo@x.example");
        world.person(2, "b@x.example");
        world.group(1, "Sales");
        world.member(1, 1);
        world.member(1, 2);
        const auto account = world.target.add("account", "sales");
        world.protect = {"ceo@x.example"};
        world.sync();
        CPPUNIT_ASSERT(world.target.keysWithin(account) == Lines({"b@x.example"}));
    }

    void undoLeavesItAloneToo()
    {
        _world.sync();
        _world.protect = {"ceo@x.example"};
        runtime::SilentProgress silent;
        const runtime::Cancellation never;
        const auto plan = sync::Preparation(_world.database, _world.clock)
                              .prepareUndo(_world.work(), 1, silent, never);
        _world.run(plan);
        CPPUNIT_ASSERT(record("ceo@x.example").active);
        CPPUNIT_ASSERT(!record("b@x.example").active);
        CPPUNIT_ASSERT(_world.target.memberships() == Lines({"Sales: ceo@x.example regular"}));
    }

private:
    Lines planned()
    {
        _world.derive();
        _world.read();
        return _world.changes(_world.plan());
    }

    tests::FakeTarget::Record& record(const std::string& key)
    {
        return _world.target.records.at(_world.target.idOf("contact", key));
    }

    tests::SyncWorld _world;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProtectionTest);
