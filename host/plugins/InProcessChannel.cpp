#include "plugins/InProcessChannel.h"

#include "plugins/PartedSettings.h"
#include "runtime/Errors.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <map>

namespace muster::plugins {

namespace {

constexpr size_t kMaxMessage = 2000; ///< of what a plugin says to people

std::string_view view(muster_text text)
{
    return {text.data ? text.data : "", static_cast<size_t>(text.size)};
}

muster_text text(const std::string& string)
{
    return {string.data(), string.size()};
}

std::string shortened(std::string message, size_t most)
{
    if (message.size() <= most)
        return message;
    // Not in the middle of a character.
    while (most > 0 && (static_cast<unsigned char>(message[most]) & 0xC0) == 0x80)
        --most;
    message.resize(most);
    return message + "…";
}

Outcome unknownOutcome(int64_t id, std::string message)
{
    Outcome outcome;
    outcome.id = id;
    outcome.message = std::move(message);
    outcome.unknown = true;
    return outcome;
}

} // namespace

/// What is known of the call under way.
struct InProcessChannel::Call
{
    const runtime::Cancellation& cancellation;
    OnLine onLine;
    int32_t status = MUSTER_REJECTED;
    std::string message = {};          ///< the plugin's last error
    std::string violation = {};        ///< what it said or did that makes no sense, the first time
    std::exception_ptr hostError = {}; ///< thrown by our own side while it took a line

    bool isOver() const { return cancellation.isRequested() || hostError || !violation.empty(); }
};

/// Changes that the plugin gets in one call.
struct InProcessChannel::Batch
{
    std::map<int64_t, const ChangeRequest*> open; ///< without an outcome yet
    const ChangeRequest* first;
    size_t count;
    const std::function<void(Outcome)>& outcome;
};

InProcessChannel::InProcessChannel(const struct muster_plugin& plugin,
                                   const TargetManifest& manifest, const ChannelOptions& options,
                                   runtime::Clock& clock, HostHttp::SendAll sendAll)
    : _plugin(plugin),
      _manifest(manifest),
      _target(options.target),
      _clock(clock),
      _redact(partSettings(manifest, options.settings).secrets),
      _http(manifest, options.settings, clock, std::move(sendAll),
            [this](const std::string& line) { log(MUSTER_LOG_DEBUG, line); }),
      _host{MUSTER_ABI_MAJOR, MUSTER_ABI_MINOR, this,    &onLog,
            &onIsCancelled,   &onWait,          &onHttp, &onGetExtension}
{
    const auto settings = partSettings(manifest, options.settings).open.dump();
    const runtime::Cancellation never;
    Call call{never, {}};
    const std::lock_guard lock(_mutex);
    run(call, [&](const muster_sink& out) {
        return _plugin.create(&_host, text(settings), &out, &_instance);
    });
    if (call.status == MUSTER_OK && call.violation.empty() && _instance)
    {
        openTickets();
        return;
    }
    throw ConfigError(named(!call.violation.empty() ? call.violation
                            : !call.message.empty() ? call.message
                                                    : "the plugin could not be started"));
}

void InProcessChannel::openTickets()
{
    const auto* const extension = _plugin.abi_minor >= 2 && _plugin.get_extension
                                      ? _plugin.get_extension(MUSTER_REQUESTS)
                                      : nullptr;
    if (!extension)
        return;
    _requestChannel.emplace(
        *static_cast<const muster_requests*>(extension),
        [this](const std::string& request, const InProcessRequests::Function& function,
               const OnLine& line, const runtime::Cancellation& cancellation) {
            Call call{cancellation, line};
            const std::lock_guard lock(_mutex);
            run(call,
                [&](const muster_sink& out) { return function(_instance, text(request), out); });
            throwIfFailed(call);
        });
}

InProcessChannel::~InProcessChannel()
{
    try
    {
        _plugin.destroy(_instance);
    }
    catch (...)
    {
        log(MUSTER_LOG_ERROR, "the plugin threw an exception in destroy");
    }
}

std::vector<runtime::Finding> InProcessChannel::check(const std::vector<Json>& scopes,
                                                      const runtime::Cancellation& cancellation)
{
    std::vector<runtime::Finding> findings;
    const auto request = toCheckText(scopes);
    Call call{cancellation, [&](const Line& line) {
                  if (line.what != "finding")
                      throw std::invalid_argument("\"" + line.what + "\" is no finding");
                  auto finding = toFinding(line.value);
                  finding.message = shortened(_redact(finding.message), kMaxMessage);
                  findings.push_back(std::move(finding));
              }};
    const std::lock_guard lock(_mutex);
    run(call,
        [&](const muster_sink& out) { return _plugin.check(_instance, text(request), &out); });
    throwIfFailed(call);
    return findings;
}

void InProcessChannel::read(const ReadRequest& request, const OnRecord& record, const OnLink& link,
                            const runtime::Cancellation& cancellation)
{
    const auto asked = toReadText(request);
    // Our own side may throw while it takes a record; that is not the plugin's fault.
    Call call{cancellation, {}};
    const auto hand = [&](const auto& take, auto value) {
        try
        {
            take(std::move(value));
        }
        catch (...)
        {
            call.hostError = std::current_exception();
        }
    };
    call.onLine = [&](const Line& line) {
        if (line.what == "record")
        {
            auto value = toRecord(line.value);
            checkRecord(value);
            hand(record, std::move(value));
        }
        else if (line.what == "link")
        {
            auto value = toLink(line.value);
            checkLink(value);
            hand(link, std::move(value));
        }
        else
            throw std::invalid_argument("\"" + line.what + "\" is neither record nor link");
    };
    const std::lock_guard lock(_mutex);
    run(call, [&](const muster_sink& out) { return _plugin.read(_instance, text(asked), &out); });
    throwIfFailed(call);
}

void InProcessChannel::apply(const Json& scope, const std::vector<ChangeRequest>& changes,
                             const std::function<void(Outcome)>& outcome,
                             const runtime::Cancellation& cancellation)
{
    const std::lock_guard lock(_mutex);
    std::string misconfigured;
    for (size_t next = 0; next < changes.size(); next += _manifest.batch)
    {
        const auto count = std::min(_manifest.batch, changes.size() - next);
        Batch batch{{}, changes.data() + next, count, outcome};
        for (size_t i = 0; i < count; ++i)
            batch.open[batch.first[i].id] = &batch.first[i];
        if (misconfigured.empty() && !cancellation.isRequested())
        {
            misconfigured = applyBatch(scope, batch, cancellation);
            continue;
        }
        const std::string why = misconfigured.empty() ? "the work was cancelled" : misconfigured;
        for (size_t i = 0; i < count; ++i)
        {
            auto untried = unknownOutcome(batch.first[i].id, "not tried: " + why);
            untried.unknown = false;
            outcome(std::move(untried));
        }
    }
    if (!misconfigured.empty())
        throw ConfigError(misconfigured);
}

/// Gives what someone must change before any change can work; empty when there is no such thing.
std::string InProcessChannel::applyBatch(const Json& scope, Batch& batch,
                                         const runtime::Cancellation& cancellation)
{
    const auto request = toApplyText(scope, batch.first, batch.count);
    Call call{cancellation, {}};
    call.onLine = [&](const Line& line) {
        if (line.what != "outcome")
            throw std::invalid_argument("\"" + line.what + "\" is no outcome");
        auto taken = toOutcome(line.value);
        const auto open = batch.open.find(taken.id);
        if (open == batch.open.end())
            throw std::invalid_argument("there is no change " + std::to_string(taken.id) +
                                        " without an outcome");
        const auto& change = *open->second;
        const auto isCreated =
            change.action == Action::Create && taken.state == OutcomeState::Applied;
        if (isCreated && !taken.record)
            taken = unknownOutcome(taken.id, named("the plugin says that it made " + change.kind +
                                                   " " + change.key + ", but not what it made"));
        if (taken.record)
            checkRecord(*taken.record);
        taken.message = shortened(_redact(taken.message), kMaxMessage);
        batch.open.erase(open);
        try
        {
            batch.outcome(std::move(taken));
        }
        catch (...)
        {
            call.hostError = std::current_exception();
        }
    };
    run(call,
        [&](const muster_sink& out) { return _plugin.apply(_instance, text(request), &out); });
    if (call.hostError)
        std::rethrow_exception(call.hostError);

    const auto why = !call.violation.empty()      ? call.violation
                     : !call.message.empty()      ? call.message
                     : cancellation.isRequested() ? "the work was cancelled"
                                                  : "the plugin gave no outcome";
    for (const auto& [id, change] : batch.open)
        batch.outcome(unknownOutcome(
            id, named(toText(change->action) + " " +
                      (change->kind.empty() ? change->from.key + " in " + change->to.key
                                            : change->kind + " " + change->key) +
                      ": " + why)));
    const auto isMisconfigured = call.violation.empty() && call.status == MUSTER_CONFIG;
    return isMisconfigured ? named(why) : std::string();
}

/// Calls the plugin; what it says goes to `call`. Under _mutex.
void InProcessChannel::run(Call& call, const Function& function)
{
    struct Current
    {
        Current(Call*& place, Call& call) : _place(place) { _place = &call; }
        ~Current() { _place = nullptr; }
        Call*& _place;
    } current(_call, call);
    const muster_sink sink{this, &onLine};
    const auto before = _http.requests();
    try
    {
        call.status = function(sink);
    }
    catch (...)
    {
        // On the same C++ runtime an exception does cross the border. It must not.
        if (call.violation.empty())
            call.violation = "the plugin threw an exception at the host";
    }
    if (!call.violation.empty())
        log(MUSTER_LOG_ERROR, call.violation);
    const std::lock_guard lock(_countMutex);
    _requests[std::this_thread::get_id()] += _http.requests() - before;
}

uint64_t InProcessChannel::requests() const
{
    const std::lock_guard lock(_countMutex);
    const auto found = _requests.find(std::this_thread::get_id());
    return found == _requests.end() ? 0 : found->second;
}

void InProcessChannel::throwIfFailed(const Call& call) const
{
    if (call.hostError)
        std::rethrow_exception(call.hostError);
    if (!call.violation.empty())
        throw RejectedError(named(call.violation));
    const auto message =
        named(call.message.empty() ? "the plugin failed and did not say why" : call.message);
    switch (call.status)
    {
    case MUSTER_OK:
        return;
    case MUSTER_CONFIG:
        throw ConfigError(message);
    case MUSTER_RETRY:
        throw RetryError(message);
    case MUSTER_CANCELLED:
        if (call.cancellation.isRequested())
            throw CancelledError();
        throw RejectedError(named("the plugin says that it was cancelled, and it was not"));
    default:
        throw RejectedError(message);
    }
}

void InProcessChannel::checkRecord(const RemoteRecord& record) const
{
    if (!_manifest.records.count(record.kind))
        throw std::invalid_argument("the kind " + record.kind + " is not in its manifest");
}

void InProcessChannel::checkLink(const RemoteLink& link) const
{
    if (!_manifest.findLink(link.fromKind, link.toKind))
        throw std::invalid_argument("links from " + link.fromKind + " to " + link.toKind +
                                    " are not in its manifest");
}

std::string InProcessChannel::named(const std::string& message) const
{
    return "target " + _target + " (plugin " + _manifest.id + "): " + message;
}

void InProcessChannel::log(int32_t level, const std::string& message) const
{
    auto& logger = Poco::Logger::get("targets." + _target);
    const auto line = shortened(_redact(message), kMaxMessage);
    if (level >= MUSTER_LOG_ERROR)
        logger.error(line);
    else if (level == MUSTER_LOG_WARNING)
        logger.warning(line);
    else if (level == MUSTER_LOG_INFO)
        logger.information(line);
    else
        logger.debug(line);
}

// The callbacks that the plugin gets: nothing may be thrown into it.

void InProcessChannel::onLog(void* context, int32_t level, muster_text message)
{
    try
    {
        static_cast<InProcessChannel*>(context)->log(level, std::string(view(message)));
    }
    catch (...)
    {}
}

int32_t InProcessChannel::onIsCancelled(void* context)
{
    const auto* call = static_cast<InProcessChannel*>(context)->_call;
    return call && call->isOver() ? 1 : 0;
}

int32_t InProcessChannel::onWait(void* context, uint64_t milliseconds)
{
    auto& channel = *static_cast<InProcessChannel*>(context);
    if (!channel._call || channel._call->isOver())
        return MUSTER_CANCELLED;
    try
    {
        constexpr uint64_t kLongest = 600'000;
        channel._clock.sleep(std::chrono::milliseconds(std::min(milliseconds, kLongest)),
                             channel._call->cancellation);
        return MUSTER_OK;
    }
    catch (...)
    {
        return MUSTER_CANCELLED;
    }
}

int32_t InProcessChannel::onHttp(void* context, muster_text requests, const muster_sink* answers)
{
    auto& channel = *static_cast<InProcessChannel*>(context);
    auto* const call = channel._call;
    if (!call || !channel._instance)
    {
        if (call)
            call->violation = "the plugin sends requests while it is made";
        return MUSTER_REJECTED;
    }
    if (call->isOver() && !call->cancellation.isRequested())
        return MUSTER_REJECTED;
    try
    {
        channel._http.exchange(
            view(requests),
            [&](const std::string& line) { answers->line(answers->context, text(line)); },
            call->cancellation);
        return call->cancellation.isRequested() ? MUSTER_CANCELLED : MUSTER_OK;
    }
    catch (const std::exception& error)
    {
        call->violation =
            std::string("the plugin's requests make no sense: ") + channel._redact(error.what());
        return MUSTER_REJECTED;
    }
    catch (...)
    {
        return MUSTER_REJECTED;
    }
}

const void* InProcessChannel::onGetExtension(void*, const char*)
{
    return nullptr;
}

void InProcessChannel::onLine(void* context, muster_text text)
{
    auto& channel = *static_cast<InProcessChannel*>(context);
    auto* const call = channel._call;
    if (!call || call->hostError || !call->violation.empty())
        return;
    try
    {
        const auto line = parseLine(view(text));
        if (line.what == "error")
        {
            const auto setting = line.value.value("setting", "");
            call->message = shortened(
                channel._redact((setting.empty() ? "" : setting + ": ") +
                                line.value.value("message", "the plugin did not say why")),
                kMaxMessage);
        }
        else if (call->onLine)
            call->onLine(line);
    }
    catch (const std::exception& error)
    {
        constexpr size_t kMaxQuote = 200;
        call->violation = channel._redact(
            std::string("the plugin said something that makes no sense (") + error.what() + "): " +
            shortened(
                std::string(view(text.size > kMaxQuote ? muster_text{text.data, kMaxQuote} : text)),
                kMaxQuote));
    }
}

} // namespace muster::plugins
