#include "graph/Assertion.h"

#include "http/Certificates.h"
#include "runtime/Errors.h"
#include "support/FreshTest.h"
#include "support/TextFile.h"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <fstream>

namespace muster::graph {

using testing::makeIdentity;

namespace {

/// True when the signature is PS256, with a salt of 32 bytes, by the certificate's key.
bool isSigned(const std::string& text, const std::string& signature, const std::string& pem)
{
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), &X509_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    EVP_PKEY_CTX* options = nullptr;
    EVP_DigestVerifyInit(context.get(), &options, EVP_sha256(), nullptr,
                         X509_get0_pubkey(certificate.get()));
    EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32);
    return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                            text.size()) == 1;
}

} // namespace

class AssertionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AssertionTest);
    FRESH_TEST(assertionHoldsWhatEntraAsksFor);
    FRESH_TEST(assertionIsSignedWithPs256);
    FRESH_TEST(readsKeyAndCertificateOfOneFile);
    FRESH_TEST(refusesWhatCannotSign);
    FRESH_TEST(base64UrlRoundTrips);
    CPPUNIT_TEST_SUITE_END();

public:
    void assertionHoldsWhatEntraAsksFor()
    {
        const auto now = runtime::fromMilliseconds(1'770'000'000'500);
        const auto text = _certificate.assertion("client", "https://login/tenant/token", now);
        const auto dot = text.find('.');
        const auto header = nlohmann::json::parse(fromBase64Url(text.substr(0, dot)));
        CPPUNIT_ASSERT_EQUAL(std::string("PS256"), header["alg"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("JWT"), header["typ"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(size_t(32),
                             fromBase64Url(header["x5t#S256"].get<std::string>()).size());
        const auto claims =
            nlohmann::json::parse(fromBase64Url(text.substr(dot + 1, text.rfind('.') - dot - 1)));
        CPPUNIT_ASSERT_EQUAL(std::string("client"), claims["iss"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("client"), claims["sub"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("https://login/tenant/token"),
                             claims["aud"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(1'770'000'600, claims["exp"].get<int>());
        CPPUNIT_ASSERT(claims["nbf"].is_number_integer());
        CPPUNIT_ASSERT_EQUAL(size_t(36), claims["jti"].get<std::string>().size());
        CPPUNIT_ASSERT(text != _certificate.assertion("client", "https://login/tenant/token", now));
    }

    void assertionIsSignedWithPs256()
    {
        const auto text = _certificate.assertion("client", "audience", runtime::Instant{});
        const auto dot = text.rfind('.');
        CPPUNIT_ASSERT(isSigned(text.substr(0, dot), fromBase64Url(text.substr(dot + 1)),
                                _identity.certificate));
    }

    void readsKeyAndCertificateOfOneFile()
    {
        const tests::TextFile both(_identity.key + _identity.certificate);
        const Certificate certificate(both.path(), both.path());
        CPPUNIT_ASSERT(certificate.validUntil() > runtime::SystemClock().now());
    }

    void refusesWhatCannotSign()
    {
        const auto other = makeIdentity("other");
        const tests::TextFile otherKey(other.key);
        const tests::TextFile nonsense("nonsense");
        CPPUNIT_ASSERT_THROW(Certificate("/nowhere.pem", _keyFile.path()), ConfigError);
        CPPUNIT_ASSERT_THROW(Certificate(_certificateFile.path(), "/nowhere.pem"), ConfigError);
        CPPUNIT_ASSERT_THROW(Certificate(nonsense.path(), _keyFile.path()), ConfigError);
        CPPUNIT_ASSERT_THROW(Certificate(_certificateFile.path(), nonsense.path()), ConfigError);
        CPPUNIT_ASSERT_THROW(Certificate(_certificateFile.path(), otherKey.path()), ConfigError);
    }

    void base64UrlRoundTrips()
    {
        for (const std::string text : {"", "a", "ab", "abc", "\xFF\xFE\xFD", "\xFB\xEF\xBE?"})
        {
            const auto encoded = toBase64Url(text);
            CPPUNIT_ASSERT(encoded.find_first_of("+/=") == encoded.npos);
            CPPUNIT_ASSERT_EQUAL(text, fromBase64Url(encoded));
        }
        CPPUNIT_ASSERT_EQUAL(std::string(), fromBase64Url("?!"));
        CPPUNIT_ASSERT_EQUAL(std::string(), fromBase64Url("abcde"));
    }

private:
    testing::Identity _identity = makeIdentity("muster");
    tests::TextFile _certificateFile{_identity.certificate};
    tests::TextFile _keyFile{_identity.key};
    Certificate _certificate{_certificateFile.path(), _keyFile.path()};
};

CPPUNIT_TEST_SUITE_REGISTRATION(AssertionTest);

} // namespace muster::graph
