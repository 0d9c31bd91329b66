#pragma once

#include "runtime/Cancellation.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace muster::plugins {

/// What a ticket's status means; any that the settings do not name is Other.
enum class TicketStatus
{
    Other,
    Granted,
    Declined,
    InProgress,
    Closed
};

/// An open ticket, as a list shows it.
struct TicketEntry
{
    std::string id;
    TicketStatus status = TicketStatus::Other;
};

/// A field of a form, as somebody filled it in.
struct FormField
{
    struct Choice
    {
        std::string identifier;
        std::string name;
        std::optional<bool> isSelected = {}; ///< none: the target does not say
    };
    std::string identifier;
    std::string name;
    std::string value = {};
    std::vector<Choice> choices = {};
};

/// A ticket with the results of its form, the latest last.
struct Ticket
{
    std::string id;
    TicketStatus status = TicketStatus::Other;
    bool isClosed = false;
    std::string summary = {};
    std::string contact = {};
    std::vector<std::vector<FormField>> forms = {};
    std::optional<std::vector<std::string>> notes = {}; ///< none: the target does not show them
};

/// A scope that a sync of the target may have.
struct ScopePlace
{
    nlohmann::json scope;
    std::string id;
    std::string name;
};

/// The tickets of a target (sdk target.h, struct muster_requests). Thread-safe: calls are queued
/// with those of the channel it belongs to. All throw RetryError, RejectedError, ConfigError or
/// CancelledError.
class RequestChannel
{
public:
    virtual ~RequestChannel() = default;

    virtual std::vector<TicketEntry> tickets(const runtime::Cancellation& cancellation) = 0;

    /// Nothing when it is not there, or not where requests are.
    virtual std::optional<Ticket> ticket(const std::string& id,
                                         const runtime::Cancellation& cancellation) = 0;

    virtual std::vector<ScopePlace> places(const runtime::Cancellation& cancellation) = 0;

    /// InProgress or Closed. May come again after a crash.
    virtual void setStatus(const std::string& ticket, TicketStatus status,
                           const runtime::Cancellation& cancellation) = 0;

    /// Whatever it throws, the note may have been written: look at the ticket before trying again.
    virtual void writeNote(const std::string& ticket, const std::string& text,
                           const runtime::Cancellation& cancellation) = 0;

    /// Gives the subscription's id.
    virtual std::string subscribe(const std::string& url,
                                  const runtime::Cancellation& cancellation) = 0;
    virtual void unsubscribe(const std::string& subscription,
                             const runtime::Cancellation& cancellation) = 0;
};

} // namespace muster::plugins
