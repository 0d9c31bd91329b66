#pragma once

#include "plugins/Lines.h"
#include "plugins/RequestChannel.h"
#include "runner/Port.h"

#include <functional>

namespace muster::plugins {

/// Thread-safe as the function is. The tickets of a target plugin.
class PluginRequests : public RequestChannel
{
public:
    /// Calls the plugin as the channel does, with the text of a function, empty where it takes
    /// none; hands over its lines, and throws what its status means.
    using Ask = std::function<void(runner::Function function, const std::string& request,
                                   const std::function<void(const Line&)>& line,
                                   const runtime::Cancellation& cancellation)>;

    explicit PluginRequests(Ask ask) : _ask(std::move(ask)) {}

    std::vector<TicketEntry> tickets(const runtime::Cancellation& cancellation) override;
    std::optional<Ticket> ticket(const std::string& id,
                                 const runtime::Cancellation& cancellation) override;
    std::vector<ScopePlace> places(const runtime::Cancellation& cancellation) override;
    void setStatus(const std::string& ticket, TicketStatus status,
                   const runtime::Cancellation& cancellation) override;
    void writeNote(const std::string& ticket, const std::string& text,
                   const runtime::Cancellation& cancellation) override;
    std::string subscribe(const std::string& url,
                          const runtime::Cancellation& cancellation) override;
    void unsubscribe(const std::string& subscription,
                     const runtime::Cancellation& cancellation) override;

private:
    Ask _ask;
};

} // namespace muster::plugins
