#include "Base64.h"
#include "Certificates.h"
#include "SandboxFixture.h"
#include "support/FreshTest.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <chrono>

using namespace muster::sandbox;

namespace {

const std::string kClient = "9a1b0000-0000-4000-8000-000000000002";

/// An app's key with a self-signed certificate, and the assertions that it signs.
class Signer
{
public:
    Signer() : _key(EVP_RSA_gen(2048)), _certificate(X509_new())
    {
        X509_set_version(_certificate.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(_certificate.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(_certificate.get()), 0);
        X509_gmtime_adj(X509_getm_notAfter(_certificate.get()), 3600);
        X509_set_pubkey(_certificate.get(), _key.get());
        X509_sign(_certificate.get(), _key.get(), EVP_sha256());
    }

    std::string pem() const
    {
        BIO* const bio = BIO_new(BIO_s_mem());
        PEM_write_bio_X509(bio, _certificate.get());
        char* data = nullptr;
        const auto size = static_cast<size_t>(BIO_get_mem_data(bio, &data));
        std::string text(data, size);
        BIO_free(bio);
        return text;
    }

    std::string assertion(const std::string& algorithm, const Json& header,
                          const Json& claims) const
    {
        Json full = header;
        full["alg"] = algorithm;
        const std::string text = base64Url(full.dump()) + '.' + base64Url(claims.dump());
        EVP_MD_CTX* const context = EVP_MD_CTX_new();
        EVP_PKEY_CTX* padding = nullptr;
        EVP_DigestSignInit(context, &padding, EVP_sha256(), nullptr, _key.get());
        if (algorithm == "PS256")
        {
            EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING);
            EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST);
        }
        std::string signature(256, '\0');
        size_t size = signature.size();
        EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size());
        EVP_MD_CTX_free(context);
        return text + '.' + base64Url(signature);
    }

private:
    KeyPtr _key;
    CertificatePtr _certificate;
};

SandboxOptions optionsWith(const Signer& signer)
{
    SandboxOptions options;
    options.certificates = {signer.pem()};
    return options;
}

} // namespace

/// Tokens and their errors: contracts/graph.md section 1.
class TokenEndpointTest : public SandboxFixture
{
    CPPUNIT_TEST_SUITE(TokenEndpointTest);
    FRESH_TEST(secretGivesTokenWithRoles);
    FRESH_TEST(secretMayComeByBasic);
    FRESH_TEST(domainNamesTheTenant);
    FRESH_TEST(unknownFieldsAreIgnored);
    FRESH_TEST(wrongSecretIs7000215);
    FRESH_TEST(unknownAppIs700016);
    FRESH_TEST(unknownTenantIs90002);
    FRESH_TEST(wrongScopeIs70011);
    FRESH_TEST(missingParameterIs900144);
    FRESH_TEST(noCredentialIs7000216);
    FRESH_TEST(certificateByPs256GivesToken);
    FRESH_TEST(certificateByRs256AndSha1GivesToken);
    FRESH_TEST(unknownCertificateIs700027);
    FRESH_TEST(changedAssertionIs700027);
    FRESH_TEST(expiredAssertionIs700024);
    FRESH_TEST(assertionForAnotherEndpointIsRefused);
    FRESH_TEST(assertionOfAnotherAppIsRefused);
    FRESH_TEST(discoveryNamesTheTokenEndpoint);
    FRESH_TEST(faultGivesAnyEntraError);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _signer = std::make_unique<Signer>();
        start(kTenant, optionsWith(*_signer));
        server().addTenant(kTenant, "Test", "test.example");
    }

    void secretGivesTokenWithRoles()
    {
        const Json token = client().token().json();
        CPPUNIT_ASSERT_EQUAL(Json("Bearer"), token["token_type"]);
        CPPUNIT_ASSERT_EQUAL(Json(3599), token["expires_in"]);
        const auto text = token["access_token"].get<std::string>();
        const auto dot = text.find('.') + 1;
        const Json claims =
            Json::parse(fromBase64(text.substr(dot, text.rfind('.') - dot)).value());
        CPPUNIT_ASSERT_EQUAL(Json(kTenant), claims["tid"]);
        CPPUNIT_ASSERT_EQUAL(Json("app"), claims["idtyp"]);
        CPPUNIT_ASSERT_EQUAL(size_t{3}, claims["roles"].size());
    }

    void secretMayComeByBasic()
    {
        const auto answer = client().token(
            {{"client_secret", ""}, {"basic", base64Url(kClient + ":sandbox-secret")}});
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
    }

    void domainNamesTheTenant()
    {
        CPPUNIT_ASSERT_EQUAL(200, client().token({{"tenant", "test.example"}}).status);
    }

    void unknownFieldsAreIgnored()
    {
        CPPUNIT_ASSERT_EQUAL(200, client().token({{"x-client-SKU", "msal"}}).status);
    }

    void wrongSecretIs7000215()
    {
        expect({{"client_secret", "no"}}, 401, "invalid_client", 7000215);
    }
    void unknownAppIs700016()
    {
        expect({{"client_id", testId(9, 9)}}, 400, "unauthorized_client", 700016);
    }
    void unknownTenantIs90002()
    {
        expect({{"tenant", testId(9, 9)}}, 400, "invalid_tenant", 90002);
    }
    void wrongScopeIs70011()
    {
        expect({{"scope", "https://graph.microsoft.com/User.Read"}}, 400, "invalid_scope", 70011);
    }
    void missingParameterIs900144()
    {
        expect({{"grant_type", ""}}, 400, "invalid_request", 900144);
    }
    void noCredentialIs7000216()
    {
        expect({{"client_secret", ""}}, 401, "invalid_client", 7000216);
    }

    void certificateByPs256GivesToken()
    {
        CPPUNIT_ASSERT_EQUAL(200, send(_signer->assertion("PS256", sha256(), claims())).status);
    }

    void certificateByRs256AndSha1GivesToken()
    {
        const Json header{{"x5t", ClientCertificate(_signer->pem()).sha1()}};
        CPPUNIT_ASSERT_EQUAL(200, send(_signer->assertion("RS256", header, claims())).status);
    }

    void unknownCertificateIs700027()
    {
        const Signer other;
        const Json header{{"x5t#S256", ClientCertificate(other.pem()).sha256()}};
        expectAssertion(other.assertion("PS256", header, claims()), 700027);
    }

    void changedAssertionIs700027()
    {
        const Signer other;
        expectAssertion(other.assertion("PS256", sha256(), claims()), 700027);
    }

    void expiredAssertionIs700024()
    {
        Json old = claims();
        old["exp"] = old["iat"].get<std::int64_t>() - 10;
        expectAssertion(_signer->assertion("PS256", sha256(), old), 700024);
    }

    void assertionForAnotherEndpointIsRefused()
    {
        Json other = claims();
        other["aud"] = "https://login.microsoftonline.com/" + kTenant + "/oauth2/v2.0/token";
        expectAssertion(_signer->assertion("PS256", sha256(), other), 700023);
    }

    void assertionOfAnotherAppIsRefused()
    {
        Json other = claims();
        other["sub"] = testId(9, 9);
        expectAssertion(_signer->assertion("PS256", sha256(), other), 700021);
    }

    void discoveryNamesTheTokenEndpoint()
    {
        const std::string path = "/v2.0/.well-known/openid-configuration";
        const Json found = client().send("GET", "/test.example" + path).json();
        CPPUNIT_ASSERT_EQUAL(Json(server().baseUrl() + '/' + kTenant + "/oauth2/v2.0/token"),
                             found["token_endpoint"]);
        CPPUNIT_ASSERT_EQUAL(400, client().send("GET", "/nowhere.example" + path).status);
    }

    void faultGivesAnyEntraError()
    {
        server().addFault(
            {{"match", {{"route", "token"}}}, {"kind", "tokenError"}, {"code", 7000222}});
        expect({}, 401, "invalid_client", 7000222);
        CPPUNIT_ASSERT_EQUAL(200, client().token().status);
    }

private:
    void expect(const std::map<std::string, std::string>& changes, int status,
                const std::string& error, int number)
    {
        const Answer answer = client().token(changes);
        CPPUNIT_ASSERT_EQUAL(status, answer.status);
        const Json body = answer.json();
        CPPUNIT_ASSERT_EQUAL(Json(error), body["error"]);
        CPPUNIT_ASSERT_EQUAL(Json(number), body["error_codes"][0]);
        CPPUNIT_ASSERT(body["error_description"].get<std::string>().rfind(
                           "AADSTS" + std::to_string(number) + ": ", 0) == 0);
    }

    Answer send(const std::string& assertion)
    {
        return client().token(
            {{"client_secret", ""},
             {"client_assertion", assertion},
             {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}});
    }

    void expectAssertion(const std::string& assertion, int number)
    {
        const Answer answer = send(assertion);
        CPPUNIT_ASSERT_EQUAL(401, answer.status);
        CPPUNIT_ASSERT_EQUAL(Json("invalid_client"), answer.json()["error"]);
        CPPUNIT_ASSERT_EQUAL(Json(number), answer.json()["error_codes"][0]);
    }

    Json sha256() const { return {{"x5t#S256", ClientCertificate(_signer->pem()).sha256()}}; }

    Json claims()
    {
        const std::int64_t now = std::chrono::duration_cast<std::chrono::seconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count();
        return {{"aud", server().baseUrl() + '/' + kTenant + "/oauth2/v2.0/token"},
                {"iss", kClient},
                {"sub", kClient},
                {"jti", "1"},
                {"iat", now},
                {"nbf", now},
                {"exp", now + 600}};
    }

    std::unique_ptr<Signer> _signer;
};

CPPUNIT_TEST_SUITE_REGISTRATION(TokenEndpointTest);
