#include <muster/ModePlugin.h>
#include <muster/People.h>

#include <optional>

/// Every member is a contact with the service group of the group's name, which people make.
class ServiceGroupsMode : public muster::Mode
{
public:
    muster::Claims derive(const muster::Group& group, muster::Records&,
                          const nlohmann::json&) const override
    {
        return muster::claimLinks(group, serviceGroupOf(group), false,
                                  [](const auto&) { return "member"; });
    }

private:
    static std::optional<muster::RecordClaim> serviceGroupOf(const muster::Group& group)
    {
        const auto name = muster::nameKey(group.name);
        if (name.empty())
            return std::nullopt;
        muster::RecordClaim record{"service-group", muster::nameKeyNoCase(name), group.id, name};
        record.expected =
            "create the service group \"" + name + "\" in DeskDirector, with exactly this name";
        return record;
    }
};

MUSTER_MODE(ServiceGroupsMode)
