#include "graph/Assertion.h"

#include "runtime/Errors.h"

#include <Poco/UUIDGenerator.h>
#include <nlohmann/json.hpp>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace muster::graph {

namespace {

using Bytes = std::string;
constexpr std::chrono::seconds kValidity{600};
constexpr std::chrono::seconds kSkew{60}; ///< the other side's clock may be a little behind

template <typename Type, void (*release)(Type*)>
struct Release
{
    void operator()(Type* pointer) const { release(pointer); }
};
template <typename Type, void (*release)(Type*)>
using Owned = std::unique_ptr<Type, Release<Type, release>>;

/// OpenSSL would ask at the terminal for the passphrase of a sealed key.
int noPassphrase(char*, int, int, void*)
{
    return -1;
}

template <typename Read>
auto readPem(const std::string& path, const std::string& what, Read read)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                               &std::fclose);
    if (!file)
        throw ConfigError("cannot read the " + what + " " + path + ": " + std::strerror(errno));
    auto* result = read(file.get());
    ERR_clear_error();
    if (!result)
        throw ConfigError("the file " + path + " holds no " + what +
                          " in PEM form without a passphrase");
    return result;
}

const unsigned char* bytesOf(const Bytes& text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

struct Certificate::Parts
{
    Owned<X509, X509_free> certificate;
    Owned<EVP_PKEY, EVP_PKEY_free> key;
};

Certificate::Certificate(const std::string& certificateFile, const std::string& keyFile)
    : _parts(std::make_unique<Parts>())
{
    _parts->certificate.reset(readPem(certificateFile, "certificate", [](std::FILE* file) {
        return PEM_read_X509(file, nullptr, &noPassphrase, nullptr);
    }));
    _parts->key.reset(readPem(keyFile, "private key", [](std::FILE* file) {
        return PEM_read_PrivateKey(file, nullptr, &noPassphrase, nullptr);
    }));
    if (EVP_PKEY_get_base_id(_parts->key.get()) != EVP_PKEY_RSA)
        throw ConfigError("the private key " + keyFile + " is not an RSA key: Entra takes RSA");
    const bool belongs = X509_check_private_key(_parts->certificate.get(), _parts->key.get()) == 1;
    ERR_clear_error();
    if (!belongs)
        throw ConfigError("the private key " + keyFile + " does not belong to the certificate " +
                          certificateFile);
}

Certificate::~Certificate() = default;

runtime::Instant Certificate::validUntil() const
{
    std::tm time{};
    ASN1_TIME_to_tm(X509_get0_notAfter(_parts->certificate.get()), &time);
    return runtime::Instant(std::chrono::seconds(::timegm(&time)));
}

std::string Certificate::assertion(const std::string& clientId, const std::string& audience,
                                   runtime::Instant now) const
{
    unsigned char print[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(_parts->certificate.get(), EVP_sha256(), print, &size);
    const Bytes fingerprint(reinterpret_cast<const char*>(print), size);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    const nlohmann::json header = {
        {"alg", "PS256"}, {"typ", "JWT"}, {"x5t#S256", toBase64Url(fingerprint)}};
    const nlohmann::json claims = {
        {"aud", audience},
        {"iss", clientId},
        {"sub", clientId},
        {"jti", Poco::UUIDGenerator::defaultGenerator().createRandom().toString()},
        {"iat", seconds},
        {"nbf", seconds - kSkew.count()},
        {"exp", seconds + kValidity.count()}};
    const auto text = toBase64Url(header.dump()) + "." + toBase64Url(claims.dump());
    return text + "." + toBase64Url(sign(text));
}

std::string Certificate::sign(const std::string& text) const
{
    const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr; // belongs to the context
    size_t size = 0;
    Bytes signature;
    bool done = EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr,
                                   _parts->key.get()) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1 &&
                EVP_DigestSign(context.get(), nullptr, &size, bytesOf(text), text.size()) == 1;
    if (done)
    {
        signature.resize(size);
        done = EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                              &size, bytesOf(text), text.size()) == 1;
        signature.resize(size);
    }
    ERR_clear_error();
    if (!done)
        throw ConfigError("the private key cannot sign: give an RSA key of 2048 bits or more");
    return signature;
}

std::string toBase64Url(const std::string& bytes)
{
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytesOf(bytes),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<size_t>(size));
    while (!text.empty() && text.back() == '=')
        text.pop_back();
    for (auto& c : text)
        c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

std::string fromBase64Url(const std::string& text)
{
    auto padded = text;
    for (auto& c : padded)
        c = c == '-' ? '+' : c == '_' ? '/' : c;
    const auto padding = (4 - padded.size() % 4) % 4;
    padded.append(padding, '=');
    std::string bytes(padded.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     bytesOf(padded), static_cast<int>(padded.size()));
    if (size < 0 || padding == 3)
        return {};
    bytes.resize(static_cast<size_t>(size) - padding);
    return bytes;
}

} // namespace muster::graph
