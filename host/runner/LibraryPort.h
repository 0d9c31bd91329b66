#pragma once

#include "runner/Port.h"

#include <muster/target.h>

namespace muster::runner {

/// Used by one thread at a time. An instance of a plugin that was loaded into this process.
class LibraryPort : public Port
{
public:
    /// `plugin` outlives the port.
    explicit LibraryPort(const struct muster_plugin& plugin);
    LibraryPort(const LibraryPort&) = delete;
    LibraryPort& operator=(const LibraryPort&) = delete;

    int32_t call(Function function, std::string_view text, Caller& caller) override;
    bool hasTickets() const override { return _requests != nullptr; }
    void close(Caller& caller) override;

private:
    int32_t invoke(Function function, muster_text request, const muster_sink& out);

    static void onLog(void* context, int32_t level, muster_text message);
    static int32_t onIsCancelled(void* context);
    static int32_t onWait(void* context, uint64_t milliseconds);
    static int32_t onHttp(void* context, muster_text requests, const muster_sink* answers);
    static const void* onGetExtension(void* context, const char* id);
    static void onLine(void* context, muster_text line);

    const struct muster_plugin& _plugin;
    const muster_requests* _requests = nullptr;
    muster_host _host;
    Caller* _caller = nullptr; ///< of the call under way
    void* _instance = nullptr;
};

} // namespace muster::runner
