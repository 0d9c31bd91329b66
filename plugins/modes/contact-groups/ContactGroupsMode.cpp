#include <muster/ModePlugin.h>
#include <muster/People.h>

/// A contact group per Entra group, with its members as regular contacts.
class ContactGroupsMode : public muster::Mode
{
public:
    muster::Claims derive(const muster::Group& group, muster::Records&,
                          const nlohmann::json&) const override
    {
        return muster::claimContactGroup(group, false, [](const auto&) { return "regular"; });
    }
};

MUSTER_MODE(ContactGroupsMode)
