#pragma once

#include "runtime/Cancellation.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace muster::http {

enum class SmtpSecurity
{
    StartTls, ///< plain at first; refused when the server does not offer it
    Tls,
    None ///< to this machine only
};

struct SmtpServer
{
    std::string host;
    uint16_t port = 587;
    SmtpSecurity security = SmtpSecurity::StartTls;
    std::string user = {}; ///< empty: no sign-in
    std::string password = {};
    std::string caFile = {}; ///< extra trust beside the system's
    std::chrono::milliseconds timeout{60'000};
};

/// A message as RFC 5322 has it, with CRLF, and who gets it.
struct SmtpMessage
{
    std::string from; ///< address alone
    std::vector<std::string> to;
    std::string text;
};

struct SmtpRefusal
{
    std::string address;
    std::string why; ///< the server's words
};

struct SmtpResult
{
    std::vector<SmtpRefusal> refused = {}; ///< the others' mail was taken
    bool isCertain = true; ///< false: all was sent and no answer came, so it may have been taken
};

/// Used by one thread at a time. Hands mail to one server over libcurl. A password goes over TLS
/// that is verified, or to this machine.
class SmtpClient
{
public:
    explicit SmtpClient(SmtpServer server);

    /// Throws RetryError when the server cannot be reached or asks for time, ConfigError when a
    /// setting must be changed (sign-in, trust, no STARTTLS, all recipients or the sender refused),
    /// CancelledError.
    SmtpResult send(const SmtpMessage& message, const runtime::Cancellation& cancellation);

    /// Connects and signs in, and sends nothing. Throws as send() does.
    void check(const runtime::Cancellation& cancellation);

private:
    SmtpServer _server;
};

} // namespace muster::http
