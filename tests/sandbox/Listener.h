#pragma once

#include "Certificates.h"
#include "Dispatcher.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace muster::sandbox {

/// The HTTP server on a loopback port: turns what comes over the wire into Request, and delivers
/// the answers, whole or spoiled. Listens from construction to destruction. Thread-safe.
class Listener
{
public:
    using Answer = std::function<Dispatcher::Answer(Request&)>;

    /// Throws Poco::Exception when the port is taken.
    Listener(std::uint16_t port, const std::optional<ServerCertificate>& certificate,
             Answer answer);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::uint16_t port() const;

private:
    class Impl;
    std::unique_ptr<Impl> _impl;
};

} // namespace muster::sandbox
