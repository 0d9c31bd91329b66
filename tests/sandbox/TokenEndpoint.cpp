#include "TokenEndpoint.h"

#include "Base64.h"

#include <algorithm>
#include <array>

namespace muster::sandbox {

namespace {

constexpr std::string_view kTokenPath = "/oauth2/v2.0/token";
constexpr std::string_view kDiscoveryPath = "/v2.0/.well-known/openid-configuration";
constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The scopes of the four clouds; another one is not an app-only scope for Graph.
constexpr std::array kScopes{
    "https://graph.microsoft.com/.default", "https://graph.microsoft.us/.default",
    "https://dod-graph.microsoft.us/.default", "https://microsoftgraph.chinacloudapi.cn/.default"};

std::string timestamp()
{
    std::string text = timeText(std::chrono::duration_cast<std::chrono::seconds>(
                                    std::chrono::system_clock::now().time_since_epoch())
                                    .count());
    text[10] = ' ';
    return text;
}

bool endsWith(const std::string& text, std::string_view end)
{
    return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// The fields of the body, and the client's name and secret from HTTP Basic.
Request formOf(const Request& request)
{
    Request form;
    form.setTarget("?" + request.body);
    const std::string authorization = request.header("Authorization");
    if (authorization.rfind("Basic ", 0) == 0)
    {
        const std::string pair = fromBase64(authorization.substr(6)).value_or("");
        Request basic;
        basic.setTarget("?client_id=" + pair.substr(0, pair.find(':')) + "&client_secret=" +
                        pair.substr(std::min(pair.find(':'), pair.size() - 1) + 1));
        form.query.insert(form.query.end(), basic.query.begin(), basic.query.end());
    }
    return form;
}

} // namespace

/// A token error: what stands in contract section 1.3.
class TokenEndpoint::Refusal
{
public:
    Refusal(int status, std::string error, int number, std::string text)
        : _status(status), _error(std::move(error)), _number(number), _text(std::move(text))
    {}

    /// The refusal that a fault asks for by its number.
    static Refusal byNumber(int number, const std::string& clientId, const std::string& tenant);

    Response response() const
    {
        const std::string trace = Guid::random().toString();
        const std::string correlation = Guid::random().toString();
        const std::string time = timestamp();
        return Response::json(
            _status, {{"error", _error},
                      {"error_description", "AADSTS" + std::to_string(_number) + ": " + _text +
                                                "\r\nTrace ID: " + trace + "\r\nCorrelation ID: " +
                                                correlation + "\r\nTimestamp: " + time},
                      {"error_codes", {_number}},
                      {"timestamp", time},
                      {"trace_id", trace},
                      {"correlation_id", correlation},
                      {"error_uri",
                       "https://login.microsoftonline.com/error?code=" + std::to_string(_number)}});
    }

private:
    int _status;
    std::string _error;
    int _number;
    std::string _text;
};

TokenEndpoint::Refusal TokenEndpoint::Refusal::byNumber(int number, const std::string& clientId,
                                                        const std::string& tenant)
{
    switch (number)
    {
    case 7000222:
        return {401, "invalid_client", number,
                "The provided client secret keys for app '" + clientId +
                    "' are expired. Visit the Azure portal to create new keys for your app."};
    case 7000229:
        return {401, "invalid_client", number,
                "The client application " + clientId +
                    " is missing service principal in the tenant " + tenant + "."};
    case 7000112:
        return {401, "unauthorized_client", number, "Application '" + clientId + "' is disabled."};
    case 90033:
        return {503, "temporarily_unavailable", number,
                "A transient error has occurred. Please try again."};
    default:
        return {400, "invalid_request", number, "The request was refused."};
    }
}

TokenEndpoint::TokenEndpoint(const Directory& directory, const Settings& settings,
                             const AccessTokens& tokens, App app)
    : _directory(directory), _settings(settings), _tokens(tokens), _app(std::move(app))
{}

bool TokenEndpoint::owns(const std::string& path) const
{
    return endsWith(path, kTokenPath) || endsWith(path, kDiscoveryPath);
}

Route TokenEndpoint::route(const Request& request)
{
    const std::string tenant = segments(request.path).front();
    if (endsWith(request.path, kDiscoveryPath))
        return {"token.discovery", [&request, tenant, this] { return discovery(request, tenant); }};
    return {"token", [&request, tenant, this] { return token(request, tenant); }};
}

Response TokenEndpoint::discovery(const Request& request, const std::string& tenant) const
{
    std::string id;
    try
    {
        id = requireTenant(tenant);
    }
    catch (const Refusal& refusal)
    {
        return refusal.response();
    }
    const std::string root = request.baseUrl + '/' + id;
    return Response::json(
        200, {{"token_endpoint", root + std::string(kTokenPath)},
              {"token_endpoint_auth_methods_supported",
               {"client_secret_post", "private_key_jwt", "client_secret_basic"}},
              {"jwks_uri", root + "/discovery/v2.0/keys"},
              {"response_modes_supported", {"query", "fragment", "form_post"}},
              {"subject_types_supported", {"pairwise"}},
              {"id_token_signing_alg_values_supported", {"RS256"}},
              {"response_types_supported", {"code", "id_token", "code id_token", "id_token token"}},
              {"scopes_supported", {"openid", "profile", "email", "offline_access"}},
              {"issuer", root + "/v2.0"},
              {"request_uri_parameter_supported", false},
              {"authorization_endpoint", root + "/oauth2/v2.0/authorize"},
              {"end_session_endpoint", root + "/oauth2/v2.0/logout"},
              {"tenant_region_scope", nullptr},
              {"cloud_instance_name", "microsoftonline.com"},
              {"cloud_graph_host_name", "graph.windows.net"},
              {"msgraph_host", "graph.microsoft.com"}});
}

Response TokenEndpoint::token(const Request& request, const std::string& tenant) const
{
    try
    {
        if (request.tweak.entraError != 0)
            throw Refusal::byNumber(request.tweak.entraError, _app.clientId, tenant);
        return issue(request, tenant);
    }
    catch (const Refusal& refusal)
    {
        return refusal.response();
    }
}

Response TokenEndpoint::issue(const Request& request, const std::string& tenant) const
{
    const Request form = formOf(request);
    if (request.method != "POST")
        throw Refusal(400, "invalid_request", 900561,
                      "The endpoint only accepts POST requests. Received a " + request.method +
                          " request.");
    for (const char* const name : {"grant_type", "client_id", "scope"})
    {
        if (form.parameter(name).value_or("").empty())
            throw Refusal(400, "invalid_request", 900144,
                          "The request body must contain the following parameter: '" +
                              std::string(name) + "'.");
    }
    if (form.parameter("grant_type") != "client_credentials")
        throw Refusal(400, "unsupported_grant_type", 70003,
                      "The app requested an unsupported grant type '" +
                          *form.parameter("grant_type") + "'.");
    const std::string tenantId = requireTenant(tenant);
    const std::string scope = *form.parameter("scope");
    if (std::find(kScopes.begin(), kScopes.end(), scope) == kScopes.end())
        throw Refusal(
            400, "invalid_scope", 70011,
            "The provided value for the input parameter 'scope' is not valid. The scope " + scope +
                " is not valid.");
    const std::string client = *form.parameter("client_id");
    if (!equalsWithoutCase(client, _app.clientId))
        throw Refusal(400, "unauthorized_client", 700016,
                      "Application with identifier '" + client +
                          "' was not found in the directory '" + _directory.displayName(tenantId) +
                          "'.");
    const auto secret = form.parameter("client_secret");
    const auto assertion = form.parameter("client_assertion");
    if (assertion && form.parameter("client_assertion_type") == kAssertionType)
        checkAssertion(request, tenant, *assertion);
    else if (!secret)
        throw Refusal(401, "invalid_client", 7000216,
                      "'client_assertion', 'client_secret' or 'request' is required for the "
                      "'client_credentials' grant type.");
    else if (*secret != _app.clientSecret)
        throw Refusal(401, "invalid_client", 7000215,
                      "Invalid client secret provided. Ensure the secret being sent in the request "
                      "is the client secret value, not the client secret ID, for a secret added to "
                      "app '" +
                          client + "'.");

    const auto settings = _settings.values();
    return Response::json(
        200, {{"token_type", "Bearer"},
              {"expires_in", settings.tokenLifetime},
              {"ext_expires_in", settings.tokenLifetime},
              {"access_token",
               _tokens.issue({tenantId, _app.clientId, settings.roles}, settings.tokenLifetime)}});
}

std::string TokenEndpoint::requireTenant(const std::string& tenant) const
{
    if (auto id = _directory.resolve(tenant))
        return *id;
    throw Refusal(400, "invalid_tenant", 90002,
                  "Tenant '" + tenant +
                      "' not found. Check to make sure you have the correct tenant ID and are "
                      "signing into the correct cloud.");
}

/// Contract section 1.2: which certificate, its signature, and what the claims must say.
void TokenEndpoint::checkAssertion(const Request& request, const std::string& tenant,
                                   const std::string& assertion) const
{
    const auto first = assertion.find('.');
    const auto second = assertion.rfind('.');
    const auto part = [&](std::size_t begin, std::size_t end) {
        return fromBase64(assertion.substr(begin, end - begin)).value_or("");
    };
    const Json header = Json::parse(part(0, first), nullptr, false);
    const Json claims = Json::parse(first < second ? part(first + 1, second) : "", nullptr, false);
    if (!header.is_object() || !claims.is_object())
        throw Refusal(401, "invalid_client", 50027, "JWT token is invalid or malformed.");

    const std::string sha256 = header.value("x5t#S256", "");
    const std::string sha1 = header.value("x5t", "");
    const auto certificate = std::find_if(
        _app.certificates.begin(), _app.certificates.end(), [&](const ClientCertificate& known) {
            return sha256.empty() ? known.sha1() == sha1 : known.sha256() == sha256;
        });
    const bool isFound = certificate != _app.certificates.end();
    if (!isFound || !certificate->verifies(header.value("alg", ""), assertion.substr(0, second),
                                           part(second + 1, assertion.size())))
        throw Refusal(401, "invalid_client", 700027,
                      "Client assertion failed signature validation. [Reason - " +
                          std::string(isFound ? "The key was found, but use of the key to verify "
                                                "the signature failed."
                                              : "The key was not found.") +
                          ", Thumbprint of key used by client: '" +
                          (sha256.empty() ? sha1 : sha256) +
                          "', Please visit the Azure Portal, Graph Explorer or directly use MS "
                          "Graph to see configured keys for app Id '" +
                          _app.clientId + "'.]");
    if (!equalsWithoutCase(claims.value("iss", ""), _app.clientId) ||
        !equalsWithoutCase(claims.value("sub", ""), _app.clientId))
        throw Refusal(
            401, "invalid_client", 700021,
            "Client assertion application identifier doesn't match 'client_id' parameter.");
    const std::string audience = request.baseUrl + '/' + tenant + std::string(kTokenPath);
    if (!equalsWithoutCase(claims.value("aud", ""), audience))
        throw Refusal(401, "invalid_client", 700023,
                      "Client assertion audience claim does not match Realm issuer.");
    checkValidity(claims);
}

/// By the machine's clock, not by the one that tests move: the client has only that.
void TokenEndpoint::checkValidity(const Json& claims) const
{
    constexpr std::int64_t kSkew = 300;
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    const auto seconds = [&](const char* name) {
        const auto found = claims.find(name);
        return found != claims.end() && found->is_number() ? found->get<std::int64_t>() : 0;
    };
    if (seconds("exp") > now && seconds("nbf") <= now + kSkew)
        return;
    throw Refusal(401, "invalid_client", 700024,
                  "Client assertion is not within its valid time range. Current time: " +
                      timeText(now) + ", assertion valid from " + timeText(seconds("nbf")) +
                      ", expiry time of assertion " + timeText(seconds("exp")) + ".");
}

} // namespace muster::sandbox
