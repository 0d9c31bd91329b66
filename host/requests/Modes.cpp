#include "requests/Modes.h"

#include "runtime/Errors.h"

#include <muster/Keys.h>

#include <array>

namespace muster::requests {

namespace {

/// As the vendor's form has them (its page "Sync Entra Groups"), from 1.
constexpr std::array kTitles = {"Sync contacts only", "Add contacts to Contact Group",
                                "Link contacts to Service Group", "Sync Entra groups as Accounts",
                                "Add Entra group owners and members to Contact Group"};

} // namespace

std::vector<ModeChoice> modesFor(const plugins::Catalog& catalog,
                                 const plugins::TargetManifest& target)
{
    std::vector<ModeChoice> modes;
    for (size_t index = 0; index < kTitles.size(); ++index)
    {
        const auto number = static_cast<int>(index) + 1;
        try
        {
            const auto& mode = catalog.mode(std::to_string(number));
            if (plugins::misfit(mode, target).empty())
                modes.push_back({number, mode.id, kTitles[index]});
        }
        catch (const ConfigError&)
        {} // this host has no such mode
    }
    return modes;
}

const ModeChoice* findMode(const std::vector<ModeChoice>& modes, const Chosen& chosen)
{
    for (const auto& text : {chosen.identifier, chosen.name})
        for (const auto& mode : modes)
        {
            const auto key = nameKeyNoCase(text);
            if (key == std::to_string(mode.number) || key == mode.id ||
                key == nameKeyNoCase(mode.title))
                return &mode;
        }
    return nullptr;
}

} // namespace muster::requests
