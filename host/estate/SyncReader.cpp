#include "estate/Entries.h"
#include "estate/ScheduleText.h"
#include "runtime/Errors.h"

namespace muster::estate {

namespace {

Json readSchedule(const Field& field)
{
    const std::string remedy =
        "write manual, {every: 15m}, or {daily: \"02:30\", zone: Pacific/Auckland}";
    if (!field.isGiven())
        return {{"every", "15m"}};
    if (field.isScalar() && field.text() == "manual")
        return "manual";
    if (!field.isMap())
    {
        field.fault("is no schedule: " + remedy);
        return {};
    }
    field.refuseOthers({"every", "daily", "zone"});
    const auto every = field.member("every");
    const auto daily = field.member("daily");
    const auto zone = field.member("zone");
    if (every.isGiven() == daily.isGiven())
    {
        field.fault("needs either every or daily: " + remedy);
        return {};
    }
    if (every.isGiven())
    {
        if (!timeSpan(every.text()))
            every.fault(
                "is no time span: write a number with s, m, h or d, such as 90s, 15m or 1h");
        if (zone.isGiven())
            zone.fault("goes with daily only: remove it");
        return {{"every", every.text()}};
    }
    if (!timeOfDay(daily.text()))
        daily.fault("is no time of day: write \"HH:MM\" from \"00:00\" to \"23:59\"");
    if (zone.isGiven() && !timeZone(zone.text()))
        zone.fault("is no time zone that this machine knows: write a name such as Europe/Vienna");
    return {{"daily", daily.text()}, {"zone", zone.text("UTC")}};
}

RemovalPolicy readRemoval(const Field& field)
{
    field.refuseOthers({"contacts", "links", "groups"});
    RemovalPolicy policy;
    policy.contacts = field.member("contacts").choice(kContactRemovals, policy.contacts);
    policy.links = field.member("links").choice(kLinkRemovals, policy.links);
    policy.groups = field.member("groups").choice(kGroupRemovals, policy.groups);
    return policy;
}

GuardLimits readGuard(const Field& field)
{
    field.refuseOthers({"percent", "count", "additions"});
    GuardLimits limits;
    limits.percent = field.member("percent").integer(limits.percent, 0, 100);
    limits.count = field.member("count").integer(limits.count, 0, 1'000'000'000);
    limits.additions = field.member("additions").choice(kAdditions, limits.additions);
    return limits;
}

/// nested and guests are the host's; the rest is the mode's.
void readSettings(const Field& field, const plugins::ModeManifest* mode, Sync& sync)
{
    sync.expandsNested = field.member("nested").choice({"direct", "expand"}, size_t(0)) == 1;
    sync.includesGuests = field.member("guests").choice({"include", "exclude"}, size_t(0)) == 0;
    for (const auto& [key, value] : field.members())
        if (key != "nested" && key != "guests")
            sync.settings[key] = value.toJson();
    if (mode)
        checkSchema(field, mode->settings, sync.settings, {}, {"nested", "guests"});
}

const plugins::ModeManifest* readMode(const Field& field, const Surroundings& surroundings)
{
    if (!field.require("name the sync mode or give its number; `muster plugins` lists them"))
        return nullptr;
    try
    {
        return &surroundings.mode(field.text());
    }
    catch (const ConfigError& error)
    {
        field.fault(error.what());
        return nullptr;
    }
}

/// The manifest of a target whose entry may be wrong itself: then it is told there.
const plugins::TargetManifest* manifestOf(const Target* target, const Surroundings& surroundings)
{
    try
    {
        return target && !target->plugin.empty() ? &surroundings.target(target->plugin) : nullptr;
    }
    catch (const ConfigError&)
    {
        return nullptr;
    }
}

} // namespace

Sync readSync(const Field& field, const Declaration& known, const Surroundings& surroundings)
{
    field.refuseOthers(
        {"name", "tenant", "target", "mode", "scope", "schedule", "removal", "guard", "settings"});
    Sync sync;
    sync.name = readName(field.member("name"));
    const auto* tenant =
        readNameOf(field.member("tenant"), "tenant", known.tenants, surroundings.tenants);
    const auto* target =
        readNameOf(field.member("target"), "target", known.targets, surroundings.targets);
    sync.tenant = tenant ? tenant->name : "";
    sync.target = target ? target->name : "";

    const auto* mode = readMode(field.member("mode"), surroundings);
    const auto* manifest = manifestOf(target, surroundings);
    sync.mode = mode ? mode->id : "";
    if (mode && manifest)
        if (const auto sentence = plugins::misfit(*mode, *manifest); !sentence.empty())
            field.member("mode").fault(sentence);

    const auto scope = field.member("scope");
    scope.members(); // a fault when it is no map
    sync.scope = scope.isMap() ? scope.toJson() : Json::object();
    if (manifest && (scope.isMap() || !scope.isGiven()))
        checkSchema(scope, manifest->scope, sync.scope);
    if (mode && manifest && (scope.isMap() || !scope.isGiven()))
        if (const auto lacks = plugins::missingInScope(*mode, *manifest, sync.scope);
            !lacks.empty())
            scope.faultAt(lacks, "is missing: the mode " + mode->id + " writes into one " + lacks +
                                     ", so name it, as in scope: {" + lacks + ": ID}");

    sync.schedule = readSchedule(field.member("schedule"));
    sync.removal = readRemoval(field.member("removal"));
    sync.guard = readGuard(field.member("guard"));
    readSettings(field.member("settings"), mode, sync);
    return sync;
}

} // namespace muster::estate
