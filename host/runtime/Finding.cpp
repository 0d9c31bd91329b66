#include "runtime/Finding.h"

namespace muster::runtime {

std::string toText(Severity severity)
{
    switch (severity)
    {
    case Severity::Info:
        return "info";
    case Severity::Warning:
        return "warning";
    case Severity::Error:
        return "error";
    }
    return "error";
}

Severity severityFromText(const std::string& text)
{
    if (text == "info")
        return Severity::Info;
    return text == "warning" ? Severity::Warning : Severity::Error;
}

} // namespace muster::runtime
