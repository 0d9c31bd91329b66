#pragma once

#include "plugins/RequestChannel.h"
#include "runtime/Cancellation.h"
#include "runtime/Finding.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace muster::plugins {

using Json = nlohmann::json;

/// A record that exists in the target, as another one refers to it.
struct RemoteEnd
{
    std::string kind;
    std::string key;
    std::string remoteId;
};

/// A record as the target has it now.
struct RemoteRecord
{
    std::string kind;
    std::string key; ///< see sdk Keys.h
    std::string remoteId;
    std::string name;
    bool active = true;
    Json fields = Json::object();
    std::optional<RemoteEnd> within = {};  ///< the record that it is a part of, without key
    std::vector<std::string> tags = {};    ///< what people marked it with
    std::vector<std::string> aliases = {}; ///< what modes look for it by
};

/// A link as the target has it now; both ends by remote id.
struct RemoteLink
{
    std::string fromKind;
    std::string fromId;
    std::string toKind;
    std::string toId;
    std::string role;
    std::string toKey = {}; ///< of an exclusive link, for people; may be empty
};

/// What to read of a scope: all records of some kinds, and all links into some records.
struct ReadRequest
{
    Json scope;
    std::vector<std::string> kinds = {};
    struct Place
    {
        std::string kind;
        std::string remoteId;
    };
    std::vector<Place> linksInto = {};
    struct Name
    {
        std::string kind;
        std::string key;
    };
    std::vector<Name> find = {};    ///< records that only people make, by their keys
    std::vector<Place> within = {}; ///< `kinds` are parts of these records; empty: of the scope
};

enum class Action
{
    Create,
    Update,
    Activate,
    Link,
    Unlink,
    Retire
};

/// One thing to do. For Link and Unlink: from, to and (Link) role; else kind, key, name and fields,
/// and the remoteId of a record that exists.
struct ChangeRequest
{
    int64_t id = 0;
    Action action = Action::Create;
    std::string kind = {};
    std::string key = {};
    std::string name = {};
    std::string remoteId = {};
    Json fields = Json::object();
    RemoteEnd from = {};
    RemoteEnd to = {};
    std::string role = {};
    bool doubt = false; ///< an earlier try may have taken effect: look before doing it again
    std::optional<RemoteEnd> within = {}; ///< the record that this one is a part of
};

enum class OutcomeState
{
    Applied,
    Unchanged,
    Rejected,
    Retry
};

/// What became of one change.
struct Outcome
{
    int64_t id = 0;
    OutcomeState state = OutcomeState::Retry;
    std::string message = {};
    std::optional<std::chrono::milliseconds> retryAfter = {};
    bool unknown = false; ///< with Retry: it may have taken effect
    bool fault = false;   ///< with Retry: for what the plugin did wrong, not for its target
    bool limit = false;   ///< with Rejected: a limit of the target is reached, the change is fine
    bool gone = false;    ///< with Rejected: what it is about is no longer there
    bool adopted = false; ///< a create that found the record there already
    std::optional<RemoteRecord> record = {}; ///< the record after it, when it is about a record
};

/// The one way to a target. Thread-safe: calls are queued. Whether the plugin runs in this process
/// or in a child is hidden here; nothing above depends on it.
class TargetChannel
{
public:
    virtual ~TargetChannel() = default;

    /// Proves settings, credentials and reachability of the target and of `scopes`; changes
    /// nothing.
    virtual std::vector<runtime::Finding> check(const std::vector<Json>& scopes,
                                                const runtime::Cancellation& cancellation) = 0;

    using OnRecord = std::function<void(RemoteRecord)>;
    using OnLink = std::function<void(RemoteLink)>;

    /// Streams what the target has. Returns when it was read whole; else throws RetryError,
    /// RejectedError or ConfigError, and what was streamed is only part of it.
    virtual void read(const ReadRequest& request, const OnRecord& record, const OnLink& link,
                      const runtime::Cancellation& cancellation) = 0;

    /// Applies a batch; calls `outcome` exactly once per change, as each is known. A change of
    /// which the plugin said nothing is Retry with unknown set. Throws ConfigError, after the
    /// outcomes, when nothing can work before someone changes a setting, secret or permission.
    virtual void apply(const Json& scope, const std::vector<ChangeRequest>& changes,
                       const std::function<void(Outcome)>& outcome,
                       const runtime::Cancellation& cancellation) = 0;

    /// Requests sent to the target so far for the calling thread.
    virtual uint64_t requests() const = 0;

    /// The target's tickets, as long as the channel lives; null when its plugin knows none.
    virtual RequestChannel* tickets() { return nullptr; }
};

std::string toText(Action action);
Action actionFromText(const std::string& text);

} // namespace muster::plugins
