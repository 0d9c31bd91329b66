#pragma once

#include "estate/Estate.h"
#include "graph/Throttle.h"
#include "http/HttpClient.h"
#include "runtime/Clock.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster::graph {

/// What a token says of itself, read without verification: for diagnosis, never for trust.
struct TokenClaims
{
    std::string tenant;             ///< tid
    std::vector<std::string> roles; ///< none without consent: then there is no such claim
};

/// Nothing when the token is opaque.
std::optional<TokenClaims> claimsOf(const std::string& token);

/// Used by one thread at a time. The access token of one application in one tenant, by client
/// credentials (contracts/graph.md, section 1): fetched when needed, kept until shortly before it
/// expires.
class Token
{
public:
    /// All that is referred to outlives the token.
    Token(const estate::DirectorySettings& settings, http::HttpClient& client,
          runtime::Clock& clock, const RequestPolicy& policy);

    /// Sets the client secret that the next fetches use. Not needed with a certificate.
    void setSecret(std::string secret) { _secret = std::move(secret); }

    /// True for the client secret's first letters.
    bool hasSecretThatBegins(const std::string& letters) const
    {
        return _secret.compare(0, letters.size(), letters) == 0;
    }

    /// The token, fetched if needed. Throws ConfigError with a hint at the remedy when it is
    /// refused, RetryError when the authority cannot be reached, CancelledError.
    const std::string& get(const runtime::Cancellation& cancellation);

    /// The token at hand is refused: the next get() fetches another.
    void drop() { _text.clear(); }

    /// An answer's text without the secret, assertion and token that were sent and may come back.
    std::string redacted(const std::string& body) const;

    /// The Date of the authority's last answer, as it stood; empty: none yet.
    const std::string& date() const { return _date; }

private:
    void fetch(const runtime::Cancellation& cancellation);
    std::string form();
    std::string endpoint() const;
    bool accept(const std::string& body);
    std::string reasonToRetry(const http::HttpResponse& response);

    const estate::DirectorySettings& _settings;
    http::HttpClient& _client;
    runtime::Clock& _clock;
    const RequestPolicy& _policy;
    Throttle _throttle;
    std::string _secret;
    std::string _assertion; ///< the last one
    std::string _text;
    std::string _date;
    std::chrono::steady_clock::time_point _usableUntil;
};

/// How a new client secret is given, as a part of a sentence.
std::string giveSecretWith(const estate::DirectorySettings& settings);

/// What to do about an error answer of the token endpoint; never a secret.
std::string tokenHint(const std::string& body, const estate::DirectorySettings& settings);

} // namespace muster::graph
