#include "sync/Trace.h"
#include "SyncWorld.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"

using namespace muster;

class TraceTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TraceTest);
    FRESH_TEST(explainsAContactByItsAddressWithoutCase);
    FRESH_TEST(explainsAGroupByItsName);
    FRESH_TEST(saysThatItKnowsNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _world.person(1, "a@x.example");
        _world.group(1, "Sales");
        _world.member(1, 1);
        _world.sync();
    }

    void explainsAContactByItsAddressWithoutCase()
    {
        const auto record = explained("A@X.example").at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("created"), record.at("origin").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(_world.idOfGroup(1),
                             record.at("claims").at(0).at("group").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("owners-and-members"),
                             record.at("claims").at(0).at("mode").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("Sales"),
                             record.at("links").at(0).at("key").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(size_t{2}, record.at("history").size());
    }

    void explainsAGroupByItsName()
    {
        const auto record = explained("sales").at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("contact-group"), record.at("kind").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("a@x.example"),
                             record.at("links").at(0).at("key").get<std::string>());
    }

    void saysThatItKnowsNothing()
    {
        CPPUNIT_ASSERT_THROW(explained("nobody@x.example"), UsageError);
        CPPUNIT_ASSERT_THROW(sync::Trace(_world.database).explain("other", "a@x.example"),
                             UsageError);
    }

private:
    nlohmann::json explained(const std::string& key)
    {
        return sync::Trace(_world.database).explain("desk", key).at("records");
    }

    tests::SyncWorld _world;
};

CPPUNIT_TEST_SUITE_REGISTRATION(TraceTest);
