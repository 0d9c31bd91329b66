#include <muster/ModePlugin.h>
#include <muster/People.h>

/// Every group is an account that people tagged with its name; its members are contacts there.
class AccountsMode : public muster::Mode
{
public:
    muster::Claims derive(const muster::Group& group, muster::Records&,
                          const nlohmann::json&) const override
    {
        muster::Claims claims;
        const auto name = muster::trimmed(group.name);
        const auto tag = muster::slug(name);
        if (name.empty())
            claims.notes.push_back(muster::nameMissing(group));
        else if (tag.empty())
            claims.notes.push_back({"tag-missing",
                                    "no tag can be made of the name " + name +
                                        ": give the group a name with Latin letters or digits",
                                    group.id});
        if (tag.empty())
            return claims;

        muster::RecordClaim account{"account", tag, group.id, name};
        account.expected = "give the account of this group the tag " + tag;
        claims.records.push_back(account);
        muster::claimContacts(group, false, claims, [&](const auto&, muster::RecordClaim& contact) {
            contact.within = {account.kind, account.key};
        });
        return claims;
    }
};

MUSTER_MODE(AccountsMode)
