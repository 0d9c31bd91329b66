#include "Obstacle.h"

#include "Isolated.h"
#include "Trial.h"

namespace muster::testing {

namespace {

/// In place of a rule in what the processes below tell.
constexpr const char* kMend = "mend";
constexpr const char* kWait = "wait";

void load(const Subject& subject)
{
    try
    {
        pluginOf(subject);
    }
    catch (const std::runtime_error& error)
    {
        throw RuleBroken(error.what(), kMend);
    }
}

void lookWhetherItWorks(const Subject& subject)
{
    Trial trial(subject);
    const auto& created = trial.instance().created();
    require(trial.instance().isMade(),
            "the plugin refuses the settings: " +
                (created.setting.empty() ? "" : created.setting + ": ") + created.message,
            kMend);
    const auto result = trial.instance().check({subject.scope});
    require(result.status != MUSTER_RETRY, "its check says: " + result.message, kWait);
    require(result.status == MUSTER_OK || result.message.empty(),
            "its check says: " +
                (result.setting.empty() ? "" : "setting " + result.setting + ": ") + result.message,
            kMend);
    std::string errors;
    for (const auto& finding : result.all("finding"))
        if (finding.value("severity", "") == "error")
            errors += (errors.empty() ? "" : "; ") + finding.value("message", finding.dump());
    require(errors.empty(), "its check says: " + errors, kMend);
}

} // namespace

std::optional<Obstacle> obstacleTo(const Subject& subject, std::chrono::milliseconds patience)
{
    const auto loaded = runIsolated({"", [&] { load(subject); }}, patience);
    if (!loaded.isKept())
        return Obstacle{Obstacle::Remedy::Mend, "The library cannot be loaded: " + loaded.problem};
    if (!subject.livesElsewhere())
        return std::nullopt;
    const auto works = runIsolated({"", [&] { lookWhetherItWorks(subject); }}, patience);
    // What else is wrong with a check, the rules tell.
    if (works.isKept() || (works.rule != kMend && works.rule != kWait))
        return std::nullopt;
    return Obstacle{works.rule == kWait ? Obstacle::Remedy::Wait : Obstacle::Remedy::Mend,
                    "The plugin cannot work with this system, scope " + subject.scope.dump() +
                        "; " + works.problem +
                        ". Mend settings and scope, in the trial or with --settings and --scope."};
}

} // namespace muster::testing
