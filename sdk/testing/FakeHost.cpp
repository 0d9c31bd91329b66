#include <muster/testing/FakeHost.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace muster::testing {

namespace {

FakeHost& self(void* context)
{
    return *static_cast<FakeHost*>(context);
}

FakeRequest toRequest(const Json& json)
{
    FakeRequest request;
    request.method = json.value("method", "GET");
    request.path = json.value("path", json.value("url", ""));
    request.origin = json.value("origin", "");
    request.headers = json.value("headers", std::map<std::string, std::string>());
    request.body = json.value("body", "");
    static const std::set<std::string> kSafe{"GET", "HEAD", "PUT", "DELETE"};
    const auto repeat = json.value("repeat", kSafe.count(request.method) ? "safe" : "never");
    if (repeat != "safe" && repeat != "never")
        throw std::invalid_argument("\"repeat\" is neither safe nor never");
    request.isRepeatable = repeat == "safe";
    return request;
}

} // namespace

FakeHost::FakeHost(Handler handler)
    : _handler(std::move(handler)),
      _host{MUSTER_ABI_MAJOR,
            MUSTER_ABI_MINOR,
            this,
            [](void* context, int32_t, muster_text message) {
                self(context)._logs.emplace_back(message.data, message.size);
            },
            [](void* context) { return self(context).isCancelled() ? 1 : 0; },
            [](void* context, uint64_t milliseconds) {
                if (self(context).isCancelled())
                    return MUSTER_CANCELLED;
                self(context)._waited += std::chrono::milliseconds(milliseconds);
                return MUSTER_OK;
            },
            [](void* context, muster_text requests, const muster_sink* answers) {
                return self(context).exchange({requests.data, requests.size}, *answers);
            },
            [](void*, const char*) -> const void* { return nullptr; }}
{}

int32_t FakeHost::exchange(std::string_view lines, const muster_sink& answers)
{
    if (_isExchanging)
    {
        _misuse = "it calls http from within the sink of http";
        return MUSTER_REJECTED;
    }
    std::vector<Json> requests;
    try
    {
        std::set<Json> ids;
        while (!lines.empty())
        {
            const auto end = std::min(lines.find('\n'), lines.size());
            if (end > 0)
                requests.push_back(Json::parse(lines.substr(0, end)).at("request"));
            if (end > 0 && !ids.insert(requests.back().at("id")).second)
                throw std::invalid_argument("two requests with one id");
            lines.remove_prefix(std::min(end + 1, lines.size()));
        }
        for (const auto& request : requests)
            toRequest(request);
    }
    catch (const std::exception& error)
    {
        _misuse = std::string("its requests are not what target.h says: ") + error.what();
        return MUSTER_REJECTED;
    }
    _isExchanging = true;
    for (const auto& request : requests)
        answer(request, answers);
    _isExchanging = false;
    return isCancelled() ? MUSTER_CANCELLED : MUSTER_OK;
}

void FakeHost::answer(const Json& request, const muster_sink& answers)
{
    FakeAnswer given;
    if (isCancelled())
        given.failure = "cancelled";
    else
    {
        _requests.push_back(toRequest(request));
        given = _handler(_requests.back());
        if (_left != kNever)
            --_left;
    }
    Json json{{"id", request.at("id")}};
    if (given.failure.empty())
        json.update({{"status", given.status}, {"headers", given.headers}, {"body", given.body}});
    else
        json.update({{"failure", given.failure}, {"message", "the fake host was told so"}});
    const auto line = Json{{"answer", json}}.dump(-1, ' ', false, Json::error_handler_t::replace);
    answers.line(answers.context, {line.data(), line.size()});
}

} // namespace muster::testing
