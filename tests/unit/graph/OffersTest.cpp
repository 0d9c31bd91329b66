#include "graph/Offers.h"
#include "graph/SourceFixture.h"
#include "http/Certificates.h"
#include "support/FreshTest.h"
#include "support/TextFile.h"

namespace muster::graph {

using testing::Json;

/// What is seen of the application's access to a tenant, and kept.
class OffersTest : public CppUnit::TestFixture, public testing::SourceFixture
{
    CPPUNIT_TEST_SUITE(OffersTest);
    FRESH_TEST(unseenTenantOffersNothingAndSaysSo);
    FRESH_TEST(checkedTenantOffersWhatIsGranted);
    FRESH_TEST(missingPermissionsAreNamed);
    FRESH_TEST(refusedSignInOffersNothing);
    FRESH_TEST(unreachableTenantKeepsItsOffers);
    FRESH_TEST(opaqueTokenIsTriedOut);
    FRESH_TEST(refreshLooksOnceADay);
    FRESH_TEST(refreshThatMayNotReadLooksToo);
    FRESH_TEST(expiringSecretIsAFinding);
    FRESH_TEST(secretOfAnotherHintIsNone);
    FRESH_TEST(latestOfTwoSecretsCounts);
    FRESH_TEST(secretsThatMayNotBeReadAreNoFinding);
    FRESH_TEST(refusedListOfSecretsIsNoFinding);
    FRESH_TEST(expiredCertificateIsAFindingAndOffersNothing);
    FRESH_TEST(renewedCredentialsEndTheFinding);
    CPPUNIT_TEST_SUITE_END();

    Offers offers{database};

    std::string offered()
    {
        std::string names;
        for (const auto& offer : offers.of(tenant.id))
            if (offer.isOffered())
                names += offer.name + " ";
        return names;
    }
    std::string missing(size_t index) { return offers.of(tenant.id).at(index).missing; }

    void check() { source.check(tenant, cancellation); }

    /// The message that stands for the tenant.
    std::string expiry()
    {
        return database
            .value<std::string>(
                "SELECT message FROM tenant_finding WHERE code = 'credentials-expire'")
            .value_or("");
    }

    Json secret(const std::string& hint, int days)
    {
        return {{"hint", hint},
                {"endDateTime", runtime::toText(clock.now() + std::chrono::hours(24 * days))}};
    }
    void showSecrets(const Json& credentials, bool isReadable = true)
    {
        Json roles = {"GroupMember.Read.All", "User.Read.All"};
        if (isReadable)
            roles.push_back("Application.Read.All");
        server.configure({{"roles", roles}, {"passwordCredentials", credentials}});
    }
    static void contains(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE("'" + text + "' lacks " + part, text.find(part) != text.npos);
    }
    void useCertificate(const tests::TextFile& pem, const sandbox::SandboxServer& signedIn)
    {
        auto& settings = tenant.directory;
        settings.authority = settings.graph = signedIn.baseUrl();
        settings.clientSecret = {};
        settings.certificateFile = settings.certificateKeyFile = pem.path();
    }

    const std::string kAll = "read-groups read-groups-and-members update-groups-table ";

public:
    void unseenTenantOffersNothingAndSaysSo()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(), offered());
        contains(missing(0), "not looked at yet");
        CPPUNIT_ASSERT(!offers.lookedAt(tenant.id));
    }

    void checkedTenantOffersWhatIsGranted()
    {
        check();
        CPPUNIT_ASSERT_EQUAL(kAll, offered());
        CPPUNIT_ASSERT(offers.lookedAt(tenant.id) == clock.now());
    }

    void missingPermissionsAreNamed()
    {
        server.configure({{"roles", {"GroupMember.Read.All"}}});
        check();
        CPPUNIT_ASSERT_EQUAL(std::string("read-groups "), offered());
        contains(missing(1), "grant the application permission User.Read.All");
        CPPUNIT_ASSERT(missing(1).find("GroupMember") == std::string::npos);
    }

    void refusedSignInOffersNothing()
    {
        check();
        source.refresh(tenant, {}, progress, cancellation);
        tenant.directory.clientId = "9a1b0000-0000-4000-8000-000000000009";
        check();
        CPPUNIT_ASSERT_EQUAL(std::string(), offered());
        contains(missing(0), "the sign-in to the tenant");
    }

    void unreachableTenantKeepsItsOffers()
    {
        check();
        server.addFault({{"kind", "drop"}, {"match", {{"path", "/"}}}, {"times", -1}});
        tenant.directory.clientId = "9a1b0000-0000-4000-8000-000000000009";
        check();
        CPPUNIT_ASSERT_EQUAL(kAll, offered());
    }

    void opaqueTokenIsTriedOut()
    {
        server.addFault({{"kind", "status"},
                         {"match", {{"route", "token"}}},
                         {"status", 200},
                         {"times", -1},
                         {"body", {{"access_token", "opaque"}, {"expires_in", 3600}}}});
        for (const auto* path : {"/v1.0/users/delta", "/v1.0/groups/delta", "/v1.0/organization"})
            server.addFault({{"kind", "status"},
                             {"match", {{"path", path}}},
                             {"status", std::string(path) == "/v1.0/users/delta" ? 403 : 200},
                             {"times", -1},
                             {"body", {{"value", Json::array()}}}});
        check();
        CPPUNIT_ASSERT_EQUAL(std::string("read-groups "), offered());
    }

    void refreshLooksOnceADay()
    {
        refresh();
        CPPUNIT_ASSERT_EQUAL(kAll, offered());
        requests();
        showSecrets(Json::array({secret("san", 3)}));
        refresh();
        CPPUNIT_ASSERT_EQUAL(std::string(), expiry());
        CPPUNIT_ASSERT_EQUAL(0, requests()["graph.applications"]);
        clock.advance(std::chrono::hours(24));
        server.advanceClock(24 * 3600);
        refresh();
        CPPUNIT_ASSERT(expiry() != "");
        CPPUNIT_ASSERT_EQUAL(1, requests()["graph.applications"]);
    }

    void refreshThatMayNotReadLooksToo()
    {
        server.configure({{"roles", {"GroupMember.Read.All"}}});
        CPPUNIT_ASSERT_THROW(refresh(), ConfigError);
        CPPUNIT_ASSERT_EQUAL(std::string("read-groups "), offered());
    }

    void expiringSecretIsAFinding()
    {
        showSecrets(Json::array({secret("san", 29)}));
        check();
        contains(expiry(), "the client secret of the application 9a1b0000-0000-4000-8000-"
                           "000000000002 expires on ");
        contains(expiry(), "muster secret set contoso-graph");
        showSecrets(Json::array({secret("san", 31)}));
        source.refresh(tenant, {}, progress, cancellation);
        check();
        CPPUNIT_ASSERT_EQUAL(std::string(), expiry());
    }

    void secretOfAnotherHintIsNone()
    {
        showSecrets(Json::array({secret("xyz", 3)}));
        check();
        CPPUNIT_ASSERT_EQUAL(std::string(), expiry());
    }

    void latestOfTwoSecretsCounts()
    {
        showSecrets(Json::array({secret("san", 300), secret("san", -3), secret("xyz", 3)}));
        check();
        CPPUNIT_ASSERT_EQUAL(std::string(), expiry());
    }

    void secretsThatMayNotBeReadAreNoFinding()
    {
        showSecrets(Json::array({secret("san", 3)}), false);
        check();
        CPPUNIT_ASSERT_EQUAL(std::string(), expiry());
        CPPUNIT_ASSERT_EQUAL(0, requests()["graph.applications"]);
    }

    void refusedListOfSecretsIsNoFinding()
    {
        showSecrets(Json::array({secret("san", 3)}));
        for (const auto* path : {"/v1.0/applications", "/v1.0/servicePrincipals"})
            server.addFault({{"kind", "status"}, {"match", {{"path", path}}}, {"status", 404}});
        check();
        CPPUNIT_ASSERT_EQUAL(std::string(), expiry());
        CPPUNIT_ASSERT_EQUAL(kAll, offered());
    }

    void expiredCertificateIsAFindingAndOffersNothing()
    {
        const auto identity = testing::makeIdentity("muster");
        const tests::TextFile pem(identity.certificate + identity.key);
        sandbox::SandboxServer signedIn({.certificates = {identity.certificate}});
        signedIn.addTenant(kTenant, "Contoso", "contoso.example");
        useCertificate(pem, signedIn);
        clock.advance(std::chrono::hours(2));
        check();
        contains(expiry(), " expired on ");
        CPPUNIT_ASSERT_EQUAL(std::string(), offered());
    }

    void renewedCredentialsEndTheFinding()
    {
        showSecrets(Json::array({secret("san", 3)}));
        check();
        CPPUNIT_ASSERT(expiry() != "");
        showSecrets(Json::array({secret("san", 3), secret("san", 300)}));
        check();
        CPPUNIT_ASSERT_EQUAL(std::string(), expiry());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OffersTest);

} // namespace muster::graph
