#pragma once

#include "estate/Estate.h"
#include "http/SmtpClient.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace muster::report {

/// How reports are mailed, of the machine's configuration.
struct MailSettings
{
    std::string host = {};
    uint16_t port = 587;
    http::SmtpSecurity security = http::SmtpSecurity::StartTls;
    std::string user = {};
    estate::SecretReference password = {};
    std::string caFile = {};
    std::string tenant = {}; ///< of the estate, whose mailbox sends by Graph; in the place of host
    std::string from = {};
    std::vector<std::string> to = {};
    std::optional<std::chrono::minutes> daily = {}; ///< since midnight; none: only when asked for
    std::string zone = "UTC";

    bool isSet() const { return !host.empty() || !tenant.empty(); }
};

/// The keys that mailSettings() asks for.
const std::vector<std::string>& mailKeys();

/// Reads and checks the settings; `value` gives that of a key, empty when it is left out. Throws
/// ConfigError that names the key and the remedy.
MailSettings mailSettings(const std::function<std::string(const std::string& key)>& value);

} // namespace muster::report
