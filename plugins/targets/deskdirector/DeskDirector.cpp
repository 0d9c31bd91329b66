#include "Applier.h"
#include "Checker.h"
#include "Profile.h"
#include "Reader.h"
#include "Site.h"

#include <muster/Target.hpp>

namespace deskdirector {

using muster::target::Change;
using muster::target::Host;
using muster::target::Output;
using muster::target::ReadRequest;
using muster::target::SettingError;
using muster::target::Target;

namespace {

/// What the schema in plugin.json cannot say.
void checkRequests(const Json& settings)
{
    const auto requests = settings.value("requests", Json::object());
    if (!requests.value("approvalRequired", false))
        return;
    for (const auto* key : {"grantedStatusId", "declinedStatusId"})
        if (!requests.contains(key))
            throw SettingError(std::string("requests.") + key,
                               "it is needed because requests.approvalRequired is set");
}

} // namespace

/// One DeskDirector site.
class DeskDirector : public Target
{
public:
    DeskDirector(Host& host, const Json& settings)
        : _profile(settings.value("profile", Json::object())), _site(host, _profile)
    {
        checkRequests(settings);
    }

    void check(const std::vector<Json>& scopes, Output& output) override
    {
        deskdirector::check(_site, scopes, output);
    }

    void read(const ReadRequest& request, Output& output) override
    {
        deskdirector::read(_site, request, output);
    }

    void apply(const Json& scope, const std::vector<Change>& changes, Output& output) override
    {
        Applier(_site, scope, output).apply(changes);
    }

private:
    Profile _profile;
    Site _site;
};

} // namespace deskdirector

MUSTER_TARGET(deskdirector::DeskDirector, "deskdirector", "1.0.0");
