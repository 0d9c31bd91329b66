#pragma once

#include <string>

namespace muster::runtime {

enum class Severity
{
    Info,
    Warning,
    Error
};

/// Something a person should know. `code` is stable and lower case with dashes ("address-missing");
/// `group` is an Entra object id and `key` a record's key, where they apply, else empty.
struct Finding
{
    std::string code;
    Severity severity = Severity::Warning;
    std::string message;
    std::string group = {};
    std::string key = {};

    bool operator==(const Finding&) const = default;
};

std::string toText(Severity severity);
Severity severityFromText(const std::string& text);

} // namespace muster::runtime
