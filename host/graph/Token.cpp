#include "graph/Token.h"

#include "graph/Assertion.h"
#include "graph/GraphError.h"
#include "graph/JsonText.h"
#include "http/Redactor.h"
#include "runtime/Errors.h"

#include <Poco/URI.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace muster::graph {

using namespace std::chrono;
using Json = nlohmann::json;

namespace {

constexpr uint64_t kBodyLimit = 1u << 20;
constexpr seconds kMargin{300}; ///< a token is not used in its last minutes
constexpr const char* kReserved = "!#$%&'()*+,/:;=?@[]~\"<>\\^`{|} ";

std::string encoded(const std::string& text)
{
    std::string result;
    Poco::URI::encode(text, kReserved, result);
    return result;
}

bool hasErrorCode(const Json& body, int64_t code)
{
    const auto codes = body.find("error_codes");
    if (codes == body.end() || !codes->is_array())
        return false;
    return std::any_of(codes->begin(), codes->end(), [&](const Json& value) {
        return value.is_number_integer() && value.get<int64_t>() == code;
    });
}

/// AADSTS codes that pass by themselves.
bool isTransient(const http::HttpResponse& response)
{
    if (response.status == 429 || response.status == 408 || response.status >= 500)
        return true;
    const auto body = Json::parse(response.body, nullptr, false);
    return body.is_object() && (hasErrorCode(body, 90033) || hasErrorCode(body, 50196));
}

} // namespace

std::string giveSecretWith(const estate::DirectorySettings& settings)
{
    const auto& secret = settings.clientSecret;
    if (!secret.secret.empty())
        return "muster secret set " + secret.secret;
    return secret.file.empty() ? "the variable " + secret.environment : "the file " + secret.file;
}

std::optional<TokenClaims> claimsOf(const std::string& token)
{
    const auto first = token.find('.');
    const auto second = token.find('.', first + 1);
    if (first == token.npos || second == token.npos)
        return std::nullopt;
    const auto payload =
        Json::parse(fromBase64Url(token.substr(first + 1, second - first - 1)), nullptr, false);
    if (!payload.is_object())
        return std::nullopt;
    TokenClaims claims;
    claims.tenant = textAt(payload, "tid");
    if (const auto roles = payload.find("roles"); roles != payload.end() && roles->is_array())
    {
        for (const auto& role : *roles)
        {
            if (role.is_string())
                claims.roles.push_back(role.get<std::string>());
        }
    }
    return claims;
}

Token::Token(const estate::DirectorySettings& settings, http::HttpClient& client,
             runtime::Clock& clock, const RequestPolicy& policy)
    : _settings(settings), _client(client), _clock(clock), _policy(policy), _throttle(clock, policy)
{}

const std::string& Token::get(const runtime::Cancellation& cancellation)
{
    if (_text.empty() || _clock.steady() >= _usableUntil)
        fetch(cancellation);
    return _text;
}

std::string Token::endpoint() const
{
    return _settings.authority + "/" + encoded(_settings.tenant) + "/oauth2/v2.0/token";
}

std::string Token::form()
{
    auto text = "client_id=" + encoded(_settings.clientId) + "&scope=" + encoded(_settings.scope) +
                "&grant_type=client_credentials";
    if (_settings.certificateFile.empty())
        return text + "&client_secret=" + encoded(_secret);
    const Certificate certificate(_settings.certificateFile, _settings.certificateKeyFile);
    if (certificate.validUntil() < _clock.now())
        throw ConfigError("the certificate " + _settings.certificateFile + " expired on " +
                          runtime::toText(certificate.validUntil()) +
                          ": make a new one and register it with the application in Entra");
    _assertion = certificate.assertion(_settings.clientId, endpoint(), _clock.now());
    return text + "&client_assertion_type=" +
           encoded("urn:ietf:params:oauth:client-assertion-type:jwt-bearer") +
           "&client_assertion=" + _assertion;
}

std::string Token::redacted(const std::string& body) const
{
    // JSON can write one text in many ways; written again it has one.
    const auto document = Json::parse(body, nullptr, false);
    const auto text = document.is_discarded()
                          ? body
                          : document.dump(-1, ' ', false, Json::error_handler_t::replace);
    return http::Redactor({_secret, encoded(_secret), _assertion, _text})(text);
}

void Token::fetch(const runtime::Cancellation& cancellation)
{
    const auto start = _clock.steady();
    std::string reason;
    for (int number = 1; number <= _policy.tries; ++number)
    {
        http::HttpRequest request;
        request.method = "POST";
        request.url = endpoint();
        request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                           {"Accept", "application/json"}};
        request.body = form();
        request.timeout = _policy.timeout;
        request.bodyLimit = kBodyLimit;
        request.onNewConnection = number > 1;
        const auto response = _client.send(request, cancellation);
        cancellation.check();
        reason = reasonToRetry(response);
        if (reason.empty())
            return;
        const auto delay = _throttle.delayBefore(
            number + 1, response.isAnswer() ? response.retryAfter() : std::nullopt);
        if (number >= _policy.triesFor(response.failure) ||
            _clock.steady() + delay - start > _policy.patience)
            break;
        _clock.sleep(delay, cancellation);
    }
    throw RetryError("no sign-in to the tenant " + _settings.tenant + ": " + reason +
                     ": try again later");
}

std::string Token::reasonToRetry(const http::HttpResponse& response)
{
    if (response.failure == http::Failure::Refused)
        throw ConfigError(response.message);
    if (!response.isAnswer())
        return response.message;
    if (!response.header("date").empty())
        _date = response.header("date");
    if (response.isSuccess())
        return accept(response.body) ? "" : "the answer of " + endpoint() + " holds no token";
    const auto status = std::to_string(response.status);
    if (isTransient(response))
        return _settings.authority + " answered " + status;
    throw ConfigError("the sign-in to the tenant " + _settings.tenant + " was refused (" + status +
                      "): " + tokenHint(redacted(response.body), _settings));
}

bool Token::accept(const std::string& body)
{
    const auto document = Json::parse(body, nullptr, false);
    if (!document.is_object() || textAt(document, "access_token").empty())
        return false;
    seconds lifetime{3599};
    if (const auto expires = document.find("expires_in"); expires != document.end())
    {
        if (expires->is_number())
            lifetime = seconds(std::clamp<int64_t>(expires->get<int64_t>(), 0, 86'400));
        else if (expires->is_string())
            lifetime =
                seconds(std::clamp(std::atoi(expires->get<std::string>().c_str()), 0, 86'400));
    }
    _text = textAt(document, "access_token");
    _usableUntil = _clock.steady() + lifetime - std::min(kMargin, lifetime / 5);
    return true;
}

std::string tokenHint(const std::string& body, const estate::DirectorySettings& settings)
{
    const auto document = Json::parse(body, nullptr, false);
    if (!document.is_object() || textAt(document, "error").empty())
        return "the answer is not that of a token endpoint: check the authority " +
               settings.authority;
    struct Hint
    {
        int64_t code;
        std::string text;
    };
    const std::string consent = "the application " + settings.clientId +
                                " is unknown in this tenant: an administrator of the tenant must "
                                "consent to it, or the tenant or clientId is another's";
    const std::vector<Hint> hints = {
        {7000215, "the client secret is wrong (often the secret's id was pasted instead of its "
                  "value): give the value with " +
                      giveSecretWith(settings)},
        {7000222, "the client secret has expired: make a new one in Entra and give it with " +
                      giveSecretWith(settings)},
        {700027, "the certificate is not registered with the application " + settings.clientId +
                     ": upload " + settings.certificateFile + " in Entra"},
        {700024, "the assertion is outside its validity: set this machine's clock right"},
        {700016, consent},
        {7000229, consent},
        {7000112, "the application is disabled in this tenant: an administrator must enable it"},
        {90002, "the tenant is not known there: check tenant and cloud"},
        {900023, "the tenant is neither an id nor a domain: check tenant"},
        {70011, "the scope " + settings.scope + " is refused: check cloud and graph"},
        {1002012, "the scope " + settings.scope + " is refused: check cloud and graph"},
        {53003, "Conditional Access blocks the application: an administrator must allow it"}};
    const auto told = oneLine(textAt(document, "error_description"));
    for (const auto& hint : hints)
    {
        if (hasErrorCode(document, hint.code))
            return hint.text + " (AADSTS" + std::to_string(hint.code) + ")";
    }
    return oneLine(textAt(document, "error")) + (told.empty() ? "" : ": " + told);
}

} // namespace muster::graph
