#include "plugins/HostHttp.h"

#include "manifest/PartedSettings.h"
#include "plugins/Lines.h"
#include "runtime/Errors.h"

#include <muster/Keys.h>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

namespace muster::plugins {

using Json = nlohmann::json;
using namespace std::chrono;

namespace {

constexpr milliseconds kFirstBackoff{500};

/// What the settings say under "group.key", else what their schema calls the default; else null.
Json saidOf(const TargetManifest& manifest, const Json& settings, const char* group,
            const char* key)
{
    const auto said = settings.value(group, Json::object());
    if (said.is_object() && said.contains(key))
        return said[key];
    const auto place = Json::json_pointer("/properties") / group / "properties" / key / "default";
    return manifest.settings.contains(place) ? manifest.settings.at(place) : Json();
}

bool isBare(const std::string& text)
{
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; });
}

/// The request would do the same if it were sent twice.
bool isSafe(const Json& request, const std::string& method)
{
    if (const auto repeat = request.value("repeat", ""); !repeat.empty())
    {
        if (repeat != "safe" && repeat != "never")
            throw std::invalid_argument("\"repeat\" must be safe or never");
        return repeat == "safe";
    }
    return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE";
}

const char* failureText(http::Failure failure)
{
    switch (failure)
    {
    case http::Failure::Unsent:
        return "unsent";
    case http::Failure::TooLarge:
        return "toolarge";
    case http::Failure::Refused:
        return "refused";
    case http::Failure::Cancelled:
        return "cancelled";
    case http::Failure::None:
    case http::Failure::Unknown:
        break;
    }
    return "unknown";
}

http::HttpResponse failed(http::Failure failure, std::string message)
{
    http::HttpResponse response;
    response.failure = failure;
    response.message = std::move(message);
    return response;
}

} // namespace

PaceSettings PaceSettings::from(const TargetManifest& manifest, const Json& settings)
{
    PaceSettings result{manifest.perSecond, manifest.parallel};
    const auto pace = [&](const char* key) { return saidOf(manifest, settings, "pace", key); };
    const auto span = [&](const char* key, milliseconds fallback) {
        const auto value = pace(key);
        return value.is_number() ? ceil<milliseconds>(duration<double>(value.get<double>()))
                                 : fallback;
    };
    if (const auto value = pace("perSecond"); value.is_number() && value > 0)
        result.perSecond = value;
    if (const auto value = pace("parallel"); value.is_number_integer() && value > 0)
        result.parallel = value;
    if (const auto value = pace("tries"); value.is_number_integer() && value > 0)
        result.tries = value;
    result.patience = span("patience", result.patience);
    result.timeout = span("timeout", result.timeout);

    const auto requests = saidOf(manifest, settings, "budget", "requests");
    const auto window = saidOf(manifest, settings, "budget", "window");
    if (requests.is_number_integer() && requests > 0 && window.is_string())
        if (const auto length = runtime::timeSpan(window))
            result.budget = Budget{requests, *length};
    return result;
}

/// A request on its way to an answer.
struct HostHttp::Pending
{
    Json id;
    http::HttpRequest request;
    std::string refusal = {}; ///< why it is not sent at all
    bool isSafe = false;
    bool isSent = false; ///< this time
    size_t tries = 0;
    milliseconds backoff{0}; ///< to wait before the next try, of its own
    milliseconds waited{0};
    std::optional<http::HttpResponse> last = {}; ///< the answer to give when there is no next try
};

HostHttp::HostHttp(const TargetManifest& manifest, const Json& settings, runtime::Clock& clock,
                   SendAll sendAll, Trace trace)
    : _clock(clock),
      _sendAll(std::move(sendAll)),
      _trace(std::move(trace)),
      _settings(PaceSettings::from(manifest, settings)),
      _pace(_settings.perSecond, clock, _settings.budget),
      _redact(partSettings(manifest, settings).secrets)
{
    for (const auto& origin : manifest.origins)
    {
        const auto& setting = origin.setting;
        auto url = origin.url(settings);
        if (url.empty())
            continue;
        std::string why;
        if (!http::isAllowedUrl(url, why))
            throw ConfigError(setting + ": " + _redact(url) + " cannot be used: " + why);
        while (url.back() == '/')
            url.pop_back();
        if (_firstOrigin.empty())
            _firstOrigin = setting;
        _origins[setting] = url;
    }
    for (const auto& place : manifest.credentials)
    {
        const auto secret = settings.value(place.setting, "");
        if (secret.empty())
            continue;
        if (!isBare(secret))
            throw ConfigError(place.setting +
                              ": it holds a line break or another control character;"
                              " set it again without");
        auto value = place.format;
        value.replace(value.find("{}"), 2, secret);
        _credentials[lowered(place.header)] = value;
    }
}

void HostHttp::exchange(std::string_view lines,
                        const std::function<void(const std::string&)>& answer,
                        const runtime::Cancellation& cancellation)
{
    std::vector<Pending> waiting;
    for (const auto& line : parseLines(lines))
        if (line.what == "request")
            waiting.push_back(parse(line.value));
        else
            throw std::invalid_argument("\"" + line.what + "\" is not a request");

    std::erase_if(waiting, [&](const Pending& pending) {
        if (pending.refusal.empty())
            return false;
        answer(answerLine(pending, failed(http::Failure::Refused, pending.refusal)));
        return true;
    });
    while (!waiting.empty())
        sendRound(waiting, answer, cancellation);
}

/// Sends what is waiting once; what is to be tried again is waiting afterwards.
void HostHttp::sendRound(std::vector<Pending>& waiting,
                         const std::function<void(const std::string&)>& say,
                         const runtime::Cancellation& cancellation)
{
    milliseconds backoff{0};
    for (const auto& pending : waiting)
        backoff = std::max(backoff, pending.backoff);
    std::vector<http::HttpRequest> requests;
    for (auto& pending : waiting)
    {
        pending.isSent = false;
        requests.push_back(pending.request);
        requests.back().onSent = [this, &pending] {
            pending.isSent = true;
            _pace.sent();
        };
    }

    std::vector<Pending> again;
    const auto onAnswer = [&](size_t index, http::HttpResponse response) {
        auto& pending = waiting[index];
        if (!pending.isSent)
            _pace.dropped();
        const auto isOverPatience =
            response.failure == http::Failure::Unsent && _pace.paused() > _settings.patience;
        if (isOverPatience)
            say(answerLine(pending, pending.last.value_or(std::move(response))));
        else if (judge(pending, response) == Verdict::Again)
            again.push_back(std::move(pending));
        else
            say(answerLine(pending, response));
    };
    // A negative wait: not at all. The target asked for more time than we have patience.
    const auto pace = [&] {
        return _pace.paused() > _settings.patience ? milliseconds(-1) : _pace.next();
    };
    try
    {
        _clock.sleep(backoff, cancellation);
    }
    catch (const CancelledError&)
    {
        // sendAll sees the same cancellation and answers for every request.
    }
    _sendAll(requests, _settings.parallel, pace, onAnswer, cancellation);
    waiting = std::move(again);
}

HostHttp::Pending HostHttp::parse(const Json& request) const
{
    Pending pending;
    pending.id = request.at("id");
    auto& out = pending.request;
    out.method = request.value("method", "GET");
    if (out.method.empty() || !std::all_of(out.method.begin(), out.method.end(),
                                           [](char c) { return c >= 'A' && c <= 'Z'; }))
        throw std::invalid_argument("\"method\" must be capital letters");
    out.body = request.value("body", "");
    out.timeout = _settings.timeout;
    pending.isSafe = isSafe(request, out.method);
    try
    {
        out.url = urlOf(request);
        addHeaders(request, out);
    }
    catch (const ConfigError& error)
    {
        pending.refusal = error.what();
    }
    return pending;
}

std::string HostHttp::urlOf(const Json& request) const
{
    if (const auto url = request.value("url", ""); !url.empty())
    {
        const auto origin = http::originOf(url);
        const auto isListed = !origin.empty() && isBare(url) &&
                              std::any_of(_origins.begin(), _origins.end(), [&](const auto& known) {
                                  return http::originOf(known.second) == origin;
                              });
        if (!isListed)
            throw ConfigError("not sent to " +
                              (origin.empty() ? "an address that is none" : origin) +
                              ": none of the target's settings names it");
        return url;
    }
    const auto setting = request.value("origin", _firstOrigin);
    const auto origin = _origins.find(setting);
    if (origin == _origins.end())
        throw ConfigError("not sent: the target has no URL in the setting \"" + setting + "\"");
    const auto path = request.value("path", "");
    const auto url = origin->second + path;
    if (path.empty() || path.front() != '/' || !isBare(path) ||
        http::originOf(url) != http::originOf(origin->second))
        throw ConfigError("not sent: a path begins with / and stays on its site");
    return url;
}

void HostHttp::addHeaders(const Json& request, http::HttpRequest& out) const
{
    static const std::set<std::string> kOurs{"host", "content-length", "transfer-encoding",
                                             "connection"};
    for (const auto& [name, value] : request.value("headers", http::Headers()))
    {
        const auto isText =
            isBare(name) && isBare(value) && !name.empty() && name.find_first_of(": ") == name.npos;
        if (!isText || kOurs.count(lowered(name)) || _credentials.count(lowered(name)))
            throw ConfigError("not sent: the header \"" + name + "\" is not the plugin's to set");
        out.headers[lowered(name)] = value;
    }
    out.headers.insert(_credentials.begin(), _credentials.end());
}

HostHttp::Verdict HostHttp::judge(Pending& pending, const http::HttpResponse& response)
{
    const auto failure = response.failure;
    if (failure != http::Failure::Unsent && failure != http::Failure::Refused &&
        failure != http::Failure::Cancelled)
        ++_requests;
    ++pending.tries;
    if (_trace)
        _trace(_redact(pending.request.method + " " + pending.request.url + ": " +
                       (response.isAnswer() ? std::to_string(response.status) : response.message)));

    const auto status = response.isAnswer() ? response.status : 0;
    const auto isThrottled = status == 429 || (status == 503 && response.retryAfter());
    const auto isTrouble = failure == http::Failure::Unknown || status == 408 || status == 500 ||
                           status == 502 || status == 503 || status == 504;
    const auto mayRepeat =
        status == 429 || failure == http::Failure::Unsent || (pending.isSafe && isTrouble);

    const auto backoff = kFirstBackoff * (1 << std::min<size_t>(pending.tries - 1, 10));
    const auto wait = isThrottled ? response.retryAfter().value_or(2 * backoff) : backoff;
    if (isThrottled)
        _pace.pause(wait);
    if (!mayRepeat || pending.tries >= _settings.tries ||
        pending.waited + wait > _settings.patience)
        return Verdict::Final;

    pending.waited += wait;
    pending.backoff = isThrottled ? milliseconds(0) : wait;
    pending.request.onNewConnection = !response.isAnswer();
    pending.last = response;
    return Verdict::Again;
}

std::string HostHttp::answerLine(const Pending& pending, const http::HttpResponse& response) const
{
    Json answer{{"id", pending.id}};
    if (response.isAnswer())
    {
        answer["status"] = response.status;
        auto& headers = answer["headers"] = Json::object();
        for (const auto& [name, value] : response.headers)
            headers[name] = _redact(value);
        answer["body"] = _redact(response.body);
    }
    else
    {
        answer["failure"] = failureText(response.failure);
        answer["message"] = _redact(response.message);
    }
    return toLine("answer", std::move(answer));
}

} // namespace muster::plugins
