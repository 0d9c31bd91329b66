#pragma once

#include <muster/target.h>

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace muster::testing {

using Json = nlohmann::json;

/// A request as the plugin handed it over; credentials are the host's to add, so there are none.
struct FakeRequest
{
    std::string method;
    std::string path; ///< or, where the plugin gave one, the whole URL
    std::string origin;
    std::map<std::string, std::string> headers;
    std::string body;
    bool isRepeatable = false;
};

/// The answer as the real host gives it after all its tries.
struct FakeAnswer
{
    int status = 200;
    std::string body = {};
    std::map<std::string, std::string> headers = {};
    std::string failure = {}; ///< not empty: there is no answer; see target.h
};

/// Used by one thread, as a real host is by its plugin. A host in memory: it answers requests from
/// a function, does not really wait, and remembers what was asked of it.
class FakeHost
{
public:
    using Handler = std::function<FakeAnswer(const FakeRequest&)>;

    explicit FakeHost(Handler handler);
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    const muster_host& host() const { return _host; }

    void answerWith(Handler handler) { _handler = std::move(handler); }
    /// Cancels the call under way once so many more requests were answered.
    void cancelAfter(size_t requests) { _left = requests; }
    bool isCancelled() const { return _left == 0; }

    const std::vector<FakeRequest>& requests() const { return _requests; }
    const std::vector<std::string>& logs() const { return _logs; }
    std::chrono::milliseconds waited() const { return _waited; }
    /// What the plugin did to the host that target.h forbids, in words; empty: nothing.
    const std::string& misuse() const { return _misuse; }

private:
    int32_t exchange(std::string_view lines, const muster_sink& answers);
    void answer(const Json& request, const muster_sink& answers);
    static constexpr size_t kNever = std::numeric_limits<size_t>::max();

    Handler _handler;
    muster_host _host;
    std::vector<FakeRequest> _requests;
    std::vector<std::string> _logs;
    std::chrono::milliseconds _waited{0};
    std::string _misuse;
    size_t _left = kNever;
    bool _isExchanging = false;
};

} // namespace muster::testing
