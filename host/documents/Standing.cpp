#include "documents/Standing.h"

#include <algorithm>
#include <vector>

namespace muster::documents {

namespace {

const std::vector<std::string> kPresences = {"wanted", "unselected", "untyped", "gone"};

} // namespace

std::string toText(Presence presence)
{
    return kPresences[static_cast<size_t>(presence)];
}

Presence presenceFromText(const std::string& text)
{
    const auto found = std::find(kPresences.begin(), kPresences.end(), text);
    return found == kPresences.end() ? Presence::Wanted
                                     : static_cast<Presence>(found - kPresences.begin());
}

Status Standing::status() const
{
    if (isArchived)
        return Status::Orphaned;
    if (isMadeByHand || isOff || isTenantRemoved)
        return Status::Disabled;
    if (presence == Presence::Gone)
        return Status::Orphaned;
    return presence == Presence::Wanted ? Status::Enabled : Status::Disabled;
}

std::string Standing::reason(const Document& document) const
{
    if (isArchived)
        return "it is archived: muster document " + document.id + " --unarchive";
    if (isMadeByHand)
        return "it was made by hand and is never synced";
    if (isTenantRemoved)
        return "its tenant was removed: declare it again with muster apply";
    if (isOff)
        return "it was disabled: muster document " + document.id + " --enable";
    if (presence == Presence::Gone)
        return "its group was deleted in Entra: restore it there";
    if (presence == Presence::Unselected)
        return "its group is not selected: muster groups " + document.tenant + " --enable " +
               document.id;
    if (presence == Presence::Untyped)
        return "groups of its type are not documented: see types, mailEnabledSecurity and "
               "distribution in the settings of the sync";
    return {};
}

} // namespace muster::documents
