#include <muster/ModePlugin.h>
#include <muster/People.h>

/// Every member of the selected groups is a contact.
class ContactsMode : public muster::Mode
{
public:
    muster::Claims derive(const muster::Group& group, muster::Records&,
                          const nlohmann::json&) const override
    {
        muster::Claims claims;
        muster::claimContacts(group, false, claims, [](const auto&, const auto&) {});
        return claims;
    }
};

MUSTER_MODE(ContactsMode)
