#include "plugins/PluginChannel.h"

#include "plugins/PartedSettings.h"
#include "runtime/Errors.h"
#include "runtime/Shortened.h"

#include <muster/target.h>

#include <Poco/Logger.h>

#include <algorithm>
#include <exception>
#include <map>

namespace muster::plugins {

using runner::Function;

namespace {

using runtime::shortened;

constexpr size_t kMaxMessage = 2000; ///< of what a plugin says to people

std::string describe(const ChangeRequest& change)
{
    return toText(change.action) + " " +
           (change.kind.empty() ? change.from.key + " in " + change.to.key
                                : change.kind + " " + change.key);
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
struct PluginChannel::Call
{
    const runtime::Cancellation& cancellation;
    OnLine onLine;
    int32_t status = MUSTER_REJECTED;
    std::string message = {};          ///< the plugin's last error
    std::string violation = {};        ///< what it said or did that makes no sense, the first time
    std::string gone = {};             ///< how the plugin ended in the middle of it
    std::exception_ptr uncalled = {};  ///< why the plugin was not called at all
    std::exception_ptr hostError = {}; ///< thrown by our own side while it took a line

    bool isOver() const { return cancellation.isRequested() || hostError || !violation.empty(); }
};

/// Changes that the plugin gets in one call.
struct PluginChannel::Batch
{
    std::map<int64_t, const ChangeRequest*> open; ///< without an outcome yet
    const ChangeRequest* first;
    size_t count;
    const std::function<void(Outcome)>& outcome;
};

PluginChannel::PluginChannel(std::unique_ptr<runner::Port> port, const TargetManifest& manifest,
                             const ChannelOptions& options, runtime::Clock& clock,
                             HostHttp::SendAll sendAll)
    : _port(std::move(port)),
      _manifest(manifest),
      _target(options.target),
      _clock(clock),
      _redact(partSettings(manifest, options.settings).secrets),
      _http(manifest, options.settings, clock, std::move(sendAll),
            [this](const std::string& line) { log(MUSTER_LOG_DEBUG, line); })
{
    const runtime::Cancellation never;
    Call call{never, {}};
    const std::lock_guard lock(_mutex);
    run(call, Function::Create, partSettings(manifest, options.settings).open.dump());
    if (call.status != MUSTER_OK && call.uncalled == nullptr && call.gone.empty() &&
        call.violation.empty())
        call.status = MUSTER_CONFIG;
    if (call.message.empty())
        call.message = "the plugin could not be started";
    if (!call.violation.empty())
        throw ConfigError(named(call.violation));
    throwIfFailed(call);
    _isMade = true;
    openTickets();
}

void PluginChannel::openTickets()
{
    if (!_port->hasTickets())
        return;
    _requestChannel.emplace([this](Function function, const std::string& request,
                                   const OnLine& line, const runtime::Cancellation& cancellation) {
        Call call{cancellation, line};
        const std::lock_guard lock(_mutex);
        run(call, function, request);
        throwIfFailed(call);
    });
}

PluginChannel::~PluginChannel()
{
    _port->close(*this);
}

std::vector<runtime::Finding> PluginChannel::check(const std::vector<Json>& scopes,
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
    run(call, Function::Check, request);
    throwIfFailed(call);
    return findings;
}

void PluginChannel::read(const ReadRequest& request, const OnRecord& record, const OnLink& link,
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
    run(call, Function::Read, asked);
    throwIfFailed(call);
}

void PluginChannel::apply(const Json& scope, const std::vector<ChangeRequest>& changes,
                          const std::function<void(Outcome)>& outcome,
                          const runtime::Cancellation& cancellation)
{
    const std::lock_guard lock(_mutex);
    auto ordered = changes;
    const auto suspects =
        std::stable_partition(ordered.begin(), ordered.end(), [this](const ChangeRequest& change) {
            return !_suspects.count(describe(change));
        });
    const auto innocent = static_cast<size_t>(suspects - ordered.begin());
    std::string misconfigured;
    for (size_t next = 0, count = 0; next < ordered.size(); next += count)
    {
        count = next < innocent ? std::min(_manifest.batch, innocent - next) : 1;
        Batch batch{{}, ordered.data() + next, count, outcome};
        for (size_t i = 0; i < count; ++i)
            batch.open[batch.first[i].id] = &batch.first[i];
        if (misconfigured.empty() && !cancellation.isRequested())
        {
            misconfigured = applyBatch(scope, batch, cancellation);
            continue;
        }
        const std::string why = misconfigured.empty() ? "the work was cancelled" : misconfigured;
        sayUntried(batch, why, {});
    }
    if (!misconfigured.empty())
        throw ConfigError(misconfigured);
}

/// Gives what someone must change before any change can work; empty when there is no such thing.
std::string PluginChannel::applyBatch(const Json& scope, Batch& batch,
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
    run(call, Function::Apply, request);
    if (call.hostError)
        std::rethrow_exception(call.hostError);
    if (call.uncalled)
        return untried(batch, call.uncalled);

    const auto why = !call.violation.empty()      ? call.violation
                     : !call.gone.empty()         ? call.gone
                     : !call.message.empty()      ? call.message
                     : cancellation.isRequested() ? "the work was cancelled"
                                                  : "the plugin gave no outcome";
    if (!call.gone.empty())
        suspect(batch);
    const bool isFault = !call.violation.empty() || !call.gone.empty() ||
                         (call.message.empty() && !cancellation.isRequested());
    for (const auto& [id, change] : batch.open)
    {
        auto one = unknownOutcome(id, named(describe(*change) + ": " + why));
        one.fault = isFault;
        batch.outcome(std::move(one));
    }
    const auto isMisconfigured =
        call.violation.empty() && call.gone.empty() && call.status == MUSTER_CONFIG;
    return isMisconfigured ? named(why) : std::string();
}

/// What the plugin was most likely at when it ended: the next time it comes last and alone, so that
/// it does not take others with it.
void PluginChannel::suspect(const Batch& batch)
{
    for (size_t i = 0; i < batch.count; ++i)
        if (batch.open.count(batch.first[i].id))
        {
            _suspects.insert(describe(batch.first[i]));
            return;
        }
}

/// The plugin was not called: nothing was done. Gives what someone must change, as applyBatch does.
std::string PluginChannel::untried(const Batch& batch, const std::exception_ptr& why)
{
    try
    {
        std::rethrow_exception(why);
    }
    catch (const ResumingError& error)
    {
        Outcome resting;
        resting.retryAfter = error.after();
        resting.fault = true;
        sayUntried(batch, named(error.what()), resting);
    }
    catch (const RetryError& error)
    {
        sayUntried(batch, named(error.what()), {});
    }
    catch (const ConfigError& error)
    {
        sayUntried(batch, named(error.what()), {});
        return named(error.what());
    }
    return {};
}

void PluginChannel::sayUntried(const Batch& batch, const std::string& why, Outcome outcome)
{
    outcome.message = "not tried: " + why;
    for (size_t i = 0; i < batch.count; ++i)
    {
        outcome.id = batch.first[i].id;
        batch.outcome(outcome);
    }
}

/// Calls the plugin; what it says goes to `call`. Under _mutex.
void PluginChannel::run(Call& call, Function function, const std::string& text)
{
    struct Current
    {
        Current(Call*& place, Call& current) : _place(place) { _place = &current; }
        ~Current() { _place = nullptr; }
        Call*& _place;
    } current(_call, call);
    const auto before = _http.requests();
    try
    {
        call.status = _port->call(function, text, *this);
    }
    catch (const runner::PluginGone& error)
    {
        call.gone = _redact(error.what());
        log(MUSTER_LOG_ERROR, call.gone);
    }
    catch (const runner::PluginThrew& error)
    {
        if (call.violation.empty())
            call.violation = error.what();
    }
    catch (const std::exception&)
    {
        call.uncalled = std::current_exception();
    }
    if (!call.violation.empty())
        log(MUSTER_LOG_ERROR, call.violation);
    const std::lock_guard lock(_countMutex);
    _requests[std::this_thread::get_id()] += _http.requests() - before;
}

uint64_t PluginChannel::requests() const
{
    const std::lock_guard lock(_countMutex);
    const auto found = _requests.find(std::this_thread::get_id());
    return found == _requests.end() ? 0 : found->second;
}

void PluginChannel::throwIfFailed(const Call& call) const
{
    if (call.hostError)
        std::rethrow_exception(call.hostError);
    if (call.uncalled)
        rethrowNamed(call.uncalled);
    if (!call.violation.empty())
        throw RejectedError(named(call.violation));
    if (!call.gone.empty() && call.cancellation.isRequested())
        throw CancelledError();
    if (!call.gone.empty())
        throw RetryError(named(call.gone));
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

void PluginChannel::checkRecord(const RemoteRecord& record) const
{
    if (!_manifest.records.count(record.kind))
        throw std::invalid_argument("the kind " + record.kind + " is not in its manifest");
}

void PluginChannel::checkLink(const RemoteLink& link) const
{
    if (!_manifest.findLink(link.fromKind, link.toKind))
        throw std::invalid_argument("links from " + link.fromKind + " to " + link.toKind +
                                    " are not in its manifest");
}

std::string PluginChannel::named(const std::string& message) const
{
    return "target " + _target + " (plugin " + _manifest.id + "): " + message;
}

/// The same error, with the names of target and plugin.
void PluginChannel::rethrowNamed(const std::exception_ptr& error) const
{
    try
    {
        std::rethrow_exception(error);
    }
    catch (const RetryError& retry)
    {
        throw RetryError(named(retry.what()));
    }
    catch (const ConfigError& config)
    {
        throw ConfigError(named(config.what()));
    }
}

// What the plugin may ask for: nothing may be thrown into it.

void PluginChannel::log(int32_t level, std::string_view message)
{
    try
    {
        auto& logger = Poco::Logger::get("targets." + _target);
        const auto text = shortened(_redact(std::string(message)), kMaxMessage);
        if (level >= MUSTER_LOG_ERROR)
            logger.error(text);
        else if (level == MUSTER_LOG_WARNING)
            logger.warning(text);
        else if (level == MUSTER_LOG_INFO)
            logger.information(text);
        else
            logger.debug(text);
    }
    catch (...)
    {}
}

bool PluginChannel::isCancelled()
{
    return _call && _call->isOver();
}

int32_t PluginChannel::wait(uint64_t milliseconds)
{
    if (!_call || _call->isOver())
        return MUSTER_CANCELLED;
    try
    {
        constexpr uint64_t kLongest = 600'000;
        _clock.sleep(std::chrono::milliseconds(std::min(milliseconds, kLongest)),
                     _call->cancellation);
        return MUSTER_OK;
    }
    catch (...)
    {
        return MUSTER_CANCELLED;
    }
}

int32_t PluginChannel::http(std::string_view requests, const Answer& answer)
{
    auto* const call = _call;
    if (!call || !_isMade)
    {
        if (call)
            call->violation = "the plugin sends requests while it is made";
        return MUSTER_REJECTED;
    }
    if (call->isOver() && !call->cancellation.isRequested())
        return MUSTER_REJECTED;
    try
    {
        _http.exchange(requests, answer, call->cancellation);
        return call->cancellation.isRequested() ? MUSTER_CANCELLED : MUSTER_OK;
    }
    catch (const std::exception& error)
    {
        call->violation =
            std::string("the plugin's requests make no sense: ") + _redact(error.what());
        return MUSTER_REJECTED;
    }
    catch (...)
    {
        return MUSTER_REJECTED;
    }
}

void PluginChannel::line(std::string_view text)
{
    auto* const call = _call;
    if (!call || call->hostError || !call->violation.empty())
        return;
    try
    {
        const auto line = parseLine(text);
        if (line.what == "error")
        {
            const auto setting = line.value.value("setting", "");
            call->message =
                shortened(_redact((setting.empty() ? "" : setting + ": ") +
                                  line.value.value("message", "the plugin did not say why")),
                          kMaxMessage);
        }
        else if (call->onLine)
            call->onLine(line);
    }
    catch (const std::exception& error)
    {
        constexpr size_t kMaxQuote = 200;
        call->violation =
            _redact(std::string("the plugin said something that makes no sense (") + error.what() +
                    "): " + shortened(std::string(text.substr(0, kMaxQuote + 1)), kMaxQuote));
    }
}

} // namespace muster::plugins
