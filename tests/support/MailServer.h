#pragma once

#include "Child.h"
#include "TemporaryDirectory.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace muster::tests {

/// How a mail server is run.
struct MailServerOptions
{
    std::string address = "127.0.0.1"; ///< of this machine
    std::string security = "none";     ///< starttls, tls, none
    std::string certificate = {};      ///< PEM texts
    std::string key = {};
    std::string user = {}; ///< empty: takes mail without a sign-in and offers none
    std::string password = {};
    std::map<std::string, std::string> refused = {}; ///< recipients, and the answers they get
};

/// Used by one thread. A real mail server on this machine, in a process of its own.
class MailServer
{
public:
    /// Returns when it listens. Fails the test when it does not.
    explicit MailServer(const MailServerOptions& options = {});

    uint16_t port() const { return _port; }

    /// The mails it took, read by Python's own parser: from, to, encrypted, signedIn, subject,
    /// headers, text, html …
    std::vector<nlohmann::json> mails() const { return told("mail"); }

    /// The sign-ins it was asked for: user.
    std::vector<nlohmann::json> signIns() const { return told("signIn"); }

private:
    std::vector<nlohmann::json> told(const std::string& what) const;

    TemporaryDirectory _directory;
    Child _process;
    uint16_t _port = 0;
};

} // namespace muster::tests
