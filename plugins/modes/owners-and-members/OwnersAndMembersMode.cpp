#include <muster/ModePlugin.h>
#include <muster/People.h>

/// A contact group per Entra group, with its owners as managers and its other members as regular
/// contacts.
class OwnersAndMembersMode : public muster::Mode
{
public:
    muster::Claims derive(const muster::Group& group, muster::Records&,
                          const nlohmann::json&) const override
    {
        return muster::claimContactGroup(group, true, [](const muster::Person& person) {
            return person.isOwner ? "manager" : "regular";
        });
    }
};

MUSTER_MODE(OwnersAndMembersMode)
