#include "store/GivenSecret.h"

#include "runtime/Errors.h"

#include <sodium.h>

#include <vector>

namespace muster::store {

namespace {

using Bytes = std::vector<unsigned char>;

void requireSodium()
{
    if (sodium_init() < 0)
        throw ConfigError("libsodium cannot be used on this machine");
}

std::string base64(const Bytes& bytes)
{
    constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
    text.resize(text.find('\0'));
    return text;
}

} // namespace

std::string newSecret(size_t bytes)
{
    requireSodium();
    Bytes random(bytes);
    randombytes_buf(random.data(), random.size());
    return base64(random);
}

std::string digestOf(const std::string& secret)
{
    requireSodium();
    Bytes digest(crypto_hash_sha256_BYTES);
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(secret.data()),
                       secret.size());
    return base64(digest);
}

bool isSameDigest(const std::string& left, const std::string& right)
{
    return left.size() == right.size() &&
           sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

} // namespace muster::store
