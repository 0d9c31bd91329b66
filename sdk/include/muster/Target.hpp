#pragma once

#include <muster/Keys.h>
#include <muster/target.h>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Target plugins in C++: derive a class from Target, give it a constructor (Host&, const Json&
/// settings), and end one source file with MUSTER_TARGET(YourClass, "id", "version"). What the
/// words mean and what each call owes is written in target.h.
namespace muster::target {

using Json = nlohmann::json;

/// Someone must change a setting. Thrown by the constructor above all; `setting` is its path.
class SettingError : public std::runtime_error
{
public:
    SettingError(std::string setting, const std::string& message)
        : std::runtime_error(message), _setting(std::move(setting))
    {}
    const std::string& setting() const { return _setting; }

private:
    std::string _setting;
};

/// The call may work later.
class RetryError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// The call was cancelled: see Host::isCancelled().
class CancelledError : public std::runtime_error
{
public:
    CancelledError() : std::runtime_error("cancelled") {}
};

enum class Severity
{
    Info,
    Warning,
    Error
};

struct Finding
{
    std::string code; ///< stable, lower case with dashes
    Severity severity = Severity::Error;
    std::string message;
};

/// A record as another one refers to it.
struct End
{
    std::string kind;
    std::string key;
    std::string remoteId;
};

struct Record
{
    std::string kind;
    std::string key;
    std::string remoteId;
    std::string name = {};
    bool active = true;
    Json fields = Json::object();
    std::optional<End> within = {};        ///< without key
    std::vector<std::string> tags = {};    ///< what people marked it with
    std::vector<std::string> aliases = {}; ///< what modes look for it by, in lower case
};

struct Link
{
    End from;
    End to;
    std::string role = {};
};

struct ReadRequest
{
    Json scope;
    std::vector<std::string> kinds;
    std::vector<End> linksInto;   ///< without keys
    std::vector<End> find = {};   ///< without remote ids
    std::vector<End> within = {}; ///< without keys; empty: `kinds` are asked for in the scope
};

enum class Action
{
    Create,
    Update,
    Activate,
    Retire,
    Link,
    Unlink
};

/// Something to do: with `from`, `to` and `role` for Link and Unlink, else with the members above.
struct Change
{
    int64_t id = 0;
    Action action = Action::Create;
    std::string kind;
    std::string key;
    std::string name;
    std::string remoteId;
    Json fields = Json::object();
    bool doubt = false;
    End from;
    End to;
    std::string role;
    std::optional<End> within = {};
};

enum class State
{
    Applied,
    Unchanged,
    Rejected,
    Retry
};

struct Outcome
{
    int64_t id = 0; ///< of the change
    State state = State::Retry;
    std::string message = {};
    std::optional<Record> record = {};
    bool adopted = false;
    bool unknown = false; ///< with Retry: it may have taken effect
    std::optional<std::chrono::milliseconds> retryAfter = {};
    bool limit = false; ///< with Rejected: a limit of the target is reached, the change is fine
    bool gone = false;  ///< with Rejected: what it is about is no longer there
};

enum class Repeat
{
    ByMethod,
    Safe,
    Never
};

struct Request
{
    std::string method = "GET";
    std::string path;        ///< behind the URL in the setting `origin`
    std::string origin = {}; ///< empty: the first that plugin.json lists
    std::string body = {};
    std::map<std::string, std::string> headers = {};
    Repeat repeat = Repeat::ByMethod;
};

struct Answer
{
    int status = 0; ///< 0: `failure` says why there is none
    std::map<std::string, std::string> headers = {};
    std::string body = {};
    std::string failure = {};
    std::string message = {};

    bool isSuccess() const { return status >= 200 && status < 300; }

    /// A write may have taken effect although this is no success.
    bool isUnknown() const
    {
        return status >= 500 || status == 408 || failure == "unknown" || failure == "toolarge" ||
               failure == "cancelled";
    }

    /// The same request may work later.
    bool mayWorkLater() const { return isUnknown() || status == 429 || failure == "unsent"; }

    /// The body; discarded (is_discarded()) when it is not JSON.
    Json json() const { return Json::parse(body, nullptr, false); }

    /// Retry-After in seconds; nothing when there is none or it is a date.
    std::optional<std::chrono::milliseconds> retryAfter() const
    {
        const auto found = headers.find("retry-after");
        if (found == headers.end())
            return std::nullopt;
        const auto seconds = Json::parse(found->second, nullptr, false);
        if (!seconds.is_number() || seconds < 0 || seconds > 3600)
            return std::nullopt;
        return std::chrono::milliseconds(static_cast<int64_t>(seconds.get<double>() * 1000));
    }
};

/// The host's services. Used by one thread: that of the call under way.
class Host
{
public:
    explicit Host(const muster_host& host) : _host(host) {}

    void log(Severity severity, std::string_view message) const;
    bool isCancelled() const { return _host.is_cancelled(_host.context) != 0; }

    /// Gives false, at once, when the call is cancelled.
    [[nodiscard]] bool wait(std::chrono::milliseconds duration) const
    {
        return _host.wait(_host.context, static_cast<uint64_t>(duration.count())) == MUSTER_OK;
    }

    using OnAnswer = std::function<void(size_t index, Answer answer)>;

    /// Sends them at once, as the pace allows; each answer is handed over as it comes. Every
    /// request gets one, also when the call is cancelled.
    void send(const std::vector<Request>& requests, const OnAnswer& answer) const;
    std::vector<Answer> send(const std::vector<Request>& requests) const;
    Answer send(const Request& request) const { return send(std::vector{request}).front(); }

private:
    const muster_host& _host;
};

struct Ticket;
struct Place;

/// Where a call says what it found or did.
class Output
{
public:
    explicit Output(const muster_sink& sink) : _sink(sink) {}

    void say(const Finding& finding) const;
    void say(const Record& record) const;
    void say(const Link& link) const;
    void say(const Outcome& outcome) const;
    void say(const Ticket& ticket) const;
    void say(const Place& place) const;
    void saySubscription(const std::string& id) const;
    void sayError(const std::string& message, const std::string& setting) const;

private:
    void line(const char* what, Json value) const;

    const muster_sink& _sink;
};

/// Used by one thread at a time. An instance for one target of the estate. Exceptions:
/// SettingError, RetryError and CancelledError are told apart; any other means that the target
/// refuses.
class Target
{
public:
    virtual ~Target() = default;
    virtual void check(const std::vector<Json>& scopes, Output& output) = 0;
    virtual void read(const ReadRequest& request, Output& output) = 0;
    virtual void apply(const Json& scope, const std::vector<Change>& changes, Output& output) = 0;
};

/// A ticket that may be a request for a sync.
struct Ticket
{
    std::string id;
    std::string status = {}; ///< "granted", "declined", "in-progress", "closed", or empty
    bool isClosed = false;
    std::string summary = {};
    std::string contact = {};
    Json forms = Json::array(); ///< as in target.h
    std::optional<std::vector<std::string>> notes = {};
};

/// A scope that a sync may have.
struct Place
{
    Json scope;
    std::string id;
    std::string name;
};

/// Used by one thread at a time. A class that derives from Target and from this one offers the
/// extension MUSTER_REQUESTS; see struct muster_requests.
class Requests
{
public:
    virtual ~Requests() = default;
    virtual std::vector<Ticket> tickets() = 0; ///< id and status will do
    virtual std::optional<Ticket> ticket(const std::string& id) = 0;
    virtual std::vector<Place> places() = 0;
    virtual void setStatus(const std::string& ticket, const std::string& status) = 0;
    virtual void writeNote(const std::string& ticket, const std::string& text) = 0;
    virtual std::string subscribe(const std::string& url) = 0;
    virtual void unsubscribe(const std::string& subscription) = 0;
};

/// From here on: how the classes above become lines.
namespace detail {

inline std::string_view view(muster_text text)
{
    return {text.data ? text.data : "", static_cast<size_t>(text.size)};
}

inline muster_text text(std::string_view view)
{
    return {view.data(), view.size()};
}

/// Text of JSON; what is not UTF-8 becomes U+FFFD, so that this never throws for that.
inline std::string dump(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The lines of a text, each the inner object and what it is.
inline std::vector<std::pair<std::string, Json>> lines(muster_text text)
{
    std::vector<std::pair<std::string, Json>> result;
    auto rest = view(text);
    while (!rest.empty())
    {
        const auto end = std::min(rest.find('\n'), rest.size());
        if (end > 0)
        {
            auto line = Json::parse(rest.substr(0, end));
            auto member = line.begin();
            result.emplace_back(member.key(), std::move(member.value()));
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return result;
}

inline Json toJson(const Record& record)
{
    Json result{{"kind", record.kind},
                {"remoteId", record.remoteId},
                {"name", record.name},
                {"active", record.active},
                {"fields", record.fields}};
    if (!record.key.empty())
        result["key"] = record.key;
    if (record.within)
        result["within"] = {{"kind", record.within->kind}, {"remoteId", record.within->remoteId}};
    if (!record.tags.empty())
        result["tags"] = record.tags;
    if (!record.aliases.empty())
        result["aliases"] = record.aliases;
    return result;
}

inline End end(const Json& json)
{
    return {json.value("kind", ""), json.value("key", ""), json.value("remoteId", "")};
}

inline Change change(const Json& json)
{
    static const std::map<std::string, Action> kActions{
        {"create", Action::Create}, {"update", Action::Update}, {"activate", Action::Activate},
        {"retire", Action::Retire}, {"link", Action::Link},     {"unlink", Action::Unlink}};
    Change result;
    result.id = json.at("id");
    result.action = kActions.at(json.at("action"));
    result.kind = json.value("kind", "");
    result.key = json.value("key", "");
    result.name = json.value("name", "");
    result.remoteId = json.value("remoteId", "");
    result.fields = json.value("fields", Json::object());
    result.doubt = json.value("doubt", false);
    result.from = end(json.value("from", Json::object()));
    result.to = end(json.value("to", Json::object()));
    result.role = json.value("role", "");
    if (json.contains("within"))
        result.within = end(json["within"]);
    return result;
}

inline Json toJson(size_t id, const Request& request)
{
    Json result{{"id", id}, {"method", request.method}, {"path", request.path}};
    if (!request.origin.empty())
        result["origin"] = request.origin;
    if (!request.headers.empty())
        result["headers"] = request.headers;
    if (!request.body.empty())
        result["body"] = request.body;
    if (request.repeat != Repeat::ByMethod)
        result["repeat"] = request.repeat == Repeat::Safe ? "safe" : "never";
    return {{"request", std::move(result)}};
}

inline Answer answer(const Json& json)
{
    return {json.value("status", 0), json.value("headers", std::map<std::string, std::string>()),
            json.value("body", ""), json.value("failure", ""), json.value("message", "")};
}

/// Runs a call of the plugin; nothing leaves it but a status.
template <typename Body>
int32_t guarded(const muster_sink& sink, const Body& body) noexcept
{
    try
    {
        const Output output(sink);
        try
        {
            body();
            return MUSTER_OK;
        }
        catch (const SettingError& error)
        {
            output.sayError(error.what(), error.setting());
            return MUSTER_CONFIG;
        }
        catch (const RetryError& error)
        {
            output.sayError(error.what(), {});
            return MUSTER_RETRY;
        }
        catch (const CancelledError&)
        {
            return MUSTER_CANCELLED;
        }
        catch (const std::exception& error)
        {
            output.sayError(error.what(), {});
        }
    }
    catch (...)
    {}
    return MUSTER_REJECTED;
}

struct Instance
{
    Host host;
    std::unique_ptr<Target> target;
    Requests* requests = nullptr; ///< the target, when it offers them
};

template <typename Class>
int32_t create(const muster_host* host, muster_text settings, const muster_sink* out,
               void** instance)
{
    return guarded(*out, [&] {
        auto made = std::make_unique<Instance>(Instance{Host(*host), nullptr});
        auto target = std::make_unique<Class>(made->host, Json::parse(view(settings)));
        if constexpr (std::is_base_of_v<Requests, Class>)
            made->requests = target.get();
        made->target = std::move(target);
        *instance = made.release();
    });
}

inline void destroy(void* instance)
{
    delete static_cast<Instance*>(instance);
}

inline int32_t check(void* instance, muster_text request, const muster_sink* out)
{
    return guarded(*out, [&] {
        std::vector<Json> scopes;
        for (auto& [what, value] : lines(request))
            scopes.push_back(std::move(value));
        Output output(*out);
        static_cast<Instance*>(instance)->target->check(scopes, output);
    });
}

inline int32_t read(void* instance, muster_text request, const muster_sink* out)
{
    return guarded(*out, [&] {
        const auto asked = lines(request).at(0).second;
        ReadRequest read{asked.at("scope"), asked.value("kinds", std::vector<std::string>()), {}};
        for (auto [name, ends] : {std::pair("linksInto", &read.linksInto),
                                  std::pair("find", &read.find), std::pair("within", &read.within)})
            for (const auto& one : asked.value(name, Json::array()))
                ends->push_back(end(one));
        Output output(*out);
        static_cast<Instance*>(instance)->target->read(read, output);
    });
}

inline int32_t apply(void* instance, muster_text request, const muster_sink* out)
{
    return guarded(*out, [&] {
        Json scope;
        std::vector<Change> changes;
        for (auto& [what, value] : lines(request))
            if (what == "scope")
                scope = std::move(value);
            else
                changes.push_back(change(value));
        Output output(*out);
        static_cast<Instance*>(instance)->target->apply(scope, changes, output);
    });
}

inline Requests& requestsOf(void* instance)
{
    return *static_cast<Instance*>(instance)->requests;
}

inline int32_t tickets(void* instance, const muster_sink* out)
{
    return guarded(*out, [&] {
        for (const auto& ticket : requestsOf(instance).tickets())
            Output(*out).say(ticket);
    });
}

inline int32_t ticket(void* instance, muster_text request, const muster_sink* out)
{
    return guarded(*out, [&] {
        if (const auto found = requestsOf(instance).ticket(lines(request).at(0).second.at("id")))
            Output(*out).say(*found);
    });
}

inline int32_t places(void* instance, const muster_sink* out)
{
    return guarded(*out, [&] {
        for (const auto& place : requestsOf(instance).places())
            Output(*out).say(place);
    });
}

inline int32_t setStatus(void* instance, muster_text request, const muster_sink* out)
{
    return guarded(*out, [&] {
        const auto status = lines(request).at(0).second;
        requestsOf(instance).setStatus(status.at("ticket"), status.at("name"));
    });
}

inline int32_t writeNote(void* instance, muster_text request, const muster_sink* out)
{
    return guarded(*out, [&] {
        const auto note = lines(request).at(0).second;
        requestsOf(instance).writeNote(note.at("ticket"), note.at("text"));
    });
}

inline int32_t subscribe(void* instance, muster_text request, const muster_sink* out)
{
    return guarded(*out, [&] {
        Output(*out).saySubscription(
            requestsOf(instance).subscribe(lines(request).at(0).second.at("url")));
    });
}

inline int32_t unsubscribe(void* instance, muster_text request, const muster_sink* out)
{
    return guarded(*out,
                   [&] { requestsOf(instance).unsubscribe(lines(request).at(0).second.at("id")); });
}

inline constexpr muster_requests kRequests{&tickets,   &ticket,    &places,     &setStatus,
                                           &writeNote, &subscribe, &unsubscribe};

inline const void* requestsExtension(const char* id)
{
    return std::string_view(id) == MUSTER_REQUESTS ? &kRequests : nullptr;
}

template <typename Class>
constexpr struct muster_plugin plugin(const char* id, const char* version)
{
    constexpr auto kExtension = std::is_base_of_v<Requests, Class> ? &requestsExtension : nullptr;
    return {MUSTER_ABI_MAJOR, MUSTER_ABI_MINOR, id,    version, &create<Class>,
            &destroy,         &check,           &read, &apply,  kExtension};
}

} // namespace detail

inline void Host::log(Severity severity, std::string_view message) const
{
    const auto level = severity == Severity::Info      ? MUSTER_LOG_INFO
                       : severity == Severity::Warning ? MUSTER_LOG_WARNING
                                                       : MUSTER_LOG_ERROR;
    _host.log(_host.context, level, detail::text(message));
}

inline void Host::send(const std::vector<Request>& requests, const OnAnswer& answer) const
{
    struct Context
    {
        const OnAnswer& answer;
        std::exception_ptr error;
    } context{answer, nullptr};
    const muster_sink sink{&context, [](void* pointer, muster_text text) {
                               auto& state = *static_cast<Context*>(pointer);
                               try
                               {
                                   const auto line = Json::parse(detail::view(text)).at("answer");
                                   if (!state.error)
                                       state.answer(line.at("id"), detail::answer(line));
                               }
                               catch (...)
                               {
                                   state.error = std::current_exception();
                               }
                           }};
    std::string text;
    for (size_t i = 0; i < requests.size(); ++i)
        text += detail::dump(detail::toJson(i, requests[i])) + '\n';
    const auto status = _host.http(_host.context, detail::text(text), &sink);
    if (context.error)
        std::rethrow_exception(context.error);
    if (status != MUSTER_OK && status != MUSTER_CANCELLED)
        throw std::logic_error("the host did not understand the requests");
}

inline std::vector<Answer> Host::send(const std::vector<Request>& requests) const
{
    std::vector<Answer> answers(requests.size());
    send(requests, [&](size_t index, Answer answer) { answers.at(index) = std::move(answer); });
    return answers;
}

inline void Output::line(const char* what, Json value) const
{
    _sink.line(_sink.context, detail::text(detail::dump({{what, std::move(value)}})));
}

inline void Output::say(const Finding& finding) const
{
    static constexpr const char* kSeverities[] = {"info", "warning", "error"};
    line("finding", {{"code", finding.code},
                     {"severity", kSeverities[static_cast<size_t>(finding.severity)]},
                     {"message", finding.message}});
}

inline void Output::say(const Record& record) const
{
    line("record", detail::toJson(record));
}

inline void Output::say(const Link& link) const
{
    Json to{{"kind", link.to.kind}, {"remoteId", link.to.remoteId}};
    if (!link.to.key.empty())
        to["key"] = link.to.key;
    line("link", {{"from", {{"kind", link.from.kind}, {"remoteId", link.from.remoteId}}},
                  {"to", std::move(to)},
                  {"role", link.role}});
}

inline void Output::say(const Outcome& outcome) const
{
    static constexpr const char* kStates[] = {"applied", "unchanged", "rejected", "retry"};
    Json result{{"id", outcome.id}, {"state", kStates[static_cast<size_t>(outcome.state)]}};
    if (!outcome.message.empty())
        result["message"] = outcome.message;
    if (outcome.record)
        result["record"] = detail::toJson(*outcome.record);
    if (outcome.adopted)
        result["adopted"] = true;
    if (outcome.unknown)
        result["unknown"] = true;
    if (outcome.limit)
        result["limit"] = true;
    if (outcome.gone)
        result["gone"] = true;
    if (outcome.retryAfter)
        result["retryAfter"] = outcome.retryAfter->count();
    line("outcome", std::move(result));
}

inline void Output::say(const Ticket& ticket) const
{
    Json result{
        {"id", ticket.id},           {"status", ticket.status},   {"isClosed", ticket.isClosed},
        {"summary", ticket.summary}, {"contact", ticket.contact}, {"forms", ticket.forms}};
    if (ticket.notes)
        result["notes"] = *ticket.notes;
    line("ticket", std::move(result));
}

inline void Output::say(const Place& place) const
{
    line("place", {{"scope", place.scope}, {"id", place.id}, {"name", place.name}});
}

inline void Output::saySubscription(const std::string& id) const
{
    line("subscription", {{"id", id}});
}

inline void Output::sayError(const std::string& message, const std::string& setting) const
{
    Json error{{"message", message}};
    if (!setting.empty())
        error["setting"] = setting;
    line("error", std::move(error));
}

} // namespace muster::target

/// Makes the one symbol that a plugin exports. `id` and `version` as in plugin.json.
#define MUSTER_TARGET(Class, id, version)                                                          \
    const struct muster_plugin muster_plugin = muster::target::detail::plugin<Class>(id, version)
