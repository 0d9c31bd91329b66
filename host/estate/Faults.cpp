#include "estate/Faults.h"

namespace muster::estate {

namespace {

constexpr size_t kMostShown = 50;

std::string textOf(const std::vector<Fault>& faults)
{
    std::string text;
    for (size_t index = 0; index < faults.size() && index < kMostShown; ++index)
        text += (index ? "\n" : "") + faults[index].toText();
    if (faults.size() > kMostShown)
        text += "\n… and " + std::to_string(faults.size() - kMostShown) + " more";
    return text;
}

} // namespace

std::string Fault::toText() const
{
    return file + (line > 0 ? ":" + std::to_string(line) : "") + ": " +
           (key.empty() ? "" : key + ": ") + message;
}

EstateError::EstateError(std::vector<Fault> faults)
    : ConfigError(textOf(faults)), _faults(std::move(faults))
{}

} // namespace muster::estate
