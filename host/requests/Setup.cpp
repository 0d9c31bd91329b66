#include "requests/Setup.h"

#include "estate/ScheduleText.h"

namespace muster::requests {

std::optional<Setup> setupOf(const estate::Target& target)
{
    const auto settings = target.settings.value("requests", estate::Json());
    if (!settings.is_object())
        return std::nullopt;
    Setup setup{.target = target,
                .isApprovalRequired = settings.value("approvalRequired", false),
                .accountField = settings.value("accountField", ""),
                .modeField = settings.value("modeField", ""),
                .event = settings.value("eventId", ""),
                .publicUrl = settings.value("publicUrl", "")};
    if (const auto poll = estate::timeSpan(settings.value("poll", "30s")))
        setup.poll = *poll;
    while (!setup.publicUrl.empty() && setup.publicUrl.back() == '/')
        setup.publicUrl.pop_back();
    return setup;
}

} // namespace muster::requests
