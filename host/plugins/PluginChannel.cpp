#include "plugins/PluginChannel.h"

#include "runtime/Errors.h"

#include <muster/target.h>

#include <algorithm>
#include <exception>
#include <map>

namespace muster::plugins {

using runner::Function;

namespace {

constexpr size_t kMostFindings = 1000;

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
    : _manifest(manifest), _instance(std::move(port), manifest, options, clock, std::move(sendAll))
{
    if (!_instance.hasTickets())
        return;
    _requestChannel.emplace([this](Function function, const std::string& request,
                                   const PluginInstance::OnLine& line,
                                   const runtime::Cancellation& cancellation) {
        Call call{cancellation, line};
        const std::lock_guard lock(_mutex);
        _instance.run(call, function, request);
        _instance.throwIfFailed(call);
    });
}

std::vector<runtime::Finding> PluginChannel::check(const std::vector<Json>& scopes,
                                                   const runtime::Cancellation& cancellation)
{
    std::vector<runtime::Finding> findings;
    const auto request = toCheckText(scopes);
    Call call{cancellation, [&](const Line& line) {
                  if (line.what != "finding")
                      throw std::invalid_argument("\"" + line.what + "\" is no finding");
                  if (findings.size() >= kMostFindings)
                      throw std::invalid_argument("more than " + std::to_string(kMostFindings) +
                                                  " findings");
                  auto finding = toFinding(line.value);
                  finding.message = _instance.told(finding.message);
                  findings.push_back(std::move(finding));
              }};
    const std::lock_guard lock(_mutex);
    _instance.run(call, Function::Check, request);
    _instance.throwIfFailed(call);
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
    _instance.run(call, Function::Read, asked);
    _instance.throwIfFailed(call);
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
            taken = unknownOutcome(taken.id,
                                   _instance.named("the plugin says that it made " + change.kind +
                                                   " " + change.key + ", but not what it made"));
        if (taken.record)
            checkRecord(*taken.record);
        taken.message = _instance.told(taken.message);
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
    _instance.run(call, Function::Apply, request);
    if (call.hostError)
        _instance.throwIfFailed(call);
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
        auto one = unknownOutcome(id, _instance.named(describe(*change) + ": " + why));
        one.fault = isFault;
        batch.outcome(std::move(one));
    }
    const auto isMisconfigured =
        call.violation.empty() && call.gone.empty() && call.status == MUSTER_CONFIG;
    return isMisconfigured ? _instance.named(why) : std::string();
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
        sayUntried(batch, _instance.named(error.what()), resting);
    }
    catch (const RetryError& error)
    {
        sayUntried(batch, _instance.named(error.what()), {});
    }
    catch (const ConfigError& error)
    {
        sayUntried(batch, _instance.named(error.what()), {});
        return _instance.named(error.what());
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

uint64_t PluginChannel::requests() const
{
    return _instance.requests();
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

} // namespace muster::plugins
