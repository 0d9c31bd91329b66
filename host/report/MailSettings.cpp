#include "report/MailSettings.h"

#include "estate/ScheduleText.h"
#include "runtime/Errors.h"

#include <muster/Keys.h>

#include <algorithm>
#include <charconv>

namespace muster::report {

namespace {

using http::SmtpSecurity;

/// An address as an envelope takes it.
std::string addressOf(const std::string& key, const std::string& text)
{
    const auto address = trimmed(text);
    const auto at = address.find('@');
    const bool isAddress =
        at != address.npos && at > 0 && at + 1 < address.size() && at == address.rfind('@') &&
        std::all_of(address.begin(), address.end(), [](char each) {
            return each > 32 && each < 127 &&
                   std::string_view("<>,;\"\\()").find(each) == std::string_view::npos;
        });
    if (!isAddress)
        throw ConfigError(key + ": '" + address +
                          "' is no address: write one as in muster@example.com");
    return address;
}

std::vector<std::string> addressesOf(const std::string& key, const std::string& text)
{
    std::vector<std::string> addresses;
    for (size_t begin = 0; begin <= text.size();)
    {
        const auto end = std::min(text.find(',', begin), text.size());
        addresses.push_back(addressOf(key, text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return addresses;
}

SmtpSecurity securityOf(const std::string& text, const std::string& host)
{
    if (text.empty() || text == "starttls")
        return SmtpSecurity::StartTls;
    if (text == "tls")
        return SmtpSecurity::Tls;
    if (text != "none")
        throw ConfigError("smtp.security: '" + text + "' is none: write starttls, tls or none");
    if (host != "localhost" && host != "::1" && host.rfind("127.", 0) != 0)
        throw ConfigError("smtp.security: none is for a mail server on this machine only: write "
                          "starttls or tls");
    return SmtpSecurity::None;
}

uint16_t portOf(const std::string& text, SmtpSecurity security)
{
    if (text.empty())
        return security == SmtpSecurity::StartTls ? 587 : security == SmtpSecurity::Tls ? 465 : 25;
    uint16_t port = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), port);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size() || port == 0)
        throw ConfigError("smtp.port: '" + text + "' is no port: write a number such as 587");
    return port;
}

/// The value is not shown: it may be the password itself.
estate::SecretReference passwordOf(const std::string& text)
{
    const auto colon = text.find(':');
    const auto form = text.substr(0, colon);
    const auto rest = colon == text.npos ? std::string() : text.substr(colon + 1);
    if (rest.empty() || (form != "secret" && form != "env" && form != "file"))
        throw ConfigError("smtp.password: a password does not stand here itself: write "
                          "secret:NAME, env:NAME or file:PATH");
    estate::SecretReference reference;
    (form == "secret" ? reference.secret
     : form == "env"  ? reference.environment
                      : reference.file) = rest;
    return reference;
}

void readSmtp(MailSettings& settings, const std::function<std::string(const std::string&)>& value)
{
    const auto hasOtherThan = [](const std::string& host, const std::string& letters) {
        return std::any_of(host.begin(), host.end(), [&](char each) {
            return !(each >= 'a' && each <= 'z') && !(each >= 'A' && each <= 'Z') &&
                   !(each >= '0' && each <= '9') && letters.find(each) == letters.npos;
        });
    };
    settings.host = value("smtp.host");
    if (hasOtherThan(settings.host, ".-:"))
        throw ConfigError("smtp.host: '" + settings.host +
                          "' is no host: write a name or address alone, the port as smtp.port");
    settings.security = securityOf(value("smtp.security"), settings.host);
    settings.port = portOf(value("smtp.port"), settings.security);
    settings.user = value("smtp.user");
    settings.caFile = value("smtp.caFile");
    if (const auto password = value("smtp.password"); !password.empty())
        settings.password = passwordOf(password);
    if (settings.user.empty() == settings.password.isSet())
        throw ConfigError(settings.user.empty()
                              ? "smtp.user: it is missing and smtp.password is there: write both, "
                                "or neither for a server without sign-in"
                              : "smtp.password: it is missing and smtp.user is there: write "
                                "secret:NAME, env:NAME or file:PATH");
}

void readDaily(MailSettings& settings, const std::function<std::string(const std::string&)>& value)
{
    if (const auto zone = value("report.zone"); !zone.empty())
        settings.zone = zone;
    if (!estate::timeZone(settings.zone))
        throw ConfigError("report.zone: '" + settings.zone +
                          "' is no time zone of this machine: write one as in Europe/Berlin");
    const auto daily = value("report.daily");
    if (daily.empty())
        return;
    settings.daily = estate::timeOfDay(daily);
    if (!settings.daily)
        throw ConfigError("report.daily: '" + daily +
                          "' is no time of day: write HH:MM, as in 07:00");
}

} // namespace

const std::vector<std::string>& mailKeys()
{
    static const std::vector<std::string> kMailKeys = {
        "smtp.host",   "smtp.port", "smtp.security", "smtp.user",   "smtp.password", "smtp.caFile",
        "report.from", "report.to", "report.daily",  "report.zone", "report.tenant",
    };
    return kMailKeys;
}

MailSettings mailSettings(const std::function<std::string(const std::string& key)>& value)
{
    MailSettings settings;
    readSmtp(settings, value);
    settings.tenant = value("report.tenant");
    if (!settings.host.empty() && !settings.tenant.empty())
        throw ConfigError("report.tenant: smtp.host is there too: take out the one that is not to "
                          "send the reports");
    readDaily(settings, value);
    if (const auto from = value("report.from"); !from.empty())
        settings.from = addressOf("report.from", from);
    if (const auto to = value("report.to"); !to.empty())
        settings.to = addressesOf("report.to", to);
    if (!settings.isSet())
    {
        if (settings.daily || !settings.to.empty())
            throw ConfigError(std::string(settings.daily ? "report.daily" : "report.to") +
                              ": nothing sends the reports: set smtp.host, or report.tenant");
        return settings;
    }
    for (const auto* key : {"report.from", "report.to"})
        if (value(key).empty())
            throw ConfigError(std::string(key) + ": it is missing, and reports are to be sent: "
                                                 "write the address");
    return settings;
}

} // namespace muster::report
