#include "AccessTokens.h"

#include "Base64.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace muster::sandbox {

bool AccessTokens::Claims::hasAny(const std::vector<std::string>& wanted) const
{
    return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& role) {
        return std::find(roles.begin(), roles.end(), role) != roles.end();
    });
}

AccessTokens::AccessTokens(const Clock& clock) : _clock(clock), _key(32, '\0')
{
    if (RAND_bytes(reinterpret_cast<unsigned char*>(_key.data()), static_cast<int>(_key.size())) !=
        1)
        throw std::runtime_error("OpenSSL has no random bytes");
}

std::string AccessTokens::issue(const Claims& claims, std::int64_t lifetime) const
{
    const std::int64_t now = _clock.now();
    Json payload{{"aud", "https://graph.microsoft.com"},
                 {"iss", "https://sts.windows.net/" + claims.tenant + "/"},
                 {"iat", now},
                 {"nbf", now},
                 {"exp", now + lifetime},
                 {"appid", claims.clientId},
                 {"idtyp", "app"},
                 {"tid", claims.tenant},
                 {"ver", "1.0"}};
    if (!claims.roles.empty()) // without consent the claim is missing (contract 1.3)
        payload["roles"] = claims.roles;
    const std::string text =
        base64Url(R"({"typ":"JWT","alg":"HS256"})") + '.' + base64Url(payload.dump());
    return text + '.' + signature(text);
}

std::optional<AccessTokens::Claims> AccessTokens::read(const std::string& token) const
{
    const auto dot = token.rfind('.');
    if (dot == std::string::npos || token.substr(dot + 1) != signature(token.substr(0, dot)))
        return std::nullopt;
    const auto first = token.find('.');
    const Json payload =
        Json::parse(fromBase64(token.substr(first + 1, dot - first - 1)).value_or(""));
    if (payload.at("exp").get<std::int64_t>() <= _clock.now())
        return std::nullopt;
    return Claims{.tenant = payload.at("tid"),
                  .clientId = payload.at("appid"),
                  .roles = payload.value("roles", std::vector<std::string>{})};
}

std::string AccessTokens::signature(const std::string& text) const
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), _key.data(), static_cast<int>(_key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data(), &size);
    return base64Url({reinterpret_cast<const char*>(bytes.data()), size});
}

} // namespace muster::sandbox
