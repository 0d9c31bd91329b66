#pragma once

#include "runtime/Clock.h"

#include <memory>
#include <string>

namespace muster::graph {

/// Used by one thread. A certificate with its key, which signs an application in.
class Certificate
{
public:
    /// Reads two PEM files, which may be one. Throws ConfigError that names the file and the remedy
    /// when one cannot be read, the key is not RSA or sealed with a passphrase, or the two do not
    /// belong together.
    Certificate(const std::string& certificateFile, const std::string& keyFile);
    ~Certificate();
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;

    runtime::Instant validUntil() const;

    /// A client assertion (contracts/graph.md, section 1.2): a JWT signed with PS256, valid for ten
    /// minutes, whose x5t#S256 names the certificate.
    std::string assertion(const std::string& clientId, const std::string& audience,
                          runtime::Instant now) const;

private:
    struct Parts;
    std::string sign(const std::string& text) const;

    std::unique_ptr<Parts> _parts;
};

/// base64url without padding (RFC 7515, section 2).
std::string toBase64Url(const std::string& bytes);

/// Nothing when the text is not base64url.
std::string fromBase64Url(const std::string& text);

} // namespace muster::graph
