#pragma once

#include "plugins/Lines.h"
#include "plugins/RequestChannel.h"

#include <muster/target.h>

#include <functional>

namespace muster::plugins {

/// Thread-safe as the function is. The tickets of a target plugin in this process.
class InProcessRequests : public RequestChannel
{
public:
    /// One function of the extension; `request` is its text, empty where it takes none.
    using Function =
        std::function<int32_t(void* instance, muster_text request, const muster_sink&)>;

    /// Calls the plugin as the channel does, hands over its lines, and throws what its status
    /// means.
    using Ask = std::function<void(const std::string& request, const Function& function,
                                   const std::function<void(const Line&)>& line,
                                   const runtime::Cancellation& cancellation)>;

    InProcessRequests(const muster_requests& extension, Ask ask)
        : _extension(extension), _ask(std::move(ask))
    {}

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
    const muster_requests& _extension;
    Ask _ask;
};

} // namespace muster::plugins
