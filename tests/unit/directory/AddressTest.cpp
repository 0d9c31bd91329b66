#include "directory/Directory.h"
#include "support/FreshTest.h"

namespace muster::directory {

class AddressTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AddressTest);
    FRESH_TEST(mailComesFirst);
    FRESH_TEST(primaryProxyComesBeforeAliases);
    FRESH_TEST(decodesExternalNames);
    FRESH_TEST(skipsWhatIsNoAddress);
    FRESH_TEST(otherMailsAreKnownButNotTheAddress);
    FRESH_TEST(toleratesWrongTypes);
    CPPUNIT_TEST_SUITE_END();

    static std::string address(const char* text) { return addressOf(nlohmann::json::parse(text)); }
    static std::string all(const char* text)
    {
        std::string joined;
        for (const auto& one : addressesOf(nlohmann::json::parse(text)))
            joined += (joined.empty() ? "" : " ") + one;
        return joined;
    }

public:
    void mailComesFirst()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("ana@contoso.com"), address(R"({"mail":" Ana@Contoso.com ",
                                 "proxyAddresses":["SMTP:b@x.y"],"userPrincipalName":"c@x.y"})"));
    }

    void primaryProxyComesBeforeAliases()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("primary@x.y"),
                             address(R"({"mail":null,"proxyAddresses":["smtp:alias@x.y","X500:/o=x",
                "SIP:s@x.y","SMTP:Primary@x.y"],"userPrincipalName":"c@x.y"})"));
        CPPUNIT_ASSERT_EQUAL(std::string("alias@x.y"),
                             address(R"({"proxyAddresses":["sip:s@x.y","smtp:alias@x.y"],
                                 "userPrincipalName":"c@x.y"})"));
        CPPUNIT_ASSERT_EQUAL(std::string("c@x.y"), address(R"({"userPrincipalName":"C@x.y"})"));
    }

    void decodesExternalNames()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("first_last@contoso.com"),
            address(R"({"userPrincipalName":"First_Last_contoso.com#EXT#@t.onmicrosoft.com"})"));
        CPPUNIT_ASSERT_EQUAL(
            std::string(),
            address(R"({"userPrincipalName":"nounderscore#EXT#@t.onmicrosoft.com"})"));
    }

    void skipsWhatIsNoAddress()
    {
        for (const auto* mail : {"", " ", "@x.y", "a@", "a@b", "a b@x.y", "a@b@x.y", "a@x..y",
                                 "a@.x.y", "a@x.y.", "a,b@x.y", "A <a@x.y>", "a@x.y\\n"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                mail, std::string("c@x.y"),
                address((std::string(R"({"userPrincipalName":"c@x.y","mail":")") +
                         (std::string(mail) == "a@x.y\\n" ? "a@x\\n.y" : mail) + "\"}")
                            .c_str()));
        CPPUNIT_ASSERT_EQUAL(std::string("o'brien+x@x-y.co"),
                             address(R"({"mail":"O'Brien+x@x-y.co"})"));
        CPPUNIT_ASSERT_EQUAL(
            std::string(), address(("{\"mail\":\"" + std::string(250, 'a') + "@x.yz\"}").c_str()));
    }

    void otherMailsAreKnownButNotTheAddress()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string("c@x.y d@x.y"),
            all(R"({"otherMails":["D@x.y","c@x.y"],"userPrincipalName":"c@x.y"})"));
        CPPUNIT_ASSERT_EQUAL(std::string(), address(R"({"otherMails":["d@x.y"]})"));
    }

    void toleratesWrongTypes()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("c@x.y"),
                             all(R"({"mail":7,"proxyAddresses":[1,null,{}],"otherMails":"x",
                                 "userPrincipalName":"c@x.y"})"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AddressTest);

} // namespace muster::directory
