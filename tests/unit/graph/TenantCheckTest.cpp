#include "graph/SourceFixture.h"
#include "http/Certificates.h"
#include "support/FreshTest.h"
#include "support/TextFile.h"

#include <fstream>

namespace muster::graph {

using testing::Json;

class TenantCheckTest : public CppUnit::TestFixture, public testing::SourceFixture
{
    CPPUNIT_TEST_SUITE(TenantCheckTest);
    FRESH_TEST(goodTenantHasNoErrors);
    FRESH_TEST(namesEachMissingPermission);
    FRESH_TEST(missingConsentIsEachMissingPermission);
    FRESH_TEST(opaqueTokenTellsNoPermissions);
    FRESH_TEST(toleratesAForbiddenOrganisation);
    FRESH_TEST(refusedSignInIsAFinding);
    FRESH_TEST(missingSecretIsAFinding);
    FRESH_TEST(unreachableGraphIsAFinding);
    FRESH_TEST(otherTenantIsAFinding);
    FRESH_TEST(wrongClockIsAFinding);
    FRESH_TEST(expiringCertificateIsAFinding);
    FRESH_TEST(changesNothing);
    CPPUNIT_TEST_SUITE_END();

    /// "error permission-missing: text" a line.
    std::string check()
    {
        std::string text;
        for (const auto& finding : source.check(tenant, cancellation))
            text += runtime::toText(finding.severity) + " " + finding.code + ": " +
                    finding.message + "\n";
        return text;
    }
    static void contains(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE(text + "lacks " + part, text.find(part) != std::string::npos);
    }
    static void lacks(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE(text + "holds " + part, text.find(part) == std::string::npos);
    }

public:
    void goodTenantHasNoErrors()
    {
        const auto text = check();
        lacks(text, "error");
        lacks(text, "warning");
        contains(text, "info directory-reached: signed in to Contoso");
        contains(text, "info hidden-members-unread: groups that hide their members keep");
    }

    void namesEachMissingPermission()
    {
        server.configure({{"roles", {"Organization.Read.All"}}});
        const auto text = check();
        contains(text, "error permission-missing: the permission User.Read.All");
        contains(text, "error permission-missing: the permission GroupMember.Read.All");
        contains(text, "warning permission-missing: the permission Device.Read.All");
        lacks(text, "directory-reached");
    }

    void missingConsentIsEachMissingPermission()
    {
        server.configure({{"roles", Json::array()}});
        const auto text = check();
        contains(text, "error permission-missing: the permission User.Read.All");
        contains(text, "error permission-missing: the permission GroupMember.Read.All");
        lacks(text, "permission-unknown");
        CPPUNIT_ASSERT_THROW(refresh(), ConfigError);
        CPPUNIT_ASSERT_EQUAL(1, server.requests()["services"].value("graph", 0));
    }

    void opaqueTokenTellsNoPermissions()
    {
        server.addFault({{"kind", "status"},
                         {"match", {{"route", "token"}}},
                         {"status", 200},
                         {"body", {{"access_token", "opaque"}, {"expires_in", 3600}}}});
        const auto text = check();
        contains(text, "warning permission-unknown");
        lacks(text, "permission-missing");
    }

    void toleratesAForbiddenOrganisation()
    {
        server.addFault(
            {{"kind", "status"}, {"match", {{"path", "/v1.0/organization"}}}, {"status", 403}});
        const auto text = check();
        lacks(text, "error");
        contains(text, "directory-reached");
    }

    void refusedSignInIsAFinding()
    {
        server.addFault({{"kind", "tokenError"}, {"code", 7000222}});
        contains(check(), "error directory-refused: the sign-in");
    }

    void missingSecretIsAFinding()
    {
        GraphSource other(store, clock, [](const auto&) -> std::string {
            throw ConfigError("the secret contoso-graph is missing");
        });
        CPPUNIT_ASSERT_EQUAL(std::string("the secret contoso-graph is missing"),
                             other.check(tenant, cancellation).at(0).message);
    }

    void unreachableGraphIsAFinding()
    {
        server.addFault({{"kind", "drop"}, {"match", {{"path", "/v1.0/"}}}, {"times", -1}});
        contains(check(), "error directory-unreachable");
    }

    void otherTenantIsAFinding()
    {
        server.addFault(
            {{"kind", "status"},
             {"match", {{"path", "/v1.0/organization"}}},
             {"status", 200},
             {"body",
              {{"value",
                {{{"id", "3f0c0e0e-0000-4000-8000-00000000000f"}, {"displayName", "Other"}}}}}}});
        contains(check(), "error tenant-differs");
    }

    void wrongClockIsAFinding()
    {
        clock.advance(std::chrono::minutes(10));
        contains(check(), "warning clock-wrong: this machine's clock is ");
    }

    void expiringCertificateIsAFinding()
    {
        const auto identity = testing::makeIdentity("muster");
        const tests::TextFile pem(identity.certificate + identity.key);
        sandbox::SandboxServer signedIn({.certificates = {identity.certificate}});
        signedIn.addTenant(kTenant, "Contoso", "contoso.example");
        auto& settings = tenant.directory;
        settings.authority = settings.graph = signedIn.baseUrl();
        settings.clientSecret = {};
        settings.certificateFile = settings.certificateKeyFile = pem.path();
        contains(check(), "warning credentials-expire: the certificate ");
    }

    void changesNothing()
    {
        check();
        CPPUNIT_ASSERT_EQUAL(int64_t(0),
                             *database.value<int64_t>("SELECT count(*) FROM directory"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TenantCheckTest);

} // namespace muster::graph
