#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace muster::sandbox {

struct OpenSslFree
{
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, OpenSslFree>;
using CertificatePtr = std::unique_ptr<X509, OpenSslFree>;

/// A certificate authority made now and the certificate for localhost that it signed.
struct ServerCertificate
{
    std::string caPem{};
    std::string certificatePem{};
    std::string keyPem{};

    /// Throws std::runtime_error when OpenSSL refuses.
    static ServerCertificate create();
};

/// A certificate that client assertions may be signed with.
class ClientCertificate
{
public:
    /// Reads the first certificate of the text; a private key in it is left alone.
    /// Throws std::invalid_argument.
    explicit ClientCertificate(const std::string& pem);

    const std::string& sha256() const { return _sha256; } ///< of the DER, as x5t#S256 has it
    const std::string& sha1() const { return _sha1; }     ///< as x5t has it
    /// Whether the signature is the certificate's over the text; PS256 or RS256.
    bool verifies(const std::string& algorithm, const std::string& text,
                  const std::string& signature) const;

private:
    CertificatePtr _certificate;
    std::string _sha256;
    std::string _sha1;
};

} // namespace muster::sandbox
