#include "Certificates.h"

#include "Base64.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

namespace muster::sandbox {

namespace {

struct BioFree
{
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, BioFree>;

void require(bool ok, const char* what)
{
    if (!ok)
        throw std::runtime_error(std::string("OpenSSL could not ") + what);
}

std::string textOf(const BioPtr& bio)
{
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pemOf(X509* certificate)
{
    const BioPtr bio(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_X509(bio.get(), certificate) == 1, "write a certificate");
    return textOf(bio);
}

void addExtension(X509* certificate, X509* issuer, int nid, const char* value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    require(extension != nullptr, "make a certificate extension");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

CertificatePtr newCertificate(EVP_PKEY* key, const char* name, X509* issuer, long serial)
{
    constexpr long kDay = 24 * 3600;
    CertificatePtr certificate(X509_new());
    require(certificate != nullptr, "make a certificate");
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 30 * kDay);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* const subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(certificate.get(),
                         X509_get_subject_name(issuer == nullptr ? certificate.get() : issuer));
    return certificate;
}

std::string thumbprint(X509* certificate, const EVP_MD* digest)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    require(X509_digest(certificate, digest, bytes.data(), &size) == 1, "digest a certificate");
    return base64Url({reinterpret_cast<const char*>(bytes.data()), size});
}

} // namespace

ServerCertificate ServerCertificate::create()
{
    const KeyPtr caKey(EVP_EC_gen("P-256"));
    const KeyPtr key(EVP_EC_gen("P-256"));
    require(caKey && key, "make a key");

    const auto ca = newCertificate(caKey.get(), "Muster sandbox CA", nullptr, 1);
    addExtension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
    addExtension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    addExtension(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
    require(X509_sign(ca.get(), caKey.get(), EVP_sha256()) > 0, "sign the CA");

    const auto server = newCertificate(key.get(), "localhost", ca.get(), 2);
    addExtension(server.get(), ca.get(), NID_basic_constraints, "critical,CA:FALSE");
    addExtension(server.get(), ca.get(), NID_key_usage, "critical,digitalSignature");
    addExtension(server.get(), ca.get(), NID_ext_key_usage, "serverAuth");
    addExtension(server.get(), ca.get(), NID_authority_key_identifier, "keyid");
    addExtension(server.get(), ca.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
    require(X509_sign(server.get(), caKey.get(), EVP_sha256()) > 0, "sign the certificate");

    const BioPtr bio(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
                1,
            "write a key");
    return {.caPem = pemOf(ca.get()), .certificatePem = pemOf(server.get()), .keyPem = textOf(bio)};
}

ClientCertificate::ClientCertificate(const std::string& pem)
{
    const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    _certificate.reset(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!_certificate)
        throw std::invalid_argument("there is no PEM certificate in the text that was given");
    _sha256 = thumbprint(_certificate.get(), EVP_sha256());
    _sha1 = thumbprint(_certificate.get(), EVP_sha1());
}

bool ClientCertificate::verifies(const std::string& algorithm, const std::string& text,
                                 const std::string& signature) const
{
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    EVP_PKEY* const key = X509_get0_pubkey(_certificate.get());
    EVP_PKEY_CTX* keyContext = nullptr;
    if (!EVP_PKEY_is_a(key, "RSA") ||
        EVP_DigestVerifyInit(context.get(), &keyContext, EVP_sha256(), nullptr, key) != 1)
        return false;
    if (algorithm == "PS256")
    {
        EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(keyContext, RSA_PSS_SALTLEN_DIGEST);
    }
    else if (algorithm != "RS256")
    {
        return false;
    }
    return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                            text.size()) == 1;
}

} // namespace muster::sandbox
