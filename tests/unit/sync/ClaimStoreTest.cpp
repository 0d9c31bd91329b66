#include "SyncWorld.h"
#include "support/FreshTest.h"

#include <random>

using namespace muster;
using Lines = std::vector<std::string>;

class ClaimStoreTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ClaimStoreTest);
    FRESH_TEST(fullDerivationGivesTheSameClaimsOnRandomHistories);
    FRESH_TEST(derivesOnlyTouchedGroups);
    FRESH_TEST(renamedGroupKeepsItsRecord);
    FRESH_TEST(changedAddressKeepsTheRecord);
    FRESH_TEST(sharedNameIsNotRenamedAway);
    FRESH_TEST(deselectedGroupClaimsNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void fullDerivationGivesTheSameClaimsOnRandomHistories()
    {
        std::mt19937 random(20260101);
        const auto pick = [&](int count) {
            return static_cast<int>(random() % static_cast<unsigned>(count)) + 1;
        };
        for (int i = 1; i <= 6; ++i)
            _world.group(i, "Group " + std::to_string(i));
        for (int i = 1; i <= 12; ++i)
            _world.person(i, "p" + std::to_string(i) + "@x.example");
        for (int step = 0; step < 150; ++step)
        {
            const int group = pick(6);
            const int person = pick(12);
            switch (pick(9))
            {
            case 1:
            case 2:
            case 3:
                _world.member(group, person);
                break;
            case 4:
                _world.member(group, person, true);
                break;
            case 5:
                _world.member(group, person, pick(2) == 1, directory::Role::Owner);
                break;
            case 6:
                _world.group(group, "Group " + std::to_string(pick(8)));
                break;
            case 7:
                _world.person(person, "p" + std::to_string(pick(20)) + "@x.example",
                              pick(4) == 1 ? R"({"accountEnabled":false})" : "{}");
                break;
            case 8:
                _world.removePerson(person);
                break;
            default:
                _world.select(group, pick(3) > 1);
            }
            if (step % 10 != 0)
                continue;
            _world.derive();
            const auto incremental = _world.claims();
            _world.derive(true);
            CPPUNIT_ASSERT(incremental == _world.claims());
        }
        CPPUNIT_ASSERT(_world.claims().size() > 10);
    }

    void derivesOnlyTouchedGroups()
    {
        twoGroups();
        _world.derive();
        _world.database.execute("DELETE FROM claim");
        _world.member(1, 2);
        _world.derive();
        // The claims of group 2 were deleted behind its back, and nothing touched it.
        for (const auto& claim : _world.claims())
            CPPUNIT_ASSERT_MESSAGE(claim, claim.find(_world.idOfGroup(2) + " contact") ==
                                              std::string::npos);
    }

    void renamedGroupKeepsItsRecord()
    {
        twoGroups();
        _world.sync();
        const auto id = _world.target.idOf("contact-group", "Sales");
        _world.group(1, "Sales EMEA");
        _world.sync();
        CPPUNIT_ASSERT_EQUAL(std::string("Sales EMEA"), _world.target.records.at(id).key);
        CPPUNIT_ASSERT(_world.target.memberships() ==
                       Lines({"Sales EMEA: a@x.example regular", "Support: b@x.example regular"}));
    }

    void changedAddressKeepsTheRecord()
    {
        twoGroups();
        _world.sync();
        const auto id = _world.target.idOf("contact", "a@x.example");
        _world.person(1, "a.new@x.example");
        _world.sync();
        CPPUNIT_ASSERT_EQUAL(std::string("a.new@x.example"), _world.target.records.at(id).key);
        CPPUNIT_ASSERT_EQUAL(size_t{2}, _world.target.keys("contact").size());
    }

    void sharedNameIsNotRenamedAway()
    {
        twoGroups();
        _world.group(2, "Sales");
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() ==
                       Lines({"Sales: a@x.example regular, b@x.example regular"}));
        CPPUNIT_ASSERT(_world.findings() == Lines({"shared-key Sales"}));
        _world.group(2, "Support");
        _world.sync();
        CPPUNIT_ASSERT(_world.target.memberships() ==
                       Lines({"Sales: a@x.example regular", "Support: b@x.example regular"}));
        CPPUNIT_ASSERT(_world.findings().empty());
    }

    void deselectedGroupClaimsNothing()
    {
        twoGroups();
        _world.derive();
        _world.select(1, false);
        _world.derive();
        CPPUNIT_ASSERT_EQUAL(size_t{3}, _world.claims().size());
    }

private:
    void twoGroups()
    {
        _world.person(1, "a@x.example");
        _world.person(2, "b@x.example");
        _world.group(1, "Sales");
        _world.group(2, "Support");
        _world.member(1, 1);
        _world.member(2, 2);
    }

    tests::SyncWorld _world;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ClaimStoreTest);
