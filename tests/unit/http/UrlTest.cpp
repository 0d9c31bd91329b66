#include "http/HttpClient.h"
#include "support/FreshTest.h"

namespace muster::http {

class UrlTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(UrlTest);
    FRESH_TEST(allowsHttpsAnywhere);
    FRESH_TEST(allowsPlainHttpToLoopbackOnly);
    FRESH_TEST(seesThroughDisguisedLoopback);
    FRESH_TEST(refusesUserNames);
    FRESH_TEST(refusesOtherSchemes);
    FRESH_TEST(namesTheOrigin);
    CPPUNIT_TEST_SUITE_END();

    static bool allowed(const std::string& url)
    {
        std::string why;
        const bool result = isAllowedUrl(url, why);
        CPPUNIT_ASSERT_EQUAL(result, why.empty());
        return result;
    }

public:
    void allowsHttpsAnywhere()
    {
        CPPUNIT_ASSERT(allowed("https://graph.microsoft.com/v1.0/groups/delta?$select=id"));
        CPPUNIT_ASSERT(allowed("https://[2001:db8::1]:8443/x"));
    }

    void allowsPlainHttpToLoopbackOnly()
    {
        CPPUNIT_ASSERT(allowed("http://127.0.0.1:9001/x"));
        CPPUNIT_ASSERT(allowed("http://127.9.9.9/"));
        CPPUNIT_ASSERT(allowed("http://LOCALHOST/"));
        CPPUNIT_ASSERT(allowed("http://[::1]:80/"));
        CPPUNIT_ASSERT(!allowed("http://graph.microsoft.com/"));
        CPPUNIT_ASSERT(!allowed("http://127.0.0.1.example.com/"));
        CPPUNIT_ASSERT(!allowed("http://localhost.example.com/"));
        CPPUNIT_ASSERT(!allowed("http://10.0.0.1/"));
    }

    void seesThroughDisguisedLoopback()
    {
        CPPUNIT_ASSERT(!allowed("http://127.0.0.1@example.com/"));
        CPPUNIT_ASSERT(!allowed("http://example.com#@127.0.0.1/"));
        CPPUNIT_ASSERT(!allowed("http://example.com\\@127.0.0.1/"));
    }

    void refusesUserNames()
    {
        CPPUNIT_ASSERT(!allowed("https://user:secret@example.com/"));
        CPPUNIT_ASSERT_EQUAL(std::string(), originOf("https://graph.microsoft.com@evil.example/"));
    }

    void refusesOtherSchemes()
    {
        CPPUNIT_ASSERT(!allowed("file:///etc/passwd"));
        CPPUNIT_ASSERT(!allowed("ftp://example.com/"));
        CPPUNIT_ASSERT(!allowed("graph.microsoft.com/v1.0"));
        CPPUNIT_ASSERT(!allowed(""));
        CPPUNIT_ASSERT(!allowed("https://"));
    }

    void namesTheOrigin()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("https://graph.microsoft.com:443"),
                             originOf("HTTPS://Graph.Microsoft.com/v1.0/users?$select=id"));
        CPPUNIT_ASSERT_EQUAL(std::string("http://127.0.0.1:9001"),
                             originOf("http://127.0.0.1:9001"));
        CPPUNIT_ASSERT_EQUAL(std::string(), originOf("/v1.0/users"));
        CPPUNIT_ASSERT_EQUAL(std::string(), originOf("no url"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UrlTest);

} // namespace muster::http
