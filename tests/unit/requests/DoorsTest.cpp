#include "requests/Doors.h"
#include "store/GivenSecret.h"
#include "support/FreshTest.h"

namespace muster::requests {

class DoorsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DoorsTest);
    FRESH_TEST(secretsDiffer);
    FRESH_TEST(onlyTheSameSecretHasTheSameDigest);
    FRESH_TEST(readsTheAccountOfAToken);
    FRESH_TEST(garbageIsNobody);
    CPPUNIT_TEST_SUITE_END();

public:
    void secretsDiffer()
    {
        CPPUNIT_ASSERT(newDoorSecret() != newDoorSecret());
        CPPUNIT_ASSERT(newDoorSecret().size() >= 32);
    }

    void onlyTheSameSecretHasTheSameDigest()
    {
        CPPUNIT_ASSERT(store::isSameDigest(store::digestOf("a"), store::digestOf("a")));
        CPPUNIT_ASSERT(!store::isSameDigest(store::digestOf("a"), store::digestOf("b")));
        CPPUNIT_ASSERT(!store::isSameDigest({}, store::digestOf("")));
    }

    void readsTheAccountOfAToken()
    {
        // {"companyId":42}, {"account":{"id":42,"name":"Contoso"}}, {"Account_ID":"42"},
        // {"sub":"7"}
        CPPUNIT_ASSERT_EQUAL(std::string("42"),
                             requestorOf("e30.eyJjb21wYW55SWQiOjQyfQ.s").accountId);
        const auto nested =
            requestorOf("e30.eyJhY2NvdW50Ijp7ImlkIjo0MiwibmFtZSI6IkNvbnRvc28ifX0.s");
        CPPUNIT_ASSERT_EQUAL(std::string("42"), nested.accountId);
        CPPUNIT_ASSERT_EQUAL(std::string("Contoso"), nested.accountName);
        CPPUNIT_ASSERT_EQUAL(std::string("42"),
                             requestorOf("e30.eyJBY2NvdW50X0lEIjoiNDIifQ.s").accountId);
        CPPUNIT_ASSERT(!requestorOf("e30.eyJzdWIiOiI3In0.s").isKnown());
    }

    void garbageIsNobody()
    {
        for (const auto* token : {"", "x", "a.b", "a.b.c", "..", "e30.!!!.s", "e30.W10.s"})
            CPPUNIT_ASSERT(!requestorOf(token).isKnown());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DoorsTest);

} // namespace muster::requests
