#pragma once

#include "web/Api.h"

#include <memory>
#include <string>

namespace muster::app {

/// Used by one thread. The API of a running `muster serve`, over its Unix socket.
class SocketClient : public web::Answerer
{
public:
    explicit SocketClient(std::string socketFile) : _socketFile(std::move(socketFile)) {}

    /// True when somebody listens on the socket.
    static bool isServed(const std::string& socketFile);

    /// Throws RetryError when the service ends before it has answered.
    web::ApiResponse handle(const web::ApiRequest& request, runtime::Progress& progress,
                            const runtime::Cancellation& cancellation) override;

private:
    std::string _socketFile;
};

} // namespace muster::app
