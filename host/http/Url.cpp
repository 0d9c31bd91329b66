#include "http/HttpClient.h"

#include <curl/curl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <memory>

namespace muster::http {

namespace {

using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

/// The parser that sends the request reads it here too, so that both mean the same host.
Handle parse(const std::string& url)
{
    Handle handle(curl_url(), &curl_url_cleanup);
    if (!handle || url.find('\0') != url.npos ||
        curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) !=
            CURLUE_OK)
        return {nullptr, &curl_url_cleanup};
    return handle;
}

std::string part(const Handle& handle, CURLUPart which, unsigned flags = 0)
{
    char* text = nullptr;
    if (curl_url_get(handle.get(), which, &text, flags) != CURLUE_OK)
        return {};
    std::string result(text);
    curl_free(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return c < 128 ? char(std::tolower(c)) : char(c); });
    return result;
}

bool hasUser(const Handle& handle)
{
    return !part(handle, CURLUPART_USER).empty() || !part(handle, CURLUPART_PASSWORD).empty();
}

} // namespace

bool isLoopbackHost(const std::string& host)
{
    if (host == "localhost" || host == "::1" || host == "[::1]")
        return true;
    std::array<unsigned char, 4> address{};
    return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 && address[0] == 127;
}

bool isAllowedUrl(const std::string& url, std::string& why)
{
    const auto handle = parse(url);
    if (!handle)
    {
        why = "it is not a URL";
        return false;
    }
    if (hasUser(handle))
    {
        why = "it carries a user name or password";
        return false;
    }
    const auto scheme = part(handle, CURLUPART_SCHEME);
    const auto host = part(handle, CURLUPART_HOST);
    if (host.empty() || (scheme != "https" && scheme != "http"))
    {
        why = "it is not an https URL with a host";
        return false;
    }
    if (scheme == "http" && !isLoopbackHost(host))
    {
        why = "plain http is for this machine only: use https";
        return false;
    }
    return true;
}

std::string originOf(const std::string& url)
{
    const auto handle = parse(url);
    if (!handle || hasUser(handle))
        return {};
    const auto scheme = part(handle, CURLUPART_SCHEME);
    const auto host = part(handle, CURLUPART_HOST);
    const auto port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    if (scheme.empty() || host.empty() || port.empty())
        return {};
    return scheme + "://" + host + ":" + port;
}

} // namespace muster::http
