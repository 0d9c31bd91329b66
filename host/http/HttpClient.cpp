#include "http/HttpClient.h"

#include "http/Transfer.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <ctime>
#include <new>
#include <unordered_map>

namespace muster::http {

using namespace std::chrono;

namespace {

constexpr milliseconds kLook{50}; ///< how often a cancellation is looked for
constexpr milliseconds kLongestRetryAfter{3'600'000};

HttpResponse failed(Failure failure, std::string message)
{
    HttpResponse response;
    response.failure = failure;
    response.message = std::move(message);
    return response;
}

} // namespace

std::string HttpResponse::header(const std::string& lowerCaseName) const
{
    const auto found = headers.find(lowerCaseName);
    return found == headers.end() ? std::string() : found->second;
}

std::optional<milliseconds> HttpResponse::retryAfter() const
{
    const auto text = header("retry-after");
    if (text.empty())
        return std::nullopt;
    double wait = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), wait, std::chars_format::fixed);
    if (error != std::errc() || end != text.data() + text.size())
    {
        const auto until = curl_getdate(text.c_str(), nullptr);
        if (until < 0)
            return std::nullopt;
        // The other side's own clock is the one the date was made with.
        const auto sent = curl_getdate(header("date").c_str(), nullptr);
        wait = std::difftime(until, sent < 0 ? std::time(nullptr) : sent);
    }
    const auto limit = duration<double>(kLongestRetryAfter).count();
    if (!std::isfinite(wait))
        return std::nullopt;
    return ceil<milliseconds>(duration<double>(std::clamp(wait, 0.0, limit)));
}

/// Several requests at once over one set of connections.
class HttpClient::Implementation
{
public:
    explicit Implementation(HttpOptions options)
        : _options(std::move(options)), _trust(_options.caFile)
    {
        static const CURLcode kInitialised = curl_global_init(CURL_GLOBAL_DEFAULT);
        _multi = kInitialised == CURLE_OK ? curl_multi_init() : nullptr;
        if (!_multi)
            throw std::bad_alloc();
    }

    ~Implementation() { curl_multi_cleanup(_multi); }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    uint64_t sent() const { return _sent; }

    void sendAll(const std::vector<HttpRequest>& requests, size_t parallel, const Pace& pace,
                 const Answer& answer, const runtime::Cancellation& cancellation)
    {
        size_t next = 0;
        Running running;
        while (next < requests.size() || !running.empty())
        {
            if (cancellation.isRequested())
                return cancelAll(requests.size(), next, running, answer);
            const auto wait =
                start(requests, std::max<size_t>(parallel, 1), next, running, pace, answer);
            int active = 0;
            curl_multi_perform(_multi, &active);
            if (collect(running, answer) == 0 && (wait.count() > 0 || !running.empty()))
                curl_multi_poll(_multi, nullptr, 0, static_cast<int>(wait.count()), nullptr);
        }
    }

private:
    struct Entry
    {
        size_t index;
        std::unique_ptr<Transfer> transfer;
    };
    using Running = std::unordered_map<CURL*, Entry>;

    /// Starts what may start; returns how long to wait for what happens next.
    milliseconds start(const std::vector<HttpRequest>& requests, size_t parallel, size_t& next,
                       Running& running, const Pace& pace, const Answer& answer)
    {
        while (next < requests.size() && running.size() < parallel)
        {
            const auto& request = requests[next];
            if (auto why = refusalOf(request); !why.empty())
            {
                answer(next++, failed(Failure::Refused, std::move(why)));
                continue;
            }
            const auto wait = pace ? pace() : milliseconds(0);
            if (wait.count() > 0)
                return std::min(wait, kLook);
            if (wait.count() < 0)
            {
                answer(next++, failed(Failure::Unsent, "not sent: the other side asks for time"));
                continue;
            }
            auto transfer = std::make_unique<Transfer>(_multi, request, _options, _trust);
            auto* const handle = transfer->handle();
            running.emplace(handle, Entry{next++, std::move(transfer)});
        }
        return running.empty() ? milliseconds(0) : kLook;
    }

    size_t collect(Running& running, const Answer& answer)
    {
        size_t count = 0;
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(_multi, &left))
        {
            const auto found = running.find(message->easy_handle);
            if (message->msg != CURLMSG_DONE || found == running.end())
                continue;
            const auto result = message->data.result;
            const auto entry = std::move(found->second);
            running.erase(found);
            _sent += entry.transfer->wasSent() ? 1 : 0;
            answer(entry.index, entry.transfer->finish(result));
            ++count;
        }
        return count;
    }

    void cancelAll(size_t count, size_t next, Running& running, const Answer& answer)
    {
        std::vector<size_t> rest;
        for (auto& [handle, entry] : running)
        {
            _sent += entry.transfer->wasSent() ? 1 : 0;
            rest.push_back(entry.index);
        }
        running.clear();
        std::sort(rest.begin(), rest.end());
        for (; next < count; ++next)
            rest.push_back(next);
        for (const auto index : rest)
            answer(index, failed(Failure::Cancelled, "cancelled"));
    }

    HttpOptions _options;
    ExtraTrust _trust;
    CURLM* _multi = nullptr;
    uint64_t _sent = 0;
};

HttpClient::HttpClient(HttpOptions options)
    : _implementation(std::make_unique<Implementation>(std::move(options)))
{}

HttpClient::~HttpClient() = default;

HttpResponse HttpClient::send(const HttpRequest& request, const runtime::Cancellation& cancellation)
{
    HttpResponse result;
    _implementation->sendAll(
        {request}, 1, {}, [&](size_t, HttpResponse response) { result = std::move(response); },
        cancellation);
    return result;
}

void HttpClient::sendAll(const std::vector<HttpRequest>& requests, size_t parallel,
                         const Pace& pace, const Answer& answer,
                         const runtime::Cancellation& cancellation)
{
    _implementation->sendAll(requests, parallel, pace, answer, cancellation);
}

uint64_t HttpClient::sent() const
{
    return _implementation->sent();
}

} // namespace muster::http
