#include "Applier.h"
#include "Checker.h"
#include "Profile.h"
#include "Reader.h"
#include "Site.h"
#include "Tickets.h"

#include <muster/Target.hpp>

namespace deskdirector {

using muster::target::Change;
using muster::target::Host;
using muster::target::Output;
using muster::target::Place;
using muster::target::ReadRequest;
using muster::target::SettingError;
using muster::target::Target;
using muster::target::Ticket;

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
class DeskDirector : public Target, public muster::target::Requests
{
public:
    DeskDirector(Host& host, const Json& settings)
        : _profile(settings.value("profile", Json::object())),
          _site(host, _profile),
          _tickets(_site, settings.value("requests", Json()))
    {
        checkRequests(settings);
    }

    void check(const std::vector<Json>& scopes, Output& output) override
    {
        if (deskdirector::check(_site, scopes, output))
            _tickets.check(output);
    }

    void read(const ReadRequest& request, Output& output) override
    {
        deskdirector::read(_site, request, output);
    }

    void apply(const Json& scope, const std::vector<Change>& changes, Output& output) override
    {
        Applier(_site, scope, output).apply(changes);
    }

    std::vector<Ticket> tickets() override { return _tickets.open(); }
    std::optional<Ticket> ticket(const std::string& id) override { return _tickets.find(id); }
    std::vector<Place> places() override { return _tickets.accounts(); }

    void setStatus(const std::string& ticket, const std::string& status) override
    {
        _tickets.setStatus(ticket, status);
    }

    void writeNote(const std::string& ticket, const std::string& text) override
    {
        _tickets.comment(ticket, text);
    }

    std::string subscribe(const std::string& url) override { return _tickets.subscribe(url); }

    void unsubscribe(const std::string& subscription) override
    {
        _tickets.unsubscribe(subscription);
    }

private:
    Profile _profile;
    Site _site;
    Tickets _tickets;
};

} // namespace deskdirector

MUSTER_TARGET(deskdirector::DeskDirector, "deskdirector", "1.0.0");
