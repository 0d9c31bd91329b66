#include "HttpSandbox.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace muster::testing {

namespace {

constexpr size_t kMostBytes = 64u << 20;
constexpr long kPatienceSeconds = 30;

struct Received
{
    FakeAnswer answer;
    bool isTooLarge = false;
};

size_t takeBody(char* data, size_t one, size_t size, void* context)
{
    auto& received = *static_cast<Received*>(context);
    received.isTooLarge = received.answer.body.size() + one * size > kMostBytes;
    if (received.isTooLarge)
        return 0;
    received.answer.body.append(data, one * size);
    return one * size;
}

size_t takeHeader(char* data, size_t one, size_t size, void* context)
{
    const std::string line(data, one * size);
    const auto colon = line.find(':');
    if (colon != line.npos)
    {
        auto name = line.substr(0, colon);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
        const auto from = std::min(line.find_first_not_of(' ', colon + 1), line.size());
        const auto to = line.find_last_not_of("\r\n ") + 1;
        static_cast<Received*>(context)->answer.headers[name] =
            line.substr(from, to > from ? to - from : 0);
    }
    return one * size;
}

using Easy = std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&::curl_slist_free_all)>;

FakeAnswer send(const std::string& url, const FakeRequest& request)
{
    const Easy easy(::curl_easy_init(), &::curl_easy_cleanup);
    List headers(nullptr, &::curl_slist_free_all);
    for (const auto& [name, value] : request.headers)
        headers.reset(::curl_slist_append(headers.release(), (name + ": " + value).c_str()));
    Received received;
    ::curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
    ::curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    ::curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
    ::curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT, kPatienceSeconds);
    ::curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    ::curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &takeBody);
    ::curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &received);
    ::curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, &takeHeader);
    ::curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &received);
    if (!request.body.empty())
    {
        ::curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                           static_cast<curl_off_t>(request.body.size()));
        ::curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, request.body.c_str());
    }
    else if (request.method == "HEAD")
        ::curl_easy_setopt(easy.get(), CURLOPT_NOBODY, 1L);
    ::curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, request.method.c_str());

    const auto result = ::curl_easy_perform(easy.get());
    if (result == CURLE_OK)
    {
        long status = 0;
        ::curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
        received.answer.status = static_cast<int>(status);
        return received.answer;
    }
    FakeAnswer answer;
    const auto isUnsent = result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST;
    answer.failure = received.isTooLarge ? "toolarge" : isUnsent ? "unsent" : "unknown";
    answer.body = ::curl_easy_strerror(result);
    return answer;
}

std::string originOf(const std::string& url)
{
    const auto scheme = url.find("://");
    return scheme == url.npos ? std::string() : url.substr(0, url.find_first_of("/?#", scheme + 3));
}

} // namespace

FakeHost::Handler httpSandbox(const std::map<std::string, std::string>& urls,
                              const plugins::TargetManifest& manifest, const Json& settings)
{
    std::map<std::string, std::string> credentials;
    for (const auto& place : manifest.credentials)
    {
        auto format = place.format;
        if (const auto secret = settings.value(place.setting, Json()); secret.is_string())
            credentials[place.header] = format.replace(format.find("{}"), 2, secret);
    }
    return [urls, credentials](FakeRequest request) {
        FakeAnswer refused;
        refused.failure = "refused";
        const auto own = urls.find(request.origin);
        const auto base = own == urls.end() ? urls.find("") : own;
        const auto isWhole = request.path.rfind("/", 0) != 0;
        const auto isKnown = std::any_of(urls.begin(), urls.end(), [&](const auto& url) {
            return originOf(url.second) == originOf(request.path);
        });
        if (isWhole ? !isKnown : base == urls.end())
            return refused;
        for (const auto& [name, value] : credentials)
            request.headers[name] = value;
        auto url = isWhole ? request.path : base->second;
        while (!isWhole && !url.empty() && url.back() == '/')
            url.pop_back();
        return send(isWhole ? url : url + request.path, request);
    };
}

std::string unreachable(const std::string& url)
{
    FakeRequest look;
    look.method = "GET";
    const auto answer = send(url, look);
    return answer.failure.empty() ? std::string() : answer.body;
}

} // namespace muster::testing
