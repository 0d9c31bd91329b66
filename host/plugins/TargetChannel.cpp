#include "plugins/TargetChannel.h"

#include <array>
#include <stdexcept>
#include <utility>

namespace muster::plugins {

namespace {

constexpr std::array<std::pair<Action, const char*>, 6> kActions{{{Action::Create, "create"},
                                                                  {Action::Update, "update"},
                                                                  {Action::Activate, "activate"},
                                                                  {Action::Link, "link"},
                                                                  {Action::Unlink, "unlink"},
                                                                  {Action::Retire, "retire"}}};

} // namespace

std::string toText(Action action)
{
    for (const auto& [known, text] : kActions)
        if (known == action)
            return text;
    throw std::logic_error("no such action");
}

Action actionFromText(const std::string& text)
{
    for (const auto& [action, known] : kActions)
        if (known == text)
            return action;
    throw std::invalid_argument("no such action: " + text);
}

} // namespace muster::plugins
